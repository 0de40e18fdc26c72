"""Connected regions across the seam."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from panoenv_tasks.synthesis.components import components


def test_one_class_across_the_seam_is_one_region():
    classes = np.zeros((4, 8), int)
    classes[1, 0] = classes[1, 7] = 3
    classes[3, 4] = 3
    regions, owners = components(classes)
    assert owners == [3, 3]
    assert regions[1, 0] == regions[1, 7] != regions[3, 4]


def test_regions_touch_diagonally_across_the_seam():
    classes = np.zeros((3, 6), int)
    classes[0, 5] = classes[1, 0] = 2
    assert len(components(classes)[1]) == 1
    classes[1, 0], classes[2, 0] = 0, 2
    assert len(components(classes)[1]) == 2


def test_different_classes_are_not_joined():
    classes = np.zeros((2, 5), int)
    classes[0, 0], classes[0, 4] = 1, 2
    assert components(classes)[1] == [1, 2]


def test_without_wrapping_the_seam_cuts():
    classes = np.full((2, 6), 4)
    classes[:, 2] = 0
    assert len(components(classes, wrap=False)[1]) == 2
    assert len(components(classes, wrap=True)[1]) == 1


def test_top_and_bottom_do_not_touch():
    classes = np.zeros((5, 4), int)
    classes[0], classes[4] = 1, 1
    assert len(components(classes)[1]) == 2


@given(arrays(np.int32, (5, 7), elements=st.integers(0, 2)))
@settings(max_examples=150, deadline=None)
def test_regions_are_what_a_flood_fill_finds(classes):
    regions, owners = components(classes)
    assert np.array_equal(regions > 0, classes > 0)
    for number in range(1, len(owners) + 1):
        here = set(map(tuple, np.argwhere(regions == number).tolist()))
        assert here == flood(classes, min(here))
        assert {classes[place] for place in here} == {owners[number - 1]}


def flood(classes, start):
    height, width = classes.shape
    seen, left = {start}, [start]
    while left:
        y, x = left.pop()
        for dy in (-1, 0, 1):
            for dx in (-1, 0, 1):
                near = (y + dy, (x + dx) % width)
                inside = 0 <= near[0] < height and near not in seen
                if inside and classes[near] == classes[start]:
                    seen.add(near)
                    left.append(near)
    return seen
