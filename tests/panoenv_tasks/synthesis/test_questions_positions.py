"""Questions about where objects are relative to one another: x right, y up, z forward."""

from __future__ import annotations

import pytest
from support.synthetic import answer, text, thing


def at(x, y, z, label="crate"):
    return thing(label, centre=(x, y, z))


LAMP = at(0, 0, 5, "lamp")


@pytest.mark.parametrize(
    ("direction", "centre", "expected"),
    [
        ("left", (-1, 0, 5), "Yes"),
        ("left", (1, 0, 5), "No"),
        ("right", (1, 0, 5), "Yes"),
        ("above", (0, 1, 5), "Yes"),
        ("below", (0, 1, 5), "No"),
        # In front is farther forward, not nearer to the camera.
        ("front", (0, 0, 7), "Yes"),
        ("behind", (0, 0, 3), "Yes"),
        ("front", (0, 0, 5.6), None),
        ("left", (0.6, 0, 5), None),
    ],
)
def test_directions_and_close_calls(direction, centre, expected):
    assert text("relpos_binary", at(*centre), LAMP, direction=direction) == expected


def test_the_released_sentence_asks_for_a_true_direction_or_its_opposite():
    seen = set()
    for seed in range(40):
        draft = answer("relpos_binary", at(-1, 0, 5), LAMP, rules="released", seed=seed)
        assert draft is not None
        seen.add((draft.direction, draft.answer))
    assert seen == {("left", "Yes"), ("right", "No")}
    assert answer("relpos_binary", at(0.4, 0, 5), LAMP, rules="released") is None


@pytest.mark.parametrize(
    ("centre", "expected"),
    [
        ((-1, 0, 5), "The crate is to the left of the lamp."),
        ((1, -2, 8), "The crate is in front of and to the right of and below the lamp."),
        ((0.1, 1, 3), "The crate is behind and above the lamp."),
        ((1, 0.5, 5), None),  # half a metre higher: named or not?
        ((0, 0, 5.1), None),  # nothing to name
    ],
)
def test_relation_in_words(centre, expected):
    assert text("relpos_cardinal", at(*centre), LAMP) == expected


def test_the_released_relation_without_a_direction():
    said = text("relpos_cardinal", at(0, 0.4, 5.1), LAMP, rules="released")
    assert said == "The crate is at a similar position to the lamp."


def test_relation_of_two_of_a_kind():
    assert text("relpos_cardinal", at(-1, 0, 5, "lamp"), LAMP) == "Lamp A is to the left of lamp B."


def test_distances_between_middles():
    pair = at(3, 4, 5), at(0, 0, 5, "lamp")
    assert text("relpos_distance_straightline", *pair) == "About 5.0 meters"
    assert text("relpos_distance_components", *pair, asks="vertical") == "About 4.0 meters"
    assert text("relpos_distance_components", *pair, asks="horizontal") == "About 3.0 meters"


def test_distances_too_short_to_round_are_not_asked():
    assert text("relpos_distance_components", at(0, 0.3, 5), LAMP, asks="vertical") is None
    assert text("relpos_distance_straightline", at(0, 0.3, 5), LAMP) is None
    assert text("relpos_distance_straightline", at(0, 0.3, 5), LAMP, rules="released") == "About 0.3 meters"


def test_the_extreme_of_three():
    three = at(-2, 1, 5), at(0, 3, 9, "lamp"), at(4, 0, 1, "car")
    said = {}
    for seed in range(60):
        draft = answer("relpos_triplet_extreme", *three, seed=seed)
        assert draft is not None
        said[draft.extreme] = draft.answer
    assert said == {
        "leftmost": "The crate",
        "rightmost": "The car",
        "highest": "The lamp",
        "lowest": "The car",
        "frontmost": "The lamp",
        "rearmost": "The car",
    }


def test_the_extreme_needs_a_gap():
    three = at(0, 0, 5), at(0.2, 0.2, 5.2, "lamp"), at(0.1, 0.1, 5.1, "car")
    assert all(text("relpos_triplet_extreme", *three, seed=seed) is None for seed in range(20))
    assert text("relpos_triplet_extreme", *three, rules="released") is not None
