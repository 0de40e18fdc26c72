"""How well six stitched faces agree with the panorama seen directly, and with less careful ways.

Each procedural scene is rendered once as a panorama and once as six 640-pixel faces. Beside our stitching
stand nearest-neighbour colour, and planar depth taken as distance as in the released labels.

    python benchmarks/bench_synthesis_stitch.py [FRAMES]
"""

from __future__ import annotations

import sys
from collections import defaultdict
from typing import Any

import numpy as np

from panoenv_tasks.geometry.cube import FACE_AXES, FACES, face_rays
from panoenv_tasks.geometry.projection import along
from panoenv_tasks.synthesis.build import scene_frames
from panoenv_tasks.synthesis.scenes.families import ENVIRONMENTS
from panoenv_tasks.synthesis.scenes.render import cube, panorama
from panoenv_tasks.synthesis.scenes.source import scene_of
from panoenv_tasks.synthesis.stitch import stitch_colour, stitch_depth, stitch_labels

SIZE, HEIGHT, WIDTH = 640, 1280, 2560


def main(frames: int = 8) -> None:
    found: dict[str, list[float]] = defaultdict(list)
    for source in scene_frames(list(ENVIRONMENTS)[:: max(1, len(ENVIRONMENTS) // frames)], frames, 0):
        _compare(found, source.environment, source.name)
    print(f"{frames} scenes\n\n| quantity | mean | worst |\n|---|---|---|")
    for name, values in found.items():
        worst = min(values) if "dB" in name or "agree" in name or "IoU" in name else max(values)
        print(f"| {name} | {np.mean(values):.4g} | {worst:.4g} |")
    ours, planar = (np.mean(found[f"distance off, median %, {way}"]) for way in ("ours", "planar as range"))
    print(
        f"\nplanar depth as range is off by {planar:.1f} %, ours by {ours:.4f} %: "
        f"over {planar / max(ours, 0.01):.0f} times more"
    )


def _compare(found: dict[str, list[float]], environment: str, name: str) -> None:
    scene = scene_of(environment, name, 0)
    direct = panorama(scene, HEIGHT, WIDTH)
    shots = dict(zip(FACES, cube(scene, SIZE), strict=True))
    colours = {face: shot.rgb for face, shot in shots.items()}
    segments = {face: shot.segments for face, shot in shots.items()}
    planar = {
        face: shot.depth * along(face_rays(face, SIZE), FACE_AXES[face][2]) for face, shot in shots.items()
    }
    red, green, blue = (
        stitch_labels({f: c[:, :, k] for f, c in colours.items()}, HEIGHT, WIDTH) for k in range(3)
    )
    found["colour, dB, ours"].append(_psnr(stitch_colour(colours, HEIGHT, WIDTH), direct.rgb))
    found["colour, dB, nearest neighbour"].append(_psnr(np.dstack([red, green, blue]), direct.rgb))
    seen = stitch_labels(segments, HEIGHT, WIDTH)
    same = seen == direct.segments
    found["instances agree, %"].append(100 * float(same.mean()))
    found["worst instance, IoU"].append(min(_overlaps(seen, direct.segments)))
    for way, taken in (("ours", False), ("planar as range", True)):
        depth = stitch_depth(planar, HEIGHT, WIDTH, planar_as_range=taken)
        known = same & np.isfinite(depth) & np.isfinite(direct.depth)
        off = 100 * np.abs(depth[known] / direct.depth[known] - 1)
        found[f"distance off, median %, {way}"].append(float(np.median(off)))
        found[f"distance off, 99th percentile %, {way}"].append(float(np.percentile(off, 99)))


def _psnr(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> float:
    return float(10 * np.log10(255**2 / ((one.astype(np.float64) - other) ** 2).mean()))


def _overlaps(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> list[float]:
    """Intersection over union of every instance of at least 900 pixels."""
    counts = np.bincount(other[other >= 0])
    return [
        float(((one == k) & (other == k)).sum() / ((one == k) | (other == k)).sum())
        for k in np.flatnonzero(counts >= 900)
    ]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
