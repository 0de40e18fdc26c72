"""Tilted cameras: pictures, boxes and faces are the camera's own, answers those of the level world."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from panoenv_tasks.geometry.projection import erp_rays
from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.objects import measure
from panoenv_tasks.synthesis.scenes.export import write_scenes
from panoenv_tasks.synthesis.scenes.families import ENVIRONMENTS, lay_out
from panoenv_tasks.synthesis.scenes.paint import paint
from panoenv_tasks.synthesis.scenes.render import panorama
from panoenv_tasks.synthesis.scenes.scene import Light, Room, Scene
from panoenv_tasks.synthesis.scenes.solids import Model, ball, place
from panoenv_tasks.synthesis.scenes.source import with_truth
from panoenv_tasks.synthesis.tartanair import camera_to_world, read_pose
from panoenv_tasks.synthesis.twins.turned import turned

H, W = 640, 1280
WHITE = paint("ffffff")
NOD = (0.0, math.cos(math.radians(20)), math.sin(math.radians(20)))
LEAN = (math.sin(math.radians(20)), math.cos(math.radians(20)), 0.0)


def shown(up, x=0.0, z=3.0):
    """A ball of 40 cm radius at eye level in a room, seen by a camera to which ``up`` is up."""
    one = place(Model("ball", (ball((0, 1.5, 0), 0.4, paint("c03020")),)), x, z)
    light = Light((0, 0, 0), (0, 1, 0), (1, 1, 1), (1, 1, 1))
    scene = Scene("Test", 1.5, (one,), (), WHITE, (), Room(-6, 6, -6, 6, 3, WHITE, WHITE), light, up)
    return with_truth("f", scene, panorama(scene, H, W))


def direction_of(panorama):
    ray = erp_rays(H, W)[:, panorama.segments == 1].mean(axis=1)
    return ray / np.linalg.norm(ray)


@pytest.mark.parametrize(
    ("up", "x", "z", "direction"),
    [
        # Nose up by 20 degrees: what is level and ahead is 20 degrees below the axis, what is behind above.
        (NOD, 0, 3, (0, -math.sin(math.radians(20)), math.cos(math.radians(20)))),
        (NOD, 0, -3, (0, math.sin(math.radians(20)), -math.cos(math.radians(20)))),
        (NOD, 3, 0, (1, 0, 0)),
        # Leaning so that up lies to the right: what is level on the right is lower.
        (LEAN, 3, 0, (math.cos(math.radians(20)), -math.sin(math.radians(20)), 0)),
        (LEAN, 0, 3, (0, 0, 1)),
    ],
)
def test_a_thing_is_seen_where_the_tilted_camera_sees_it(up, x, z, direction):
    assert direction_of(shown(up, x, z)) == pytest.approx(np.array(direction), abs=0.01)


def test_answers_are_of_the_level_world_and_boxes_of_the_picture():
    (level,), (tilted,) = measure(shown((0.0, 1.0, 0.0))), measure(shown(NOD))
    assert tilted.centre == level.centre == pytest.approx((0, 0, 3))
    assert tilted.depths.p50 == pytest.approx(level.depths.p50, rel=1e-3)
    assert tilted.box[1] > level.box[3]


def test_measuring_without_truth_gives_the_same_centre():
    tilted = shown(NOD, 1.0, 2.0)
    (blind,) = measure(replace(tilted, truth={}))
    # Only the near side is seen: the middle of what is seen lies up to a radius nearer.
    assert blind.centre == pytest.approx((1.0, 0.0, 2.0), abs=0.4)
    assert abs(blind.centre[1]) < 0.02


@pytest.mark.parametrize("up", [NOD, LEAN])
def test_a_quarter_turn_of_the_picture_is_one_of_the_answers(up):
    once = turned(shown(up, 1.0, 2.0), 1, "c")
    # What was ahead is to the right: (x, z) becomes (z, -x).
    assert once.truth[1].centre == pytest.approx((2.0, 0.0, -1.0))
    assert np.array(once.level) @ direction_of(once) == pytest.approx(np.array([2, 0, -1]) / 5**0.5, abs=0.02)


def test_the_pose_is_written_so_that_the_reader_finds_the_tilt(tmp_path):
    scene = lay_out("KitchenDay", Dice("pose"))
    for number, up in enumerate([NOD, LEAN, (0.0, 1.0, 0.0)]):
        (frame,) = write_scenes(tmp_path / str(number), "KitchenDay", {0: replace(scene, up=up)}, 32)
        pose = read_pose(frame.folder, 0)
        assert camera_to_world(pose)[1, :3].tolist() == pytest.approx(list(up), abs=1e-6)


def test_cameras_nod_or_lean_up_to_ten_degrees_but_never_both():
    ups = [lay_out(name, Dice("tilt", number)).up for name in ENVIRONMENTS for number in range(2)]
    assert all(up[0] == 0 or up[2] == 0 for up in ups)
    angles = [math.degrees(math.acos(min(1.0, up[1]))) for up in ups]
    assert max(angles) <= 10.001
    assert sum(angle > 3 for angle in angles) > len(ups) / 2
    assert any(up[0] for up in ups)
    assert any(up[2] for up in ups)


def test_about_a_third_of_what_can_stand_on_a_plinth_does():
    scenes = [lay_out(name, Dice("plinths")) for name in ENVIRONMENTS]
    per_scene = [sum(bool(one.plinth) for one in scene.instances) for scene in scenes]
    assert sum(per_scene) / len(per_scene) > 3
    assert sum(n > 0 for n in per_scene) > 0.9 * len(per_scene)
