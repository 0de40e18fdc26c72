"""Directions, cube faces and rays of the panorama."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panoenv_tasks.geometry.cube import FACE_AXES, FACES, adjacent, erp_faces, face_of, face_rays
from panoenv_tasks.geometry.projection import along, direction_at, erp_rays
from panoenv_tasks.geometry.words import VIEWS


@pytest.mark.parametrize(
    ("x", "y", "direction"),
    [
        (1280, 640, (0, 0, 1)),  # the middle looks forward
        (640, 640, (-1, 0, 0)),  # the left half is to the left
        (1920, 640, (1, 0, 0)),
        (0, 640, (0, 0, -1)),
        (2560, 640, (0, 0, -1)),
        (300, 0, (0, 1, 0)),
        (2000, 1280, (0, -1, 0)),
    ],
)
def test_directions_of_known_points(x, y, direction):
    assert direction_at(x, y, 2560, 1280) == pytest.approx(direction, abs=1e-12)


@given(st.floats(1, 2559), st.floats(1, 1279))
def test_a_direction_leads_back_to_its_point(x, y):
    right, up, ahead = direction_at(x, y, 2560, 1280)
    assert math.hypot(right, up, ahead) == pytest.approx(1)
    assert 1280 + math.degrees(math.atan2(right, ahead)) * 2560 / 360 == pytest.approx(x, abs=1e-6)
    assert 640 - math.degrees(math.asin(up)) * 1280 / 180 == pytest.approx(y, abs=1e-5)


def test_rays_are_the_directions_of_pixel_centres():
    rays = erp_rays(40, 80)
    assert rays[:, 7, 11] == pytest.approx(direction_at(11.5, 7.5, 80, 40), abs=1e-6)
    assert np.abs((rays**2).sum(axis=0) - 1).max() < 1e-6


def test_rays_are_the_same_bits_on_every_machine():
    digest = hashlib.sha256(erp_rays(64, 128).tobytes() + face_rays("left", 32).tobytes())
    assert digest.hexdigest() == "40ce4630ff383e9adfe5f3cd3ac1fb05acd78ea4d7ba5fc7bdcd8e007f98d330"


def test_faces_are_in_the_order_of_the_benchmarks_views():
    assert tuple(face.capitalize() for face in FACES) == VIEWS


@pytest.mark.parametrize("face", FACES)
def test_a_face_looks_along_its_axis_and_is_not_mirrored(face):
    right, down, forward = (np.array(axis) for axis in FACE_AXES[face])
    assert np.array_equal(np.cross(down, right), forward)
    middle = face_rays(face, 3)[:, 1, 1]
    assert middle == pytest.approx(forward)


@pytest.mark.parametrize(
    ("face", "edge", "neighbour"),
    [
        # The cross: left | front | right | back, top above front, bottom below it.
        ("front", "right", "right"),
        ("right", "right", "back"),
        ("back", "right", "left"),
        ("left", "right", "front"),
        ("front", "top", "top"),
        ("front", "bottom", "bottom"),
        ("top", "top", "back"),
        ("bottom", "bottom", "back"),
        ("top", "right", "right"),
        ("bottom", "left", "left"),
    ],
)
def test_faces_meet_as_in_the_cross_layout(face, edge, neighbour):
    right, down, forward = (np.array(axis, float) for axis in FACE_AXES[face])
    beyond = {"right": right, "left": -right, "top": -down, "bottom": down}[edge]
    ray = (forward + 1.01 * beyond).reshape(3, 1)
    assert FACES[face_of(ray)[0]] == neighbour


def test_ties_between_faces_go_to_x_then_to_y():
    corner = np.array([[1, 0, -1], [1, 1, 0], [1, 1, 1]], float)
    assert [FACES[k] for k in face_of(corner)] == ["right", "top", "left"]


def test_each_face_sees_a_sixth_of_the_sphere():
    weights = np.cos((0.5 - (np.arange(320) + 0.5) / 320) * math.pi)[:, None] * np.ones(640)
    shares = np.bincount(erp_faces(320, 640).ravel(), weights.ravel()) / weights.sum()
    assert shares == pytest.approx([1 / 6] * 6, abs=2e-3)


def test_only_different_faces_that_share_an_edge_are_adjacent():
    assert adjacent("front", "left")
    assert adjacent("top", "back")
    assert not adjacent("front", "front")
    assert not adjacent("front", "back")
    assert not adjacent("top", "bottom")


def test_along_takes_the_sign_of_the_axis():
    rays = np.array([[1.0], [2.0], [3.0]], np.float32)
    assert along(rays, (0, -1, 0)) == pytest.approx([-2.0])
