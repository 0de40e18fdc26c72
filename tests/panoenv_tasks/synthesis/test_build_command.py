"""``panoenv build`` and ``panoenv data show`` as a user runs them."""

from __future__ import annotations

import pytest
from PIL import Image
from support.command import run
from support.tartanair_tree import write_tartanair

from panoenv_tasks import load_items


def test_scenes_to_a_picture_of_a_question(capsys, tmp_path):
    out = tmp_path / "out"
    done = run(capsys, "build", "scenes", out, "--frames", 1, "--environment", "KitchenDay", "--workers", 1)
    assert done.code == 0
    assert done.out.startswith("1 frames: 1 written, 0 there already, 0 skipped; 25 questions\n")
    assert run(capsys, "data", "check", out).code == 0
    item = load_items(out, "test")[0]
    shown = run(capsys, "data", "show", item.id, "--data", out, "-o", tmp_path / "item.png")
    assert shown.code == 0
    assert Image.open(tmp_path / "item.png").width == 1536


def test_tartanair_skips_and_counts(capsys, tmp_path):
    frames = write_tartanair(tmp_path / "in", "OfficeFloor", (0, 500), size=64)
    frames[1].file("image", "top").unlink()
    done = run(
        capsys,
        "build",
        "tartanair",
        tmp_path / "out",
        "--root",
        tmp_path / "in",
        "--split",
        "train",
        "--workers",
        1,
    )
    assert done.code == 0
    assert "2 frames: 1 written, 0 there already, 1 skipped" in done.out
    assert "skipped OfficeFloor/P000_000500: 1 of 18 files missing: image_lcam_top" in done.out
    assert {item.frame for item in load_items(tmp_path / "out", "train")} == {"P000_000000"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["scenes", "OUT", "--environment", "Atlantis"],
            "panoenv: no scene 'Atlantis'; there are LivingRoomDay, ",
        ),
        (["tartanair", "OUT", "--root", "nowhere"], "panoenv: nowhere: no such folder"),
    ],
)
def test_bad_input_is_one_line_and_code_2(capsys, tmp_path, arguments, message):
    done = run(capsys, "build", *[tmp_path / "out" if a == "OUT" else a for a in arguments])
    assert done.code == 2
    assert done.err.startswith(message)
    assert len(done.err.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_build_without_any_question_is_no_success(capsys, tmp_path):
    (frame,) = write_tartanair(tmp_path / "in", "OfficeFloor", size=64)
    frame.file("image", "top").unlink()
    done = run(capsys, "build", "tartanair", tmp_path / "out", "--root", tmp_path / "in", "--workers", 1)
    assert done.code == 2
    assert "1 frames: 0 written, 0 there already, 1 skipped; 0 questions" in done.out
