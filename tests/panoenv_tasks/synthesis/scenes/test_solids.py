"""Building blocks: where they are, what their bounds are, and what rays meet."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panoenv_tasks.geometry.cube import face_rays
from panoenv_tasks.geometry.projection import erp_rays
from panoenv_tasks.synthesis.scenes.cast import cast, intersect, tile
from panoenv_tasks.synthesis.scenes.paint import paint
from panoenv_tasks.synthesis.scenes.solids import Model, ball, bounds, box, place, tube

GREY = paint("808080")
ORIGIN = (0.0, 0.0, 0.0)


def hit(solid, *direction):
    ray = [np.array([part], np.float32) for part in direction]
    distance = intersect(solid, ORIGIN, ray)[0]
    return float(distance) if np.isfinite(distance) and distance > 0 else None


@pytest.mark.parametrize(
    ("solid", "direction", "distance"),
    [
        (box((0, -1, 5), (2, 2, 2), GREY), (0, 0, 1), 4.0),
        (box((0, -1, 5), (2, 2, 2), GREY), (0, 0, -1), None),
        (box((0, -1, 5), (2, 2, 2), GREY), (0, 1, 0), None),
        (box((0, -1, 5), (2, 2, 2), GREY, yaw=45), (0, 0, 1), 5 - math.sqrt(2)),
        (ball((0, 0, 5), 2, GREY), (0, 0, 1), 3.0),
        (ball((0, 0, 5), (1, 1, 3), GREY), (0, 0, 1), 2.0),
        (tube((0, -2, 5), (0, 2, 5), 1, 1, GREY), (0, 0, 1), 4.0),
        (tube((0, -2, 5), (0, 2, 5), 2, 0, GREY), (0, 0, 1), 4.0),  # a cone, 1 m thick at half height
        (tube((0, 3, 0), (0, 7, 0), 1, 0.5, GREY), (0, 1, 0), 3.0),  # its lower cap
        (tube((0, 0, 4), (0, 0, 9), 0.5, 2, GREY), (0, 0, 1), 4.0),
        (tube((0, -2, 5), (0, 2, 5), 1, 1, GREY), (0, 0.6, 0.8), None),
    ],
)
def test_rays_meet_solids_where_geometry_says(solid, direction, distance):
    found = hit(solid, *direction)
    assert found == (None if distance is None else pytest.approx(distance, rel=1e-5))


SOLIDS = st.one_of(
    st.builds(
        lambda size, yaw, pitch, roll: box((1, -1, 6), size, GREY, yaw=yaw, pitch=pitch, roll=roll),
        st.tuples(*[st.floats(0.2, 4)] * 3),
        *[st.floats(-90, 90)] * 3,
    ),
    st.builds(lambda radii: ball((1, 0, 6), radii, GREY), st.tuples(*[st.floats(0.2, 3)] * 3)),
    st.builds(
        lambda end, low, high: tube((1, -1, 6), end, low, high, GREY),
        st.tuples(st.floats(-2, 4), st.floats(0.5, 3), st.floats(4, 8)),
        st.floats(0.05, 1.5),
        st.floats(0.05, 1.5),
    ),
)


@given(SOLIDS)
@settings(max_examples=60, deadline=None)
def test_points_that_rays_meet_lie_in_the_bounds_and_fill_them(solid):
    rays = face_rays("front", 160)
    distance = intersect(solid, ORIGIN, tuple(rays.reshape(3, -1)))
    met = np.isfinite(distance) & (distance > 0)
    points = rays.reshape(3, -1)[:, met] * distance[met]
    centre, size = (np.array(values)[:, None] for values in bounds([solid]))
    assert (np.abs(points - centre) <= size / 2 + 2e-3).all()
    assert met.any()


@given(SOLIDS)
@settings(max_examples=25, deadline=None)
def test_tiles_left_out_would_have_met_nothing(solid):
    rays = erp_rays(64, 128)
    tiles = tile(rays)
    distance = np.full(tiles.rays.shape[1:], np.inf, np.float32)
    number = np.full(distance.shape, -1, np.int16)
    cast([solid], tiles, distance, number)
    directly = intersect(solid, ORIGIN, tuple(rays))
    directly = np.where(directly > 0, directly, np.inf)
    assert np.array_equal(np.isfinite(tiles.picture(distance)), np.isfinite(directly))
    assert np.array_equal(tiles.picture(number) == 0, np.isfinite(directly))


def test_the_nearest_solid_is_seen():
    tiles = tile(face_rays("front", 32))
    distance = np.full(tiles.rays.shape[1:], np.inf, np.float32)
    number = np.full(distance.shape, -1, np.int16)
    cast([ball((0, 0, 9), 2, GREY), ball((0, 0, 5), 1, GREY)], tiles, distance, number)
    picture = tiles.picture(number)
    assert picture[16, 16] == 1
    assert tiles.picture(distance)[16, 16] == pytest.approx(4, abs=0.03)


def test_tiles_give_the_picture_back():
    rays = erp_rays(24, 48)
    tiles = tile(rays)
    assert np.array_equal(tiles.picture(tiles.rays[1]), rays[1])


def test_odd_pictures_are_refused():
    with pytest.raises(ValueError, match="multiples of 8, not 20x10"):
        tile(erp_rays(10, 20))


def test_placing_turns_towards_plus_x_and_keeps_the_exact_box():
    model = Model("plank", (box((0, 0, 1), (0.2, 0.1, 2), GREY),))
    one = place(model, 10, 20, yaw=90, lift=3)
    # The plank reached from z = 0 to 2; turned by a quarter it reaches along +x.
    assert one.extent.centre == pytest.approx((11, 3.05, 20), abs=1e-6)
    assert one.extent.size == pytest.approx((0.2, 0.1, 2.0))
    centre, size = bounds(one.parts)
    assert centre == pytest.approx((11, 3.05, 20), abs=1e-6)
    assert size == pytest.approx((2.0, 0.1, 0.2), abs=1e-6)
