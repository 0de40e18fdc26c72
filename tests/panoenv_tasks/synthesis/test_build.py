"""Whole builds: resumed, interrupted, spoilt, in several processes and on Ray."""

from __future__ import annotations

import json
import multiprocessing
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from support.held import held
from support.tartanair_tree import write_tartanair

from panoenv_tasks import load_items
from panoenv_tasks.items import DataError
from panoenv_tasks.synthesis.build import Settings, build, scene_frames
from panoenv_tasks.synthesis.job import SceneFrame
from panoenv_tasks.synthesis.tartanair import find_frames

SETTINGS = Settings("tartanair", "val", "ours", 3)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """Four frames of one environment with small faces; the third is spoilt."""
    root = tmp_path_factory.mktemp("recorded")
    frames = write_tartanair(root, "KitchenDay", (0, 500, 1000, 1500), size=64)
    frames[2].file("depth", "left").write_bytes(b"")
    return root


@pytest.fixture(scope="module")
def straight(recorded, tmp_path_factory):
    """The build in one go, and its summary."""
    root = tmp_path_factory.mktemp("straight")
    return root, build(root, find_frames(recorded, 500), SETTINGS)


def content(root: Path) -> dict[str, bytes]:
    return {str(f.relative_to(root)): f.read_bytes() for f in sorted(root.rglob("*")) if f.is_file()}


def test_every_frame_is_accounted_for(straight):
    root, summary = straight
    assert (summary.written, summary.kept, len(summary.skipped)) == (3, 0, 1)
    (reason,) = summary.skipped.values()
    assert "000000_lcam" not in reason
    assert "001000_lcam_left_depth.png: not a readable PNG" in reason
    assert summary.questions.total() == len(load_items(root, "val"))
    assert summary.lines[0].startswith("4 frames: 3 written, 0 there already, 1 skipped; ")
    assert summary.lines[1].startswith("skipped KitchenDay/P000_001000: ")
    record = json.loads((root / "summary.json").read_text())
    assert record["frames"] == 3
    assert list(record["skipped"]) == ["KitchenDay/P000_001000"]


def test_the_tree_loads_with_its_panoramas(straight):
    root, _ = straight
    items = load_items(root, "val")
    assert {item.frame for item in items} == {"P000_000000", "P000_000500", "P000_001500"}
    assert all(item.image_kind == "erp" and item.image and item.image.is_file() for item in items)
    manifest = json.loads((root / "panoenv.json").read_text())
    assert {"format": 1, "split": "val", "rules": "ours", "seed": 3}.items() <= manifest.items()
    assert len(manifest["wording"]) == 64


def test_interrupted_and_resumed_is_the_same_to_the_byte(recorded, straight, tmp_path):
    seen = []

    def stop_after_one(outcome):
        seen.append(outcome)
        raise KeyboardInterrupt

    frames = find_frames(recorded, 500)
    with pytest.raises(KeyboardInterrupt):
        build(tmp_path, frames, SETTINGS, progress=stop_after_one)
    # What a killed process leaves behind.
    for frame in frames:
        killed = tmp_path / "val" / frame.environment / f".{frame.name}-999999999-x1.scratch"
        (killed / "work").mkdir(parents=True)
        (killed / "work" / "rgb_erp.png").write_bytes(b"half")
        (killed / ".panoenv-scratch").touch()
    summary = build(tmp_path, frames, SETTINGS)
    assert (summary.written, summary.kept, len(summary.skipped)) == (2, 1, 1)
    assert content(tmp_path) == content(straight[0])


@pytest.mark.slow
def test_several_processes_build_the_same_tree(recorded, straight, tmp_path):
    build(tmp_path, find_frames(recorded, 500), SETTINGS, workers=2)
    assert content(tmp_path) == content(straight[0])


@pytest.fixture
def ray_cluster(monkeypatch):
    """A Ray cluster of this machine alone, found the way a user's build finds one."""
    ray = pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    # A busy machine takes its time to start one.
    settings = {
        "AUTH_MODE": "disabled",
        "agent_register_timeout_ms": "120000",
        "ENABLE_UV_RUN_RUNTIME_ENV": "0",
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"RAY_{name}", value)
    node = {"num_cpus": 2, "include_dashboard": False}
    try:
        cluster = Cluster(initialize_head=True, head_node_args=node)
    except Exception as error:
        # Ray gives its own agent a fixed 15 seconds to start, too few on a machine at full load.
        pytest.skip(f"Ray cannot start a cluster here: {error}")
    monkeypatch.setenv("RAY_ADDRESS", cluster.address)
    yield cluster
    ray.shutdown()
    cluster.shutdown()


@pytest.mark.slow
def test_a_ray_cluster_builds_the_same_tree(recorded, straight, tmp_path, ray_cluster):
    summary = build(tmp_path, find_frames(recorded, 500), SETTINGS, engine="ray")
    assert summary.written == 3
    assert content(tmp_path) == content(straight[0])


@pytest.mark.slow
def test_without_a_ray_cluster_the_message_says_so(tmp_path, monkeypatch):
    pytest.importorskip("ray")
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path))
    with pytest.raises(DataError, match="no Ray cluster found"):
        build(
            tmp_path / "out",
            scene_frames(["FarmDay"], 1, 0),
            Settings("scenes", "val", "ours", 0),
            engine="ray",
        )


def test_a_build_can_be_extended_and_its_account_is_of_the_whole_tree(straight, recorded, tmp_path):
    shutil.copytree(straight[0], tmp_path / "more")
    summary = build(tmp_path / "more", find_frames(recorded, 500)[:2], SETTINGS)
    assert (summary.written, summary.kept, summary.others) == (0, 2, 1)
    assert "1 more frames of earlier runs are there, not planned this time" in summary.lines
    assert content(tmp_path / "more") == content(straight[0])


@pytest.mark.parametrize(
    ("file", "spoil"),
    [
        ("rgb_erp.png", "empty"),
        ("rgb_erp.png", "cut"),
        ("rgb_erp.png", "gone"),
        ("P000_000000_qa.json", "empty"),
        ("P000_000000_qa.json", "cut"),
        ("P000_000000_objects.json", "empty"),
        ("P000_000000_objects.json", "gone"),
    ],
)
def test_a_file_lost_with_the_power_is_made_again(straight, recorded, tmp_path, file, spoil):
    shutil.copytree(straight[0], tmp_path / "tree")
    target = tmp_path / "tree/val/KitchenDay/P000_000000" / file
    whole = target.read_bytes()
    target.unlink()
    if spoil != "gone":
        target.write_bytes(whole[: len(whole) // 2 if spoil == "cut" else 0])
    summary = build(tmp_path / "tree", find_frames(recorded, 500), SETTINGS)
    assert (summary.written, summary.kept) == (1, 2)
    assert content(tmp_path / "tree") == content(straight[0])


def test_frames_with_fewer_questions_are_named(recorded, tmp_path):
    # Nothing is known about this environment, so its five questions are not asked.
    (tmp_path / "in").mkdir()
    shutil.copytree(recorded / "KitchenDay", tmp_path / "in/Nowhere")
    summary = build(tmp_path / "out", find_frames(tmp_path / "in", 500)[:1], SETTINGS)
    assert summary.short == {"Nowhere/P000_000000": 20}
    assert summary.lines[-1] == "1 frames with fewer than 25 questions: Nowhere/P000_000000 (20)"
    assert json.loads((tmp_path / "out/summary.json").read_text())["short"] == {"Nowhere/P000_000000": 20}


def test_a_pose_that_cannot_be_read_is_one_skipped_frame(tmp_path):
    frames = write_tartanair(tmp_path / "in", "KitchenDay", (0, 1), size=64)
    pose = frames[0].folder / "pose_lcam_front.txt"
    pose.write_text("0 0 0 nan 0 0 1\n0 0 0 0 0 0 1\n")
    summary = build(tmp_path / "out", frames, SETTINGS)
    assert summary.written == 1
    assert "no unit quaternion" in summary.skipped["KitchenDay/P000_000000"]
    pose.write_bytes(b"\xff\xfe\x00")
    summary = build(tmp_path / "out2", frames, SETTINGS)
    assert len(summary.skipped) == 2
    assert "NaN" not in "".join(f.read_text() for f in tmp_path.rglob("*_objects.json"))


def unforeseen(number: int) -> SceneFrame:
    """A frame whose scene nobody can lay out; the command line lets no such name through."""
    return SceneFrame("Atlantis", f"P000_{number:06d}", 0)


def test_an_error_nobody_foresaw_is_one_skipped_frame(recorded, tmp_path):
    good = find_frames(recorded, 500)[0]
    summary = build(tmp_path, [unforeseen(7), good], SETTINGS)
    assert summary.written == 1
    assert summary.skipped == {"Atlantis/P000_000007": "KeyError: 'Atlantis'"}


def test_many_errors_nobody_foresaw_stop_the_build(recorded, tmp_path):
    good = find_frames(recorded, 500)[:1]
    told = "10 of 11 frames failed .* KeyError: 'Atlantis'; what is done is kept"
    with pytest.raises(DataError, match=told):
        build(tmp_path, [*good, *map(unforeseen, range(30))], SETTINGS)
    assert (tmp_path / "val/KitchenDay/P000_000000/rgb_erp.png").is_file()


@pytest.mark.slow
@pytest.mark.parametrize("sign", ["SIGTERM", "SIGKILL"])
def test_workers_end_with_a_parent_that_is_killed(tmp_path, sign):
    import signal

    import psutil

    command = (sys.executable, "-m", "panoenv_tasks", "build", "scenes", tmp_path / "out")
    parent = subprocess.Popen(
        [*map(str, command), "--frames", "40", "--workers", "2"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        workers = []
        deadline = time.monotonic() + 120
        while not list(tmp_path.rglob("*_qa.json")) and time.monotonic() < deadline:
            time.sleep(0.1)
        workers = psutil.Process(parent.pid).children(recursive=True)
        assert len(workers) >= 2
        parent.send_signal(getattr(signal, sign))
        parent.wait(30)
        _, alive = psutil.wait_procs(workers, timeout=15)
        assert alive == []
    finally:
        for process in (*workers, psutil.Process(parent.pid) if parent.poll() is None else None):
            if process is not None and process.is_running():
                process.kill()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (Settings("tartanair", "val", "released", 3), "rules 'ours', not 'released'"),
        (Settings("tartanair", "test", "ours", 3), "split 'val', not 'test'"),
        (Settings("scenes", "val", "ours", 4), "source 'tartanair', not 'scenes'; seed 3, not 4"),
        (Settings("tartanair", "val", "ours", 3, {"stride": 7}), "stride None, not 7"),
    ],
)
def test_a_folder_holds_one_build(straight, changed, message):
    with pytest.raises(DataError, match=message):
        build(straight[0], [], changed)


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(DataError, match=r"not empty \(thesis.txt\)"):
        build(tmp_path, [], SETTINGS)


def test_a_broken_manifest_is_refused(tmp_path):
    (tmp_path / "panoenv.json").write_text("{")
    with pytest.raises(DataError, match="not a manifest"):
        build(tmp_path, [], SETTINGS)


def test_two_builds_at_once_in_one_folder_are_refused(tmp_path):
    with held(tmp_path / ".lock"), pytest.raises(DataError, match="another build is at work"):
        build(tmp_path, [], SETTINGS)


def test_an_output_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"file/out: cannot write \(Not a directory\)"):
        build(tmp_path / "file/out", [], SETTINGS)


def test_a_disk_that_fills_up_loses_nothing_finished(recorded, tmp_path):
    # A limit on file size stands in for a full disk: the second panorama does not fit.
    code = f"""
import resource
from pathlib import Path
from panoenv_tasks.items import DataError
from panoenv_tasks.synthesis.build import Settings, build
from panoenv_tasks.synthesis.tartanair import find_frames

def fill(outcome):
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))

try:
    build(Path({str(tmp_path)!r}), find_frames(Path({str(recorded)!r}), 500)[:2],
          Settings("tartanair", "val", "ours", 3), progress=fill)
except DataError as error:
    print(error)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "cannot write (File too large); what is done is kept" in result.stdout
    assert [f.parent.name for f in tmp_path.rglob("rgb_erp.png")] == ["P000_000000"]
    assert not list(tmp_path.rglob("*.scratch"))
    summary = build(tmp_path, find_frames(recorded, 500)[:2], SETTINGS)
    assert (summary.written, summary.kept) == (1, 1)


@pytest.mark.slow
def test_a_worker_that_is_killed_loses_nothing_finished(recorded, tmp_path):
    def kill_one():
        while not multiprocessing.active_children():
            time.sleep(0.05)
        multiprocessing.active_children()[0].kill()

    killer = threading.Thread(target=kill_one)
    killer.start()
    frames = find_frames(recorded, 500)
    with pytest.raises(DataError, match="one of 2 workers was killed"):
        build(tmp_path, frames, SETTINGS, workers=2)
    killer.join()
    assert build(tmp_path, frames, SETTINGS).questions.total() == 75


def test_a_frame_without_objects_is_skipped_with_the_reason(tmp_path):
    import numpy as np
    from PIL import Image

    (frame,) = write_tartanair(tmp_path / "in", "KitchenDay", size=32)
    for face in ("front", "back", "left", "right", "top", "bottom"):
        file = frame.file("seg", face)
        Image.fromarray(np.full((32, 32), 2, np.uint8)).save(file)
    summary = build(tmp_path / "out", [frame], SETTINGS)
    assert summary.skipped == {
        "KitchenDay/P000_000000": "0 usable objects, at least 4 are needed (1 background)"
    }
    assert summary.questions.total() == 0


def test_scene_frames_take_the_environments_in_turn():
    names = [(f.environment, f.name) for f in scene_frames(["A", "B"], 5, 7)]
    assert names == [
        ("A", "P007_000000"),
        ("B", "P007_000000"),
        ("A", "P007_000001"),
        ("B", "P007_000001"),
        ("A", "P007_000002"),
    ]
