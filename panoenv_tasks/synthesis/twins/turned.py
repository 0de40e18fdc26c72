"""The same panorama after a turn of the camera by quarter turns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from panoenv_tasks.geometry.projection import Vector
from panoenv_tasks.synthesis.panorama import Panorama, Truth


def turned(panorama: Panorama, quarters: int, frame: str) -> Panorama:
    """Return the panorama rolled to the right by ``quarters`` quarters of its width, with its truth.

    That is what the camera sees after turning to the left about its own upright axis: what was ahead is to
    the right after one. A camera that is tilted about one of its axes only turns by exact quarters about
    the world's upright axis as well.
    """
    shift = panorama.depth.shape[1] // 4 * quarters
    return replace(
        panorama,
        frame=frame,
        rgb=np.roll(panorama.rgb, shift, axis=1),
        depth=np.roll(panorama.depth, shift, axis=1),
        segments=np.roll(panorama.segments, shift, axis=1),
        pose=None if panorama.pose is None else _turned_pose(panorama.pose, quarters),
        truth={
            number: Truth(_turned(one.centre, quarters), one.size, one.visible)
            for number, one in panorama.truth.items()
        },
    )


def _turned(point: Vector, quarters: int) -> Vector:
    x, y, z = point
    for _ in range(quarters % 4):
        x, z = z, -x
    return (x, y, z)


def _turned_pose(pose: npt.NDArray[np.float64], quarters: int) -> npt.NDArray[np.float64]:
    """Return the turned camera's frame to the same world."""
    found = pose.copy()
    # Each row is one of the world's axes in the camera frame.
    found[:3, :3] = [_turned(tuple(row), quarters) for row in pose[:3, :3].tolist()]
    return found
