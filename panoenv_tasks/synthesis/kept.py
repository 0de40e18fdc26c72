"""What a build keeps beside a picture so that it can be asked again: the files of a frame folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from panoenv_tasks.synthesis.frame_folder import FORMAT, FRAME, INSTANCES, RANGES, to_steps
from panoenv_tasks.synthesis.panorama import Panorama
from panoenv_tasks.synthesis.vocabulary import Keep


def kept_files(keep: Sequence[Keep]) -> list[str]:
    """Return the names of the files that ``write_kept`` writes."""
    names = {"depth": RANGES[0], "instances": INSTANCES, "scene": FRAME}
    return [names[one] for one in keep]


def write_kept(panorama: Panorama, folder: Path, keep: Sequence[Keep]) -> None:
    """Write ranges, instance map, and labels with pose and exact truth, each when asked for.

    What is written is exact: read back by ``read_frame_folder``, it gives the same questions.

    Raises:
        OSError: The folder cannot be written.
    """
    if "depth" in keep:
        np.savez_compressed(folder / RANGES[0], range_steps=to_steps(panorama.depth))
    if "instances" in keep:
        _write_instances(panorama, folder / INSTANCES)
    if "scene" in keep:
        text = json.dumps(_about(panorama), indent=1, ensure_ascii=False, allow_nan=False)
        (folder / FRAME).write_text(text + "\n", encoding="utf-8")


def _write_instances(panorama: Panorama, file: Path) -> None:
    from PIL import Image

    Image.fromarray(panorama.segments.astype(np.uint16)).save(file, compress_level=3)


def _about(panorama: Panorama) -> dict[str, Any]:
    objects: dict[str, dict[str, Any]] = {}
    for number, label in panorama.labels.items():
        entry: dict[str, Any] = {"label": label}
        truth = panorama.truth.get(number)
        if truth is not None:
            entry["center_m"] = [float(value) for value in truth.centre]
            entry["size_m"] = [float(value) for value in truth.size]
            entry["visible"] = float(truth.visible)
        objects[str(number)] = entry
    about: dict[str, Any] = {"format": FORMAT, "objects": objects}
    if panorama.pose is not None:
        about["camera_to_world"] = panorama.pose.tolist()
    return about
