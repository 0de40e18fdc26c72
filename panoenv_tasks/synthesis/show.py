"""A picture of one question for people: panorama with boxes, six views, question and answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from panoenv_tasks.geometry.cube import FACES, cut_faces
from panoenv_tasks.items import BOX_FRAME, PANORAMAS, Box, DataError, Item

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont, ImageFont

#: One colour for each of the three objects a question can name.
_COLOURS = ((255, 64, 64), (64, 160, 255), (255, 208, 0))
_WIDTH = 1536
_HEIGHT = _WIDTH // 2
_FACE = _WIDTH // 6
_LINE = 3
_MARGIN = 16
_INK, _PAPER = (20, 20, 20), (255, 255, 255)


def draw(item: Item) -> Image:
    """Return the picture: 1536 pixels wide, the panorama above, the six views below, text at the foot.

    A box whose left edge is right of its right edge reaches across the seam and becomes two rectangles.

    Raises:
        DataError: The item has no panorama, or it cannot be read.
    """
    from PIL import Image, ImageDraw

    panorama = _panorama(item)
    views = cut_faces(np.asarray(panorama))
    text = _wrapped(item)
    font = _font(20)
    height = _HEIGHT + _FACE + 26 + 2 * _MARGIN + 28 * len(text)
    page = Image.new("RGB", (_WIDTH, height), _PAPER)
    page.paste(_with_boxes(panorama, item.boxes), (0, 0))
    pen = ImageDraw.Draw(page)
    for number, face in enumerate(FACES):
        view = Image.fromarray(views[face]).resize((_FACE, _FACE), Image.Resampling.LANCZOS)
        page.paste(view, (number * _FACE, _HEIGHT + 26))
        pen.text((number * _FACE + 6, _HEIGHT + 3), face, fill=_INK, font=_font(16))
    for number, line in enumerate(text):
        pen.text((_MARGIN, _HEIGHT + _FACE + 26 + _MARGIN + 28 * number), line, fill=_INK, font=font)
    return page


def outlined(item: Item) -> Image:
    """Return the panorama alone, 1536 by 768 pixels, with the question's boxes and their names.

    Raises:
        DataError: The item has no panorama, or it cannot be read.
    """
    return _with_boxes(_panorama(item), item.boxes)


def _with_boxes(panorama: Image, boxes: Sequence[Box]) -> Image:
    from PIL import Image, ImageDraw

    shown = panorama.resize((_WIDTH, _HEIGHT), Image.Resampling.LANCZOS)
    pen = ImageDraw.Draw(shown)
    for box, colour in zip(boxes, _COLOURS, strict=False):
        _outline(pen, box, colour)
    return shown


def _panorama(item: Item) -> Image:
    from panoenv_tasks.sources.images import open_image

    if item.image is None or item.image_kind not in PANORAMAS:
        raise DataError(f"{item.id}: no plain panorama (image kind {item.image_kind}); build or fetch one")
    return open_image(item.image)


def _outline(pen: ImageDraw, box: Box, colour: tuple[int, int, int]) -> None:
    scale = _WIDTH / BOX_FRAME[0]
    font = _font(16)
    for x1, y1, x2, y2 in box.rectangles:
        corners = (x1 * scale, y1 * scale, (x2 + 1) * scale - 1, (y2 + 1) * scale - 1)
        pen.rectangle(corners, outline=colour, width=_LINE)
        left, top, right, bottom = pen.textbbox((0, 0), box.name, font=font)
        x = min(corners[0], _WIDTH - (right - left) - 8)
        y = corners[1] - 22 if corners[1] >= 22 else corners[1] + _LINE
        pen.rectangle((x, y, x + right - left + 8, y + bottom - top + 8), fill=colour)
        pen.text((x + 4, y + 1), box.name, fill=_INK, font=font)


def _wrapped(item: Item) -> list[str]:
    import textwrap

    lines = textwrap.wrap(f"Q: {item.question}", 130, break_long_words=True)
    if item.options:
        lines += textwrap.wrap(f"Options: {', '.join(item.options)}", 130)
    return [*lines, *textwrap.wrap(f"A: {item.answer}", 130), f"{item.id}  ({item.subcategory})"]


def _font(size: int) -> FreeTypeFont | ImageFont:
    from PIL import ImageFont

    return ImageFont.load_default(size)
