"""Boxes in the coordinates of other model families."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.questions import inner_boxes, item_of, printed

from panoenv_tasks.items import DataError
from panoenv_tasks.perturb import present
from panoenv_tasks.perturb.coordinates import rel1000, resized, yx1000
from panoenv_tasks.taxonomy import recognise

FAR = "How far is the lamp (boundingbox: [{}]) from the viewer?"
ENVIRONMENT = "Does this scene appear to be set in Rome?"
SAME = "Does object the lamp (boundingbox: [{}]) face 2000 ways?"


@pytest.mark.parametrize(
    ("pixels", "thousandths", "rows_first"),
    [
        ("0, 0, 2559, 1279", "0, 0, 1000, 999", "0, 0, 999, 1000"),
        ("640, 320, 1280, 640", "250, 250, 500, 500", "250, 250, 500, 500"),
        ("1200, 500, 1300, 700", "469, 391, 508, 547", "391, 469, 547, 508"),
        # Across the picture's edge: the left edge stays right of the right edge.
        ("2500, 100, 60, 300", "977, 78, 23, 234", "78, 977, 234, 23"),
    ],
)
def test_thousandths_of_width_and_height(pixels, thousandths, rows_first):
    assert rel1000(FAR.format(pixels)) == FAR.format(thousandths)
    assert yx1000(FAR.format(pixels)) == FAR.format(rows_first)


@pytest.mark.parametrize(
    ("size", "pixels", "there"),
    [
        ((2560, 1280), "17, 500, 1300, 1279", "17, 500, 1300, 1279"),
        # A printed pixel is up to 20 px off at the bottom of Qwen2.5-VL's picture.
        ((2548, 1260), "0, 0, 2559, 1279", "0, 0, 2547, 1259"),
        ((2548, 1260), "1200, 500, 1300, 700", "1194, 492, 1294, 689"),
        ((1568, 784), "1200, 500, 1300, 700", "735, 306, 796, 429"),
    ],
)
def test_pixels_of_the_resized_picture(size, pixels, there):
    assert resized(FAR.format(pixels), size) == FAR.format(there)


@given(inner_boxes(), st.integers(28, 4000), st.integers(28, 4000))
def test_a_resized_box_keeps_its_place_and_lies_inside(box, width, height):
    question = f"How far is the {printed(box)} from the viewer?"
    (there,) = recognise(resized(question, (width, height))).objects
    assert 0 <= there.x1 <= there.x2 < width
    assert 0 <= there.y1 <= there.y2 < height
    assert abs((there.x1 + 0.5) / width - (box.x1 + 0.5) / 2560) <= 0.5 / width + 1e-9
    assert abs((there.y2 + 0.5) / height - (box.y2 + 0.5) / 1280) <= 0.5 / height + 1e-9


def test_no_other_number_changes():
    question = SAME.format("640, 320, 1280, 640")
    assert rel1000(question) == SAME.format("250, 250, 500, 500")


def shown(question: str, condition: str, picture: bool = True):
    item = item_of(question)
    if picture:
        item = replace(item, image=Path("/data/rgb_erp.png"), image_kind="erp")
    return item, present([item], condition)[0]


@pytest.mark.parametrize(
    ("condition", "numbers", "told"),
    [
        ("rel1000", "250, 250, 500, 508", "[x1, y1, x2, y2] on a scale from 0 to 1000"),
        ("yx1000", "250, 250, 508, 500", "[ymin, xmin, ymax, xmax] on a scale from 0 to 1000"),
        ("seen", "637, 315, 1274, 640", "2548 pixels wide and 1260 high"),
    ],
)
def test_the_text_changes_and_the_item_does_not(monkeypatch, condition, numbers, told):
    monkeypatch.setenv("PANOENV_SEEN", "2548x1260")
    item, one = shown(FAR.format("640, 320, 1280, 650"), condition)
    assert one.item == item
    assert one.question == FAR.format(numbers)
    assert told in one.boxes
    assert one.text == one.question
    assert (one.pictures[0].path, one.pictures[0].roll, one.image_kind) == (item.image, 0, "erp")


@pytest.mark.parametrize("condition", ["rel1000", "yx1000", "seen"])
def test_without_a_box_there_is_nothing_to_say(monkeypatch, condition):
    monkeypatch.setenv("PANOENV_SEEN", "2548x1260")
    item, one = shown(ENVIRONMENT, condition)
    assert (one.question, one.boxes) == (item.question, "")


def test_the_size_must_be_known_where_there_is_a_picture(monkeypatch):
    monkeypatch.delenv("PANOENV_SEEN", raising=False)
    with pytest.raises(DataError, match="set PANOENV_SEEN=WIDTHxHEIGHT"):
        shown(FAR.format("1, 2, 3, 4"), "seen")
    _, one = shown(FAR.format("1, 2, 3, 4"), "seen", picture=False)
    assert one.question == FAR.format("1, 2, 3, 4")


@pytest.mark.parametrize("stated", ["2548", "2548 x 1260", "0x10", "-1x5", "1e3x10", "999999x10", "axb"])
def test_a_size_that_is_none_is_refused(monkeypatch, stated):
    monkeypatch.setenv("PANOENV_SEEN", stated)
    with pytest.raises(DataError, match="expected width x height in pixels, such as 2548x1260"):
        shown(FAR.format("1, 2, 3, 4"), "seen")
