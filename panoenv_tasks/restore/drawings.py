"""The drawings of one frame, and where each must be expected to be painted on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from panoenv_tasks.items import BOX_FRAME

#: Left, top, right, bottom edge in the panorama, inclusive; left > right reaches across the seam.
Rectangle = tuple[int, int, int, int]
#: How far paint reaches beyond a box to the left, top, right and bottom, pixels.
Margin = tuple[int, int, int, int]
Mask = npt.NDArray[np.bool_]

SUFFIXES = (".png", ".jpg", ".jpeg")
#: Wide enough for lines and most labels. It costs next to nothing: on the val split four drawings cover
#: every pixel three times with it as without it.
START: Margin = (320, 96, 320, 96)

_BOX = re.compile(r"\[\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\]")
_NUMBER = re.compile(r"q(\d+)_")


@dataclass(frozen=True)
class Drawing:
    """A question's drawing: its file name, and the boxes that are or may be painted on it.

    ``certain`` is False when the question also relates to an object whose box is printed nowhere.
    """

    name: str
    boxes: tuple[Rectangle, ...]
    certain: bool = True


def drawings_of(questions: Sequence[Any], names: Iterable[str]) -> list[Drawing]:
    """Return the drawings of a frame, in the order of its questions.

    Args:
        questions: The raw questions of a ``_qa.json``.
        names: The file names that are there: ``q<number>_<anything>.png`` (or .jpg, .jpeg).
    """
    files = {int(match[1]): name for name in sorted(names, reverse=True) if (match := drawing_number(name))}
    rows = [row if isinstance(row, Mapping) else {} for row in questions]
    objects = _objects(rows)
    drawings = []
    for index, row in enumerate(rows, start=1):
        name = files.get(row.get("question_id", index))
        if name is None:
            continue
        related = _related(row)
        printed = printed_boxes(row)
        # The release draws what a question is about, also where the sentence leaves an object out.
        hidden = {box for number in related for box in objects.get(number, ())} - set(printed)
        certain = all(number in objects for number in related)
        drawings.append(Drawing(name, (*printed, *sorted(hidden)), certain))
    return drawings


def drawing_number(name: str) -> re.Match[str] | None:
    """Return the match whose first group is the question's number, or None for another file."""
    return _NUMBER.match(name) if Path(name).suffix.lower() in SUFFIXES else None


def printed_boxes(row: Mapping[str, Any]) -> tuple[Rectangle, ...]:
    """Return the boxes that a question prints, each once, in order."""
    matches = _BOX.findall(str(row.get("question", "")))
    return tuple(dict.fromkeys((int(a), int(b), int(c), int(d)) for a, b, c, d in matches))


def painted(boxes: Iterable[Rectangle], margin: Margin) -> Mask:
    """Return the pixels ``(1280, 2560)`` inside boxes grown by a margin.

    A box across the seam may be drawn as two rectangles or as a wide one, so its rows count whole.
    """
    width, height = BOX_FRAME
    mask = np.zeros((height, width), bool)
    left, top, right, bottom = margin
    for x1, y1, x2, y2 in boxes:
        rows = slice(max(0, y1 - top), y2 + bottom + 1)
        columns = slice(max(0, x1 - left), x2 + right + 1) if x1 <= x2 < width else slice(None)
        mask[rows, columns] = True
    return mask


def _related(row: Mapping[str, Any]) -> list[int]:
    related = row.get("related_object_ids")
    return [number for number in related if isinstance(number, int)] if isinstance(related, list) else []


def _objects(rows: Iterable[Mapping[str, Any]]) -> dict[int, set[Rectangle]]:
    """Return the boxes that an object's number may mean, from questions that print all their objects."""
    boxes: dict[int, set[Rectangle]] = {}
    for row in rows:
        related, printed = _related(row), printed_boxes(row)
        if len(related) == len(printed):
            for number, box in zip(related, printed, strict=True):
                boxes.setdefault(number, set()).add(box)
    return boxes
