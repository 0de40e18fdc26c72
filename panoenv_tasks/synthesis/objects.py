"""Measure the objects of a panorama: box, cube faces, distances, centre and size."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from panoenv_tasks.geometry.cube import FACES, Face, erp_faces
from panoenv_tasks.geometry.projection import Floats, Vector, along, direction_at, erp_rays
from panoenv_tasks.synthesis.panorama import Panorama
from panoenv_tasks.synthesis.vocabulary import Rules

#: Pixels added to every side of a box, then cut at the panorama's edges, as in the release.
PADDING = 5
#: Regions with fewer pixels are not measured; the released generator's area limit.
MIN_PIXELS = 900
#: The released generator measures its boxes on a random sample of this many points.
_SAMPLE = 2000
_ENOUGH = 20_000
_YAWS = 30


@dataclass(frozen=True)
class Depths:
    """Percentiles of the distances of an object's visible pixels, metres."""

    p20: float
    p25: float
    p50: float
    p75: float
    p80: float

    @property
    def spread(self) -> float:
        """The range of the middle half."""
        return self.p75 - self.p25


@dataclass(frozen=True)
class Object:
    """One object as questions see it.

    Attributes:
        number: Its number in the panorama's ``segments``.
        label: Its class.
        box: ``x1, y1, x2, y2``, inclusive pixels, padded. ``x1 > x2``: it reaches across the seam.
        pixels: How many pixels show it.
        faces: How many of them lie on each cube face where there are any.
        depths: Percentiles of its distances.
        known: The share of its pixels whose distance is known.
        centre: Its middle in the camera frame, levelled where the tilt is known, metres.
        size: Three full extents in metres, across, up and deep in its own axes.
        visible: The share of its outline that nothing hides; 1 where that is not known.
    """

    number: int
    label: str
    box: tuple[int, int, int, int]
    pixels: int
    faces: dict[Face, int]
    depths: Depths
    known: float
    centre: Vector
    size: Vector
    visible: float = 1.0

    @property
    def crosses_seam(self) -> bool:
        """Whether it reaches across the left and right edge, so that no plain box holds it."""
        return self.box[0] > self.box[2]


def measure(panorama: Panorama, rules: Rules = "ours") -> list[Object]:
    """Return the objects of at least ``MIN_PIXELS``, by number.

    With ``ours``, centre and size are the scene's truth where it is known, else those of the smallest
    upright box around the visible points. With ``released``, the centre is the direction of the box's
    centre times the median distance, and the size that of the camera-aligned box around a sample of
    points.
    """
    height, width = panorama.depth.shape
    flat = panorama.segments.ravel()
    counts = np.bincount(flat)
    counts[0] = 0
    large = counts >= MIN_PIXELS
    pixels = np.flatnonzero(large[flat])
    pixels = pixels[np.argsort(flat[pixels], kind="stable")]
    numbers = np.flatnonzero(large)
    groups = np.split(pixels, np.cumsum(counts[numbers])[:-1]) if len(numbers) else []
    found = []
    for number, group in zip(numbers.tolist(), groups, strict=True):
        one = _measured(panorama, number, group, height, width, rules)
        if one is not None:
            found.append(one)
    return found


def _measured(
    panorama: Panorama,
    number: int,
    pixels: npt.NDArray[np.int64],
    height: int,
    width: int,
    rules: Rules,
) -> Object | None:
    depth = panorama.depth.ravel()[pixels]
    good = np.isfinite(depth)
    if not good.any():
        return None
    rays = erp_rays(height, width).reshape(3, -1)[:, pixels[good]]
    depths = _depths(depth[good])
    box = _box(pixels // width, pixels % width, height, width, wrap=rules == "ours")
    points = _levelled(rays * depth[good], panorama.level if rules == "ours" else None)
    truth = panorama.truth.get(number)
    centre: Vector
    if rules == "released":
        middle = direction_at((box[0] + box[2]) / 2, (box[1] + box[3]) / 2, width, height)
        centre = _vector([part * depths.p50 for part in middle])
        size = _vector(np.ptp(_thinned(points, _SAMPLE), axis=1))
    elif truth is not None:
        centre, size = truth.centre, truth.size
    else:
        centre, size = upright_box(points)
    # The release takes a pixel's upper left corner for the pixel.
    face_map = erp_faces(height, width, 0.0 if rules == "released" else 0.5)
    per_face = np.bincount(face_map.ravel()[pixels], minlength=len(FACES)).tolist()
    return Object(
        number=number,
        label=panorama.labels[number],
        box=box,
        pixels=len(pixels),
        faces={face: count for face, count in zip(FACES, per_face, strict=True) if count},
        depths=depths,
        known=float(good.mean()),
        centre=centre,
        size=size,
        visible=truth.visible if truth else 1.0,
    )


def upright_box(points: Floats) -> tuple[Vector, Vector]:
    """Return centre and size of the upright box of least footprint around points ``(3, n)``.

    Headings are tried every three degrees, on at most ``_ENOUGH`` evenly taken points.
    """
    x, y, z = _thinned(points, _ENOUGH).astype(np.float64)
    best: tuple[float, Vector, Vector] | None = None
    for step in range(_YAWS):
        angle = 0.5 * math.pi * step / _YAWS
        c, s = math.cos(angle), math.sin(angle)
        u, v = c * x - s * z, s * x + c * z
        lows, highs = (float(u.min()), float(v.min())), (float(u.max()), float(v.max()))
        wide, deep = highs[0] - lows[0], highs[1] - lows[1]
        if best is None or wide * deep < best[0] * 0.98:
            mu, mv = (lows[0] + highs[0]) / 2, (lows[1] + highs[1]) / 2
            low, high = float(y.min()), float(y.max())
            centre = (c * mu + s * mv, (low + high) / 2, -s * mu + c * mv)
            best = (wide * deep, centre, (wide, high - low, deep))
    assert best is not None
    return best[1], best[2]


def _levelled(points: Floats, level: tuple[Vector, Vector, Vector] | None) -> Floats:
    if level is None:
        return points
    return np.stack([along(points, axis) for axis in level])


def _depths(depth: Floats) -> Depths:
    values = np.percentile(depth.astype(np.float64), (20, 25, 50, 75, 80)).tolist()
    return Depths(*values)


def _box(
    rows: npt.NDArray[np.int64],
    columns: npt.NDArray[np.int64],
    height: int,
    width: int,
    *,
    wrap: bool,
) -> tuple[int, int, int, int]:
    top, bottom = int(rows.min()), int(rows.max())
    left, right = int(columns.min()), int(columns.max())
    if wrap and left == 0 and right == width - 1:
        left, right = _arc(columns, width)
    y1, y2 = max(0, top - PADDING), min(height - 1, bottom + PADDING)
    if right - left >= width - 1:
        return (0, y1, width - 1, y2)
    if right < width:
        return (max(0, left - PADDING), y1, min(width - 1, right + PADDING), y2)
    return (left - PADDING, y1, right - width + PADDING, y2)


def _arc(columns: npt.NDArray[np.int64], width: int) -> tuple[int, int]:
    """Return first and last column of the shortest arc around the seam; the last is past the width.

    An object in every column has no such arc and gets the whole width.
    """
    occupied = np.flatnonzero(np.bincount(columns, minlength=width))
    gaps = np.diff(occupied)
    widest = int(np.argmax(gaps))
    if gaps[widest] == 1:
        return 0, width - 1
    return int(occupied[widest + 1]), int(occupied[widest]) + width


def _thinned(points: Floats, most: int) -> Floats:
    count = points.shape[1]
    if count <= most:
        return points
    return points[:, np.arange(most, dtype=np.int64) * count // most]


def _vector(values: Any) -> Vector:
    x, y, z = (float(value) for value in values)
    return (x, y, z)
