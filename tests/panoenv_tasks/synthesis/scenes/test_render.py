"""Scenes seen by the panorama camera and by six faces."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from panoenv_tasks.geometry.cube import FACES
from panoenv_tasks.geometry.projection import along, erp_rays
from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.objects import measure
from panoenv_tasks.synthesis.scenes.families import ENVIRONMENTS, lay_out
from panoenv_tasks.synthesis.scenes.layout import touching
from panoenv_tasks.synthesis.scenes.paint import paint
from panoenv_tasks.synthesis.scenes.render import BACKGROUND, cube, panorama, visible_shares
from panoenv_tasks.synthesis.scenes.scene import Light, Room, Scene
from panoenv_tasks.synthesis.scenes.solids import Model, box, place
from panoenv_tasks.synthesis.scenes.source import scene_of, scene_panorama, with_truth

H, W = 256, 512
WHITE = paint("ffffff")
EVEN = Light((0, 0, 0), (0, 1, 0), (1, 1, 1), (1, 1, 1))


def room_with(*instances):
    room = Room(-4, 4, -4, 4, 3, WHITE, WHITE)
    return Scene("Test", 1.5, tuple(instances), (), WHITE, (), room, EVEN)


def crate(x, z, size=1.0):
    return place(Model("crate", (box((0, 0, 0), (size, size, size), paint("c03020")),)), x, z)


def test_a_room_is_as_far_as_its_walls():
    shot = panorama(room_with(), H, W)
    rays = erp_rays(H, W)
    assert shot.depth[H // 2, W // 2] == pytest.approx(4, rel=1e-3)
    floor = shot.segments == next(k for k, name in BACKGROUND.items() if name == "ground")
    assert (along(rays, (0, -1, 0)) * shot.depth)[floor] == pytest.approx(1.5, rel=1e-4)
    assert set(np.unique(shot.segments).tolist()) == {k for k, name in BACKGROUND.items() if name != "sky"}


def test_an_instance_is_seen_where_it_stands():
    shot = panorama(room_with(crate(2.5, 0)), H, W)
    rows, columns = np.nonzero(shot.segments == 0)
    assert columns.mean() == pytest.approx(0.75 * W, abs=1)  # to the right
    assert rows.min() > H / 2  # below the horizon
    assert shot.depth[shot.segments == 0].min() == pytest.approx(2.06, abs=0.05)
    red, green, _ = shot.rgb[shot.segments == 0].mean(axis=0)
    assert red > 2 * green


def test_what_stands_behind_is_hidden_and_its_share_says_so():
    shares = visible_shares(room_with(crate(0, 1.2), crate(0, 2.8, size=0.5), crate(-3, 0)))
    assert shares[0] == shares[2] == 1.0
    assert shares[1] < 0.35


def test_faces_and_panorama_see_the_same_scene():
    scene = scene_of("CourtyardDay", "P000_000000", 0)
    whole = set(np.unique(panorama(scene, 640, 1280).segments).tolist())
    for face, shot in zip(FACES, cube(scene, 96), strict=True):
        assert set(np.unique(shot.segments).tolist()) <= whole, face


PINNED = {
    "LivingRoomDay": "0567d777076a9913",
    "StreetNight": "857294d324a66ef3",
    "ParkWinter": "bdfa7d93fb84d39e",
}


def digest(environment):
    shot = panorama(scene_of(environment, "P000_000000", 0), H, W)
    everything = shot.rgb.tobytes() + shot.depth.tobytes() + shot.segments.tobytes()
    return hashlib.sha256(everything).hexdigest()[:16]


def test_pictures_and_depth_are_the_same_bits_on_every_machine():
    assert {environment: digest(environment) for environment in PINNED} == PINNED


def test_a_processor_without_vector_extensions_computes_the_same_bits():
    from numpy._core._multiarray_umath import __cpu_dispatch__ as extensions

    code = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "import test_render\nassert test_render.digest('StreetNight') == test_render.PINNED['StreetNight']"
    )
    plain = {**os.environ, "NPY_DISABLE_CPU_FEATURES": " ".join(extensions)}
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, env=plain)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_scene_is_full_and_nothing_stands_in_another_thing(environment):
    scene = lay_out(environment, Dice("full", environment))
    assert len(scene.instances) >= 15
    assert len({one.label for one in scene.instances}) >= 10
    # Rugs and manhole covers may lie under other things.
    boxes = [one.extent for one in scene.instances if one.extent.size[1] > 0.03]
    assert not any(touching(a, b, -0.02) for k, a in enumerate(boxes) for b in boxes[k + 1 :])


def test_frames_differ_and_repeat():
    once, again = (scene_of("FarmDay", "P000_000001", 0) for _ in range(2))
    assert once == again
    assert once != scene_of("FarmDay", "P000_000002", 0)
    assert once != scene_of("FarmDay", "P000_000001", 1)


def test_scenes_have_things_overhead_underfoot_and_across_the_seam():
    polar, seam = {"top": 0, "bottom": 0}, 0
    for environment in ("LivingRoomDay", "WarehouseDim", "StreetDay", "ParkSummer", "CourtyardNight"):
        scene = scene_of(environment, "P000_000000", 0)
        shot = panorama(scene, 320, 640)
        objects = measure(with_truth("f", scene, shot))
        for pole in polar:
            polar[pole] += any(one.faces.get(pole, 0) > 0.5 * one.pixels for one in objects)
        seam += any(one.crosses_seam for one in objects)
    # In most scenes, but never in all: what is always there is known without looking.
    assert polar["top"] >= 3
    assert polar["bottom"] >= 3
    assert seam >= 2


def test_truth_agrees_with_what_is_seen():
    shown = scene_panorama("WarehouseBright", "P000_000000", 0, height=320)
    for one in measure(shown):
        if one.visible > 0.95:
            nearest, farthest = one.depths.p20, one.depths.p80
            reach = sum(part**2 for part in one.size) ** 0.5 / 2
            away = sum(part**2 for part in one.centre) ** 0.5
            assert away - reach - 0.05 <= nearest <= farthest <= away + reach + 0.05


def test_the_released_way_cuts_at_the_seam_and_takes_planar_depth():
    ours = scene_panorama("ParkSummer", "P000_000000", 0, height=320)
    released = scene_panorama("ParkSummer", "P000_000000", 0, "released", height=320)
    assert not released.truth
    both = np.isfinite(ours.depth)
    ratio = released.depth[both] / ours.depth[both]
    assert ratio.min() == pytest.approx(3**-0.5, abs=0.01)
    assert ratio.max() == pytest.approx(1, abs=0.01)
    last, first = released.segments[:, -1], released.segments[:, 0]
    for number in (set(last.tolist()) & set(first.tolist())) - {0}:
        # Only what runs all around a pole may be at both edges.
        assert (released.segments == number).any(axis=0).all()
