"""A procedural environment and a frame number to a panorama with its truth."""

from __future__ import annotations

import numpy as np

from panoenv_tasks.synthesis.components import components
from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.geometry import Vector, erp_rays
from panoenv_tasks.synthesis.panorama import Panorama, Rules, Truth
from panoenv_tasks.synthesis.scenes.families import STYLES, lay_out
from panoenv_tasks.synthesis.scenes.render import Shot, panorama, visible_shares
from panoenv_tasks.synthesis.scenes.scene import Scene

ENVIRONMENTS: tuple[str, ...] = tuple(STYLES)


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
        return _as_released(environment, frame, scene, shot)
    shares = visible_shares(scene)
    truth = {
        number: Truth(_seen(one.extent.centre, scene.eye), one.extent.size, share)
        for number, (one, share) in enumerate(zip(scene.instances, shares, strict=True), start=1)
    }
    return Panorama(
        environment=environment,
        frame=frame,
        rgb=shot.rgb,
        depth=shot.depth,
        segments=np.maximum(shot.segments, -1).astype(np.int32) + 1,
        labels={number: one.label for number, one in enumerate(scene.instances, start=1)},
        truth=truth,
    )


def _as_released(environment: str, frame: str, scene: Scene, shot: Shot) -> Panorama:
    names = sorted({one.label for one in scene.instances})
    table = np.array([names.index(one.label) + 1 for one in scene.instances] + [0], np.int32)
    classes = table[np.maximum(shot.segments, -1)]
    segments, owners = components(classes, wrap=False)
    height, width = shot.depth.shape
    planar = shot.depth * np.abs(erp_rays(height, width)).max(axis=0)
    labels = {number: names[owner - 1] for number, owner in enumerate(owners, start=1)}
    return Panorama(environment, frame, shot.rgb, planar, segments, labels)


def _seen(point: Vector, eye: float) -> Vector:
    return (point[0], point[1] - eye, point[2])
