"""A thing brought nearer: same outline, other distance, standing on something that can be seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.objects import measure
from panoenv_tasks.synthesis.scenes.paint import paint
from panoenv_tasks.synthesis.scenes.render import panorama
from panoenv_tasks.synthesis.scenes.scene import Light, Room, Scene
from panoenv_tasks.synthesis.scenes.solids import Model, box, place
from panoenv_tasks.synthesis.scenes.source import with_truth
from panoenv_tasks.synthesis.twins.near import bring_near, nearer_scenes

HEIGHT = 640


WHITE, RED = paint("ffffff"), paint("c03020", "checker", size=0.2)
EVEN = Light((0, 0, 0), (0, 1, 0), (1, 1, 1), (1, 1, 1))


def crate(label, x, z, size=0.8, lift=0.0):
    return place(Model(label, (box((0, 0, 0), (size, size, size), RED),)), x, z, yaw=20, lift=lift)


@pytest.fixture(scope="module")
def scene():
    """A room of eight metres: a crate ahead, one with a vase on it, one that hangs, a rug, a door."""
    things = (
        crate("crate", 0, 3),
        crate("cabinet", 3, 0),
        crate("vase", 3, 0, 0.4, lift=0.8),
        crate("lamp", -3, 0, lift=1.5),
        place(Model("rug", (box((0, 0, 0), (2, 0.01, 2), WHITE),)), -1.2, 0.2),
        crate("door", 0, -3),
    )
    return Scene("Test", 1.5, things, (), WHITE, (), Room(-4, 4, -4, 4, 3, WHITE, WHITE), EVEN)


@pytest.fixture(scope="module")
def near(scene):
    found = bring_near(scene, 0, 0.5)
    assert found is not None
    return found


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
    # A thing on the floor, halved about a camera at 1.5 m, hangs at 0.75 m.
    assert low == pytest.approx(0.75)
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


def test_only_what_stands_alone_and_is_not_built_in_is_brought_near(scene):
    objects = measure(with_truth("x", scene, panorama(scene, coloured=False)))
    assert len(objects) == 6
    found = list(nearer_scenes(scene, objects, Dice("all")))
    assert {near.index for near in found} == {0}
    assert sorted(near.k for near in found) == [0.5, 0.55, 0.6, 0.65, 0.7, 0.75]


def test_what_is_in_the_way_forbids_it(scene):
    blocked = replace(scene, instances=(*scene.instances, crate("stool", 0.1, 1.3, 0.3)))
    assert bring_near(blocked, 0, 0.5) is None
    assert bring_near(blocked, 0, 0.75) is not None


def test_too_near_is_refused(scene, near):
    assert bring_near(scene, near.index, 0.2) is None
