"""Raw panoramas of the frames that an annotation file names, stitched from TartanAir V2."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from panoenv_tasks.geometry.cube import FACES
from panoenv_tasks.items import BOX_FRAME, DataError, Item
from panoenv_tasks.synthesis.panorama import FrameError
from panoenv_tasks.synthesis.stitch import stitch_colour
from panoenv_tasks.synthesis.tartanair import DIFFICULTIES, Difficulty, FrameFiles, read_image

_FRAME = re.compile(r"(P\d{3,})_(\d{6,})")
_COMPRESSION = 3

Choice = Literal["easy", "hard", "either"]


@dataclass(frozen=True)
class Stitched:
    """What came of a frame: where it was found, or why it could not be made."""

    panorama: str
    difficulty: Difficulty | None = None
    kept: bool = False
    reason: str = ""


def archives(items: Sequence[Item], choice: Choice) -> list[str]:
    """Return the archives of TartanAir V2 that hold the frames' faces, one for each camera.

    A released frame's name does not say whether it is of the easy or the hard trajectories. With
    ``either`` the easy ones are listed: most frames should be there.
    """
    difficulty = "hard" if choice == "hard" else "easy"
    environments = sorted({item.environment for item in items})
    return [f"{name}/Data_{difficulty}/image_lcam_{face}.zip" for name in environments for face in FACES]


def stitch_frames(
    items: Sequence[Item], root: Path, out: Path, choice: Choice, workers: int
) -> Iterator[Stitched]:
    """Write ``out/<Environment>/<frame>/rgb_erp.png`` for each panorama of the items; yield what came of it.

    Panoramas that are there are kept.

    Args:
        items: The questions.
        root: The TartanAir V2 root: ``<Environment>/Data_easy/P000/image_lcam_front/...``.
        out: The folder for the panoramas.
        choice: Which trajectories to look in.
        workers: Panoramas that are made at once.

    Raises:
        DataError: The root is not there, or a panorama cannot be written.
    """
    if not root.is_dir():
        raise DataError(f"{root}: no such folder; expected the TartanAir V2 root, a folder per environment")
    frames = dict.fromkeys((item.environment, item.frame) for item in items)
    with ThreadPoolExecutor(workers) as pool:
        try:
            yield from pool.map(lambda one: _stitch(one[0], one[1], root, out, choice), frames)
        except OSError as error:
            raise DataError(
                f"{out}: cannot write ({error.strerror or error}); what is done is kept, "
                "run the same command again to continue"
            ) from None
        finally:
            pool.shutdown(cancel_futures=True)


def _stitch(environment: str, frame: str, root: Path, out: Path, choice: Choice) -> Stitched:
    from PIL import Image

    from panoenv_tasks.owned import place, remove_abandoned, scratch

    panorama = f"{environment}/{frame}"
    folder = out / environment / frame
    if (folder / "rgb_erp.png").is_file():
        remove_abandoned(folder.parent, frame)
        return Stitched(panorama, kept=True)
    try:
        files = _find(environment, frame, root, choice)
        faces = {face: read_image(files.file("image", face)) for face in FACES}
        if len({pixels.shape for pixels in faces.values()}) > 1:
            raise FrameError("faces of different sizes")
    except FrameError as error:
        return Stitched(panorama, reason=str(error))
    width, height = BOX_FRAME
    with scratch(folder.parent, frame) as work:
        picture = Image.fromarray(stitch_colour(faces, height, width))
        picture.save(work / "rgb_erp.png", compress_level=_COMPRESSION)
        place(work, folder, "rgb_erp.png", "choose another folder for the panoramas")
    return Stitched(panorama, files.difficulty)


def _find(environment: str, frame: str, root: Path, choice: Choice) -> FrameFiles:
    match = _FRAME.fullmatch(frame)
    if not match:
        raise FrameError(f"{frame!r} is not a frame of TartanAir; expected P000_000500 and the like")
    tried: list[Difficulty] = [one for one in DIFFICULTIES if choice in (one, "either")]
    places = [FrameFiles(root, environment, one, match[1], int(match[2])) for one in tried]
    there = [files for files in places if any(files.file("image", face).is_file() for face in FACES)]
    if not there:
        raise FrameError(f"not in {' or '.join(f'Data_{one}' for one in tried)}; fetch its archives")
    if len(there) > 1:
        raise FrameError(
            "in Data_easy and in Data_hard, and the name does not say which; choose with --difficulty, and "
            "hold the result against a restored panorama with `panoenv data compare`"
        )
    missing = [face for face in FACES if not there[0].file("image", face).is_file()]
    if missing:
        raise FrameError(f"faces missing: {', '.join(missing)}; fetch image_lcam_{missing[0]}.zip")
    return there[0]
