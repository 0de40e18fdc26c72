"""Pictures of questions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from panoenv_tasks.geometry.cube import FACES, erp_faces
from panoenv_tasks.items import Box, DataError, Item
from panoenv_tasks.synthesis.show import draw

RED = (255, 64, 64)


@pytest.fixture
def item(tmp_path):
    """A question about a box across the seam, on a panorama whose six faces have six greys."""
    greys = (40 + 30 * erp_faces(1280, 2560)).astype(np.uint8)
    Image.fromarray(np.repeat(greys[:, :, None], 3, axis=2)).save(tmp_path / "rgb_erp.png")
    return Item(
        id="test/Town/P000_000000/abc",
        split="test",
        environment="Town",
        frame="P000_000000",
        question="How far is the lamp (boundingbox: [2400, 600, 200, 700]) from the viewer?",
        question_type="open_ended",
        category="distance",
        subcategory="distance_description",
        method="distance",
        answer="About 3.0 meters",
        boxes=(Box("lamp", "", 2400, 600, 200, 700),),
        options=(),
        image=tmp_path / "rgb_erp.png",
        image_kind="erp",
        touches_seam=True,
    )


def test_both_rectangles_are_drawn(item):
    page = np.asarray(draw(item))
    red = (page == RED).all(axis=2)
    scale = 1536 / 2560
    middle = int(650 * scale)
    columns = np.flatnonzero(red[middle])
    assert np.abs(columns - 2400 * scale).min() <= 2
    assert np.abs(columns - 200 * scale).min() <= 2
    assert not red[middle, int(250 * scale) : int(2350 * scale)].any()


def test_the_six_views_are_below_in_order(item):
    page = np.asarray(draw(item))
    row = 768 + 26 + 128
    assert [int(page[row, 128 + 256 * k, 0]) for k in range(6)] == [40 + 30 * k for k in range(len(FACES))]


def test_long_questions_make_the_page_longer(item):
    short, long = draw(item), draw(replace(item, question=item.question * 6))
    assert long.width == short.width == 1536
    assert long.height > short.height


def test_a_question_without_a_plain_panorama_is_refused(item):
    with pytest.raises(DataError, match="no plain panorama"):
        draw(replace(item, image=None, image_kind="none"))
