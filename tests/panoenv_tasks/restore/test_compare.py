"""Agreement of two sets of panoramas, and the turn between them."""

from __future__ import annotations

import math
import shutil

import numpy as np
import pytest
from PIL import Image
from support.command import run
from support.painted_frames import panorama
from support.result_folders import made_up_items
from support.small_tree import write_tree

from panoenv_tasks.restore.compare import best_shift, compare


@pytest.mark.parametrize("turn", [0, 1, 640, 1280, -3, -900])
def test_the_turn_between_two_panoramas_is_found(turn):
    noise = np.random.default_rng(3).integers(-9, 10, panorama().shape)
    noisy = np.clip(panorama().astype(int) + noise, 0, 255).astype(np.uint8)
    assert best_shift(panorama(), np.roll(noisy, -turn, axis=1)) == turn


def test_equal_pictures_agree_and_differing_ones_by_how_much():
    found = compare(panorama(), panorama())
    assert (found.equal, found.difference, found.psnr, found.shift) == (1.0, 0.0, math.inf, 0)
    other = panorama().copy()
    other[:320] ^= 1
    found = compare(panorama(), other)
    assert (found.equal, found.difference) == (0.75, 0.25)
    assert found.psnr == pytest.approx(10 * math.log10(255**2 / 0.25), abs=1e-3)
    flat = np.full((8, 16, 3), 7, np.uint8)
    assert best_shift(flat, flat) == 0


def test_the_command_names_each_frame(tmp_path, capsys):
    one = write_tree(tmp_path / "one", made_up_items(3))
    shutil.copytree(one, tmp_path / "other")
    first, second, third = sorted((tmp_path / "other").rglob("rgb_erp.png"))
    with Image.open(second) as picture:
        turned = Image.fromarray(np.roll(np.asarray(picture), 640, axis=1))
    turned.save(second)
    shutil.rmtree(third.parent)
    seen = run(capsys, "data", "compare", one, tmp_path / "other")
    assert seen.code == 0
    lines = seen.out.splitlines()
    assert lines[2].startswith(f"| {first.parent.parent.name}/{first.parent.name} | 100.00 % | 0.00 | inf |")
    assert lines[3].endswith(" | -640 | inf |")
    assert lines[-1] == "2 frames: 1 identical, 1 fit better when turned; 1 in one set only"
    (tmp_path / "none").mkdir()
    assert "no frame in common" in run(capsys, "data", "compare", one, tmp_path / "none").err
