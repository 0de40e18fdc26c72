"""Direction words and the released sentences made of them."""

from __future__ import annotations

import pytest

from panoenv_tasks.geometry.projection import direction_at
from panoenv_tasks.geometry.words import DIRECTIONS, EXTREMES, OPPOSITE, SENSE, metres, relation_sentence
from panoenv_tasks.items import Box

LAMP_A = Box("lamp", "A", 1, 2, 3, 4)
TV = Box("TV set", "", 5, 6, 7, 8)


@pytest.mark.parametrize(
    ("signs", "sentence"),
    [
        (
            {"depth": 3.2, "side": -0.1, "height": 1},
            "Lamp A is in front of and to the left of and above the TV set.",
        ),
        ({"depth": -1, "side": 1}, "Lamp A is behind and to the right of the TV set."),
        ({"height": -1, "depth": 0}, "Lamp A is below the TV set."),
        ({}, "Lamp A is at a similar position to the TV set."),
    ],
)
def test_a_relation_is_spelled_as_released_answers_spell_it(signs, sentence):
    assert relation_sentence((LAMP_A, TV), signs) == sentence


def test_an_object_with_a_letter_has_no_article():
    assert relation_sentence((TV, LAMP_A), {"depth": 1}) == "The TV set is in front of lamp A."


def test_distances_have_one_decimal():
    assert metres(4.549) == "About 4.5 meters"
    assert metres(12) == "About 12.0 meters"


@pytest.mark.parametrize(
    ("word", "extreme", "x", "y"),
    [
        ("front", "frontmost", 1280, 640),
        ("behind", "rearmost", 0, 640),
        ("left", "leftmost", 640, 640),
        ("right", "rightmost", 1920, 640),
        ("above", "highest", 1280, 0),
        ("below", "lowest", 1280, 1280),
    ],
)
def test_a_word_points_to_where_the_panorama_shows_it(word, extreme, x, y):
    axis, sign = SENSE[word]
    assert sign * direction_at(x, y, 2560, 1280)[axis] == pytest.approx(1)
    assert SENSE[extreme] == SENSE[word]


def test_every_word_has_its_axis_and_opposites_are_on_the_same_axis():
    assert set(SENSE) == {*DIRECTIONS, *EXTREMES}
    for word, other in OPPOSITE.items():
        assert SENSE[word] == (SENSE[other][0], -SENSE[other][1])
