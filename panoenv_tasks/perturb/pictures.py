"""Turning a picture recipe into pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panoenv_tasks.perturb.conditions import Picture
from panoenv_tasks.sources.images import open_image

if TYPE_CHECKING:
    from PIL.Image import Image


def draw(picture: Picture) -> Image:
    """Return the picture in RGB, 2560x1280 for a panorama.

    Raises:
        DataError: The file behind it cannot be read.
    """
    return open_image(picture.path)
