"""Equirectangular projection: from pixels of the panorama to directions.

Tables are filled from scalar trigonometry and plain IEEE arithmetic, never from vectorised transcendental
functions, whose last bits depend on the processor.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

Vector = tuple[float, float, float]
Floats = npt.NDArray[np.float32]
#: Rays as three planes: ``rays[0]`` holds all x, ``rays[1]`` all y, ``rays[2]`` all z.
Rays = Floats


def direction_at(x: float, y: float, width: int, height: int) -> Vector:
    """Return the unit direction of a point of the panorama.

    ``x`` and ``y`` are continuous: pixel ``i`` covers ``[i, i + 1)``, its centre is ``i + 0.5``.
    """
    longitude = (x / width - 0.5) * 2.0 * math.pi
    latitude = (0.5 - y / height) * math.pi
    across = math.cos(latitude)
    return (across * math.sin(longitude), math.sin(latitude), across * math.cos(longitude))


@lru_cache(maxsize=2)
def erp_rays(height: int, width: int, within: float = 0.5) -> Rays:
    """Return the unit rays through the pixels of a panorama, shape ``(3, height, width)``.

    ``within`` says where in each pixel: 0.5 is its centre, 0 its upper left corner.
    """
    turns = [((x + within) / width - 0.5) * 2.0 * math.pi for x in range(width)]
    tilts = [(0.5 - (y + within) / height) * math.pi for y in range(height)]
    sin_lon, cos_lon = _table(math.sin, turns), _table(math.cos, turns)
    sin_lat, cos_lat = _table(math.sin, tilts), _table(math.cos, tilts)
    rays = np.empty((3, height, width), np.float32)
    rays[0] = cos_lat[:, None] * sin_lon
    rays[1] = sin_lat[:, None]
    rays[2] = cos_lat[:, None] * cos_lon
    rays.setflags(write=False)
    return rays


def along(vector: Any, axis: Sequence[float]) -> Any:
    """Return the dot product of vectors, as three planes or numbers, with an axis.

    Zero parts of the axis are left out, which saves most of the work for upright things.
    """
    terms = [v if a == 1 else np.float32(a) * v for v, a in zip(vector, axis, strict=True) if a]
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def levelled_axes(up: Sequence[float]) -> tuple[Vector, Vector, Vector]:
    """Return right, up and forward of the camera turned level, in the camera frame.

    Heading is kept: forward is the camera's forward laid flat. Looking straight up or down has no heading;
    the camera frame is then returned as it is.

    Args:
        up: The world's up in the camera frame, of any length.
    """
    # One number after the other: the last bits of an array's norm depend on the processor.
    ux, uy, uz = _unit(up)
    flat = (-uz * ux, -uz * uy, 1.0 - uz * uz)
    if max(map(abs, flat)) < 0.1:
        return (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
    x, y, z = _unit(flat)
    return (uy * z - uz * y, uz * x - ux * z, ux * y - uy * x), (ux, uy, uz), (x, y, z)


def _unit(vector: Sequence[float]) -> Vector:
    x, y, z = (float(part) for part in vector)
    length = math.sqrt(x * x + y * y + z * z)
    return (x / length, y / length, z / length)


def _table(function: object, angles: list[float]) -> Floats:
    assert callable(function)
    return np.array([function(angle) for angle in angles], np.float32)
