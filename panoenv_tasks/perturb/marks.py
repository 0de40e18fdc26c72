"""Drawing labelled boxes on a panorama: what the coordinates say, said in pixels."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING

from panoenv_tasks.items import BOX_FRAME, Box

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

Rectangle = tuple[int, int, int, int]

#: What a model is told, before the question.
NOTE = (
    "In the picture every object that the question names is marked by a rectangle with its name; an object "
    "across the left and right edge of the picture can have two."
)
#: Per object of a question: line and label colour, and the colour of the name on it.
_COLOURS = (("#ff2d2d", "#ffffff"), ("#ffe100", "#000000"), ("#00c8ff", "#000000"))
#: Thick and large enough to survive the shrinking to half size that many models do.
_LINE_PX = 6
_FONT_PX = 36
_MARGIN_PX = 6


def draw_marks(panorama: Image, boxes: Sequence[Box], *, scale: int = 1) -> Image:
    """Return a copy of a panorama with every box drawn and labelled, one colour per object.

    Args:
        panorama: Of the size that boxes are in, 2560x1280.
        boxes: What is marked.
        scale: Lines and labels are so many times as large as the condition `marked` draws them.
    """
    from PIL import ImageDraw, ImageFont

    marked = panorama.copy()
    canvas = ImageDraw.Draw(marked)
    font = ImageFont.load_default(_FONT_PX * scale)
    line_px, margin = _LINE_PX * scale, _MARGIN_PX * scale
    assert isinstance(font, ImageFont.FreeTypeFont)
    shown = [
        (box.name, colours, r) for box, colours in zip(boxes, _COLOURS, strict=False) for r in box.rectangles
    ]
    for _, (line, _), rectangle in shown:
        canvas.rectangle(rectangle, outline=line, width=line_px)
    # Names last and apart from each other, so that no line and no other name hides one.
    taken: list[Rectangle] = []
    for name, (line, ink), rectangle in shown:
        label = _place(rectangle, _size(canvas, name, font, margin), taken, line_px)
        taken.append(label)
        canvas.rectangle(label, fill=line)
        canvas.text((label[0] + margin, label[1] + margin), name, fill=ink, font=font, anchor="lt")
    return marked


def _size(canvas: ImageDraw, name: str, font: FreeTypeFont, margin: int) -> tuple[int, int]:
    left, top, right, bottom = canvas.textbbox((0, 0), name, font=font, anchor="lt")
    return round(right - left) + 2 * margin, round(bottom - top) + 2 * margin


def _place(
    rectangle: Rectangle, size: tuple[int, int], taken: Sequence[Rectangle], line_px: int
) -> Rectangle:
    """Return where a label stands: above its box, else below, else inside; never over another label."""
    (width, height), (x1, y1, x2, y2) = size, rectangle
    heights = (y1 - height, y2 + 1, y1 + line_px, y2 - line_px - height)
    places = [_inside(x, y, width, height) for y, x in product(heights, (x1, x2 - width)) if _fits(y, height)]
    free = [place for place in places if not any(_overlap(place, other) for other in taken)]
    return (free or places or [_inside(x1, y1, width, height)])[0]


def _fits(y: int, height: int) -> bool:
    return 0 <= y <= BOX_FRAME[1] - height


def _inside(x: int, y: int, width: int, height: int) -> Rectangle:
    left = max(0, min(x, BOX_FRAME[0] - width))
    top = max(0, min(y, BOX_FRAME[1] - height))
    return left, top, left + width - 1, top + height - 1


def _overlap(one: Rectangle, other: Rectangle) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]
