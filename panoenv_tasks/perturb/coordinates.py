"""The printed boxes in the coordinates that a family of models was trained on; ``docs/coordinates.md``.

The questions print pixels of the 2560x1280 panorama. A box whose left edge lies right of its right edge
runs across the picture's edge, here as there.
"""

from __future__ import annotations

import os
import re

from panoenv_tasks.items import BOX_FRAME, DataError
from panoenv_tasks.perturb.wording import Coordinates, with_coordinates

_WIDTH, _HEIGHT = BOX_FRAME
#: What a model is told about boxes.
REL1000 = (
    "A bounding box is [x1, y1, x2, y2] on a scale from 0 to 1000, not in pixels: 1000 is the full width of "
    "the picture for x and its full height for y."
)
YX1000 = (
    "A bounding box is [ymin, xmin, ymax, xmax] on a scale from 0 to 1000, not in pixels: 1000 is the full "
    "height of the picture for y and its full width for x."
)
_SEEN = (
    "A bounding box is [x1, y1, x2, y2] in pixels of this picture resized to {0} pixels wide and {1} high."
)


def rel1000(question: str) -> str:
    """Return the question with its boxes as [x1, y1, x2, y2] in thousandths of width and height."""
    return with_coordinates(question, _thousandths)


def yx1000(question: str) -> str:
    """Return the question with its boxes as [y1, x1, y2, x2] in thousandths of height and width."""

    def turned(box: Coordinates) -> Coordinates:
        x1, y1, x2, y2 = _thousandths(box)
        return y1, x1, y2, x2

    return with_coordinates(question, turned)


def resized(question: str, size: tuple[int, int]) -> str:
    """Return the question with its boxes in pixels of the panorama resized to ``size``, width and height."""
    across, down = size[0] / _WIDTH, size[1] / _HEIGHT

    def moved(box: Coordinates) -> Coordinates:
        x1, y1, x2, y2 = box
        return _pixel(x1, across), _pixel(y1, down), _pixel(x2, across), _pixel(y2, down)

    return with_coordinates(question, moved)


def in_pixels_of(size: tuple[int, int]) -> str:
    """Return what a model is told about boxes in pixels of the resized picture."""
    return _SEEN.format(*size)


def seen_size() -> tuple[int, int] | None:
    """Return width and height in ``$PANOENV_SEEN`` (``2548x1260``): what the model makes of a panorama.

    Returns:
        None where the variable is not set.

    Raises:
        DataError: It is set to something else.
    """
    stated = os.environ.get("PANOENV_SEEN", "")
    if not stated:
        return None
    match = re.fullmatch(r"([1-9]\d{1,4})x([1-9]\d{1,4})", stated)
    if match is None:
        raise DataError(f"PANOENV_SEEN={stated[:40]!r}; expected width x height in pixels, such as 2548x1260")
    return int(match[1]), int(match[2])


def _thousandths(box: Coordinates) -> Coordinates:
    x1, y1, x2, y2 = box
    return _share(x1, _WIDTH), _share(y1, _HEIGHT), _share(x2, _WIDTH), _share(y2, _HEIGHT)


def _share(pixel: int, length: int) -> int:
    return (2000 * pixel + length) // (2 * length)


def _pixel(pixel: int, scale: float) -> int:
    """Return the pixel of the resized picture that holds a pixel's centre."""
    return int((pixel + 0.5) * scale)
