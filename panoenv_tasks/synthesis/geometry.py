"""The sphere around the camera: six cube faces, the equirectangular (ERP) grid, and their rays.

Camera frame: x right, y up, z forward. The centre of the panorama looks forward, its left half to the
left. Tables are filled from scalar trigonometry and plain IEEE arithmetic, never from vectorised
transcendental functions, whose last bits depend on the processor.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

Face = Literal["front", "back", "left", "right", "top", "bottom"]
Vector = tuple[float, float, float]
Floats = npt.NDArray[np.float32]
#: Rays as three planes: ``rays[0]`` holds all x, ``rays[1]`` all y, ``rays[2]`` all z.
Rays = Floats

FACES: tuple[Face, ...] = get_args(Face)

#: Per face its image axes in the camera frame: rightwards, downwards, and into the picture. With these
#: no TartanAir V2 face needs a flip or a turn.
FACE_AXES: dict[Face, tuple[Vector, Vector, Vector]] = {
    "front": ((1, 0, 0), (0, -1, 0), (0, 0, 1)),
    "back": ((-1, 0, 0), (0, -1, 0), (0, 0, -1)),
    "left": ((0, 0, 1), (0, -1, 0), (-1, 0, 0)),
    "right": ((0, 0, -1), (0, -1, 0), (1, 0, 0)),
    "top": ((1, 0, 0), (0, 0, 1), (0, 1, 0)),
    "bottom": ((1, 0, 0), (0, 0, -1), (0, -1, 0)),
}

_OPPOSITE: dict[Face, Face] = {
    "front": "back",
    "back": "front",
    "left": "right",
    "right": "left",
    "top": "bottom",
    "bottom": "top",
}


def adjacent(one: Face, other: Face) -> bool:
    """Whether two faces are different and share an edge of the cube."""
    return one != other and _OPPOSITE[one] != other


def direction_at(x: float, y: float, width: int, height: int) -> Vector:
    """Return the unit direction of a point of the panorama.

    ``x`` and ``y`` are continuous: pixel ``i`` covers ``[i, i + 1)``, its centre is ``i + 0.5``.
    """
    longitude = (x / width - 0.5) * 2.0 * math.pi
    latitude = (0.5 - y / height) * math.pi
    across = math.cos(latitude)
    return (across * math.sin(longitude), math.sin(latitude), across * math.cos(longitude))


def point_at(direction: Vector, width: int, height: int) -> tuple[float, float]:
    """Return the continuous panorama coordinates of a direction: the inverse of ``direction_at``."""
    x, y, z = direction
    longitude = math.atan2(x, z)
    latitude = math.atan2(y, math.hypot(x, z))
    return ((longitude / (2.0 * math.pi) + 0.5) * width, (0.5 - latitude / math.pi) * height)


@lru_cache(maxsize=2)
def erp_rays(height: int, width: int) -> Rays:
    """Return the unit rays through the pixel centres of a panorama, shape ``(3, height, width)``."""
    turns = [((x + 0.5) / width - 0.5) * 2.0 * math.pi for x in range(width)]
    tilts = [(0.5 - (y + 0.5) / height) * math.pi for y in range(height)]
    sin_lon, cos_lon = _table(math.sin, turns), _table(math.cos, turns)
    sin_lat, cos_lat = _table(math.sin, tilts), _table(math.cos, tilts)
    rays = np.empty((3, height, width), np.float32)
    rays[0] = cos_lat[:, None] * sin_lon
    rays[1] = sin_lat[:, None]
    rays[2] = cos_lat[:, None] * cos_lon
    rays.setflags(write=False)
    return rays


@lru_cache(maxsize=6)
def face_rays(face: Face, size: int) -> Rays:
    """Return the unit rays through the pixel centres of a 90-degree face, shape ``(3, size, size)``."""
    rays = _plane_rays(face, _steps(np.arange(size), size))
    rays /= np.sqrt(rays[0] * rays[0] + rays[1] * rays[1] + rays[2] * rays[2])
    rays.setflags(write=False)
    return rays


def ring_rays(face: Face, size: int) -> Rays:
    """Return rays, not of unit length, of a face grown by one pixel: ``(3, size + 2, size + 2)``."""
    return _plane_rays(face, _steps(np.arange(-1, size + 1), size))


def face_of(rays: Rays) -> npt.NDArray[np.uint8]:
    """Return for each ray the index in ``FACES`` of the face it meets; on ties x wins, then y."""
    x, y, z = rays
    ax, ay, az = np.abs(x), np.abs(y), np.abs(z)
    sideways = np.where(x < 0, FACES.index("left"), FACES.index("right"))
    upright = np.where(y < 0, FACES.index("bottom"), FACES.index("top"))
    lengthwise = np.where(z < 0, FACES.index("back"), FACES.index("front"))
    rest = np.where(ay >= az, upright, lengthwise)
    return np.where((ax >= ay) & (ax >= az), sideways, rest).astype(np.uint8)


@lru_cache(maxsize=2)
def erp_faces(height: int, width: int) -> npt.NDArray[np.uint8]:
    """Return the face index of every panorama pixel, shape ``(height, width)``."""
    faces = face_of(erp_rays(height, width))
    faces.setflags(write=False)
    return faces


def along(vector: Any, axis: Sequence[float]) -> Any:
    """Return the dot product of vectors, as three planes or numbers, with an axis.

    Zero parts of the axis are left out, which saves most of the work for upright things.
    """
    terms = [v if a == 1 else np.float32(a) * v for v, a in zip(vector, axis, strict=True) if a]
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def _table(function: object, angles: list[float]) -> Floats:
    assert callable(function)
    return np.array([function(angle) for angle in angles], np.float32)


def _steps(index: npt.NDArray[np.int64], size: int) -> Floats:
    return ((index + 0.5) * 2.0 / size - 1.0).astype(np.float32)


def _plane_rays(face: Face, steps: Floats) -> Rays:
    right, down, forward = FACE_AXES[face]
    u, v = np.meshgrid(steps, steps)
    planes = [r * u + d * v + f for r, d, f in zip(right, down, forward, strict=True)]
    return np.stack(planes).astype(np.float32)
