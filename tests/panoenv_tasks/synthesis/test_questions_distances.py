"""Questions about distance from the camera."""

from __future__ import annotations

import pytest
from support.synthetic import text, thing

from panoenv_tasks.synthesis.objects import Depths
from panoenv_tasks.synthesis.questions.distances import effective, jaccard

NEAR, FAR = thing("crate", distance=3.0), thing("barrel", distance=6.0)
CLOSE_CALL = thing("lamp", distance=3.3)
#: From 2 m to 9 m deep, like a wall that runs away from the camera; its median is 6 m.
DEEP = thing("fence", depths=Depths(2.0, 2.5, 6.0, 8.5, 9.0))


def test_effective_distance_is_of_the_near_part_of_deep_objects():
    assert effective(DEEP.depths) == 2.0
    assert effective(NEAR.depths) == 3.0


def test_jaccard_of_middle_halves():
    assert jaccard(Depths(0, 0, 1, 2, 2), Depths(0, 1, 2, 3, 3)) == pytest.approx(1 / 3)
    assert jaccard(NEAR.depths, FAR.depths) == 0
    assert jaccard(Depths(1, 1, 1, 1, 1), Depths(1, 1, 1, 1, 1)) == 1


def test_the_nearer_of_two():
    assert text("depth_compare", NEAR, FAR) == "The crate"
    assert text("depth_compare", FAR, NEAR) == "The crate"
    assert text("depth_compare", NEAR, CLOSE_CALL) is None
    assert text("depth_compare", NEAR, CLOSE_CALL, rules="released") == "The crate"


def test_the_released_rules_take_deep_objects_by_their_near_part():
    assert text("depth_compare", NEAR, DEEP) is None
    assert text("depth_compare", NEAR, DEEP, rules="released") == "The fence"


def test_is_it_nearer():
    assert text("depth_binary", NEAR, FAR) == "Yes"
    assert text("depth_binary", FAR, NEAR) == "No"
    assert text("depth_binary", CLOSE_CALL, NEAR) is None


@pytest.mark.parametrize(
    ("distance", "ours", "released"),
    [(5.2, "Yes", "Yes"), (5.45, None, "Yes"), (6.0, None, "No"), (7.0, "No", "No")],
)
def test_about_equally_far(distance, ours, released):
    pair = thing("crate", distance=5.0), thing("barrel", distance=distance)
    assert text("depth_similarity", *pair) == ours
    assert text("depth_similarity", *pair, rules="released") == released


def test_how_far():
    assert text("distance_description", thing(distance=12.34)) == "About 12.3 meters"
    assert text("distance_description", DEEP) is None
    assert text("distance_description", DEEP, rules="released") == "About 6.0 meters"


def test_the_farthest_of_three():
    assert text("depth_triplet_farthest", NEAR, FAR, CLOSE_CALL) == "The barrel"
    assert text("depth_triplet_farthest", NEAR, FAR, thing("lamp", distance=6.4)) is None
    # The release goes by the far part: the deep fence reaches 9 m.
    assert text("depth_triplet_farthest", NEAR, FAR, DEEP, rules="released") == "The fence"


def test_objects_of_one_label_are_told_apart_by_letters():
    assert text("depth_compare", FAR, thing("barrel", distance=2.0)) == "Barrel B"
