"""Surface paints: two colours and a pattern that says how much of each, in metres on the surface."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Pattern = Literal[
    "plain",
    "rough",
    "wood",
    "planks",
    "bricks",
    "tiles",
    "checker",
    "stripes",
    "bands",
    "ribs",
    "windows",
    "books",
    "leaves",
    "blotches",
    "scales",
    "frame",
    "spots",
    "grid",
]
Colour = tuple[float, float, float]
#: A float32 array with one value per pixel, or one float32 for all of them.
Plane = Any


@dataclass(frozen=True)
class Paint:
    """How a surface looks.

    ``size`` is the pattern's period in metres. ``glow`` is the share of the colour that shows without
    any light, and ``gleam`` that of the second colour alone.
    """

    colour: Colour
    pattern: Pattern = "plain"
    second: Colour = (0.0, 0.0, 0.0)
    size: float = 0.2
    glow: float = 0.0
    gleam: float = 0.0


def paint(
    colour: str,
    pattern: Pattern = "plain",
    second: str | None = None,
    size: float = 0.2,
    glow: float = 0.0,
    gleam: float = 0.0,
) -> Paint:
    """Return a paint from colours like ``"c0a080"``; without a second colour it is a darker first."""
    first = _rgb(colour)
    dark = (first[0] * 0.62, first[1] * 0.62, first[2] * 0.62)
    return Paint(first, pattern, _rgb(second) if second else dark, size, glow, gleam)


def mix(pattern: Pattern, u: Plane, v: Plane, span: tuple[Plane, Plane], size: float, blur: Plane) -> Plane:
    """Return how much of the second colour shows, 0 to 1.

    Args:
        pattern: Which pattern.
        u: Metres across the surface, from its left edge.
        v: Metres up the surface, from its lower edge.
        span: The whole width and height of the surface in metres, per pixel.
        size: The pattern's period in metres.
        blur: The width in metres that one pixel covers; fine detail fades out with it.
    """
    if pattern == "plain":
        return np.zeros_like(u)
    draw, average = _PATTERNS[pattern]
    sharp = np.clip(np.float32(1.6) - blur * np.float32(3.2 / size), 0, 1)
    return (draw(u, v, span, size) - np.float32(average)) * sharp + np.float32(average)


def grain(u: Plane, v: Plane) -> Plane:
    """Return smooth noise of mean about 0.5 whose finest detail measures about 1/64 of a unit."""
    table = _noise()
    side = np.int32(table.shape[0])
    mask = side - np.int32(1)
    return table.ravel().take((_cell(v * 64) & mask) * side + (_cell(u * 64) & mask))


def soft_grain(u: Plane, v: Plane) -> Plane:
    """Return the same noise interpolated, for surfaces seen from very near or large in view."""
    table = _noise()
    side = np.int32(table.shape[0])
    flat, mask = table.ravel(), side - np.int32(1)
    x, y = u * 64, v * 64
    i, j = _cell(x), _cell(y)
    du, dv = x - i, y - j
    i0, i1, j0, j1 = i & mask, (i + 1) & mask, (j & mask) * side, ((j + 1) & mask) * side
    rest = 1 - du
    near = flat.take(j0 + i0) * rest + flat.take(j0 + i1) * du
    return np.asarray(near * (1 - dv) + (flat.take(j1 + i0) * rest + flat.take(j1 + i1) * du) * dv)


@lru_cache(maxsize=1)
def _noise() -> Plane:
    """Return a tileable noise table: four octaves of integer hash noise, smoothed."""
    side = 512
    total = np.zeros((side, side), np.float32)
    for octave in range(4):
        cell = 2 << (2 * octave)
        count = side // cell
        grid = _hash(*np.meshgrid(np.arange(count), np.arange(count) + 1000 * octave))
        total += _enlarged(grid, cell) * np.float32(0.5 + 0.25 * octave)
    total -= total.min()
    return total / total.max()


def _enlarged(grid: Plane, cell: int) -> Plane:
    """Return a periodic grid with bilinear steps in between, ``cell`` times larger."""
    place = np.arange(grid.shape[0] * cell, dtype=np.float32) / np.float32(cell)
    low = np.floor(place).astype(np.int32)
    part = place - low
    part = part * part * (3 - 2 * part)
    high = (low + 1) % grid.shape[0]
    rows = grid[low] * (1 - part[:, None]) + grid[high] * part[:, None]
    return np.asarray(rows[:, low] * (1 - part) + rows[:, high] * part, np.float32)


def _hash(i: npt.NDArray[np.int64], j: npt.NDArray[np.int64]) -> Plane:
    """Return a fixed pseudo-random number in [0, 1) for each pair of integers."""
    h = i.astype(np.uint32) * np.uint32(374761393) + j.astype(np.uint32) * np.uint32(668265263)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(1274126177)
    h ^= h >> np.uint32(16)
    return (h >> np.uint32(8)).astype(np.float32) / np.float32(1 << 24)


def _cell(value: Plane) -> npt.NDArray[np.int32]:
    return np.asarray(np.floor(value), np.int32)


def _part(value: Plane) -> Plane:
    return value - np.floor(value)


def _rough(u: Plane, v: Plane, span: object, size: float) -> Plane:
    scale = np.float32(0.25 / size)
    return grain(u * scale, v * scale)


def _wood(u: Plane, v: Plane, span: object, size: float) -> Plane:
    return grain(u * np.float32(0.06 / size), v * np.float32(0.9 / size))


def _planks(u: Plane, v: Plane, span: object, size: float) -> Plane:
    row = v / np.float32(size)
    seam = _part(row) < 0.06
    tone = _hash(_cell(row).astype(np.int64), _cell(u * np.float32(0.3 / size)).astype(np.int64))
    streak = grain(u * np.float32(0.06 / size), v * np.float32(0.6 / size))
    return np.where(seam, np.float32(1), np.float32(0.35) * tone + np.float32(0.4) * streak)


def _bricks(u: Plane, v: Plane, span: object, size: float) -> Plane:
    row = v / np.float32(size)
    shift = (_cell(row) & 1).astype(np.float32) * np.float32(0.5)
    column = u * np.float32(0.4 / size) + shift
    joint = (_part(row) < 0.14) | (_part(column) < 0.06)
    tone = _hash(_cell(column).astype(np.int64), _cell(row).astype(np.int64))
    return np.where(joint, np.float32(1), tone * np.float32(0.35))


def _tiles(u: Plane, v: Plane, span: object, size: float) -> Plane:
    joint = (_part(u / np.float32(size)) < 0.04) | (_part(v / np.float32(size)) < 0.04)
    return joint.astype(np.float32)


def _checker(u: Plane, v: Plane, span: object, size: float) -> Plane:
    return ((_cell(u / np.float32(size)) + _cell(v / np.float32(size))) & 1).astype(np.float32)


def _stripes(u: Plane, v: Plane, span: object, size: float) -> Plane:
    return (_part(u / np.float32(size)) < 0.5).astype(np.float32)


def _bands(u: Plane, v: Plane, span: object, size: float) -> Plane:
    return (_part(v / np.float32(size)) < 0.5).astype(np.float32)


def _ribs(u: Plane, v: Plane, span: object, size: float) -> Plane:
    return np.abs(_part(u / np.float32(size)) - np.float32(0.5)) * 2


def _windows(u: Plane, v: Plane, span: tuple[Plane, Plane], size: float) -> Plane:
    """Whole windows, evenly spread over the surface."""
    across = _part(u / span[0] * np.maximum(np.rint(span[0] / np.float32(size)), 1))
    along = _part(v / span[1] * np.maximum(np.rint(span[1] / np.float32(size * 1.15)), 1))
    pane = (np.abs(across - 0.5) < 0.27) & (np.abs(along - 0.5) < 0.3)
    bar = (np.abs(across - 0.5) < 0.025) | (np.abs(along - 0.55) < 0.025)
    return (pane & ~bar).astype(np.float32)


def _books(u: Plane, v: Plane, span: object, size: float) -> Plane:
    spine = u / np.float32(size)
    tone = _hash(_cell(spine).astype(np.int64), np.zeros_like(_cell(v), np.int64))
    return np.where(_part(spine) < 0.12, np.float32(1), tone)


def _leaves(u: Plane, v: Plane, span: object, size: float) -> Plane:
    scale = np.float32(0.5 / size)
    return np.clip(grain(u * scale, v * scale) * np.float32(2.4) - np.float32(0.7), 0, 1)


def _blotches(u: Plane, v: Plane, span: object, size: float) -> Plane:
    scale = np.float32(0.4 / size)
    return (soft_grain(u * scale, v * scale) > 0.52).astype(np.float32)


def _scales(u: Plane, v: Plane, span: object, size: float) -> Plane:
    """Roof tiles: rows of arches."""
    row = v / np.float32(size)
    shift = (_cell(row) & 1).astype(np.float32) * np.float32(0.5)
    side = np.abs(_part(u / np.float32(size) + shift) - np.float32(0.5)) * 2
    return np.clip(1 - _part(row) + side * side * np.float32(0.4), 0, 1)


def _frame(u: Plane, v: Plane, span: tuple[Plane, Plane], size: float) -> Plane:
    """A border of the given width around a field."""
    edge = np.minimum(np.minimum(u, span[0] - u), np.minimum(v, span[1] - v))
    return (edge < np.float32(size)).astype(np.float32)


def _spots(u: Plane, v: Plane, span: object, size: float) -> Plane:
    x, y = u / np.float32(size), v / np.float32(size)
    a, b = _part(x) - np.float32(0.5), _part(y) - np.float32(0.5)
    radius = _hash(_cell(x).astype(np.int64), _cell(y).astype(np.int64)) * np.float32(0.2)
    return (a * a + b * b < radius).astype(np.float32)


def _grid(u: Plane, v: Plane, span: object, size: float) -> Plane:
    hole = (_part(u / np.float32(size)) > 0.22) & (_part(v / np.float32(size)) > 0.22)
    return hole.astype(np.float32)


#: Each pattern and its mean, to which it fades when too fine to see.
_PATTERNS: dict[Pattern, tuple[Callable[..., Plane], float]] = {
    "rough": (_rough, 0.5),
    "wood": (_wood, 0.5),
    "planks": (_planks, 0.4),
    "bricks": (_bricks, 0.35),
    "tiles": (_tiles, 0.08),
    "checker": (_checker, 0.5),
    "stripes": (_stripes, 0.5),
    "bands": (_bands, 0.5),
    "ribs": (_ribs, 0.5),
    "windows": (_windows, 0.3),
    "books": (_books, 0.5),
    "leaves": (_leaves, 0.5),
    "blotches": (_blotches, 0.45),
    "scales": (_scales, 0.6),
    "frame": (_frame, 0.3),
    "spots": (_spots, 0.3),
    "grid": (_grid, 0.6),
}


def _rgb(text: str) -> Colour:
    red, green, blue = (int(text[k : k + 2], 16) / 255 for k in (0, 2, 4))
    return (red, green, blue)
