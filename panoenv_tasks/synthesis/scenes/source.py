"""A procedural environment and a frame number to a panorama with its truth."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from panoenv_tasks.geometry.projection import Vector, erp_rays, levelled_axes
from panoenv_tasks.synthesis.components import components
from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.panorama import Panorama, Truth
from panoenv_tasks.synthesis.scenes.families import lay_out
from panoenv_tasks.synthesis.scenes.render import Shot, panorama, visible_shares
from panoenv_tasks.synthesis.scenes.scene import Scene
from panoenv_tasks.synthesis.vocabulary import Rules


def scene_of(environment: str, frame: str, seed: int) -> Scene:
    """Return the scene of a frame: the same for the same three arguments, on every machine."""
    return lay_out(environment, Dice("scene", environment, frame, seed))


def scene_panorama(
    environment: str, frame: str, seed: int, rules: Rules = "ours", height: int = 1280
) -> Panorama:
    """Return the panorama of a frame, ``height`` by twice ``height`` pixels.

    With ``released`` it is what the released pipeline would have made of it: objects are connected
    regions of one class, cut in two at the seam, and planar depth stands in for distance.
    """
    scene = scene_of(environment, frame, seed)
    shot = panorama(scene, height, 2 * height)
    if rules == "released":
        return as_recorded(frame, scene, shot, wrap=False, planar=True)
    return with_truth(frame, scene, shot)


def with_truth(frame: str, scene: Scene, shot: Shot) -> Panorama:
    """Return the panorama whose objects are the scene's own, each with its exact box."""
    shares = visible_shares(scene)
    truth = {
        number: Truth(_seen(one.extent.centre, scene.eye), one.extent.size, share)
        for number, (one, share) in enumerate(zip(scene.instances, shares, strict=True), start=1)
    }
    return Panorama(
        environment=scene.environment,
        frame=frame,
        rgb=shot.rgb,
        depth=shot.depth,
        segments=np.maximum(shot.segments, -1).astype(np.int32) + 1,
        labels={number: one.label for number, one in enumerate(scene.instances, start=1)},
        truth=truth,
        pose=_pose(scene),
    )


def as_recorded(frame: str, scene: Scene, shot: Shot, *, wrap: bool, planar: bool) -> Panorama:
    """Return the panorama as if only classes were known: its objects are connected regions.

    Args:
        frame: Name of the frame.
        scene: The scene.
        shot: A panorama of it.
        wrap: Join regions across the seam.
        planar: Let depth along the axis of a pixel's cube face stand in for distance.
    """
    names = sorted({one.label for one in scene.instances})
    table = np.array([names.index(one.label) + 1 for one in scene.instances] + [0], np.int32)
    segments, owners = components(table[np.maximum(shot.segments, -1)], wrap=wrap)
    height, width = shot.depth.shape
    cosine = np.abs(erp_rays(height, width)).max(axis=0)
    return Panorama(
        environment=scene.environment,
        frame=frame,
        rgb=shot.rgb,
        depth=shot.depth * cosine if planar else shot.depth,
        segments=segments,
        labels={number: names[owner - 1] for number, owner in enumerate(owners, start=1)},
        pose=_pose(scene),
    )


def _pose(scene: Scene) -> npt.NDArray[np.float64]:
    """Return the camera frame to the scene's: metres from the floor, z where the camera faces."""
    pose = np.eye(4)
    pose[:3, :3] = levelled_axes(scene.up)
    pose[1, 3] = scene.eye
    return pose


def _seen(point: Vector, eye: float) -> Vector:
    return (point[0], point[1] - eye, point[2])
