"""What is measured of an object: on masks and points made by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from panoenv_tasks.geometry.projection import erp_rays
from panoenv_tasks.synthesis.objects import measure, upright_box
from panoenv_tasks.synthesis.panorama import Panorama, Truth

H, W = 320, 640


def panorama(windows, depth=5.0, **more):
    """A panorama whose object k fills window k, given as (rows, columns) index arrays or slices."""
    segments = np.zeros((H, W), np.int32)
    for number, (rows, columns) in enumerate(windows, start=1):
        segments[rows, columns] = number
    return Panorama(
        environment="Test",
        frame="P000_000000",
        rgb=np.zeros((H, W, 3), np.uint8),
        depth=np.broadcast_to(np.float32(depth), (H, W)).copy(),
        segments=segments,
        labels={number: f"thing {number}" for number in range(1, len(windows) + 1)},
        **more,
    )


def test_box_faces_and_distance_of_a_patch_ahead():
    (one,) = measure(panorama([(slice(150, 190), slice(300, 360))]))
    assert one.box == (295, 145, 364, 194)
    assert one.pixels == 40 * 60
    assert one.faces == {"front": 2400}
    assert one.depths.p50 == 5.0
    assert not one.crosses_seam


def test_boxes_stop_at_the_edges():
    (one,) = measure(panorama([(slice(0, 60), slice(2, 62))]))
    assert one.box == (0, 0, 66, 64)


def test_an_object_across_the_seam_has_its_left_edge_right_of_its_right_edge():
    columns = np.r_[600:640, 0:20]
    shown = panorama([(slice(100, 140), columns)])
    (one,) = measure(shown)
    assert one.crosses_seam
    assert one.box == (595, 95, 24, 144)
    assert one.faces == {"back": 2400}
    # The released rules know no seam: smallest and largest column.
    assert measure(shown, "released")[0].box == (0, 95, 639, 144)


def test_an_object_around_the_pole_has_the_whole_width():
    (one,) = measure(panorama([(slice(300, 320), slice(None))]))
    assert one.box == (0, 295, 639, 319)
    assert not one.crosses_seam
    assert set(one.faces) == {"bottom"}


def test_small_regions_are_not_measured():
    assert measure(panorama([(slice(100, 130), slice(100, 129))])) == []
    assert len(measure(panorama([(slice(100, 130), slice(100, 130))]))) == 1


def test_percentiles_leave_unknown_depth_out():
    shown = panorama([(slice(100, 200), slice(100, 200))])
    shown.depth[100:200, 100:200] = np.linspace(2, 4, 100)[:, None]
    shown.depth[100:200, 100:150] = np.inf
    (one,) = measure(shown)
    assert one.known == 0.5
    assert one.depths.p50 == pytest.approx(3.0, abs=0.02)
    assert one.depths.p20 == pytest.approx(2.4, abs=0.02)
    assert one.depths.spread == pytest.approx(1.0, abs=0.03)


def test_an_object_without_any_depth_is_left_out():
    assert measure(panorama([(slice(100, 200), slice(100, 200))], depth=np.inf)) == []


def test_the_released_centre_is_the_boxs_direction_times_the_median():
    (one,) = measure(panorama([(slice(155, 165), slice(400, 500))]), "released")
    # Box 395..504: its middle, 449.5 of 640 columns, is 72.84 degrees right of ahead.
    angle = math.radians((449.5 / 640 - 0.5) * 360)
    height = (0.5 - 159.5 / 320) * math.pi
    expected = (math.cos(height) * math.sin(angle), math.sin(height), math.cos(height) * math.cos(angle))
    assert one.centre == pytest.approx(tuple(5 * part for part in expected), abs=1e-4)


def test_the_released_face_is_that_of_a_pixels_corner():
    # Of 640 columns, 240 is where the front face begins; its left corner lies on the edge, which x wins.
    shown = panorama([(slice(150, 170), slice(240, 300))])
    assert measure(shown)[0].faces == {"front": 1200}
    assert measure(shown, "released")[0].faces == {"front": 1180, "left": 20}


def test_truth_is_used_where_it_is_known():
    truth = Truth((1.0, 2.0, 3.0), (4.0, 5.0, 6.0), 0.7)
    shown = panorama([(slice(100, 200), slice(100, 200))], truth={1: truth})
    (one,) = measure(shown)
    assert (one.centre, one.size, one.visible) == ((1.0, 2.0, 3.0), (4.0, 5.0, 6.0), 0.7)
    assert measure(shown, "released")[0].centre != truth.centre


def test_a_tilted_camera_is_levelled():
    # Nose down by 30 degrees: what the camera sees on its axis lies below it.
    c, s = math.cos(math.radians(30)), 0.5
    pose = np.eye(4)
    pose[:3, :3] = ((1.0, 0.0, 0.0), (0.0, c, -s), (0.0, s, c))
    (one,) = measure(panorama([(slice(140, 180), slice(300, 340))], pose=pose))
    assert one.centre[1] == pytest.approx(-2.5, abs=0.1)
    assert one.centre[2] == pytest.approx(5 * c, abs=0.15)


@pytest.mark.parametrize("yaw", [0, 20, 45, 80])
def test_the_upright_box_turns_with_the_points(yaw):
    c, s = math.cos(math.radians(yaw)), math.sin(math.radians(yaw))
    grid = np.array(np.meshgrid(*[np.linspace(-0.5, 0.5, 12)] * 3)).reshape(3, -1)
    x, y, z = grid * np.array([[4.0], [1.0], [2.0]])
    points = np.stack([c * x + s * z + 3, y - 1, -s * x + c * z + 6])
    centre, size = upright_box(points.astype(np.float32))
    assert centre == pytest.approx((3, -1, 6), abs=1e-3)
    assert sorted(size) == pytest.approx([1, 2, 4], rel=0.06)


def test_points_come_from_the_pixels_own_rays():
    shown = panorama([(slice(150, 190), slice(300, 360))])
    (one,) = measure(shown)
    rays = erp_rays(H, W)[:, 150:190, 300:360].reshape(3, -1) * 5
    assert one.centre[1] == pytest.approx((rays[1].min() + rays[1].max()) / 2, abs=1e-4)
    assert one.size[1] == pytest.approx(rays[1].max() - rays[1].min(), abs=1e-4)
