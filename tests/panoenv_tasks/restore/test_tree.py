"""``panoenv data restore``: from a snapshot to a tree that is read like any other."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image
from support import painters
from support.command import run
from support.painted_frames import Painter, panorama, questions

from panoenv_tasks import fingerprint, load_items
from panoenv_tasks.sources.images import check_images

CRATE = "the crate (boundingbox: [110, 320, 310, 590])"
LAMP = "the lamp (boundingbox: [1500, 700, 1859, 800])"
ASKED = [
    (f"Is {CRATE} closer to the viewer than {LAMP}?", "true_false", "Yes"),
    (f"How far is {CRATE} from the viewer?", "open_ended", "About 4.0 meters"),
    (f"How far is {LAMP} from the viewer?", "open_ended", "About 6.0 meters"),
    ("Which environment is a better fit for the image: Rome or CoalMine?", "multiple_choice", "Rome"),
    (f"In 3D space, how is {CRATE} positioned relative to {LAMP}?", "open_ended", "Left"),
    ("Which environment is a better fit for the image: Rome or Prison?", "multiple_choice", "Rome"),
]


def snapshot(root, frames=("Rome/P000_000500",), style=painters.thin, paint=True):
    rows = [
        {
            **questions()[0],
            "question_id": k,
            "question": q,
            "question_type": t,
            "answer": a,
            "related_object_ids": [],
        }
        for k, (q, t, a) in enumerate(ASKED, start=1)
    ]
    for frame in frames:
        folder = root / "val" / frame
        (folder / "visualizations").mkdir(parents=True)
        content = {"env": folder.parent.name, "image_id": folder.name, "questions": rows}
        (folder / f"{folder.name}_qa.json").write_text(json.dumps(content))
        painter = Painter(folder, rows, style)
        for name in painter.rows if paint else ():
            painter.paint(name, folder / "visualizations")
    return root


def test_the_restored_tree_is_read_like_any_other(tmp_path, capsys):
    source = snapshot(tmp_path / "snapshot")
    seen = run(capsys, "data", "restore", source, tmp_path / "out", "--split", "val", "--workers", "1")
    assert seen.code == 0
    assert seen.out.splitlines() == [
        "val: 1 panoramas (0 there already), 0 refused; 4.0 drawings each; pixels confirmed by "
        "three 100.000 %, two 0.000 %, one 0.000 %, none 0.000 %",
        f"{tmp_path / 'out'}: use it with export PANOENV_DATA={tmp_path / 'out'}",
    ]
    items = load_items(tmp_path / "out", "val")
    assert {item.image_kind for item in items} == {"restored"}
    assert fingerprint(items) == fingerprint(load_items(source, "val"))
    assert check_images(items) == []
    picture = np.asarray(Image.open(items[0].image).convert("RGB"))
    assert (picture == panorama()).all()
    record = json.loads(items[0].image.with_name("restored.json").read_text())
    assert record["confirmed"] == {"three": 1.0, "two": 0.0, "one": 0.0, "none": 0.0}
    assert len(record["drawings"]) == 4
    assert len(record["sha256"]) == 64
    before = items[0].image.stat().st_mtime_ns
    again = run(capsys, "data", "restore", source, tmp_path / "out", "--workers", "1")
    assert "1 panoramas (1 there already)" in again.out
    assert items[0].image.stat().st_mtime_ns == before


def test_another_picture_under_the_restored_ones_name_is_found_and_made_again(tmp_path, capsys):
    """Its record would vouch for pixels that no drawing ever showed."""
    source, out = snapshot(tmp_path / "snapshot"), tmp_path / "out"
    restore = ("data", "restore", source, out, "--workers", "1")
    assert run(capsys, *restore).code == run(capsys, "data", "check", out).code == 0
    picture = next(out.rglob("rgb_restored.png"))
    restored = picture.read_bytes()
    Image.new("RGB", (2560, 1280)).save(picture)
    seen = run(capsys, "data", "check", out)
    assert seen.code == 2
    assert seen.out.count(f"{picture}: sha256 ") == seen.out.count("not the picture that was restored") == 1
    assert "val: 6 questions (images: 6 restored), 1 problems" in seen.out
    assert "1 panoramas (0 there already)" in run(capsys, *restore).out
    assert picture.read_bytes() == restored
    picture.with_name("restored.json").unlink()
    seen = run(capsys, "data", "check", out)
    assert (seen.code, seen.out.count("restored.json: no record of how rgb_restored.png was restored")) == (
        2,
        1,
    )


def test_refused_frames_are_named_and_the_others_kept(tmp_path, capsys):
    source = snapshot(tmp_path / "snapshot", ("Rome/P000_000000", "Rome/P000_000500"))
    snapshot(source, ("Rome/P001_000000",), paint=False)
    snapshot(source, ("Rome/P002_000000",), painters.captioned)
    seen = run(capsys, "data", "restore", source, tmp_path / "out", "--workers", "2")
    assert seen.code == 2
    lines = seen.out.splitlines()
    assert lines[0] == (
        "refused val/Rome/P001_000000: 0 drawings; at least 2 are needed to tell paint from picture"
    )
    assert lines[1].startswith("refused val/Rome/P002_000000: ")
    assert "every drawing has text over columns 0-2559, rows 0-" in lines[1]
    assert lines[2].startswith("val: 2 panoramas (0 there already), 2 refused")
    assert len({item.panorama for item in load_items(tmp_path / "out", "val")}) == 2


def test_what_was_not_written_by_us_is_not_replaced(tmp_path, capsys):
    source = snapshot(tmp_path / "snapshot")
    own = tmp_path / "out" / "val" / "Rome" / "P000_000500" / "rgb_restored.png"
    own.parent.mkdir(parents=True)
    own.write_bytes(b"mine")
    seen = run(capsys, "data", "restore", source, tmp_path / "out", "--workers", "1")
    assert seen.code == 2
    assert "not written by panoenv" in seen.err
    assert own.read_bytes() == b"mine"
    assert "the snapshot itself" in run(capsys, "data", "restore", source, source).err


def test_bad_places_are_one_line(tmp_path, capsys):
    for arguments, expected in (
        ([tmp_path / "none", tmp_path / "out"], "no such folder"),
        ([snapshot(tmp_path / "s", paint=False), tmp_path / "out", "--split", "test"], "splits found: val"),
    ):
        seen = run(capsys, "data", "restore", *arguments)
        assert seen.code == 2
        assert expected in seen.err
        assert seen.err.count("\n") == 1


def test_what_a_run_killed_at_its_end_left_is_removed(tmp_path, capsys):
    """Seen: killed when the last file of a frame was in its place, its scratch folder stayed for good."""
    source = snapshot(tmp_path / "snapshot")
    assert run(capsys, "data", "restore", source, tmp_path / "out").code == 0
    left = tmp_path / "out" / "val" / "Rome" / ".P000_000500-999999999-x1.scratch"
    (left / "work").mkdir(parents=True)
    (left / ".panoenv-scratch").touch()
    assert "(1 there already)" in run(capsys, "data", "restore", source, tmp_path / "out").out
    assert not left.exists()


@pytest.mark.slow
def test_a_killed_run_goes_on_where_it_stopped(tmp_path):
    frames = [f"Rome/P000_{number:06d}" for number in range(4)]
    source, out = snapshot(tmp_path / "snapshot", frames), tmp_path / "out"
    command = [
        sys.executable,
        "-m",
        "panoenv_tasks",
        "data",
        "restore",
        str(source),
        str(out),
        "--workers",
        "2",
    ]
    started = subprocess.Popen(command, start_new_session=True)
    deadline = time.monotonic() + 120
    # In its place, not in a scratch folder: only then is a frame done.
    while not list(out.glob("val/*/*/*_qa.json")) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(started.pid, signal.SIGKILL)
    started.wait()
    done = {file: file.stat().st_mtime_ns for file in out.glob("val/*/*/*_qa.json")}
    assert 1 <= len(done) < 4
    assert {item.image_kind for item in load_items(out, "val")} == {"restored"}
    finished = subprocess.run(command, capture_output=True, text=True)
    assert finished.returncode == 0
    assert f"4 panoramas ({len(done)} there already)" in finished.stdout
    assert all(file.stat().st_mtime_ns == written for file, written in done.items())
    assert list(out.rglob("*.scratch")) == []
