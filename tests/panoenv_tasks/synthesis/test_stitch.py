"""Six faces to one panorama, on made faces and on the real ones of the package tartanair."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from panoenv_tasks.geometry.cube import FACE_AXES, FACES, erp_faces, face_rays
from panoenv_tasks.geometry.projection import along, erp_rays
from panoenv_tasks.synthesis.stitch import stitch_colour, stitch_depth, stitch_labels

N, H, W = 64, 128, 256


def of_rays(make):
    return {face: make(face_rays(face, N)) for face in FACES}


def as_colour(rays):
    return np.rint((rays.transpose(1, 2, 0) + 1) * 127.5).astype(np.uint8)


def test_colour_is_that_of_the_direction_across_all_edges():
    seen = stitch_colour(of_rays(as_colour), H, W).astype(float)
    assert np.abs(seen - as_colour(erp_rays(H, W))).max() <= 3


def test_labels_are_taken_whole():
    faces = {face: np.full((N, N), 40 + k, np.uint8) for k, face in enumerate(FACES)}
    assert np.array_equal(stitch_labels(faces, H, W), erp_faces(H, W) + 40)


def test_a_sphere_around_the_camera_has_one_range():
    planar = {face: 5 * along(face_rays(face, N), FACE_AXES[face][2]) for face in FACES}
    depth = stitch_depth(planar, H, W)
    assert depth.min() > 4.9
    assert depth.max() < 5.1
    assert np.median(np.abs(depth - 5)) < 0.02


def test_planar_depth_taken_as_range_is_short_off_the_axes():
    wall = {face: np.full((N, N), 3, np.float32) for face in FACES}
    assert stitch_depth(wall, H, W, planar_as_range=True) == pytest.approx(3)
    # A room of half width 3: its corners are 3 * sqrt(3) away.
    assert stitch_depth(wall, H, W).max() == pytest.approx(3 * 3**0.5, rel=0.02)


@pytest.mark.parametrize("nothing", [65504.0, 1000.0, np.inf, np.nan, 0.0, -2.0])
def test_sky_and_rubbish_have_no_distance(nothing):
    faces = {face: np.full((N, N), 7, np.float32) for face in FACES}
    faces["top"] = np.full((N, N), nothing, np.float32)
    depth = stitch_depth(faces, H, W)
    assert np.array_equal(np.isinf(depth), erp_faces(H, W) == FACES.index("top"))


def test_the_released_rules_keep_the_saturated_sky():
    faces = {face: np.full((N, N), 65504, np.float32) for face in FACES}
    assert (stitch_depth(faces, H, W, planar_as_range=True) == 65504).all()


def test_faces_of_two_sizes_are_refused():
    faces = {face: np.zeros((N, N), np.uint8) for face in FACES}
    faces["left"] = np.zeros((32, 32), np.uint8)
    with pytest.raises(ValueError, match="one size"):
        stitch_labels(faces, H, W)


@pytest.fixture(scope="module")
def real_faces():
    spec = find_spec("tartanair")
    if spec is None or spec.origin is None:
        pytest.skip("the package tartanair is not installed (uv pip install --no-deps tartanair)")
    folder = Path(spec.origin).parent / "image_resampling/mvs_utils/examples/data"
    return {face: np.asarray(Image.open(folder / f"000000_lcam_{face}.png")) for face in FACES}


def step_across_edges(faces):
    """Mean colour step between neighbouring panorama pixels that lie on different faces."""
    picture = stitch_colour(faces, 640, 1280).astype(float)
    met = erp_faces(640, 1280)
    across = met[:, 1:] != met[:, :-1]
    return np.abs(picture[:, 1:] - picture[:, :-1])[across].mean()


def test_real_faces_need_no_flip_and_no_turn(real_faces):
    straight = step_across_edges(real_faces)
    for face in FACES:
        for changed in (real_faces[face][:, ::-1], real_faces[face][::-1], np.rot90(real_faces[face])):
            assert step_across_edges({**real_faces, face: changed}) > 1.1 * straight


def test_real_faces_join_without_a_seam(real_faces):
    picture = stitch_colour(real_faces, 640, 1280).astype(float)
    met = erp_faces(640, 1280)
    steps = np.abs(np.diff(picture, axis=1)).mean(axis=2)
    across = met[:, 1:] != met[:, :-1]
    beside = np.roll(across, 6, axis=1)
    # The faces were rendered one by one and differ a little at their edges by themselves.
    assert steps[across].mean() < 1.6 * steps[beside].mean()
