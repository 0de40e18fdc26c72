"""TartanAir V2 on disk: finding frames, decoding faces, and saying what is wrong."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from PIL import Image
from support.tartanair_tree import write_tartanair

from panoenv_tasks.geometry.cube import FACES
from panoenv_tasks.geometry.projection import levelled_axes
from panoenv_tasks.items import DataError
from panoenv_tasks.synthesis.panorama import FrameError
from panoenv_tasks.synthesis.recorded import tartanair_panorama
from panoenv_tasks.synthesis.tartanair import (
    camera_to_world,
    find_frames,
    read_classes,
    read_depth,
    read_image,
    read_label_map,
    read_pose,
)

DEPTHS = np.array([[0.5, 1.25, 65504.0], [3.1415926, 1e-3, 7.0], [999.9, 2.0, 4.0]], np.float32)


def blank_tree(root, *places):
    """Empty files where a frame's faces would be: (environment, difficulty, trajectory, index, face)."""
    for environment, difficulty, trajectory, index, face in places:
        folder = root / environment / f"Data_{difficulty}" / trajectory / f"image_lcam_{face}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{index:06d}_lcam_{face}.png").touch()


def test_depth_written_by_opencv_is_read_exactly(tmp_path):
    import cv2

    cv2.imwrite(str(tmp_path / "d.png"), DEPTHS.view(np.uint8).reshape(3, 3, 4))
    assert np.array_equal(read_depth(tmp_path / "d.png"), DEPTHS)


def test_depth_written_by_us_is_what_opencv_users_read(tmp_path):
    import cv2

    (frame,) = write_tartanair(tmp_path, size=32)
    for face in ("front", "top"):
        file = frame.file("depth", face)
        with_opencv = cv2.imread(str(file), cv2.IMREAD_UNCHANGED).view("<f4")[:, :, 0]
        assert np.array_equal(read_depth(file), with_opencv)
    assert (read_depth(frame.file("depth", "top")) == 65504).any()


def test_images_are_red_green_blue(tmp_path):
    Image.new("RGB", (4, 4), (255, 10, 0)).save(tmp_path / "i.png")
    assert read_image(tmp_path / "i.png")[0, 0].tolist() == [255, 10, 0]


def test_classes_may_be_grey_or_palette(tmp_path):
    numbers = np.arange(16, dtype=np.uint8).reshape(4, 4)
    Image.fromarray(numbers).save(tmp_path / "l.png")
    with_palette = Image.fromarray(numbers, mode="P")
    with_palette.putpalette([value for k in range(256) for value in (255 - k, 7, k)])
    with_palette.save(tmp_path / "p.png")
    for name in ("l.png", "p.png"):
        assert np.array_equal(read_classes(tmp_path / name), numbers)


def test_frames_are_found_at_a_stride_in_a_fixed_order(tmp_path):
    blank_tree(
        tmp_path,
        ("Rome", "hard", "P001", 500, "front"),
        ("Rome", "easy", "P000", 500, "front"),
        ("Rome", "easy", "P000", 0, "left"),
        ("Rome", "easy", "P000", 250, "front"),
        ("House", "easy", "P012", 1000, "bottom"),
    )
    names = [(f.environment, f.name) for f in find_frames(tmp_path, 500)]
    assert names == [
        ("House", "P012_001000"),
        ("Rome", "P000_000000"),
        ("Rome", "P000_000500"),
        ("Rome", "P001_hard_000500"),
    ]
    assert [f.index for f in find_frames(tmp_path, 250, ("easy",), ["Rome"])] == [0, 250, 500]


def test_a_frame_says_which_of_its_files_are_missing(tmp_path):
    blank_tree(
        tmp_path, *[("Rome", "easy", "P000", 0, face) for face in ("front", "back", "left", "right", "top")]
    )
    (frame,) = find_frames(tmp_path, 500)
    missing = [str(file.relative_to(frame.folder)) for file in frame.missing()]
    assert missing[0] == "image_lcam_bottom/000000_lcam_bottom.png"
    assert "depth_lcam_front/000000_lcam_front_depth.png" in missing
    assert "seg_lcam_top/000000_lcam_top_seg.png" in missing
    assert len(missing) == 13


@pytest.mark.parametrize(
    ("root", "environments", "message"),
    [
        ("nowhere", [], "no such folder"),
        (".", ["Rome"], "no environment Rome"),
        (".", [], "no frames at stride 500"),
    ],
)
def test_nothing_to_read_is_said_plainly(tmp_path, root, environments, message):
    with pytest.raises(DataError, match=message):
        find_frames(tmp_path / root, 500, environments=environments)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"name_map": 3}',
        '{"name_map": {"tree": "x"}}',
        '{"names": {}}',
        '{"name_map": {"a": 1, "b": 1}}',
    ],
)
def test_a_broken_label_map_is_refused(tmp_path, content):
    file = tmp_path / "seg_label_map.json"
    file.write_text(content)
    with pytest.raises(FrameError, match=r"seg_label_map\.json: (expected|two classes)"):
        read_label_map(file)


def test_poses_are_rows_of_seven_numbers(tmp_path):
    assert read_pose(tmp_path, 0) is None
    (tmp_path / "pose_lcam_front.txt").write_text("0 0 0 0 0 0 1\n1 2 3 0 0 0.6 0.8\n1 2 3\n")
    assert read_pose(tmp_path, 1).tolist() == [1, 2, 3, 0, 0, 0.6, 0.8]
    with pytest.raises(FrameError, match="expected x y z"):
        read_pose(tmp_path, 2)
    with pytest.raises(FrameError, match="no pose in row 10 of 3"):
        read_pose(tmp_path, 9)


def turned(axis, degrees):
    """A pose turned about a north-east-down axis."""
    half = math.radians(degrees) / 2
    return np.array([0, 0, 0, *(math.sin(half) * part for part in axis), math.cos(half)])


def axes_of(pose):
    return levelled_axes(camera_to_world(pose)[1, :3])


def test_a_pose_becomes_a_matrix_to_east_up_and_north():
    # A quarter turn to the right about down: the camera looks east.
    pose = turned((0, 0, 1), 90)
    pose[:3] = 10, 20, -3
    expected = [[0, 0, 1, 20], [0, 1, 0, 3], [-1, 0, 0, 10], [0, 0, 0, 1]]
    assert camera_to_world(pose) == pytest.approx(np.array(expected), abs=1e-12)


def test_heading_leaves_a_camera_level():
    for axes in (axes_of(turned((0, 0, 1), heading)) for heading in (0, 35, 180)):
        assert np.allclose(axes, np.eye(3), atol=1e-9)


def test_pitch_and_roll_are_taken_out():
    # Pitch is about east: positive lifts the nose. What the camera sees straight ahead is then above it.
    right, up, forward = axes_of(turned((0, 1, 0), 30))
    assert right == pytest.approx((1, 0, 0), abs=1e-9)
    assert np.dot(up, (0, 0, 1)) == pytest.approx(0.5)
    assert np.dot(forward, (0, 0, 1)) == pytest.approx(math.cos(math.radians(30)))
    # Roll about north: positive lowers the right side.
    right, up, forward = axes_of(turned((1, 0, 0), 20))
    assert forward == pytest.approx((0, 0, 1), abs=1e-9)
    assert np.dot(up, (1, 0, 0)) == pytest.approx(-math.sin(math.radians(20)))


def test_a_camera_that_looks_straight_down_stays_as_it_is():
    assert np.allclose(axes_of(turned((0, 1, 0), -90)), np.eye(3))


@pytest.fixture
def frame(tmp_path):
    (only,) = write_tartanair(tmp_path, "KitchenDay", size=64)
    return only


def spoil_missing(frame):
    frame.file("depth", "left").unlink()
    return "1 of 18 files missing: depth_lcam_left/000000_lcam_left_depth.png"


def spoil_size(frame):
    Image.new("RGB", (32, 32)).save(frame.file("image", "top"))
    return "faces of different sizes: 32x32, 64x64"


def spoil_shape(frame):
    Image.new("RGB", (64, 32)).save(frame.file("image", "top"))
    return "64x32 pixels; a cube face is square"


def spoil_truncated(frame):
    file = frame.file("image", "back")
    file.write_bytes(file.read_bytes()[:900])
    return r"000000_lcam_back\.png: not a readable PNG"


def spoil_not_a_picture(frame):
    frame.file("seg", "front").write_text("<html>404</html>")
    return r"000000_lcam_front_seg\.png: not a readable PNG"


def spoil_channels(frame):
    Image.new("RGB", (64, 64)).save(frame.file("depth", "right"))
    return "a RGB picture of 3 channels; expected RGBA"


def spoil_label_map(frame):
    file = frame.root / frame.environment / "seg_label_map.json"
    names = json.loads(file.read_text())["name_map"]
    number = names.pop("wall")
    file.write_text(json.dumps({"name_map": names}))
    return f"does not name class {number}; a map of another environment"


def spoil_no_label_map(frame):
    (frame.root / frame.environment / "seg_label_map.json").unlink()
    return r"seg_label_map\.json: missing"


@pytest.mark.parametrize(
    "spoil",
    [
        spoil_missing,
        spoil_size,
        spoil_shape,
        spoil_truncated,
        spoil_not_a_picture,
        spoil_channels,
        spoil_label_map,
        spoil_no_label_map,
    ],
)
def test_a_spoilt_frame_is_refused_with_its_reason(frame, spoil):
    reason = spoil(frame)
    with pytest.raises(FrameError, match=reason):
        tartanair_panorama(frame, height=128)


def test_a_spoilt_pose_is_refused_and_a_missing_one_is_not(frame):
    for pose in frame.folder.glob("pose_*.txt"):
        pose.unlink()
    assert tartanair_panorama(frame, height=128).level is None
    (frame.folder / "pose_lcam_front.txt").write_text("nonsense\n")
    with pytest.raises(FrameError, match="no pose in row 1 of 1"):
        tartanair_panorama(frame, height=128)


def test_depth_in_another_channel_order_is_refused(tmp_path):
    (frame,) = write_tartanair(tmp_path, "OfficeFloor", size=320)
    tartanair_panorama(frame)
    for face in FACES:
        file = frame.file("depth", face)
        pixels = np.asarray(Image.open(file))
        Image.fromarray(np.ascontiguousarray(pixels[:, :, [2, 1, 0, 3]])).save(file)
    with pytest.raises(FrameError, match=r"depth typically jumps by \d+ % from face to face"):
        tartanair_panorama(frame)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"0 0 0 0 0 0 nan\n", "no unit quaternion"),
        (b"0 0 0 nan 0 0 1\n", "no unit quaternion"),
        (b"0 inf 0 0 0 0 1\n", "not finite"),
        (b"0 0 0 0 0 0 0\n", "no unit quaternion"),
        (b"0 0 0 0.5 0 0 0.5\n", "no unit quaternion"),
        (b"\xff\xfe0 0 0 0 0 0 1\n", "not a text file"),
    ],
)
def test_a_pose_that_is_none_is_refused(tmp_path, content, message):
    (tmp_path / "pose_lcam_front.txt").write_bytes(content)
    with pytest.raises(FrameError, match=message):
        read_pose(tmp_path, 0)


def test_a_pose_rounded_to_three_decimals_is_taken(tmp_path):
    (tmp_path / "pose_lcam_front.txt").write_text("1 2 3 0.577 0.577 0.577 0.0\n")
    assert read_pose(tmp_path, 0).tolist() == [1, 2, 3, 0.577, 0.577, 0.577, 0.0]
