"""Pictures beyond memory: made once, handed out as they were, and gone with the process."""

from __future__ import annotations

import shutil
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from panoenv_tasks.perturb.shelf import Shelf


def picture(number: int, size: tuple[int, int] = (8, 4)) -> Image.Image:
    return Image.new("RGB", size, (number, 0, 255 - number))


def png(image: Image.Image) -> bytes:
    stream = BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


@given(order=st.lists(st.integers(0, 9), max_size=60), in_memory=st.integers(1, 10))
@settings(max_examples=60, deadline=None)
def test_each_is_made_once_in_any_order_and_comes_back_whole(order, in_memory, tmp_path_factory):
    shelf = Shelf(tmp_path_factory.mktemp("shelf"), in_memory, spare=0)
    made = []

    def make(number):
        made.append(number)
        return [picture(number), picture(number + 100, (3, 5))]

    for number in order:
        first, second = shelf.get(number, lambda number=number: make(number))
        assert (first.getpixel((7, 3)), first.size) == ((number, 0, 255 - number), (8, 4))
        assert (second.getpixel((0, 0)), second.size) == ((number + 100, 0, 155 - number), (3, 5))
    assert sorted(made) == sorted(set(order))


def test_no_more_than_asked_for_stay_in_memory(tmp_path):
    shelf = Shelf(tmp_path, in_memory=2, spare=0)
    first = shelf.get(0, lambda: [picture(0)])[0]
    assert shelf.get(0, list)[0] is first
    for number in (1, 2):
        shelf.get(number, lambda number=number: [picture(number)])
    again = shelf.get(0, list)[0]
    assert again is not first
    assert again.tobytes() == first.tobytes()


def test_what_a_picture_was_written_as_is_kept_too(tmp_path, monkeypatch):
    shelf = Shelf(tmp_path, in_memory=1, spare=0)
    expected = png(shelf.get(0, lambda: [picture(0)])[0])
    shelf.get(1, lambda: [picture(1)])
    monkeypatch.setattr(Image.Image, "save", lambda *arguments, **more: pytest.fail("encoded again"))
    assert png(shelf.get(0, list)[0]) == expected


def test_a_picture_written_only_after_it_came_back_is_kept_as_written(tmp_path, monkeypatch):
    shelf = Shelf(tmp_path, in_memory=1, spare=0)
    for number in (0, 1):
        shelf.get(number, lambda number=number: [picture(number)])
    expected = png(shelf.get(0, list)[0])
    shelf.get(1, list)
    monkeypatch.setattr(Image.Image, "save", lambda *arguments, **more: pytest.fail("encoded again"))
    assert png(shelf.get(0, list)[0]) == expected


def test_the_file_has_no_name(tmp_path):
    shelf = Shelf(tmp_path / "new", in_memory=1, spare=0)
    for number in range(5):
        shelf.get(number, lambda number=number: [picture(number)])
    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.parametrize("obstacle", ["full disk", "no folder"])
def test_where_nothing_can_be_stored_pictures_are_made_again(tmp_path, obstacle):
    free = shutil.disk_usage(tmp_path).free
    (tmp_path / "file").write_text("")
    shelf = (
        Shelf(tmp_path, in_memory=1, spare=10 * free)
        if obstacle == "full disk"
        else Shelf(tmp_path / "file", in_memory=1, spare=0)
    )
    made = []

    def make():
        made.append(1)
        return [picture(7)]

    for _ in range(2):
        assert np.asarray(shelf.get(7, make)[0])[0, 0].tolist() == [7, 0, 248]
        shelf.get(8, lambda: [picture(8)])
    assert len(made) == 2
