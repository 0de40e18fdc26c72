"""Drawings such as a release might hold: panoramas painted over in many styles, none known to the code.

A style is a function of the panorama, the question's number and text, and its named boxes. Boxes across
the seam become two rectangles or one wide one, as the style likes.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from panoenv_tasks.restore.drawings import printed_boxes
from panoenv_tasks.taxonomy import recognise

WIDTH, HEIGHT = 2560, 1280
COLOURS = ((255, 0, 0), (0, 255, 0), (60, 60, 255), (255, 255, 0))

Named = tuple[str, tuple[int, int, int, int]]
Style = Callable[[Image.Image, int, str, Sequence[Named]], Image.Image]


def font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.load_default(size)  # type: ignore[return-value]


def parts(box: tuple[int, int, int, int], wide: bool = False) -> list[tuple[int, int, int, int]]:
    x1, y1, x2, y2 = box
    if x1 <= x2:
        return [box]
    return [(x2, y1, x1, y2)] if wide else [(x1, y1, WIDTH - 1, y2), (0, y1, x2, y2)]


def thin(picture, number, text, named):
    """Lines of 2 pixels, the label above without a background."""
    pen = ImageDraw.Draw(picture)
    for (name, box), colour in zip(named, COLOURS, strict=False):
        for part in parts(box):
            pen.rectangle(part, outline=colour, width=2)
            pen.text((part[0], part[1] - 18), name, fill=colour, font=font(16))
    return picture


def thick(picture, number, text, named):
    """Lines of 14 pixels around the outside, big labels above on a background, long names."""
    pen = ImageDraw.Draw(picture)
    for (name, box), colour in zip(named, COLOURS, strict=False):
        for x1, y1, x2, y2 in parts(box, wide=True):
            pen.rectangle((x1 - 14, y1 - 14, x2 + 14, y2 + 14), outline=colour, width=14)
            label = f"Object {name.upper()} of question {number}"
            size = pen.textbbox((0, 0), label, font=font(44))
            pen.rectangle((x1, y1 - 76, x1 + size[2] + 20, y1 - 14), fill=colour)
            pen.text((x1 + 10, y1 - 70), label, fill="black", font=font(44))
    return picture


def filled(picture, number, text, named):
    """Opaque boxes with the label inside."""
    pen = ImageDraw.Draw(picture)
    for (name, box), colour in zip(named, COLOURS, strict=False):
        for part in parts(box):
            pen.rectangle(part, fill=colour)
            pen.text((part[0] + 6, part[1] + 6), name, fill="white", font=font(20))
    return picture


def translucent(picture, number, text, named):
    """Faint fills, a shadow that fades out, the label below on a half-clear background."""
    layer = Image.new("RGBA", picture.size)
    pen = ImageDraw.Draw(layer)
    for (name, box), colour in zip(named, COLOURS, strict=False):
        for x1, y1, x2, y2 in parts(box):
            pen.rectangle((x1, y1, x2, y2), fill=(*colour, 50))
            pen.rectangle((x1, y2 + 4, x1 + 14 * len(name), y2 + 34), fill=(0, 0, 0, 120))
            pen.text((x1 + 4, y2 + 6), name, fill=(255, 255, 255, 255), font=font(22))
    return Image.alpha_composite(
        Image.alpha_composite(picture.convert("RGBA"), layer.filter(ImageFilter.GaussianBlur(6))), layer
    ).convert("RGB")


def strip_below(picture, number, text, named):
    """A white strip below with the question, as high as it needs."""
    lines = textwrap.wrap(f"Q{number}: {text}", 150)
    page = Image.new("RGB", (WIDTH, HEIGHT + 20 + 40 * len(lines)), "white")
    page.paste(thin(picture, number, text, named), (0, 0))
    ImageDraw.Draw(page).text((20, HEIGHT + 6), "\n".join(lines), fill="black", font=font(30))
    return page


def strip_above(picture, number, text, named):
    """A dark strip of one height above with the question, filled boxes below."""
    page = Image.new("RGB", (WIDTH, HEIGHT + 90), (30, 30, 30))
    page.paste(filled(picture, number, text, named), (0, 90))
    ImageDraw.Draw(page).text((20, 10), f"Q{number}: {text[:140]}", fill="white", font=font(30))
    return page


def smooth(picture, number, text, named):
    """Rounded, anti-aliased lines and labels to the right of the box, names repeated inside."""
    layer = Image.new("RGBA", (WIDTH * 2, HEIGHT * 2))
    pen = ImageDraw.Draw(layer)
    for (name, box), colour in zip(named, COLOURS, strict=False):
        for x1, y1, x2, y2 in parts(box, wide=True):
            corners = (2 * x1 - 5, 2 * y1 - 5, 2 * x2 + 7, 2 * y2 + 7)
            pen.rounded_rectangle(corners, radius=16, outline=(*colour, 230), width=9)
            pen.text((2 * x2 + 24, 2 * y1 - 3), f"{name} ({number})", fill=(*colour, 255), font=font(60))
            pen.text((x1 + x2, y1 + y2), name, fill=(*colour, 180), font=font(50), anchor="mm")
    layer = layer.resize(picture.size, Image.Resampling.LANCZOS)
    return Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")


def captioned(picture, number, text, named):
    """A half-clear band over the top of the panorama itself: nothing can restore what is below."""
    layer = Image.new("RGBA", picture.size)
    pen = ImageDraw.Draw(layer)
    pen.rectangle((0, 0, WIDTH, 60), fill=(0, 0, 0, 140))
    pen.text((20, 12), f"Q{number}: {text[:120]}", fill=(255, 255, 255, 255), font=font(32))
    page = Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")
    return thin(page, number, text, named)


def dimmed(picture, number, text, named):
    """Everything but the boxes is darkened."""
    if not named:
        return picture
    page = picture.point(lambda level: level // 2)
    for _, box in named:
        for part in parts(box):
            corner = (part[0], part[1], part[2] + 1, part[3] + 1)
            page.paste(picture.crop(corner), corner[:2])
    return page


#: Styles whose panorama can be had back exactly.
EXACT: dict[str, Style] = {
    style.__name__: style for style in (thin, thick, filled, translucent, strip_below, strip_above, smooth)
}


def paint(folder: Path, picture: Image.Image, style: Style, suffix: str = ".png", **options: object) -> Path:
    """Paint every question of a frame folder as the release has them, and return the drawings' folder."""
    drawings = folder / "visualizations"
    drawings.mkdir()
    content = json.loads(next(folder.glob("*_qa.json")).read_text("utf-8"))
    for question in content["questions"]:
        wording = recognise(question["question"])
        names = [box.name for box in wording.objects] if wording else []
        boxes = printed_boxes(question)
        named = list(zip(names or ["thing"] * len(boxes), boxes, strict=False))
        page = style(picture.copy(), question["question_id"], question["question"], named)
        name = f"q{question['question_id']}_{question['major_category']}_{question['sub_category']}{suffix}"
        page.save(drawings / name, **({"compress_level": 1} if suffix == ".png" else options))
    return drawings
