"""Find what each ray meets first: distance and the number of the solid, tile by tile.

Rays start at the camera. They are cut into square tiles; a solid is only tried in tiles whose cone of
rays meets one of the spheres around the solid. All arithmetic is elementwise IEEE, so pictures do not
depend on the processor.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from panoenv_tasks.geometry.projection import Floats, Rays, Vector, along
from panoenv_tasks.synthesis.scenes.solids import Solid

_TILE = 32
#: Tiles tried at once, so that the work stays in the processor's cache.
_BATCH = 48


@dataclass(frozen=True)
class Tiles:
    """Rays in tiles: ``rays`` is ``(3, tiles, pixels)``; ``axis`` and the angles bound each tile."""

    rays: Rays
    axis: Floats
    cosine: Floats
    sine: Floats
    height: int
    width: int
    side: int

    def picture(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return per-ray values ``(tiles, pixels, ...)`` as a picture ``(height, width, ...)``."""
        rows, columns, s = self.height // self.side, self.width // self.side, self.side
        rest = values.shape[2:]
        grid = values.reshape(rows, columns, s, s, *rest).swapaxes(1, 2)
        return grid.reshape(self.height, self.width, *rest)


def tile(rays: Rays) -> Tiles:
    """Cut rays ``(3, height, width)`` into tiles.

    Raises:
        ValueError: A side of the picture is not a multiple of 8 pixels.
    """
    _, height, width = rays.shape
    side = math.gcd(math.gcd(height, width), _TILE)
    if side < 8:
        raise ValueError(f"the picture's sides must be multiples of 8, not {width}x{height}")
    rows, columns = height // side, width // side
    cut = rays.reshape(3, rows, side, columns, side).swapaxes(2, 3).reshape(3, rows * columns, -1)
    cut = np.ascontiguousarray(cut)
    corners = cut[:, :, [0, side - 1, -side, -1]]
    axis = corners[:, :, 0] + corners[:, :, 1] + corners[:, :, 2] + corners[:, :, 3]
    axis /= np.sqrt(_dot(axis, axis))
    cosine = np.clip(_dot(cut, axis[:, :, None]).min(axis=1) - np.float32(1e-5), 0, 1)
    return Tiles(cut, axis, cosine, np.sqrt(1 - cosine * cosine), height, width, side)


def cast(solids: Sequence[Solid], tiles: Tiles, distance: Floats, number: npt.NDArray[np.int16]) -> None:
    """Write into ``distance`` and ``number`` where a solid is nearer than what is there.

    Args:
        solids: In camera coordinates; solid ``i`` is written as number ``i``.
        tiles: The rays.
        distance: Metres along each ray so far, ``(tiles, pixels)``, infinite for nothing.
        number: The number of the surface met so far, ``(tiles, pixels)``.
    """
    for index, solid in enumerate(solids):
        near = np.flatnonzero(_meets(solid, tiles))
        for start in range(0, len(near), _BATCH):
            some = near[start : start + _BATCH]
            reach = intersect(solid, (0.0, 0.0, 0.0), tuple(tiles.rays.take(some, axis=1)))
            best = distance.take(some, axis=0)
            with np.errstate(invalid="ignore"):
                nearer = (reach < best) & (reach > 0)
            if nearer.any():
                distance[some] = np.where(nearer, reach, best)
                number[some] = np.where(nearer, np.int16(index), number[some])


def intersect(solid: Solid, origin: Any, rays: Any) -> Any:
    """Return the distance along each ray to the solid; infinite or NaN where there is no hit.

    ``origin`` and ``rays`` are each three numbers or arrays that broadcast against one another.
    """
    shifted = [o - c for o, c in zip(origin, solid.centre, strict=True)]
    o = [along(shifted, axis) for axis in solid.turn]
    d = [along(rays, axis) for axis in solid.turn]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if solid.shape == "box":
            return _box(solid.half, o, d)
        if solid.shape == "ball":
            return _ball(solid.half, o, d)
        return _tube(solid, o, d)


def _box(half: Vector, o: Any, d: Any) -> Any:
    near: Any = np.float32(-np.inf)
    far: Any = np.float32(np.inf)
    for h, start, slope in zip(half, o, d, strict=True):
        one, two = (-h - start) / slope, (h - start) / slope
        near = np.maximum(near, np.minimum(one, two))
        far = np.minimum(far, np.maximum(one, two))
    return np.where(near <= far, near, np.inf).astype(np.float32)


def _ball(radii: Vector, o: Any, d: Any) -> Any:
    o = [start / r for start, r in zip(o, radii, strict=True)]
    d = [slope / r for slope, r in zip(d, radii, strict=True)]
    a, b, c = _dot(d, d), _dot(o, d), _dot(o, o) - 1
    return ((-b - np.sqrt(b * b - a * c)) / a).astype(np.float32)


def _tube(solid: Solid, o: Any, d: Any) -> Any:
    length = solid.half[1]
    mean, slope = (solid.low + solid.high) / 2, (solid.high - solid.low) / (2 * length)
    edge = mean + slope * o[1]
    a = d[0] * d[0] + d[2] * d[2] - (slope * slope) * (d[1] * d[1])
    b = o[0] * d[0] + o[2] * d[2] - slope * d[1] * edge
    c = o[0] * o[0] + o[2] * o[2] - edge * edge
    root = np.sqrt(b * b - a * c)
    best: Any = np.float32(np.inf)
    for reach in ((-b - root) / a, (-b + root) / a):
        y = o[1] + reach * d[1]
        good = (np.abs(y) <= length) & (mean + slope * y >= 0) & (reach > 0) & (reach < best)
        best = np.where(good, reach, best)
    for end, radius in ((-length, solid.low), (length, solid.high)):
        reach = (end - o[1]) / d[1]
        x, z = o[0] + reach * d[0], o[2] + reach * d[2]
        good = (x * x + z * z <= radius * radius) & (reach > 0) & (reach < best)
        best = np.where(good, reach, best)
    return np.asarray(best, np.float32)


def _meets(solid: Solid, tiles: Tiles) -> npt.NDArray[np.bool_]:
    found = np.zeros(tiles.cosine.shape, bool)
    for centre, radius in _spheres(solid):
        away = math.sqrt(sum(part * part for part in centre))
        if away <= radius:
            return np.ones_like(found)
        sine = radius / away
        cosine = math.sqrt(1 - sine * sine)
        facing = along(tiles.axis, [part / away for part in centre])
        # cos(a + b) for the sphere's angle a and the tile's angle b; past a half turn all is met.
        found |= facing >= cosine * tiles.cosine - sine * tiles.sine
    return found


def _spheres(solid: Solid) -> list[tuple[Vector, float]]:
    """Return spheres along the longest axis that together hold the solid."""
    half = solid.half
    longest = max(range(3), key=lambda axis: half[axis])
    rest = math.sqrt(sum(h * h for axis, h in enumerate(half) if axis != longest))
    count = min(12, max(1, math.ceil(half[longest] / max(rest, 1e-6))))
    step = half[longest] / count
    radius = math.sqrt(rest * rest + step * step)
    axis = solid.turn[longest]
    found = []
    for k in range(count):
        shift = (2 * k + 1) * step - half[longest]
        x, y, z = (c + shift * a for c, a in zip(solid.centre, axis, strict=True))
        found.append(((x, y, z), radius))
    return found


def _dot(a: Any, b: Any) -> Any:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
