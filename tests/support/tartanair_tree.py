"""A small TartanAir V2 tree made of procedural scenes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from panoenv_tasks.synthesis.scenes.export import write_scenes
from panoenv_tasks.synthesis.scenes.source import scene_of
from panoenv_tasks.synthesis.tartanair import FrameFiles


def write_tartanair(
    root: Path, environment: str = "FarmDay", indices: Iterable[int] = (0,), size: int = 640
) -> list[FrameFiles]:
    """Write one environment, a different scene for each frame number."""
    scenes = {index: scene_of(environment, f"P000_{index:06d}", 0) for index in indices}
    return write_scenes(root, environment, scenes, size)
