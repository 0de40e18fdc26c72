"""A thing at two distances: same outline, standing on something that can be seen."""

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
from panoenv_tasks.synthesis.twins.near import FACTORS, as_if_scaled, bring_near, set_apart

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
    """The scene with its first crate half as far away."""
    found = bring_near(scene, 0, 0.5)
    assert found is not None
    return found


def measured(scene):
    (one,) = (o for o in measure(with_truth("x", scene, panorama(scene, coloured=False))) if o.number == 1)
    return one


def test_every_ray_that_met_it_meets_it_still_half_as_far_away(scene, near):
    before, after = (panorama(s, HEIGHT, 2 * HEIGHT, coloured=False) for s in (scene, near))
    mask = before.segments == 0
    assert mask.sum() > 500
    moved = after.segments == 0
    # Rounding may move single pixels of an edge, never the outline.
    assert (mask != moved).sum() <= 3
    both = mask & moved
    assert np.allclose(after.depth[both] / before.depth[both], 0.5, atol=1e-3)


def test_its_box_stays_to_the_pixel_and_its_measures_halve(scene, near):
    one, other = measured(scene), measured(near)
    assert other.box == one.box
    assert other.depths.p50 == pytest.approx(one.depths.p50 / 2, rel=1e-3)
    assert other.centre == pytest.approx([part / 2 for part in one.centre])
    assert other.size == pytest.approx([part / 2 for part in one.size])


def test_what_measuring_will_give_is_known_before(scene, near):
    expected, found = as_if_scaled(measured(scene), 0.5), measured(near)
    assert expected.depths.p80 == pytest.approx(found.depths.p80, rel=1e-3)
    assert (expected.box, expected.centre, expected.size) == (
        found.box,
        pytest.approx(found.centre),
        pytest.approx(found.size),
    )


def test_it_stands_on_a_plinth_that_stands_on_the_floor(scene, near):
    extent = near.instances[0].extent
    low = extent.centre[1] - extent.size[1] / 2
    # A thing on the floor, halved about a camera at 1.5 m, hangs at 0.75 m.
    assert low == pytest.approx(0.75)
    block, mat = near.instances[0].plinth
    assert block.centre[1] - block.half[1] == pytest.approx(0)
    assert mat.centre[1] + mat.half[1] == pytest.approx(low)
    assert block.half[0] > mat.half[0] > extent.size[0] / 2
    shot = panorama(near, HEIGHT, 2 * HEIGHT, coloured=False)
    without = panorama(scene, HEIGHT, 2 * HEIGHT, coloured=False)
    assert (shot.depth < without.depth - 0.1).sum() > (without.segments == 0).sum()


def test_what_stands_on_a_plinth_gets_a_higher_one(near):
    again = bring_near(near, 0, 0.8)
    assert again is not None
    extent = again.instances[0].extent
    # Its underside at 0.75 m, brought nearer to a camera at 1.5 m: 1.5 - 0.8 * 0.75.
    assert extent.centre[1] - extent.size[1] / 2 == pytest.approx(0.9)
    assert len(again.instances[0].plinth) == 2
    assert again.walls == near.walls == ()


def test_the_pattern_shrinks_with_it(scene, near):
    before, after = (s.instances[0].parts[0].paint.size for s in (scene, near))
    assert after == before / 2


def test_only_what_stands_alone_and_is_not_built_in_is_set_apart(scene):
    objects = measure(with_truth("x", scene, panorama(scene, coloured=False)))
    assert len(objects) == 6
    found = list(set_apart(scene, objects, Dice("all")))
    assert {apart.index for apart in found} == {0}
    assert sorted(tuple(sorted(apart.k)) for apart in found) == sorted(FACTORS)
    # It stands on a plinth on both, so that a plinth does not say which is nearer.
    assert all(len(one.instances[0].plinth) == 2 for apart in found for one in apart.scenes)
    # Neither the first nor the second is always the nearer.
    assert {apart.k[0] < apart.k[1] for apart in found} == {True, False}


def test_what_is_in_the_way_forbids_it(scene):
    blocked = replace(scene, instances=(*scene.instances, crate("stool", 0.1, 1.3, 0.3)))
    assert bring_near(blocked, 0, 0.5) is None
    assert bring_near(blocked, 0, 0.75) is not None


def test_too_near_is_refused(scene):
    assert bring_near(scene, 0, 0.2) is None
