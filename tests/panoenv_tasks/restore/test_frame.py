"""Panoramas that were painted over come back, whatever the painter did, or are refused."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from support import painters
from support.painted_frames import Painter, panorama, questions

from panoenv_tasks.restore.drawings import Drawing
from panoenv_tasks.restore.frame import RestoreError, restore_frame


def restored(painter):
    return restore_frame(painter.drawings(), painter.read)


def wrong(found, truth=None):
    return int((found.rgb != (panorama() if truth is None else truth)).any(axis=2).sum())


@pytest.mark.parametrize("style", painters.EXACT)
def test_the_panorama_comes_back_exactly_in_every_style(tmp_path, style):
    found = restored(Painter(tmp_path, questions(), painters.EXACT[style]))
    assert wrong(found) == 0
    assert found.confidence.three == 1.0
    assert 3 <= len(found.used) <= 8
    assert found.tolerance == 0


@pytest.mark.slow
@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    width=st.integers(0, 40),
    alpha=st.integers(0, 255),
    dx=st.integers(-250, 250),
    dy=st.integers(-120, 120),
    size=st.integers(10, 70),
    grown=st.integers(-10, 25),
)
def test_whatever_is_confirmed_is_right(tmp_path, width, alpha, dx, dy, size, grown):
    def style(picture, number, text, named):
        layer = Image.new("RGBA", picture.size)
        pen = ImageDraw.Draw(layer)
        for (name, box), colour in zip(named, painters.COLOURS, strict=False):
            for x1, y1, x2, y2 in painters.parts(box, wide=number % 2 == 0):
                corners = (x1 - grown, y1 - grown, x2 + grown, y2 + grown)
                if corners[0] < corners[2] and corners[1] < corners[3]:
                    pen.rectangle(corners, fill=(*colour, alpha), outline=(*colour, 255), width=width)
                pen.text((x1 + dx, y1 + dy), f"{name} {number}", (*colour, 255), painters.font(size))
        return Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")

    found = restored(Painter(tmp_path, questions(), style))
    assert wrong(found) == 0
    assert found.confidence.unconfirmed == 0.0


def test_objects_that_the_sentence_leaves_out_may_be_painted(tmp_path):
    """The release draws an environment question's objects even where its sentence names none."""
    rows = questions()

    def ghosts(picture, number, text, named):
        unnamed = [("door", (300 + 60 * number, 500, 700 + 60 * number, 800))]
        return painters.thick(picture, number, text, named or unnamed)

    assert wrong(restored(Painter(tmp_path, rows, ghosts))) == 0
    for row in rows:
        del row["related_object_ids"]
    assert wrong(restored(Painter(tmp_path, rows, ghosts))) == 0


def test_labels_that_several_drawings_share_are_no_panorama(tmp_path):
    """A label far from its box stands on every drawing of that box: more votes than the picture has."""
    rows = [row for row in questions() if len(row["related_object_ids"]) == 0]
    box = "(boundingbox: [1000, 900, 1100, 1000])"
    rows += [
        {**rows[0], "question_id": 30 + k, "question": f"Is the lamp {box} so?", "related_object_ids": [99]}
        for k in range(6)
    ]

    def far_label(picture, number, text, named):
        ImageDraw.Draw(picture).rectangle((1000, 640, 1300, 700), fill=(0, 255, 0)) if named else None
        return painters.thin(picture, number, text, named)

    found = restored(Painter(tmp_path, rows, far_label))
    assert wrong(found) == 0
    assert found.margin[1] >= 260


def test_a_caption_over_the_panorama_is_not_passed_as_picture(tmp_path):
    found = restored(Painter(tmp_path, questions(), painters.captioned))
    _, top, _, bottom = found.caption
    assert top <= 0
    assert 60 <= bottom <= 150
    assert found.confidence.none >= 61 / 1280
    assert (found.rgb[bottom + 1 :] == panorama()[bottom + 1 :]).all()


@pytest.mark.slow
def test_drawings_that_darken_the_picture_are_refused(tmp_path):
    with pytest.raises(RestoreError, match=r"(divided|differs) over 100 % of the picture"):
        restored(Painter(tmp_path, questions(), painters.dimmed))


def test_jpeg_drawings_give_what_the_bare_jpeg_shows(tmp_path):
    file = io.BytesIO()
    Image.fromarray(panorama()).save(file, "JPEG", quality=90)
    bare = np.asarray(Image.open(file).convert("RGB"))
    found = restored(Painter(tmp_path, questions(), painters.thick, ".jpg"))
    assert wrong(found, bare) == 0
    assert found.confidence.three == 1.0


@pytest.mark.slow
def test_jpegs_that_do_not_line_up_agree_within_their_noise(tmp_path):
    def strip(picture, number, text, named):
        page = Image.new("RGB", (2560, 1280 + 30 + number), "white")
        page.paste(painters.thin(picture, number, text, named), (0, 30 + number))
        return page

    found = restored(Painter(tmp_path, questions(), strip, ".jpg"))
    assert found.tolerance > 0
    off = np.abs(found.rgb.astype(int) - panorama()).max(axis=2)
    assert np.quantile(off, 0.99) <= 24
    assert found.confidence.unconfirmed < 0.01


def test_a_drawing_of_another_place_and_a_broken_one_are_left_aside(tmp_path):
    painter = Painter(tmp_path, questions(), painters.thin)

    def read(drawing: Drawing):
        file = painter.read(drawing)
        if len(painter.asked) == 2:
            file.write_bytes(file.read_bytes()[:50_000])
        if len(painter.asked) == 4:
            Image.fromarray(panorama(1)).save(file, compress_level=0)
        return file

    found = restore_frame([one for one in painter.drawings() if one.boxes], read)
    assert wrong(found) == 0
    assert found.left_aside[painter.asked[1]].startswith("not a readable image")
    assert found.left_aside[painter.asked[3]].startswith("differs over")


def test_pixels_that_every_drawing_hides_are_counted_as_confirmed_by_none(tmp_path):
    box = "(boundingbox: [1000, 600, 1199, 699])"
    rows = [
        {**questions()[0], "question_id": k, "question": f"Is the lamp {box} so?", "related_object_ids": [1]}
        for k in range(1, 7)
    ]
    found = restored(Painter(tmp_path, rows, painters.filled))
    hidden = found.confidence.none * 2560 * 1280
    assert 200 * 100 <= hidden <= 260 * 160
    assert found.confidence.three == 1 - found.confidence.none
    outlined = restored(Painter(tmp_path, rows, painters.thin))
    assert outlined.confidence.none > 0, "an agreed colour inside a box may be a fill"


def test_one_drawing_tells_nothing(tmp_path):
    painter = Painter(tmp_path, questions(), painters.thin)
    with pytest.raises(RestoreError, match="1 drawings; at least 2"):
        restore_frame(painter.drawings()[:1], painter.read)
    small = Painter(tmp_path, questions(), lambda picture, *_: picture.resize((1280, 640)))
    with pytest.raises(RestoreError, match="expected 2560 by 1280 or more"):
        restored(small)


@pytest.mark.slow
def test_text_next_to_the_panorama_smears_into_a_jpeg_and_is_no_caption(tmp_path):
    def tight(picture, number, text, named):
        page = Image.new("RGB", (2560, 1280 + 37), "white")
        page.paste(painters.thin(picture, number, text, named), (0, 37))
        ImageDraw.Draw(page).text((20, 6), f"Q{number} {text}"[:150], "black", painters.font(30))
        return page

    found = restored(Painter(tmp_path, questions(), tight, ".jpg"))
    assert found.caption is None
    assert found.confidence.unconfirmed == 0.0
