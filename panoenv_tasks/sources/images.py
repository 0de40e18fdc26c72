"""Checking and opening panoramas: a broken or unusual picture never passes for a good one."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from panoenv_tasks.items import BOX_FRAME, PANORAMAS, DataError, Item
from panoenv_tasks.sources import checked
from panoenv_tasks.sources.checked import CheckedImage
from panoenv_tasks.sources.rows import Problem

if TYPE_CHECKING:
    from PIL.Image import Image

#: A restored panorama's file: never ``rgb_erp.png``, so that nobody takes one for the other.
RESTORED = "rgb_restored.png"
FORMATS = ("PNG", "JPEG")
#: A picture with more is refused before its pixels are unpacked: sixteen panoramas.
MOST_PIXELS = 16 * BOX_FRAME[0] * BOX_FRAME[1]
#: Modes of 8 bits a channel that turn into RGB without loss, once nothing is transparent.
_USABLE_MODES = ("RGB", "RGBA", "L", "LA", "P", "PA")
#: Where a PNG file says how many bits a channel has (IHDR comes first by the standard).
_PNG_DEPTH = 24

#: Pictures that are decoded at once: the largest takes 300 MB.
_MOST_AT_ONCE = 8

_ONE_AT_A_TIME = threading.Lock()


def image_size(path: Path) -> tuple[int, int]:
    """Return width and height in pixels, reading the header only.

    Raises:
        DataError: The file is missing or is not an image.
    """
    from PIL import Image

    try:
        with Image.open(path, formats=FORMATS) as image:
            return image.size
    except FileNotFoundError:
        raise DataError(f"{path}: no such image; fetch the panoramas again") from None
    except Exception as error:  # Pillow's readers raise whatever a broken file makes them.
        raise DataError(f"{path}: not a readable image ({error}); expected PNG or JPEG") from None


def open_image(path: Path) -> Image:
    """Return the decoded picture, RGB with 8 bits a channel.

    Decoding is complete and strict also where ``PIL.ImageFile.LOAD_TRUNCATED_IMAGES`` is set, as lmms-eval
    does: with it, whatever is missing of a file comes out black. Grey, palette and opaque RGBA pictures
    are converted.

    Raises:
        DataError: The file is missing, incomplete or damaged; or it is neither PNG nor JPEG, has 16 bits a
            channel, transparent pixels, another colour model, or more than ``MOST_PIXELS``.
    """
    content = _content(path)
    with _strictly():
        return _decode(path, content)


def check_image(path: Path) -> CheckedImage:
    """Check a picture as ``open_image`` does, and return the sha256 and size of its file.

    A file that was checked before, in this or an earlier run, is not read again while its size and its time
    of change stay the same.

    Raises:
        DataError: As ``open_image``.
    """
    image = checked.recall([path]).get(path)
    if image is None:
        with _strictly():
            image = _check(path)
        checked.remember([image])
    return image


def check_images(items: Iterable[Item], *, anew: bool = False) -> list[Problem]:
    """Decode the pictures of questions and return one problem for each picture, or question, without one.

    A raw or restored panorama must have the size that the printed boxes refer to; a release drawing only
    has to be whole. A question with no picture is a problem too: the caller decides whether it needs one.
    Pictures that were found whole before are not read again (see ``check_image``) unless ``anew`` is set.
    """
    items = list(items)
    paths = list(dict.fromkeys(item.image for item in items if item.image is not None))
    verdicts = _verdicts(paths, {} if anew else checked.recall(paths))
    problems = []
    for item in items:
        if item.image is None:
            problems.append(Problem(item.origin, f"no image for {item.panorama}; expected its rgb_erp.png"))
        # The first question of a picture speaks for all.
        elif (verdict := verdicts.pop(item.image, None)) is not None:
            message = verdict if isinstance(verdict, str) else _wrong_size(item, verdict)
            problems += [Problem(item.origin, message)] if message else []
    return problems


def _verdicts(paths: list[Path], known: Mapping[Path, CheckedImage]) -> dict[Path, CheckedImage | str]:
    """Return each picture's facts, or what is wrong with it."""
    from tqdm import tqdm

    verdicts: dict[Path, CheckedImage | str] = dict(known)
    missing = [path for path in paths if path not in verdicts]
    pool = ThreadPoolExecutor(max_workers=min(_MOST_AT_ONCE, os.cpu_count() or 1))
    with _strictly(), tqdm(total=len(missing), unit="picture", delay=2, leave=False) as bar:
        try:
            for path, verdict in zip(missing, pool.map(_checked_or_why_not, missing), strict=True):
                verdicts[path] = verdict
                if isinstance(verdict, CheckedImage):
                    checked.remember([verdict])
                bar.update()
        finally:
            pool.shutdown(cancel_futures=True)
    return verdicts


def _checked_or_why_not(path: Path) -> CheckedImage | str:
    try:
        return _check(path)
    except DataError as error:
        return str(error)


def _check(path: Path) -> CheckedImage:
    state, content = checked.state_of(path), _content(path)
    width, height = _decode(path, content).size
    return CheckedImage(path, state, hashlib.sha256(content).hexdigest(), width, height)


def _wrong_size(item: Item, image: CheckedImage) -> str:
    if item.image_kind not in PANORAMAS or (image.width, image.height) == BOX_FRAME:
        return ""
    return (
        f"{item.image}: {image.width}x{image.height} pixels; expected {BOX_FRAME[0]}x{BOX_FRAME[1]}, "
        "the frame of the printed boxes"
    )


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{path}: no such image; fetch the panoramas again") from None
    except OSError as error:
        raise DataError(f"{path}: cannot read the image ({error.strerror})") from None


def _decode(path: Path, content: bytes) -> Image:
    """Return the picture in RGB; to be called within ``_strictly``."""
    from PIL import Image

    try:
        # Checks the sums of a PNG's parts, which decoding does not, and uses the picture up.
        Image.open(BytesIO(content), formats=FORMATS).verify()
        image: Image.Image = Image.open(BytesIO(content), formats=FORMATS)
        _refuse_unusual(path, image, content)
        image.load()
    except DataError:
        raise
    except Exception as error:  # Pillow's readers raise whatever a broken file makes them.
        why = str(error) or type(error).__name__
        raise DataError(f"{path}: not a readable image ({why}); expected a whole PNG or JPEG") from None
    if image.has_transparency_data:
        image = image.convert("RGBA")
        if image.getchannel("A").getextrema() != (255, 255):
            raise DataError(f"{path}: the image has transparent pixels; expected an opaque picture")
    return image.convert("RGB")


def _refuse_unusual(path: Path, image: Image, content: bytes) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise DataError(
            f"{path}: {image.width}x{image.height} pixels; expected at most {MOST_PIXELS:,} in all"
        )
    # Pillow shows 16-bit colour as RGB and cuts it to 8 bits without a word.
    deep = image.format == "PNG" and content[_PNG_DEPTH] > 8
    if deep or image.mode not in _USABLE_MODES:
        what = "16 bits a channel" if deep else f"mode {image.mode}"
        raise DataError(f"{path}: an image of {what}; expected 8 bits, RGB, grey or palette; save it as such")


@contextmanager
def _strictly() -> Iterator[None]:
    """Switch Pillow's tolerance of incomplete files off for a while, one caller at a time.

    Pillow has one switch for the whole process: what other threads decode meanwhile is held to the same.
    """
    from PIL import ImageFile

    with _ONE_AT_A_TIME:
        before = ImageFile.LOAD_TRUNCATED_IMAGES
        ImageFile.LOAD_TRUNCATED_IMAGES = False
        try:
            yield
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = before
