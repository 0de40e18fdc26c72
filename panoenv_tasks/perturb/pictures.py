"""Turning a picture recipe into pixels."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from panoenv_tasks.cache import cache_folder
from panoenv_tasks.geometry.cube import FACE_PX, FACES, Face, cut_faces
from panoenv_tasks.items import BOX_FRAME, PANORAMAS
from panoenv_tasks.perturb.marks import draw_marks
from panoenv_tasks.perturb.presentation import Picture, Presentation
from panoenv_tasks.sources.images import image_size, open_image

if TYPE_CHECKING:
    from PIL.Image import Image

    from panoenv_tasks.perturb.shelf import Shelf

#: Pictures in memory, 10 MB each. The harness's wrappers of local models sort all questions by their text, so
#: every panorama is in use until the end, and no number that fits in memory would do for a large set.
_IN_MEMORY = 24


def draw(picture: Picture) -> Image:
    """Return the picture in RGB: 2560x1280 for a panorama, 640x640 for a face.

    The caller must not change it: what many questions share is made once.

    Raises:
        DataError: The file behind it cannot be read.
    """
    if picture.face:
        return _face(picture.path, picture.face)
    panorama = _panorama(picture.path, picture.roll)
    return draw_marks(panorama, picture.marks) if picture.marks else panorama


def size_shown(shown: Presentation) -> tuple[int, int] | None:
    """Return the width and height of each picture shown, pixels; None where none is.

    Raises:
        DataError: A drawing's header cannot be read.
    """
    if not shown.pictures:
        return None
    if shown.image_kind == "cubemap":
        return FACE_PX, FACE_PX
    raw = shown.item.image_kind in PANORAMAS
    return BOX_FRAME if raw else image_size(shown.pictures[0].path)


def _panorama(path: Path, roll: int) -> Image:
    from PIL import ImageChops

    def make() -> list[Image]:
        panorama = open_image(path)
        return [ImageChops.offset(panorama, roll, 0) if roll else panorama]

    return _shelf(os.getpid()).get((path, roll), make)[0]


def _face(path: Path, face: Face) -> Image:
    import numpy as np
    from PIL import Image

    def make() -> list[Image.Image]:
        cut = cut_faces(np.asarray(open_image(path)))
        return [Image.fromarray(cut[face]) for face in FACES]

    return _shelf(os.getpid()).get((path, "faces"), make)[FACES.index(face)]


@lru_cache(maxsize=1)
def _shelf(process: int) -> Shelf:
    """Return the shelf of a process: one that was forked must not write into its parent's file."""
    from panoenv_tasks.perturb.shelf import Shelf

    return Shelf(cache_folder(), _IN_MEMORY)
