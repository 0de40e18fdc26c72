"""Find and read frames of TartanAir V2: six pinhole faces with image, depth and class map.

The layout, for one environment ``Env`` under the root::

    Env/seg_label_map.json
    Env/Data_easy/P000/image_lcam_front/000000_lcam_front.png       RGB
    Env/Data_easy/P000/depth_lcam_front/000000_lcam_front_depth.png  RGBA: the bytes of one float
    Env/Data_easy/P000/seg_lcam_front/000000_lcam_front_seg.png      class number in one byte
    Env/Data_easy/P000/pose_lcam_front.txt                           a row per frame

and the same for back, left, right, top and bottom, and for ``Data_hard``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from panoenv_tasks.geometry.cube import FACES, Face
from panoenv_tasks.geometry.projection import Floats
from panoenv_tasks.items import DataError
from panoenv_tasks.synthesis.panorama import FrameError

Difficulty = Literal["easy", "hard"]
Modality = Literal["image", "depth", "seg"]

DIFFICULTIES: tuple[Difficulty, ...] = get_args(Difficulty)
MODALITIES: tuple[Modality, ...] = get_args(Modality)

#: How far a quaternion's length may be from 1: what rounding to a few decimals costs.
_UNIT = 0.01
_TRAJECTORY = re.compile(r"P\d{3,}")
_FILE = re.compile(r"(\d{6,})_lcam_\w+\.png")


@dataclass(frozen=True)
class FrameFiles:
    """Where one frame lies; the files need not all be there."""

    root: Path
    environment: str
    difficulty: Difficulty
    trajectory: str
    index: int

    @property
    def name(self) -> str:
        """The frame's name in a built tree: as in the release, and told apart for hard ones."""
        hard = "_hard" if self.difficulty == "hard" else ""
        return f"{self.trajectory}{hard}_{self.index:06d}"

    @property
    def folder(self) -> Path:
        """The trajectory's folder."""
        return self.root / self.environment / f"Data_{self.difficulty}" / self.trajectory

    def file(self, modality: Modality, face: Face) -> Path:
        """Return where one face of one modality should be."""
        ending = "" if modality == "image" else f"_{modality}"
        return self.folder / f"{modality}_lcam_{face}" / f"{self.index:06d}_lcam_{face}{ending}.png"

    def missing(self) -> list[Path]:
        """Return which of the eighteen files are not there."""
        files = [self.file(modality, face) for modality in MODALITIES for face in FACES]
        return [file for file in files if not file.is_file()]


def find_frames(
    root: Path,
    stride: int,
    difficulties: Sequence[Difficulty] = DIFFICULTIES,
    environments: Sequence[str] = (),
) -> list[FrameFiles]:
    """Return the frames whose number is a multiple of ``stride``, in a fixed order.

    A frame counts as there when any of its faces is, so that incomplete ones are reported and not
    passed over in silence. ``environments`` empty means all.

    Raises:
        DataError: The folder, a named environment, or any frame at all is not there.
    """
    if not root.is_dir():
        raise DataError(
            f"{root}: no such folder; expected the TartanAir V2 root with one folder per environment"
        )
    absent = [name for name in environments if not (root / name).is_dir()]
    if absent:
        raise DataError(f"{root}: no environment {', '.join(absent)} there")
    # Absolute: frames may be read in other working directories.
    root = root.absolute()
    found = []
    for folder in sorted(root.iterdir()):
        if not folder.is_dir() or (environments and folder.name not in environments):
            continue
        for difficulty in difficulties:
            for trajectory in sorted(folder.glob(f"Data_{difficulty}/P*")):
                if _TRAJECTORY.fullmatch(trajectory.name):
                    found += [
                        FrameFiles(root, folder.name, difficulty, trajectory.name, index)
                        for index in _indices(trajectory)
                        if index % stride == 0
                    ]
    if not found:
        raise DataError(
            f"{root}: no frames at stride {stride}; expected "
            "<Env>/Data_easy/P000/image_lcam_front/000000_lcam_front.png and the like"
        )
    return found


def read_image(file: Path) -> npt.NDArray[np.uint8]:
    """Return an RGB face ``(n, n, 3)``."""
    return _read(file, "RGB")


def read_depth(file: Path) -> Floats:
    """Return planar depth in metres ``(n, n)`` from a face's RGBA file.

    The four bytes of each little-endian float were written in OpenCV's order, blue, green, red, alpha;
    Pillow hands out red, green, blue, alpha.
    """
    raw = _read(file, "RGBA")
    return np.ascontiguousarray(raw[:, :, [2, 1, 0, 3]]).view("<f4")[:, :, 0]


def read_classes(file: Path) -> npt.NDArray[np.uint8]:
    """Return the class numbers ``(n, n)`` of a face."""
    return _read(file, "L", "P")


@lru_cache(maxsize=4)
def read_label_map(file: Path) -> dict[int, str]:
    """Return the environment's class names by number.

    Raises:
        FrameError: The file is missing or not of the expected form.
    """
    try:
        content: Any = json.loads(file.read_text(encoding="utf-8"))
        names = {int(number): str(name) for name, number in content["name_map"].items()}
    except FileNotFoundError:
        raise FrameError(f"{file.name}: missing; it comes with the seg archives (segfiles.zip)") from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        raise FrameError(f'{file.name}: expected {{"name_map": {{"<class>": <number>, ...}}}}') from None
    if len(names) != len(content["name_map"]):
        raise FrameError(f"{file.name}: two classes share one number")
    return names


def read_pose(folder: Path, index: int) -> npt.NDArray[np.float64] | None:
    """Return a frame's pose, ``x y z qx qy qz qw`` in the north-east-down world, or None without one.

    Raises:
        FrameError: The file is there but has no such row, or no rotation in it.
    """
    file = folder / "pose_lcam_front.txt"
    if not file.is_file():
        return None
    try:
        rows = file.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise FrameError(f"{file.name}: not a text file; fetch it again") from None
    except OSError as error:
        raise FrameError(f"{file.name}: cannot be read ({error.strerror})") from None
    try:
        pose = np.array([float(word) for word in rows[index].split()])
    except (IndexError, ValueError):
        raise FrameError(f"{file.name}: no pose in row {index + 1} of {len(rows)}") from None
    if pose.shape != (7,):
        raise FrameError(f"{file.name}:{index + 1}: {len(pose)} numbers; expected x y z qx qy qz qw")
    # Written so that a NaN does not pass.
    if not (np.isfinite(pose).all() and abs(float(np.linalg.norm(pose[3:])) - 1) <= _UNIT):
        raise FrameError(f"{file.name}:{index + 1}: no unit quaternion in qx qy qz qw, or not finite")
    return pose


def camera_to_world(pose: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the matrix ``(4, 4)`` of a pose, both frames x right, y up, z forward, metres.

    The pose turns the body frame (forward, right, down) into north, east, down; the world's axes here are
    east, up, north.
    """
    qx, qy, qz, qw = pose[3:] / np.linalg.norm(pose[3:])
    turn = np.array(
        [
            [1 - 2 * (qy * qy + qz * qz), 2 * (qx * qy - qz * qw), 2 * (qx * qz + qy * qw)],
            [2 * (qx * qy + qz * qw), 1 - 2 * (qx * qx + qz * qz), 2 * (qy * qz - qx * qw)],
            [2 * (qx * qz - qw * qy), 2 * (qy * qz + qw * qx), 1 - 2 * (qx * qx + qy * qy)],
        ]
    )
    to_body = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])
    to_world = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, -1.0], [1.0, 0.0, 0.0]])
    matrix = np.eye(4)
    matrix[:3, :3] = to_world @ turn @ to_body
    matrix[:3, 3] = to_world @ pose[:3]
    return matrix


def _indices(trajectory: Path) -> list[int]:
    names = {
        file.name
        for modality in MODALITIES
        for face in FACES
        for file in trajectory.glob(f"{modality}_lcam_{face}/*.png")
    }
    return sorted({int(match[1]) for name in names if (match := _FILE.fullmatch(name))})


def _read(file: Path, *modes: str) -> npt.NDArray[np.uint8]:
    """Return the pixels of a square PNG of one of Pillow's given modes."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(file) as image:
            mode, (width, height) = image.mode, image.size
            pixels = np.asarray(image)
    except FileNotFoundError:
        raise FrameError(f"{file.name}: missing") from None
    except UnidentifiedImageError:
        raise FrameError(f"{file.name}: not a readable PNG; fetch it again") from None
    except (OSError, SyntaxError, ValueError) as error:
        raise FrameError(f"{file.name}: not a readable PNG ({error}); fetch it again") from None
    if mode not in modes:
        channels = pixels.shape[2] if pixels.ndim == 3 else 1
        wanted = " or ".join(modes)
        raise FrameError(f"{file.name}: a {mode} picture of {channels} channels; expected {wanted}")
    if width != height:
        raise FrameError(f"{file.name}: {width}x{height} pixels; a cube face is square")
    return pixels
