"""Which objects questions may be about, and why others may not."""

from __future__ import annotations

import pytest
from support.synthetic import thing

from panoenv_tasks.synthesis.choose import MOST, area, choose, overlap
from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.objects import Depths
from panoenv_tasks.synthesis.panorama import FrameError


def row(count, label="crate", start=1):
    """Objects side by side."""
    return [
        thing(
            f"{label}{k}" if label == "crate" else label,
            number=start + k,
            box=(120 * k, 600, 120 * k + 99, 699),
        )
        for k in range(count)
    ]


def labels(objects):
    return [one.label for one in objects]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"label": "sky"}, "background"),
        ({"label": "Ground"}, "background"),
        ({"label": "instancedfoliageactor"}, "without a telling name"),
        ({"box": (2500, 600, 60, 699)}, "across the seam"),
        ({"box": (1200, 600, 1224, 900)}, "too small"),
        ({"known": 0.4}, "without known distance"),
        ({"visible": 0.3}, "mostly hidden"),
    ],
)
def test_an_object_that_cannot_be_asked_about_is_left_out_with_its_reason(changes, reason):
    unfit = thing(**{"number": 9, **changes})
    assert unfit not in choose([*row(5), unfit], "ours", Dice(0))
    with pytest.raises(FrameError, match=rf"3 usable objects, at least 4 are needed \(1 {reason}\)"):
        choose([*row(3), unfit], "ours", Dice(0))


def test_ceiling_lights_are_no_ceilings():
    lamp = thing("ceilinglight", number=9, box=(2000, 300, 2099, 399))
    assert lamp in choose([*row(4), lamp], "ours", Dice(0))
    assert lamp not in choose([*row(4), lamp], "released", Dice(0))


def test_the_released_rules_keep_what_ours_drop():
    pieces = [
        thing("z", number=7, box=(2000, 300, 2099, 399)),
        thing("pole", number=8, known=0.1, box=(2200, 300, 2299, 399)),
    ]
    chosen = choose([*row(4), *pieces], "released", Dice(0))
    assert all(piece in chosen for piece in pieces)


def test_two_pieces_of_one_thing_are_one():
    whole = thing("tree", number=7, box=(2000, 300, 2199, 499), pixels=20_000)
    leaf = thing("tree", number=8, box=(2010, 310, 2100, 400), pixels=2_000)
    behind = thing("tree", number=9, box=(2010, 310, 2100, 400), depths=Depths(19, 19, 20, 21, 21))
    chosen = choose([*row(4), whole, leaf, behind], "ours", Dice(0))
    assert whole in chosen
    assert leaf not in chosen
    assert behind in chosen


def test_a_full_frame_takes_every_label_before_it_repeats_one():
    trees = [thing("tree", number=100 + k, box=(100 * k, 100, 100 * k + 80, 190)) for k in range(25)]
    chosen = choose([*row(18), *trees], "ours", Dice(3))
    assert len(chosen) == MOST
    assert labels(chosen).count("tree") == 2
    assert [one.number for one in chosen] == sorted(one.number for one in chosen)


def test_objects_near_the_poles_are_preferred():
    trees = [thing("tree", number=1 + k, box=(100 * k, 100, 100 * k + 80, 190)) for k in range(40)]
    polar = [
        thing("tree", number=50 + k, box=(100 * k, 300, 100 * k + 80, 390), faces={"top": 5000, "back": 5000})
        for k in range(10)
    ]
    picked = [choose([*trees, *polar], "ours", Dice(seed)) for seed in range(40)]
    polar_share = sum("top" in one.faces for objects in picked for one in objects) / (40 * MOST)
    assert polar_share > 0.27  # without preference it would be 10 / 50


def test_the_choice_depends_on_the_dice_alone():
    trees = [thing("tree", number=1 + k, box=(90 * k, 100, 90 * k + 80, 190)) for k in range(28)]
    assert choose(trees, "ours", Dice("a")) == choose(trees, "ours", Dice("a"))
    assert choose(trees, "ours", Dice("a")) != choose(trees, "ours", Dice("b"))


def test_overlap_counts_shared_pixels():
    one, other = thing(box=(0, 0, 9, 9)), thing(box=(5, 8, 20, 30))
    assert area(one) == 100
    assert overlap(one, other) == 5 * 2
    assert overlap(one, thing(box=(10, 0, 20, 9))) == 0
