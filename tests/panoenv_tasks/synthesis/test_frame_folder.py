"""The documented input: what is read of a frame folder, and what is said of a bad one."""

from __future__ import annotations

import json
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from jsonschema import Draft202012Validator
from PIL import Image
from support.frame_folders import about, maps, write_frame_folder

from panoenv_tasks.items import DataError
from panoenv_tasks.synthesis.frame_folder import (
    FrameFolder,
    find_frame_folders,
    from_steps,
    read_frame_folder,
    schema,
    to_steps,
)
from panoenv_tasks.synthesis.objects import measure
from panoenv_tasks.synthesis.panorama import FrameError


@pytest.fixture
def folder(tmp_path):
    return write_frame_folder(tmp_path / "House/room_1")


def read(folder):
    return read_frame_folder(FrameFolder(folder))


def test_the_schema_is_one_and_takes_a_full_frame():
    Draft202012Validator.check_schema(schema())
    full = about(camera_to_world=np.eye(4).tolist(), range_png_unit_m=0.001)
    full["objects"]["7"] |= {"center_m": [0, -1, 2.5], "size_m": [1, 1, 1], "visible": 0.5}
    Draft202012Validator(schema()).validate(full)


def test_small_maps_are_brought_to_full_size(folder):
    found = read(folder)
    assert (found.environment, found.frame) == ("House", "room_1")
    assert found.rgb.shape == (1280, 2560, 3)
    assert (found.depth.dtype, found.segments.dtype) == (np.float32, np.int32)
    # Five pixels for each: the chair's rows 120 to 159 and columns 240 to 299.
    assert np.argwhere(found.segments == 7)[[0, -1]].tolist() == [[600, 1200], [799, 1499]]
    assert np.unique(found.depth[found.segments == 7]).tolist() == [2.0]
    assert np.isinf(found.depth[:150]).all()
    assert np.isfinite(found.depth[150:]).all()
    assert found.rgb[700, 1350].tolist() == [49, 7, 40]
    assert found.labels[300] == "table"
    assert found.picture is None


def test_forward_is_in_the_middle_and_the_world_is_levelled(folder):
    # The camera's nose points 30 degrees down: the world's up is ahead of the camera as well as above.
    c, s = 3**0.5 / 2, 0.5
    rows = [[1, 0, 0, 10], [0, c, -s, 1.6], [0, s, c, 0], [0, 0, 0, 1]]
    (folder / "frame.json").write_text(json.dumps(about(camera_to_world=rows)))
    level = next(one for one in measure(read(folder)) if one.label == "red chair")
    assert level.faces == {"front": level.pixels}
    assert level.centre[1] < -1.0
    (folder / "frame.json").write_text(json.dumps(about()))
    plain = next(one for one in measure(read(folder)) if one.label == "red chair")
    assert -0.5 < plain.centre[1] < 0


def test_exact_truth_is_taken_where_it_is_given(folder):
    content = about()
    content["objects"]["9"] |= {"center_m": [-2, 1.25, 1], "size_m": [0.5, 1, 0.5], "visible": 0.75}
    (folder / "frame.json").write_text(json.dumps(content))
    found = {one.label: one for one in measure(read(folder))}
    assert found["lamp"].centre == (-2.0, 1.25, 1.0)
    assert found["lamp"].visible == 0.75
    assert found["table"].visible == 1.0


def as_npz(folder, reach):
    np.savez_compressed(folder / "range.npz", anything=reach.astype(np.float64))


def as_millimetres(folder, reach):
    Image.fromarray((reach * 1000).astype(np.uint16)).save(folder / "range.png")
    (folder / "frame.json").write_text(json.dumps(about(range_png_unit_m=0.001)))


@pytest.mark.parametrize("write", [as_npz, as_millimetres])
def test_ranges_may_come_in_other_files(folder, write):
    before = read(folder)
    (folder / "range.npy").unlink()
    write(folder, maps()[1])
    assert np.array_equal(read(folder).depth, before.depth)


def test_a_jpeg_and_grey_bytes_will_do(folder):
    rgb, _, numbers = maps()
    (folder / "rgb_erp.png").unlink()
    Image.fromarray(rgb).save(folder / "rgb_erp.jpg", quality=95)
    numbers[numbers == 300] = 200
    Image.fromarray(numbers.astype(np.uint8)).save(folder / "instances.png")
    content = about()
    content["objects"]["200"] = content["objects"].pop("300")
    (folder / "frame.json").write_text(json.dumps(content))
    assert read(folder).labels[200] == "table"


@given(arrays(np.float32, st.tuples(st.integers(1, 5), st.integers(1, 9))))
def test_steps_lose_nothing(depth):
    assert from_steps(to_steps(depth)).tobytes() == depth.tobytes()


def test_steps_are_what_the_page_says():
    # 1.0 is 0x3f800000; twice and half of it differ by 0x00800000.
    planes = to_steps(np.array([[1.0, 2.0, 1.0]], np.float32))
    assert planes.shape == (4, 1, 3)
    assert planes[:, 0].tolist() == [[0, 0, 0], [0, 0, 0], [0x80, 0x80, 0x80], [0x3F, 0x00, 0xFF]]


def steps_of_another_form(folder):
    (folder / "range.npy").unlink()
    np.savez_compressed(folder / "range.npz", range_steps=np.zeros((256, 512, 4), np.uint8))


def change(**changes):
    return lambda folder: (folder / "frame.json").write_text(json.dumps(about(**changes)))


def one_object(**entry):
    return change(objects={"7": entry})


def picture_of(size, mode, name):
    return lambda folder: Image.new(mode, size).save(folder / name)


def text(name, content):
    return lambda folder: (folder / name).write_bytes(content)


def ranges(value, dtype=np.float32, shape=(256, 512)):
    return lambda folder: np.save(folder / "range.npy", np.full(shape, value, dtype))


def two_ranges(folder):
    as_npz(folder, maps()[1])


def millimetres_without_unit(folder):
    (folder / "range.npy").unlink()
    as_millimetres(folder, maps()[1])
    (folder / "frame.json").write_text(json.dumps(about()))


def pickled(folder):
    np.save(folder / "range.npy", np.array([[print]], object), allow_pickle=True)


def bomb(folder):
    (folder / "range.npy").unlink()
    with zipfile.ZipFile(folder / "range.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("a.npy", "b.npy"):
            archive.writestr(name, b"\0" * 100)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: (folder / "frame.json").unlink(), "frame.json: missing"),
        (text("frame.json", b"{"), "frame.json: not readable as JSON"),
        (text("frame.json", b'{"a": NaN}'), "frame.json: not readable as JSON .NaN is no number"),
        (text("frame.json", b"\xff\xfe"), "frame.json: not readable as JSON"),
        (text("frame.json", b"[]"), r"frame.json: \[\] is not of type 'object'"),
        (change(format="panoenv-frame@2"), "frame.json: format: 'panoenv-frame@1' was expected"),
        (change(colour=1), "frame.json: Additional properties are not allowed"),
        (one_object(name="chair"), "frame.json: objects/7: .*label"),
        (one_object(label="chair (old)"), "frame.json: objects/7/label: 'chair .old.' does not match"),
        (one_object(label="chair", visible=0.5), "frame.json: objects/7: 'center_m' is a dependency"),
        (one_object(label="chair"), "instances.png: 9, 12, 13, 14, 300 not named in frame.json"),
        (change(camera_to_world=[[1, 0, 0, 0]] * 4), "camera_to_world is no rotation"),
        (change(camera_to_world=np.diag([1, 1, -1, 1]).tolist()), "camera_to_world is no rotation"),
        (
            lambda folder: (folder / "rgb_erp.png").unlink(),
            "one of rgb_erp.png, rgb_erp.jpg is needed, .*none",
        ),
        (picture_of((512, 256), "RGB", "rgb_erp.jpg"), "found rgb_erp.png and rgb_erp.jpg"),
        (text("rgb_erp.png", b"no picture"), "^rgb_erp.png: not a readable image"),
        (
            picture_of((512, 300), "RGB", "rgb_erp.png"),
            "rgb_erp.png: 512x300 pixels; a whole panorama is twice",
        ),
        (picture_of((256, 128), "RGB", "rgb_erp.png"), "rgb_erp.png: 256x128 pixels; .* from 512x256 on"),
        (lambda folder: (folder / "instances.png").unlink(), "instances.png: missing"),
        (text("instances.png", b""), "instances.png: not a readable PNG"),
        (picture_of((512, 256), "RGB", "instances.png"), "instances.png: mode RGB; expected a grey PNG"),
        (picture_of((512, 300), "L", "instances.png"), "instances.png: 512x300 pixels"),
        (two_ranges, "found range.npz and range.npy"),
        (ranges(1, np.int32), "range.npy: int32 .256, 512.; expected floats"),
        (ranges(1, shape=(256, 512, 1)), r"range.npy: float32 \(256, 512, 1\); expected floats"),
        (ranges(1, shape=(256, 256)), "range.npy: 256x256 pixels"),
        (ranges(0), "range.npy: no range is known"),
        (ranges(np.nan), "range.npy: no range is known"),
        (ranges(2500), "range.npy: half of all ranges are over 2500; metres are expected"),
        (millimetres_without_unit, "frame.json: range_png_unit_m is missing"),
        (pickled, "range.npy: not a readable NumPy file"),
        (text("range.npy", b"\x93NUMPY"), "range.npy: not a readable NumPy file"),
        (bomb, "range.npz: expected one array"),
        (steps_of_another_form, r"range_steps: uint8 \(256, 512, 4\); expected bytes \(4, height, width\)"),
    ],
)
def test_what_is_wrong_is_one_line(folder, spoil, message):
    spoil(folder)
    with pytest.raises(FrameError, match=message) as caught:
        read(folder)
    assert "\n" not in str(caught.value)


def test_frames_are_found_even_where_files_are_missing(tmp_path):
    for name in ("House/b", "House/a", "Attic/z"):
        write_frame_folder(tmp_path / name)
    (tmp_path / "House/a/frame.json").unlink()
    (tmp_path / "House/notes").mkdir()
    found = find_frame_folders(tmp_path)
    assert [(one.environment, one.name) for one in found] == [("Attic", "z"), ("House", "a"), ("House", "b")]


def test_a_folder_without_frames_says_what_was_expected(tmp_path):
    with pytest.raises(
        DataError, match=r"no frames; expected <Environment>/<frame>/ with rgb_erp.png, range.npz"
    ):
        find_frame_folders(tmp_path)
    with pytest.raises(DataError, match="no such folder"):
        find_frame_folders(tmp_path / "nowhere")
