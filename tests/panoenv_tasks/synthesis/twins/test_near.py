"""A thing brought nearer: same outline, other distance, standing on something that can be seen."""

from __future__ import annotations

import numpy as np
import pytest

from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.objects import measure
from panoenv_tasks.synthesis.scenes.layout import touching
from panoenv_tasks.synthesis.scenes.render import panorama
from panoenv_tasks.synthesis.scenes.source import scene_of, with_truth
from panoenv_tasks.synthesis.twins.near import bring_near, nearer_scenes

HEIGHT = 640


@pytest.fixture(scope="module")
def scene():
    return scene_of("OfficeFloor", "P000_000000", 0)


@pytest.fixture(scope="module")
def near(scene):
    boxes = [k for k, one in enumerate(scene.instances) if one.label == "cardboard box"]
    found = [near for k in boxes if (near := bring_near(scene, k, 0.5))]
    assert len(found) == 1
    return found[0]


def test_every_ray_that_met_it_meets_it_still_half_as_far_away(scene, near):
    before, after = (panorama(s, HEIGHT, 2 * HEIGHT, coloured=False) for s in (scene, near.scene))
    mask = before.segments == near.index
    assert mask.sum() > 500
    moved = after.segments == near.index
    # Rounding may move single pixels of an edge, never the outline.
    assert (mask != moved).sum() <= 3
    both = mask & moved
    assert np.allclose(after.depth[both] / before.depth[both], 0.5, atol=1e-3)


def test_its_box_stays_to_the_pixel_and_its_measures_halve(scene, near):
    number = near.index + 1
    one, other = (
        next(o for o in measure(with_truth("x", s, panorama(s, coloured=False))) if o.number == number)
        for s in (scene, near.scene)
    )
    assert other.box == one.box
    assert other.depths.p50 == pytest.approx(one.depths.p50 / 2, rel=1e-3)
    assert other.centre == pytest.approx([part / 2 for part in one.centre])
    assert other.size == pytest.approx([part / 2 for part in one.size])


def test_it_stands_on_a_plinth_that_stands_on_the_floor(scene, near):
    extent = near.scene.instances[near.index].extent
    low = extent.centre[1] - extent.size[1] / 2
    # A thing on the floor, halved about a camera at 1.55 m, hangs at 0.775 m.
    assert low == pytest.approx(0.775, abs=0.011)
    block, mat = near.plinth
    assert block.centre[1] - block.half[1] == pytest.approx(0)
    assert mat.centre[1] + mat.half[1] == pytest.approx(low)
    assert block.half[0] > mat.half[0] > extent.size[0] / 2
    shot = panorama(near.scene, HEIGHT, 2 * HEIGHT, coloured=False)
    without = panorama(scene, HEIGHT, 2 * HEIGHT, coloured=False)
    assert (shot.depth < without.depth - 0.1).sum() > (without.segments == near.index).sum()


def test_the_pattern_shrinks_with_it(scene, near):
    before, after = (s.instances[near.index].parts[0].paint.size for s in (scene, near.scene))
    assert after == before / 2


def test_nothing_is_brought_into_the_camera_or_another_thing(scene):
    objects = measure(with_truth("x", scene, panorama(scene, coloured=False)))
    found = list(nearer_scenes(scene, objects, Dice("all")))
    assert len(found) >= 4
    for near in found:
        extent = near.scene.instances[near.index].extent
        others = [one.extent for k, one in enumerate(scene.instances) if k != near.index]
        assert not any(touching(extent, other, 0.04) for other in others if other.size[1] > 0.02)
        assert extent.centre[0] ** 2 + extent.centre[2] ** 2 > 0.75**2
        assert scene.instances[near.index].label not in ("door", "rug", "desk", "painting")


def test_too_near_is_refused(scene, near):
    assert bring_near(scene, near.index, 0.2) is None
