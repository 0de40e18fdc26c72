"""Questions about size and shape."""

from __future__ import annotations

import pytest
from support.synthetic import text, thing

from panoenv_tasks.synthesis.questions.attributes import elongation, flatness, volume

CUBE = thing("crate", size=(1, 1, 1))
LARGE = thing("house", size=(4, 5, 6))
BOARD = thing("door", size=(1.0, 2.0, 0.1))
POLE = thing("pole", size=(0.2, 0.2, 3.0))
SLIGHTLY_LARGER = thing("barrel", size=(1, 1, 1.3))
PLANE = thing("sheet", size=(2.0, 0.0, 2.0))


def test_measures_of_a_box():
    assert volume(LARGE) == 120
    assert flatness(BOARD) == pytest.approx(0.05)
    assert elongation(BOARD) == pytest.approx(2.0)
    assert elongation(POLE) == pytest.approx(15.0)


def test_larger_and_smaller_of_two():
    assert text("volume_comparison", CUBE, LARGE, asks="larger") == "The house"
    assert text("volume_comparison", CUBE, LARGE, asks="smaller") == "The crate"
    assert text("volume_comparison", CUBE, SLIGHTLY_LARGER, asks="larger") is None
    released = text("volume_comparison", CUBE, SLIGHTLY_LARGER, asks="larger", rules="released")
    assert released == "The barrel"


def test_objects_without_a_volume_are_not_compared():
    for rules in ("ours", "released"):
        assert text("volume_comparison", CUBE, PLANE, asks="larger", rules=rules) is None
        assert text("shape_flatness", CUBE, PLANE, rules=rules) is None
        assert text("shape_elongation", CUBE, PLANE, rules=rules) is None


def test_is_it_larger_or_smaller():
    assert text("volume_binary", LARGE, CUBE, asks="larger") == "Yes"
    assert text("volume_binary", LARGE, CUBE, asks="smaller") == "No"
    assert text("volume_binary", CUBE, LARGE, asks="smaller") == "Yes"
    assert text("volume_binary", CUBE, SLIGHTLY_LARGER, asks="larger") is None


def test_extremes_of_three():
    assert text("size_triplet_extreme", CUBE, LARGE, BOARD, asks="larger") == "The house"
    assert text("size_triplet_extreme", CUBE, LARGE, BOARD, asks="smaller") == "The door"
    assert text("size_triplet_extreme", CUBE, SLIGHTLY_LARGER, BOARD, asks="larger") is None


def test_flatter():
    assert text("shape_flatness", CUBE, BOARD) == "The door"
    assert text("shape_flatness", CUBE, thing("slab", size=(1, 1, 0.5))) is None  # flatter, but not flat
    assert text("shape_flatness", thing("shelf", size=(1, 2, 0.12)), BOARD) is None


def test_longer():
    assert text("shape_elongation", CUBE, POLE) == "The pole"
    assert text("shape_elongation", POLE, BOARD) == "The pole"
    assert text("shape_elongation", CUBE, thing("slab", size=(1.5, 1, 1))) is None


def test_the_released_rules_take_the_flattest_for_the_longest():
    rod, sheet = thing("rod", size=(0.3, 0.3, 3.0)), thing("sheet", size=(3.0, 3.0, 0.1))
    assert text("shape_elongation", rod, sheet) == "The rod"
    assert text("shape_elongation", rod, sheet, rules="released") == "The sheet"
