"""CPU seconds per 2560x1280 frame of each stage, for procedural scenes and for recorded frames.

The yardstick for scenes is the target of one CPU second for panorama, depth and instance numbers; for
stitching it is the same panorama made with numpy alone, bilinear and without a lookup table.

    python benchmarks/bench_synthesis_stages.py [FRAMES]
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from panoenv_tasks.geometry.cube import FACE_AXES, FACES, erp_faces
from panoenv_tasks.geometry.projection import along, erp_rays
from panoenv_tasks.synthesis.build import scene_frames
from panoenv_tasks.synthesis.choose import choose
from panoenv_tasks.synthesis.components import components
from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.frame import write_frame
from panoenv_tasks.synthesis.objects import measure
from panoenv_tasks.synthesis.questions import ask
from panoenv_tasks.synthesis.scenes.export import write_scenes
from panoenv_tasks.synthesis.scenes.families import ENVIRONMENTS
from panoenv_tasks.synthesis.scenes.render import panorama
from panoenv_tasks.synthesis.scenes.source import scene_of, with_truth
from panoenv_tasks.synthesis.stitch import stitch_colour, stitch_depth, stitch_labels
from panoenv_tasks.synthesis.tartanair import read_classes, read_depth, read_image

T = TypeVar("T")
TARGET = 1.0


class Stopwatch:
    """CPU seconds by stage, and the first call of each apart: it fills the tables."""

    def __init__(self) -> None:
        self.first: dict[str, float] = {}
        self.later: dict[str, list[float]] = defaultdict(list)

    def time(self, stage: str, work: Callable[[], T]) -> T:
        """Run a stage and note what it took."""
        start = time.process_time()
        result = work()
        spent = time.process_time() - start
        if stage in self.first:
            self.later[stage].append(spent)
        else:
            self.first[stage] = spent
        return result

    def mean(self, stage: str) -> float:
        """Return the mean over all calls but the first."""
        return float(np.mean(self.later[stage] or [self.first[stage]]))


def main(frames: int = 8) -> None:
    watch = Stopwatch()
    with tempfile.TemporaryDirectory() as folder:
        for source in scene_frames(list(ENVIRONMENTS)[:: max(1, len(ENVIRONMENTS) // frames)], frames, 0):
            _scene(watch, source.environment, source.name, Path(folder))
            _recorded(watch, source.environment, source.name, Path(folder) / source.environment / source.name)
    print(f"{frames} frames, CPU seconds per frame\n\n| stage | mean | first call |\n|---|---|---|")
    for stage, first in watch.first.items():
        print(f"| {stage} | {watch.mean(stage):.3f} | {first:.3f} |")
    render = watch.mean("scenes: panorama, depth, instances")
    print(f"\nrender: {render:.2f} s, {TARGET / render:.1f} times faster than the target of {TARGET:.0f} s")
    ratio = watch.mean("faces: colour, plain numpy") / watch.mean("faces: colour")
    print(f"stitching colour: {ratio:.1f} times faster than plain numpy")


def _scene(watch: Stopwatch, environment: str, name: str, folder: Path) -> None:
    scene = watch.time("scenes: layout", lambda: scene_of(environment, name, 0))
    shot = watch.time("scenes: panorama, depth, instances", lambda: panorama(scene))
    shown = watch.time("scenes: truth and visible shares", lambda: with_truth(name, scene, shot))
    found = watch.time("measure objects", lambda: measure(shown))
    objects = choose(found, "ours", Dice(name))
    watch.time("ask 25 questions", lambda: ask(objects, environment, "ours", Dice(name)))
    target = folder / "out" / environment / name
    watch.time("measure, ask, write the frame", lambda: write_frame(shown, target, "ours", 0))


def _recorded(watch: Stopwatch, environment: str, name: str, folder: Path) -> None:
    scene = scene_of(environment, name, 0)
    (frame,) = watch.time("export as six faces", lambda: write_scenes(folder, environment, {0: scene}))
    images = watch.time("faces: read images", lambda: {f: read_image(frame.file("image", f)) for f in FACES})
    depths = watch.time("faces: read depth", lambda: {f: read_depth(frame.file("depth", f)) for f in FACES})
    classes = watch.time(
        "faces: read classes", lambda: {f: read_classes(frame.file("seg", f)) for f in FACES}
    )
    watch.time("faces: colour", lambda: stitch_colour(images, 1280, 2560))
    watch.time("faces: colour, plain numpy", lambda: _plain(images, 1280, 2560))
    watch.time("faces: depth", lambda: stitch_depth(depths, 1280, 2560))
    seen = watch.time("faces: classes", lambda: stitch_labels(classes, 1280, 2560))
    watch.time("connected regions", lambda: components(seen.astype(np.int32)))


def _plain(faces: dict[Any, Any], height: int, width: int) -> np.ndarray[Any, Any]:
    """Stitch without tables: project every ray, blend four pixels, edges repeated."""
    rays, met = np.array(erp_rays(height, width)), np.array(erp_faces(height, width))
    out = np.empty((height, width, 3), np.uint8)
    for index, face in enumerate(FACES):
        here = met == index
        right, down, forward = FACE_AXES[face]
        part = rays[:, here]
        size = faces[face].shape[0]
        x = (along(part, right) / along(part, forward) + 1) * size / 2 - 0.5
        y = (along(part, down) / along(part, forward) + 1) * size / 2 - 0.5
        x, y = np.clip(x, 0, size - 1.001), np.clip(y, 0, size - 1.001)
        i, j = x.astype(int), y.astype(int)
        dx, dy = (x - i)[:, None], (y - j)[:, None]
        pixels = faces[face].astype(np.float32)
        upper = pixels[j, i] * (1 - dx) + pixels[j, i + 1] * dx
        lower = pixels[j + 1, i] * (1 - dx) + pixels[j + 1, i + 1] * dx
        out[here] = upper * (1 - dy) + lower * dy
    return out


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
