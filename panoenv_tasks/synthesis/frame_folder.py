"""The documented input: one folder per frame with colour, range, instance map, labels and pose.

``<root>/<Environment>/<frame>/`` holds ``rgb_erp.png`` (or ``.jpg``), ``range.npz`` (or ``.npy``, or 16-bit
``.png``), ``instances.png`` and ``frame.json``; ``frame_folder.schema.json`` says what stands in the last.
A built tree keeps the same files beside its pictures when asked to (``--keep``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from panoenv_tasks.geometry.projection import Floats
from panoenv_tasks.items import BOX_FRAME, DataError
from panoenv_tasks.sources.images import open_image
from panoenv_tasks.synthesis.objects import MIN_PIXELS
from panoenv_tasks.synthesis.panorama import FrameError, Panorama, Truth

FORMAT = "panoenv-frame@1"
PICTURES = ("rgb_erp.png", "rgb_erp.jpg")
RANGES = ("range.npz", "range.npy", "range.png")
#: The array of ``range.npz`` that holds ``to_steps``; of any other name it holds metres.
STEPS = "range_steps"
INSTANCES = "instances.png"
FRAME = "frame.json"

#: Panoramas with fewer rows show too little to measure.
_FEWEST_ROWS = 256
#: A file of ranges with more numbers is refused before it is unpacked: sixteen panoramas.
_MOST = 16 * BOX_FRAME[0] * BOX_FRAME[1]
#: Half of what a camera sees is nearer than this, in metres; in millimetres it would not be.
_FAR = 500.0
#: How far a rotation may be from one: what rounding to three decimals costs.
_ROUNDED = 5e-3


@dataclass(frozen=True)
class FrameFolder:
    """Where one frame lies; the files need not all be there."""

    folder: Path

    @property
    def environment(self) -> str:
        """The name of the folder above."""
        return self.folder.parent.name

    @property
    def name(self) -> str:
        """The folder's own name."""
        return self.folder.name


def find_frame_folders(root: Path) -> list[FrameFolder]:
    """Return the frames below a folder, in a fixed order.

    A folder counts as a frame when any of a frame's files is there, so that incomplete ones are reported.

    Raises:
        DataError: The folder or any frame is not there.
    """
    expected = f"expected <Environment>/<frame>/ with {PICTURES[0]}, {RANGES[0]}, {INSTANCES}, {FRAME}"
    if not root.is_dir():
        raise DataError(f"{root}: no such folder; {expected}")
    # Absolute: frames may be read in other working directories.
    names = {*PICTURES, *RANGES, INSTANCES, FRAME}
    folders = {file.parent for file in root.absolute().glob("*/*/*") if file.name in names}
    found = sorted(folder for folder in folders if not folder.name.startswith("."))
    if not found:
        raise DataError(f"{root}: no frames; {expected}")
    return [FrameFolder(folder) for folder in found]


def read_frame_folder(frame: FrameFolder) -> Panorama:
    """Return a frame as a panorama of full size; smaller or larger maps are brought to it.

    Raises:
        FrameError: A file is missing, broken, of another size or form, contradicts another, or holds what
            cannot be metres.
    """
    about = _about(frame.folder)
    width, height = BOX_FRAME
    picture = _one_of(frame.folder, PICTURES)
    rgb, resized = _colour(picture, width, height)
    segments = _sized(_instances(frame.folder / INSTANCES), height, INSTANCES)
    numbers = {int(number): entry for number, entry in about["objects"].items()}
    _require_names(segments, numbers)
    return Panorama(
        environment=frame.environment,
        frame=frame.name,
        rgb=rgb,
        depth=_range(frame.folder, about, height),
        segments=segments,
        labels={number: entry["label"] for number, entry in numbers.items()},
        truth={number: _truth(entry) for number, entry in numbers.items() if "visible" in entry},
        pose=_pose(about),
        picture=None if resized else picture,
    )


@lru_cache(maxsize=1)
def schema() -> dict[str, Any]:
    """Return the JSON Schema of ``frame.json``."""
    text = resources.files(__package__).joinpath("frame_folder.schema.json").read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(text)
    return content


def _about(folder: Path) -> dict[str, Any]:
    from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
    from jsonschema.exceptions import best_match  # type: ignore[import-untyped]

    try:
        content = json.loads((folder / FRAME).read_text(encoding="utf-8"), parse_constant=_no_number)
    except FileNotFoundError:
        raise FrameError(f"{FRAME}: missing") from None
    except (OSError, ValueError) as error:
        raise FrameError(f"{FRAME}: not readable as JSON ({error})") from None
    wrong = best_match(Draft202012Validator(schema()).iter_errors(content))
    if wrong is not None:
        where = "/".join(map(str, wrong.absolute_path))
        raise FrameError(f"{FRAME}: {f'{where}: ' if where else ''}{' '.join(wrong.message.split())[:200]}")
    about: dict[str, Any] = content
    return about


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number in JSON")


def _one_of(folder: Path, names: Sequence[str]) -> Path:
    there = [folder / name for name in names if (folder / name).is_file()]
    if len(there) != 1:
        found = "none" if not there else " and ".join(file.name for file in there)
        raise FrameError(f"one of {', '.join(names)} is needed, found {found}")
    return there[0]


def _colour(file: Path, width: int, height: int) -> tuple[npt.NDArray[np.uint8], bool]:
    from PIL import Image

    try:
        picture = open_image(file)
    except DataError as error:
        raise FrameError(str(error).removeprefix(f"{file.parent}/")) from None
    _require_panorama(picture.height, picture.width, file.name)
    resized = picture.size != (width, height)
    if resized:
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    return np.asarray(picture), resized


def _range(folder: Path, about: Mapping[str, Any], height: int) -> Floats:
    file = _one_of(folder, RANGES)
    found = _grey(file) if file.suffix == ".png" else _numbers(file)
    if file.suffix == ".png":
        unit = about.get("range_png_unit_m")
        if unit is None:
            raise FrameError(
                f"{FRAME}: range_png_unit_m is missing; how many metres is one level of {file.name}?"
            )
        found = found.astype(np.float64) * unit
    depth = _sized(found, height, file.name).astype(np.float32)
    with np.errstate(invalid="ignore"):
        known = np.isfinite(depth) & (depth > 0)
    if not known.any():
        raise FrameError(f"{file.name}: no range is known (positive and finite)")
    middle = float(np.median(depth[known]))
    if middle > _FAR:
        raise FrameError(
            f"{file.name}: half of all ranges are over {middle:.0f}; metres are expected, from the camera"
        )
    depth[~known] = np.inf
    return depth


def _numbers(file: Path) -> npt.NDArray[Any]:
    """Return the one array of a NumPy file; nothing in it is run."""
    import zipfile

    try:
        if file.suffix == ".npy":
            found = np.load(file, mmap_mode="r", allow_pickle=False)
        else:
            with zipfile.ZipFile(file) as archive:
                members = archive.infolist()
            if len(members) != 1 or members[0].file_size > 8 * _MOST + 4096:
                raise FrameError(f"{file.name}: expected one array of at most {_MOST:,} numbers")
            with np.load(file, allow_pickle=False) as arrays:
                ((name, found),) = arrays.items()
            if name == STEPS:
                found = from_steps(found)
    except FrameError:
        raise
    except Exception as error:  # What a broken archive raises is not documented.
        raise FrameError(
            f"{file.name}: not a readable NumPy file ({type(error).__name__}: {error})"
        ) from None
    if found.ndim != 2 or found.dtype.kind != "f" or found.size > _MOST:
        raise FrameError(f"{file.name}: {found.dtype} {found.shape}; expected floats (height, width)")
    return np.asarray(found)


def to_steps(depth: Floats) -> npt.NDArray[np.uint8]:
    """Return ranges ``(height, width)`` as bytes ``(4, height, width)`` that compress to a third, exactly.

    They are the differences between neighbours in a row, taken between the bit patterns of little-endian
    floats as unsigned integers, the first of a row to 0, one plane for each byte, lowest first.
    """
    bits = depth.astype("<f4").view("<u4")
    steps = np.diff(bits, axis=1, prepend=np.zeros((len(bits), 1), "<u4"))
    return np.ascontiguousarray(np.moveaxis(steps.view(np.uint8).reshape(*depth.shape, 4), 2, 0))


def from_steps(planes: npt.NDArray[np.uint8]) -> Floats:
    """Return the ranges of ``to_steps``.

    Raises:
        ValueError: These are no such planes.
    """
    if planes.ndim != 3 or len(planes) != 4 or planes.dtype != np.uint8:
        raise ValueError(f"{STEPS}: {planes.dtype} {planes.shape}; expected bytes (4, height, width)")
    steps = np.ascontiguousarray(np.moveaxis(planes, 0, 2)).view("<u4")[:, :, 0]
    return np.cumsum(steps, axis=1, dtype=np.uint32).view(np.float32)


def _instances(file: Path) -> npt.NDArray[np.int32]:
    return _grey(file).astype(np.int32)


def _grey(file: Path) -> npt.NDArray[Any]:
    """Return the levels of a grey PNG of 8 or 16 bits."""
    from PIL import Image

    try:
        with Image.open(file, formats=("PNG",)) as image:
            mode, size = image.mode, image.width * image.height
            if mode in ("L", "I;16", "I;16B") and size <= _MOST:
                return np.asarray(image)
    except FileNotFoundError:
        raise FrameError(f"{file.name}: missing") from None
    except Exception as error:  # Pillow's readers raise whatever a broken file makes them.
        raise FrameError(f"{file.name}: not a readable PNG ({error})") from None
    raise FrameError(
        f"{file.name}: mode {mode}; expected a grey PNG of 8 or 16 bits, at most {_MOST:,} pixels"
    )


def _sized(grid: npt.NDArray[Any], height: int, name: str) -> npt.NDArray[Any]:
    """Return a map at full size, each pixel from the nearest."""
    rows, columns = grid.shape
    _require_panorama(rows, columns, name)
    if rows == height:
        return grid
    picks = (2 * np.arange(2 * height) + 1) * rows // (2 * height)
    return np.ascontiguousarray(grid[picks[:height]][:, picks])


def _require_panorama(rows: int, columns: int, name: str) -> None:
    if columns != 2 * rows or rows < _FEWEST_ROWS:
        raise FrameError(
            f"{name}: {columns}x{rows} pixels; a whole panorama is twice as wide as high, from "
            f"{2 * _FEWEST_ROWS}x{_FEWEST_ROWS} on"
        )


def _require_names(segments: npt.NDArray[np.int32], numbers: Mapping[int, Any]) -> None:
    counts = np.bincount(segments.ravel())
    shown = np.flatnonzero(counts >= MIN_PIXELS).tolist()
    nameless = [number for number in shown if number and number not in numbers]
    if nameless:
        raise FrameError(
            f"{INSTANCES}: {', '.join(map(str, nameless[:5]))} not named in {FRAME}; name it, or paint it 0"
        )


def _truth(entry: Mapping[str, Any]) -> Truth:
    centre, size = (tuple(map(float, entry[key])) for key in ("center_m", "size_m"))
    return Truth(centre, size, float(entry["visible"]))  # type: ignore[arg-type]


def _pose(about: Mapping[str, Any]) -> npt.NDArray[np.float64] | None:
    rows = about.get("camera_to_world")
    if rows is None:
        return None
    pose = np.array(rows, np.float64)
    turn = pose[:3, :3]
    off = np.abs(turn @ turn.T - np.eye(3)).max()
    if off > _ROUNDED or np.linalg.det(turn) < 0 or pose[3].tolist() != [0, 0, 0, 1]:
        raise FrameError(
            f"{FRAME}: camera_to_world is no rotation with a shift; both sides are x right, y up, z forward"
        )
    return pose
