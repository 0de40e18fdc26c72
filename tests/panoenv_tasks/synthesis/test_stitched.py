"""``panoenv build panoramas``: exactly the frames that an annotation file names."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from PIL import Image
from support.command import run
from support.tartanair_tree import write_tartanair

from panoenv_tasks import load_items
from panoenv_tasks.synthesis.recorded import tartanair_panorama
from panoenv_tasks.synthesis.tartanair import FrameFiles


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tartanair")
    write_tartanair(folder, "FarmDay", (0, 500, 1000), size=64)
    return folder


def annotations(folder, *frames):
    question = "How far is the crate (boundingbox: [10, 20, 110, 90]) from the viewer?"
    rows = [
        {
            "conversations": [{"value": question}],
            "image": f"{frame}/rgb_erp.png",
            "question_type": "open_ended",
            "accu_reward_method": "distance",
            "expected_answer": "About 4.0 meters",
        }
        for frame in frames
    ]
    file = folder / "panoenv_val.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def test_exactly_the_named_frames_are_stitched(root, tmp_path, capsys):
    file = annotations(tmp_path, "FarmDay/P000_000500", "FarmDay/P000_000000")
    seen = run(capsys, "build", "panoramas", tmp_path / "out", "--for", file, "--root", root)
    assert seen.code == 0
    assert seen.out.splitlines()[0] == "2 panoramas (0 there already), 0 not made"
    items = load_items(tmp_path / "out", "val")
    assert [item.panorama for item in items] == ["FarmDay/P000_000500", "FarmDay/P000_000000"]
    assert {item.image_kind for item in items} == {"erp"}
    whole = tartanair_panorama(FrameFiles(root, "FarmDay", "easy", "P000", 500))
    assert (np.asarray(Image.open(items[0].image)) == whole.rgb).all()
    assert len(list((tmp_path / "out").rglob("*.png"))) == 2
    # A process that was killed when its last file was in its place leaves its work behind.
    left = items[0].image.parents[1] / ".P000_000500-999999999-x1.scratch"
    (left / "work").mkdir(parents=True)
    (left / ".panoenv-scratch").touch()
    again = run(capsys, "build", "panoramas", tmp_path / "out", "--for", file, "--root", root)
    assert again.out.splitlines()[0] == "2 panoramas (2 there already), 0 not made"
    assert not left.exists()


def test_frames_that_are_not_there_are_named(root, tmp_path, capsys):
    tree = tmp_path / "tartanair"
    shutil.copytree(root, tree)
    shutil.copytree(tree / "FarmDay" / "Data_easy", tree / "FarmDay" / "Data_hard")
    next((tree / "FarmDay").glob("Data_hard/P000/image_lcam_front/000000_*")).unlink()
    for face in ("front", "right", "back", "left", "top", "bottom"):
        next(tree.glob(f"FarmDay/Data_hard/P000/image_lcam_{face}/000500_*")).unlink()
    next(tree.glob("FarmDay/Data_easy/P000/image_lcam_top/000500_*")).unlink()
    file = annotations(
        tmp_path, "FarmDay/P000_001000", "FarmDay/P000_000500", "Rome/P000_000000", "FarmDay/scene"
    )
    seen = run(capsys, "build", "panoramas", tmp_path / "out", "--for", file, "--root", tree)
    assert seen.code == 2
    lines = seen.out.splitlines()
    assert lines[0].startswith("not made: FarmDay/P000_001000: in Data_easy and in Data_hard")
    assert lines[1].startswith("not made: FarmDay/P000_000500: faces missing: top")
    assert lines[2].startswith("not made: Rome/P000_000000: not in Data_easy or Data_hard")
    assert lines[3].startswith("not made: FarmDay/scene: 'scene' is not a frame of TartanAir")
    assert lines[4] == "0 panoramas (0 there already), 4 not made"
    hard = run(
        capsys, "build", "panoramas", tmp_path / "out", "--for", file, "--root", tree, "--difficulty", "hard"
    )
    assert "1 panoramas (0 there already), 3 not made" in hard.out


def test_without_a_root_the_needed_archives_are_listed(tmp_path, capsys):
    file = annotations(tmp_path, "Rome/P000_000500", "Rome/P001_000000", "CoalMine/P000_000000")
    seen = run(capsys, "build", "panoramas", tmp_path / "out", "--for", file)
    lines = seen.out.splitlines()
    assert seen.code == 0
    assert lines[0] == "3 panoramas from 12 archives of TartanAir V2:"
    assert lines[1] == "CoalMine/Data_easy/image_lcam_front.zip"
    assert len(lines) == 13
    assert not (tmp_path / "out").exists()
    missing = run(capsys, "build", "panoramas", tmp_path / "out", "--for", tmp_path / "none.jsonl")
    assert missing.code == 2
    assert "expected an annotation file" in missing.err
