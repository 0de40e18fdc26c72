from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.questions import item_of

from panoenv_tasks.items import BOX_FRAME, Box
from panoenv_tasks.perturb import draw, present, size_shown
from panoenv_tasks.perturb.marks import draw_marks
from panoenv_tasks.perturb.presentation import Picture

WIDTH, HEIGHT = BOX_FRAME
RED, YELLOW, BLUE = (255, 45, 45), (255, 225, 0), (0, 200, 255)


@pytest.fixture
def gradient(tmp_path: Path) -> Path:
    """A panorama whose pixels tell their column."""
    columns = np.arange(WIDTH)
    row = np.stack([columns >> 8, columns & 255, np.zeros_like(columns)], axis=1).astype(np.uint8)
    path = tmp_path / "rgb_erp.png"
    Image.fromarray(np.broadcast_to(row, (HEIGHT, WIDTH, 3)).copy()).save(path, compress_level=1)
    return path


def column_of(picture: Image.Image, x: int) -> int:
    high, low, _ = picture.getpixel((x, 600))
    return int(high) * 256 + int(low)


def test_a_roll_moves_every_column_to_the_right(gradient: Path):
    rolled = draw(Picture(gradient, roll=640))
    assert rolled.size == BOX_FRAME
    assert [column_of(rolled, x) for x in (640, 639, 0, 2559)] == [0, 2559, 1920, 1919]


def test_questions_of_one_panorama_share_its_pictures(gradient: Path):
    for picture in (Picture(gradient), Picture(gradient, roll=640), Picture(gradient, face="top")):
        assert draw(picture) is draw(picture)


def test_boxes_and_pixels_turn_alike(gradient: Path):
    item = replace(
        item_of("How far is the lamp (boundingbox: [1300, 500, 1400, 700]) from the viewer?", "1 m"),
        image=gradient,
        image_kind="erp",
    )
    for condition in ("rot90", "rot180", "rot270", "rot45"):
        (shown,) = present([item], condition)
        assert column_of(draw(shown.pictures[0]), shown.item.boxes[0].x1) == 1300


def outlined(picture: Image.Image, colour: tuple[int, int, int]) -> np.ndarray:
    return np.all(np.asarray(picture) == colour, axis=2)


def test_marks_outline_each_box_in_its_colour_and_name_it():
    grey = Image.new("RGB", BOX_FRAME, (90, 90, 90))
    boxes = [Box("lamp", "", 1000, 400, 1300, 900), Box("door", "", 1500, 400, 1700, 900)]
    marked = draw_marks(grey, boxes)
    for box, colour in zip(boxes, (RED, YELLOW), strict=True):
        rows, columns = np.nonzero(outlined(marked, colour))
        assert (columns.min(), columns.max(), rows.max()) == (box.x1, box.x2, box.y2)
        # The label stands on top of the box.
        assert 340 < rows.min() < box.y1
    inside = np.asarray(marked)[420:880, 1020:1280]
    assert np.all(inside == 90)
    assert np.all(np.asarray(grey) == 90)


def test_larger_marks_are_as_many_times_thicker_and_end_where_the_box_ends():
    box = Box("lamp", "", 1000, 600, 1300, 900)
    marked = outlined(draw_marks(Image.new("RGB", BOX_FRAME), [box], scale=4), RED)
    rows, columns = np.nonzero(marked[600:])
    assert (columns.min(), columns.max(), rows.max()) == (1000, 1300, 300)
    # One line on the left, one on the right: 6 pixels each as the condition draws them.
    assert int(marked[750].sum()) == 2 * 4 * 6
    assert int(outlined(draw_marks(Image.new("RGB", BOX_FRAME), [box]), RED)[750].sum()) == 2 * 6


def test_a_box_across_the_edge_becomes_two_rectangles():
    marked = draw_marks(Image.new("RGB", BOX_FRAME), [Box("sofa", "", 2400, 500, 120, 700)])
    on = outlined(marked, RED)
    assert on[600, 2400]
    assert on[600, 2559]
    assert on[600, 0]
    assert on[600, 120]
    assert not on[600, 130:2390].any()


def test_labels_do_not_hide_one_another():
    boxes = [Box("lamp", letter, 300, 300, 420, 420) for letter in "ABC"]
    marked = draw_marks(Image.new("RGB", BOX_FRAME), boxes)
    areas = [int(outlined(marked, colour).sum()) for colour in (RED, YELLOW, BLUE)]
    alone = int(outlined(draw_marks(Image.new("RGB", BOX_FRAME), boxes[:1]), RED).sum())
    outline = 4 * 120 * 6
    assert all(area > (alone - outline) * 0.9 for area in areas)


@pytest.mark.parametrize("y", [(0, 1279), (0, 60), (1200, 1279)])
def test_labels_stay_inside_the_picture(y: tuple[int, int]):
    box = Box("a very long name for a small thing", "", 2500, y[0], 2540, y[1])
    marked = draw_marks(Image.new("RGB", BOX_FRAME), [box])
    # A whole label is some 40 pixels high; a clipped one would have lost most of that.
    assert outlined(marked, RED)[:, 2300:2490].any(axis=1).sum() > 35


def test_no_face_has_a_line_where_the_panorama_ends(gradient: Path):
    back = np.asarray(draw(Picture(gradient, face="back"))).astype(int)
    middle = back[320, 318:322]
    columns = middle[:, 0] * 256 + middle[:, 1]
    # Left of the middle are the last columns, right of it the first.
    assert columns[0] > 2540
    assert columns[-1] < 20


def test_the_size_that_is_recorded_is_the_size_that_is_drawn(gradient: Path):
    question = "How far is the lamp (boundingbox: [1300, 500, 1400, 700]) from the viewer?"
    item = replace(item_of(question, "1 m"), image=gradient, image_kind="erp")
    for condition in ("full", "marked", "cubemap", "rot90"):
        (shown,) = present([item], condition)
        assert {draw(picture).size for picture in shown.pictures} == {size_shown(shown)}
    (blind,) = present([item], "noimage")
    assert size_shown(blind) is None
