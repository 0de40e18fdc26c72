"""The cube around the camera: its six faces, their axes and rays, and a panorama cut into them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from panoenv_tasks.geometry.projection import Floats, Rays, Vector, erp_rays
from panoenv_tasks.items import BOX_FRAME

Face = Literal["front", "back", "left", "right", "top", "bottom"]

FACES: tuple[Face, ...] = get_args(Face)

#: Pixels along a face: four faces go round the panorama, so its width is neither shrunk nor stretched.
FACE_PX = BOX_FRAME[0] // 4
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
def erp_faces(height: int, width: int, within: float = 0.5) -> npt.NDArray[np.uint8]:
    """Return the face index of every panorama pixel, shape ``(height, width)``; see ``erp_rays``."""
    faces = face_of(erp_rays(height, width, within))
    faces.setflags(write=False)
    return faces


def cut_faces(panorama: npt.NDArray[np.uint8], size: int = FACE_PX) -> dict[Face, npt.NDArray[np.uint8]]:
    """Cut a panorama into its six faces, bilinear.

    Args:
        panorama: ``(height, width, 3)``.
        size: Pixels along a face.

    Returns:
        ``(size, size, 3)`` each, upright and turned as in ``FACE_AXES``.
    """
    import cv2

    height, width = panorama.shape[:2]
    # The first and last column are neighbours; the outermost rows have none.
    ringed = cv2.copyMakeBorder(panorama, 0, 0, 1, 1, cv2.BORDER_WRAP)
    faces = {}
    for face in FACES:
        x, y = _lookup(face, size, height, width)
        cut: Any = cv2.remap(ringed, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        faces[face] = np.asarray(cut, np.uint8)
    return faces


@lru_cache(maxsize=len(FACES))
def _lookup(face: Face, size: int, height: int, width: int) -> tuple[Floats, Floats]:
    """Return where a face's pixels lie in the panorama with its two extra columns; each ``(size, size)``."""
    x, y, z = face_rays(face, size)
    column = (np.arctan2(x, z) / (2 * np.pi) + 0.5) * width - 0.5
    row = (0.5 - np.arctan2(y, np.hypot(x, z)) / np.pi) * height - 0.5
    return (column + 1).astype(np.float32), row.astype(np.float32)


def _steps(index: npt.NDArray[np.int64], size: int) -> Floats:
    return ((index + 0.5) * 2.0 / size - 1.0).astype(np.float32)


def _plane_rays(face: Face, steps: Floats) -> Rays:
    right, down, forward = FACE_AXES[face]
    u, v = np.meshgrid(steps, steps)
    planes = [r * u + d * v + f for r, d, f in zip(right, down, forward, strict=True)]
    return np.stack(planes).astype(np.float32)
