"""A frame of TartanAir V2 to a panorama."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from panoenv_tasks.geometry.cube import FACES, Face
from panoenv_tasks.synthesis.components import components
from panoenv_tasks.synthesis.objects import MIN_PIXELS
from panoenv_tasks.synthesis.panorama import FrameError, Panorama
from panoenv_tasks.synthesis.stitch import edge_jump, stitch_colour, stitch_depth, stitch_labels
from panoenv_tasks.synthesis.tartanair import (
    FrameFiles,
    Modality,
    camera_to_world,
    read_classes,
    read_depth,
    read_image,
    read_label_map,
    read_pose,
)
from panoenv_tasks.synthesis.vocabulary import Rules

#: The typical jump across cube edges, as a logarithm, beyond which depth is not believed.
_JUMP = 0.1
_READERS: dict[Modality, Callable[[Any], npt.NDArray[Any]]] = {
    "image": read_image,
    "depth": read_depth,
    "seg": read_classes,
}


def tartanair_panorama(files: FrameFiles, rules: Rules = "ours", height: int = 1280) -> Panorama:
    """Read and stitch a frame, ``height`` by twice ``height`` pixels.

    Raises:
        FrameError: A file is missing, broken, of another size or form, or the label map does not know
            a class of the frame.
    """
    missing = files.missing()
    if missing:
        listed = ", ".join(str(file.relative_to(files.folder)) for file in missing[:3])
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise FrameError(f"{len(missing)} of 18 files missing: {listed}{more}")
    width = 2 * height
    faces = {modality: _faces(files, modality) for modality in _READERS}
    sizes = {faces[modality][face].shape[0] for modality in faces for face in FACES}
    if len(sizes) > 1:
        raise FrameError(f"faces of different sizes: {', '.join(f'{n}x{n}' for n in sorted(sizes))}")
    jump = edge_jump(faces["depth"])
    if jump is not None and jump > _JUMP:
        raise FrameError(
            f"depth typically jumps by {100 * math.expm1(jump):.0f} % from face to face; "
            "are the floats' bytes in another order than blue, green, red, alpha?"
        )
    classes = stitch_labels(faces["seg"], height, width)
    names = _names(files, classes)
    ours = rules == "ours"
    # Class 0 may be a class like any other, but 0 is background to `components`.
    segments, owners = components(
        np.where(_known(names)[classes], classes.astype(np.int32) + 1, 0), wrap=ours
    )
    pose = read_pose(files.folder, files.index)
    return Panorama(
        environment=files.environment,
        frame=files.name,
        rgb=stitch_colour(faces["image"], height, width),
        depth=stitch_depth(faces["depth"], height, width, planar_as_range=not ours),
        segments=segments,
        labels={number: names[owner - 1] for number, owner in enumerate(owners, start=1)},
        pose=camera_to_world(pose) if pose is not None else None,
    )


def _faces(files: FrameFiles, modality: Modality) -> dict[Face, npt.NDArray[Any]]:
    return {face: _READERS[modality](files.file(modality, face)) for face in FACES}


def _names(files: FrameFiles, classes: npt.NDArray[np.uint8]) -> dict[int, str]:
    file = files.root / files.environment / "seg_label_map.json"
    names = read_label_map(file)
    counts = np.bincount(classes.ravel(), minlength=256)
    unknown = [k for k in range(1, 256) if counts[k] >= MIN_PIXELS and k not in names]
    if unknown:
        raise FrameError(
            f"{file.name}: does not name class {', '.join(map(str, unknown))}; a map of another environment?"
        )
    return names


def _known(names: dict[int, str]) -> npt.NDArray[np.bool_]:
    table = np.zeros(256, bool)
    table[[number for number in names if 0 <= number < 256]] = True
    return table
