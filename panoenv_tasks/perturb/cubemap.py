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


def cut_face(panorama: npt.NDArray[np.uint8], face: Face, size: int = FACE_PX) -> npt.NDArray[np.uint8]:
    """Return one face of a panorama, bilinear.

    Args:
        panorama: ``(height, width, 3)``.
        face: Which face; upright and turned as in ``synthesis.geometry.FACE_AXES``.
        size: Pixels along the face.

    Returns:
        ``(size, size, 3)``.
    """
    import cv2

    # The first and last column are neighbours; the outermost rows have none.
    ringed = cv2.copyMakeBorder(
        np.pad(panorama, ((0, 0), (1, 1), (0, 0)), mode="wrap"), 1, 1, 0, 0, cv2.BORDER_REPLICATE
    )
    x, y = _lookup(face, size, panorama.shape[0], panorama.shape[1])
    cut: npt.NDArray[Any] = cv2.remap(ringed, x, y, cv2.INTER_LINEAR)
    return np.asarray(cut, np.uint8)


@lru_cache(maxsize=len(FACES))
def _lookup(face: Face, size: int, height: int, width: int) -> tuple[Floats, Floats]:
    """Return the coordinates of a face's pixels in the panorama with its ring; each ``(size, size)``."""
    x, y, z = face_rays(face, size)
    column = (np.arctan2(x, z) / (2 * np.pi) + 0.5) * width - 0.5
    row = (0.5 - np.arctan2(y, np.hypot(x, z)) / np.pi) * height - 0.5
    return (column + 1).astype(np.float32), (row + 1).astype(np.float32)
