"""``panoenv data fetch`` with the real hub client against a server on loopback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from support import painters
from support.hub_server import COMMIT, serving

from panoenv_tasks import load_items

from .test_tree import ASKED, snapshot

FRAMES = ("Rome/P000_000000", "Rome/P000_000500")


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    root = snapshot(tmp_path_factory.mktemp("release"), FRAMES)
    (root / "README.md").write_text("# a release\n")
    return root


FETCH = ("data", "fetch", "--panoramas", "--split", "val", "-o")


def fetch_panoramas(hub, home, *more):
    return hub.panoenv(home, *FETCH, home / "out", *more)


def drawings(hub):
    return {path: size for path, size in hub.fetched.items() if path.endswith(".png")}


@pytest.mark.slow
def test_the_plan_comes_first_and_only_what_is_needed_is_fetched(release, tmp_path):
    sizes = {file.stat().st_size for file in release.rglob("*.png")}
    size = sum(file.stat().st_size for file in release.rglob("*.png"))
    assert len(sizes) <= 12
    with serving(release) as hub:
        planned = hub.panoenv(tmp_path, "data", "fetch", "--panoramas", "--split", "val", "--plan")
        assert planned.returncode == 0, planned.stderr
        first, second = planned.stdout.splitlines()
        assert first.startswith(f"val of 7zkk/PanoEnv at commit {COMMIT}: ")
        assert second.startswith("val: 2 panoramas to restore from 8 of 12 drawings, 0.0")
        assert second.endswith(f" of {size / 1e9:.2f} GB (more only where drawings disagree)")
        assert drawings(hub) == {}
        done = fetch_panoramas(hub, tmp_path)
        assert done.returncode == 0, done.stderr
        assert "val: 2 panoramas (0 there already), 0 refused; 4.0 drawings each" in done.stdout
        assert f"export PANOENV_DATA={tmp_path / 'out'}" in done.stdout
        assert len(drawings(hub)) == 8
        hub.fetched.clear()
        again = fetch_panoramas(hub, tmp_path)
        assert "val: 0 panoramas to restore from 0 of 12 drawings, 0.00 GB" in again.stdout
        assert "val: 2 panoramas (2 there already)" in again.stdout
        assert drawings(hub) == {}
    items = load_items(tmp_path / "out", "val")
    assert len(items) == 2 * len(ASKED)
    assert {item.image_kind for item in items} == {"restored"}
    assert list((tmp_path / "cache").rglob("*.png")) == [], "drawings go when their panorama is there"


def test_questions_of_one_split_are_found_again_without_the_hub(release, tmp_path):
    with serving(release) as hub:
        fetched = hub.panoenv(tmp_path, "data", "fetch", "--no-images", "--split", "val")
        assert fetched.returncode == 0, fetched.stderr
        assert drawings(hub) == {}
    checked = hub.panoenv(tmp_path, "data", "check")
    assert checked.returncode == 0, checked.stderr
    assert "val: 12 of the released 1,496 questions, 2 of 60 panoramas" in checked.stdout


@pytest.mark.slow
def test_a_connection_that_breaks_off_does_not_break_a_panorama(release, tmp_path):
    with serving(release) as hub:
        hub.cut_after, hub.cuts = 100_000, 3
        done = fetch_panoramas(hub, tmp_path)
        for _ in range(3):
            if done.returncode == 0:
                break
            assert done.stderr.splitlines()[-1].startswith("panoenv: cannot fetch 7zkk/PanoEnv at")
            done = fetch_panoramas(hub, tmp_path)
        assert hub.cuts == 0
        assert done.returncode == 0, done.stderr
    assert {item.image_kind for item in load_items(tmp_path / "out", "val")} == {"restored"}
    record = json.loads(next((tmp_path / "out").rglob("restored.json")).read_text())
    assert record["left_aside"] == {}


@pytest.mark.slow
def test_a_style_that_cannot_be_restored_is_not_fetched_whole(tmp_path):
    frames = [f"Rome/P000_{number:06d}" for number in range(5)]
    release = snapshot(tmp_path / "release", frames, painters.captioned)
    with serving(release) as hub:
        seen = fetch_panoramas(hub, tmp_path, "--workers", "1")
        assert seen.returncode == 2
        assert seen.stdout.count("refused val/Rome/") == 3
        assert "every drawing has text over" in seen.stdout
        assert len({path.split("/")[2] for path in drawings(hub)}) == 3
        missing = hub.panoenv(tmp_path, "data", "fetch", "--panoramas", "--split", "train")
        assert missing.returncode == 2
        assert missing.stderr.endswith(f"7zkk/PanoEnv at {COMMIT} has no questions of the train split\n")


@pytest.mark.slow
def test_an_interrupted_fetch_goes_on(release, tmp_path):
    with serving(release) as hub:
        arguments = [*FETCH, str(tmp_path / "out"), "--workers", "1"]
        command = [sys.executable, "-m", "panoenv_tasks", *arguments]
        environment = hub.environment(tmp_path)
        started = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, start_new_session=True)
        deadline = time.monotonic() + 120
        while not list(tmp_path.glob("out/val/*/*/*_qa.json")) and time.monotonic() < deadline:
            time.sleep(0.02)
        os.killpg(started.pid, signal.SIGINT)
        started.communicate(timeout=60)
        assert started.returncode != 0
        assert len(list(tmp_path.glob("out/val/*/*/*_qa.json"))) == 1
        hub.fetched.clear()
        done = hub.panoenv(tmp_path, *arguments)
        assert done.returncode == 0, done.stderr
        assert "val: 1 panoramas to restore from 4 of 12 drawings" in done.stdout
        assert "val: 2 panoramas (1 there already)" in done.stdout
        assert len(drawings(hub)) <= 4
