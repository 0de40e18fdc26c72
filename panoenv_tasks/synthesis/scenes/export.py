"""Write scenes as a TartanAir V2 tree, so that the way from recorded files can be tested against truth."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from panoenv_tasks.geometry.cube import FACE_AXES, FACES, face_rays
from panoenv_tasks.geometry.projection import along, levelled_axes
from panoenv_tasks.synthesis.scenes.render import BACKGROUND, cube
from panoenv_tasks.synthesis.scenes.scene import Scene
from panoenv_tasks.synthesis.tartanair import FrameFiles

#: What TartanAir's depth says of the sky: the largest float16.
_SKY_DEPTH = 65504.0


def write_scenes(
    root: Path, environment: str, scenes: Mapping[int, Scene], size: int = 640, trajectory: str = "P000"
) -> list[FrameFiles]:
    """Write scenes as frames of one easy trajectory; the keys are frame numbers.

    Returns:
        Where the frames lie.
    """
    labels = {one.label for scene in scenes.values() for one in scene.instances}
    names = [*BACKGROUND.values(), *sorted(label.replace(" ", "_") for label in labels)]
    numbers = {name: number for number, name in enumerate(names, start=1)}
    (root / environment).mkdir(parents=True, exist_ok=True)
    (root / environment / "seg_label_map.json").write_text(json.dumps({"name_map": numbers}))
    frames = [FrameFiles(root, environment, "easy", trajectory, index) for index in scenes]
    for files, scene in zip(frames, scenes.values(), strict=True):
        _write_frame(files, scene, numbers, size)
    level = "0 0 0 0 0 0 1\n"
    poses = "".join(_pose(scenes[k]) if k in scenes else level for k in range(max(scenes) + 1))
    for face in FACES:
        (frames[0].folder / f"pose_lcam_{face}.txt").write_text(poses)
    return frames


def _pose(scene: Scene) -> str:
    """Return a row ``x y z qx qy qz qw``: the camera's turn in the north-east-down world."""
    right, up, forward = levelled_axes(scene.up)
    down = (-up[0], -up[1], -up[2])
    # The world's axes north, east, down along the camera's own forward, right, down.
    (_, ab, ac), (ba, _, bc), (ca, cb, _) = ((v[2], v[0], -v[1]) for v in (forward, right, down))
    w = math.sqrt(1 + forward[2] + right[0] - down[1]) / 2
    x, y, z = (cb - bc) / (4 * w), (ac - ca) / (4 * w), (ba - ab) / (4 * w)
    return f"0 0 0 {x:.9f} {y:.9f} {z:.9f} {w:.9f}\n"


def _write_frame(files: FrameFiles, scene: Scene, numbers: Mapping[str, int], size: int) -> None:
    from PIL import Image

    # Background numbers are negative: they index the table from its end.
    table = np.zeros(len(scene.instances) - min(BACKGROUND), np.uint8)
    for index, one in enumerate(scene.instances):
        table[index] = numbers[one.label.replace(" ", "_")]
    for index, name in BACKGROUND.items():
        table[index] = numbers[name]
    for face, shot in zip(FACES, cube(scene, size), strict=True):
        cosine = along(face_rays(face, size), FACE_AXES[face][2])
        planar = np.where(np.isfinite(shot.depth), shot.depth * cosine, _SKY_DEPTH)
        in_cv_order = planar.astype("<f4").view(np.uint8).reshape(size, size, 4)
        pictures = {
            "image": Image.fromarray(shot.rgb),
            "depth": Image.fromarray(np.ascontiguousarray(in_cv_order[:, :, [2, 1, 0, 3]])),
            "seg": Image.fromarray(table[shot.segments]),
        }
        for modality, picture in pictures.items():
            file = files.file(modality, face)  # type: ignore[arg-type]
            file.parent.mkdir(parents=True, exist_ok=True)
            picture.save(file, compress_level=1)
