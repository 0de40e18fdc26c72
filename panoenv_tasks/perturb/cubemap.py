"""A panorama as the six faces of the cube around the camera."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from panoenv_tasks.items import BOX_FRAME
from panoenv_tasks.synthesis.geometry import FACES, Face, Floats, face_rays

#: Pixels along a face: four faces go round the panorama, so its width is neither shrunk nor stretched.
FACE_PX = BOX_FRAME[0] // 4
#: What a model is told, before the question.
NOTE = (
    "Here the panorama is not one picture but six: the faces of the cube around the camera, in this order: "
    f"{', '.join(FACES)}. Each spans 90 degrees both ways; the upper edge of the front face meets the top "
    "face, its lower edge the bottom face. A bounding box still counts the pixels of the whole panorama."
)


def cut_faces(panorama: npt.NDArray[np.uint8], size: int = FACE_PX) -> dict[Face, npt.NDArray[np.uint8]]:
    """Cut a panorama into its six faces, bilinear.

    Args:
        panorama: ``(height, width, 3)``.
        size: Pixels along a face.

    Returns:
        ``(size, size, 3)`` each, upright and turned as in ``synthesis.geometry.FACE_AXES``.
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
