"""The bundled set: made on first use, the same everywhere."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from panoenv_tasks import fingerprint, load_items, score
from panoenv_tasks.blind import answer
from panoenv_tasks.items import DataError
from panoenv_tasks.synthesis import mini
from panoenv_tasks.synthesis.mini import MINI, build_mini, ensure_mini

#: Changes only with the builder or its wordings; results on other sets are not comparable.
FINGERPRINT = "71a473d55b927ba65ac77058952ed75702eb76e2f83fbd4eb3b6260450bd7d3d"


@pytest.fixture(scope="module")
def root():
    """The set that users have: of this very code, since its folder is named by a hash of it."""
    return ensure_mini()


def content(folder: Path) -> dict[str, bytes]:
    files = (file for file in sorted(folder.rglob("*")) if file.is_file() and not file.name.startswith("."))
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def test_eight_panoramas_two_hundred_questions(root):
    items = load_items(root, "mini")
    assert len(items) == 200
    assert len({item.panorama for item in items}) == 8
    assert set(Counter(item.category for item in items).values()) == {40}
    assert len({item.subcategory for item in items}) == 26
    assert fingerprint(items) == FINGERPRINT


def test_gold_answers_score_one_under_both_protocols(root):
    for item in load_items(root, "mini"):
        completion = f"<Reasoning>seen</Reasoning><Answer>{item.answer}</Answer>"
        assert score(item, completion, "paper").value == 1.0
        assert score(item, completion, "strict").value == 1.0


def test_geometry_without_the_picture_is_at_chance_but_for_views(root):
    """The gate picked the questions: 94 of 200 (141 before there was one), 38 of them views."""
    items = load_items(root, "mini")
    right = Counter(item.category for item in items if score(item, answer(item), "paper").correct)
    assert right == {
        "view_source": 38,
        "distance": 15,
        "environment": 15,
        "relative_position": 8,
        "attribute_comparison": 18,
    }


def test_the_list_of_what_was_picked_is_whole(root):
    text = Path(mini.__file__).with_name(mini.KEPT).read_text(encoding="utf-8")
    lines = text.splitlines()
    ids = [line for line in lines if not line.startswith("#")]
    assert sorted(ids) == ids == sorted(item.id for item in load_items(root, "mini"))
    assert lines[2].endswith(hashlib.sha256("".join(f"{name}\n" for name in ids).encode()).hexdigest())


def test_a_list_of_other_scenes_says_how_to_make_it_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(mini, "MINI", ("OfficeFloor",))
    monkeypatch.setattr(mini, "SEED", 1)
    with pytest.raises(DataError, match=r"questions can be asked of OfficeFloor, 25 should.*mini_choice"):
        build_mini(tmp_path)


def test_it_is_built_once(root, tmp_path, monkeypatch):
    copy = tmp_path / root.name
    shutil.copytree(root, copy)
    monkeypatch.setenv("PANOENV_CACHE", str(tmp_path))
    before = {file: file.stat().st_mtime_ns for file in copy.rglob("*")}
    assert ensure_mini() == copy
    assert {file: file.stat().st_mtime_ns for file in copy.rglob("*")} == before
    assert [entry.name for entry in tmp_path.iterdir()] == [root.name]


@pytest.mark.slow
def test_two_processes_at_once_get_one_whole_set_the_same_to_the_byte(root, tmp_path):
    environment = {**os.environ, "PANOENV_CACHE": str(tmp_path), "OMP_NUM_THREADS": "1"}
    command = [
        sys.executable,
        "-c",
        "from panoenv_tasks.synthesis.mini import ensure_mini; print(ensure_mini())",
    ]
    running = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    told = {process.communicate()[0].strip() for process in running}
    assert [process.returncode for process in running] == [0, 0]
    assert told == {str(tmp_path / root.name)}
    assert [entry.name for entry in tmp_path.iterdir()] == [root.name]
    again = content(tmp_path / root.name)
    assert len(again) == 3 * len(MINI)
    assert again == content(root)


@pytest.mark.slow
def test_a_damaged_set_is_repaired(root, tmp_path, monkeypatch):
    copy = tmp_path / root.name
    shutil.copytree(root, copy)
    monkeypatch.setenv("PANOENV_CACHE", str(tmp_path))
    first, second, *_ = sorted(copy.rglob("rgb_erp.png"))
    first.write_bytes(first.read_bytes()[:1000])
    second.unlink()
    (copy / "notes.txt").write_text("mine")
    assert ensure_mini() == copy
    assert content(copy) == content(root) | {"notes.txt": b"mine"}


def test_a_cache_that_cannot_be_written_says_what_to_do(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PANOENV_CACHE", str(tmp_path / "file/cache"))
    with pytest.raises(DataError, match="point PANOENV_CACHE at a folder"):
        ensure_mini()
