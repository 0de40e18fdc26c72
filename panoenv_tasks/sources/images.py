"""Checking and opening panoramas."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from panoenv_tasks.items import BOX_FRAME, PANORAMAS, DataError, Item
from panoenv_tasks.sources.rows import Problem

if TYPE_CHECKING:
    from PIL.Image import Image

#: A restored panorama's file: never ``rgb_erp.png``, so that nobody takes one for the other.
RESTORED = "rgb_restored.png"


def image_size(path: Path) -> tuple[int, int]:
    """Return width and height in pixels, reading the header only.

    Raises:
        DataError: The file is missing or is not an image.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            return image.size
    except FileNotFoundError:
        raise DataError(f"{path}: no such image; fetch the panoramas again") from None
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise DataError(f"{path}: not a readable image ({error}); expected PNG or JPEG") from None


def open_image(path: Path) -> Image:
    """Return the decoded RGB picture.

    Raises:
        DataError: The file is missing, truncated or not an image.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            return image.convert("RGB")
    except (FileNotFoundError, UnidentifiedImageError, OSError) as error:
        raise DataError(f"{path}: cannot read the image ({error}); fetch it again") from None


def check_images(items: Iterable[Item]) -> list[Problem]:
    """Return one problem for each question without a usable picture.

    A raw panorama must have the size that the printed boxes refer to. A release drawing only has to be
    readable. A question with no picture is a problem too: the caller decides whether it needs one.
    """
    problems = []
    verdicts: dict[Path, str] = {}
    for item in items:
        if item.image is None:
            problems.append(Problem(item.origin, f"no image for {item.panorama}; expected its rgb_erp.png"))
            continue
        if item.image not in verdicts:
            verdicts[item.image] = _verdict(item)
            if verdicts[item.image]:
                problems.append(Problem(item.origin, verdicts[item.image]))
    return problems


def _verdict(item: Item) -> str:
    assert item.image is not None
    try:
        size = image_size(item.image)
    except DataError as error:
        return str(error)
    if item.image_kind in PANORAMAS and size != BOX_FRAME:
        return (
            f"{item.image}: {size[0]}x{size[1]} pixels; expected {BOX_FRAME[0]}x{BOX_FRAME[1]}, "
            "the frame of the printed boxes"
        )
    return ""
