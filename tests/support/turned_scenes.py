"""Turn a procedural scene about its camera: what a roll of the picture claims to show."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TypeVar

from panoenv_tasks.geometry.projection import Vector
from panoenv_tasks.synthesis.scenes.scene import LEVEL, Patch, Room, Scene
from panoenv_tasks.synthesis.scenes.solids import Instance, Solid

Flat = TypeVar("Flat", Patch, Room)


def turned_scene(scene: Scene, degrees: int) -> Scene:
    """The scene after a turn that brings what was ahead to the right.

    Rooms and painted patches lie along the axes: they turn by quarters only. Between quarters patches
    stay, which changes colours and nothing else, and rooms and tilted cameras are refused.
    """
    assert degrees % 90 == 0 or not (isinstance(scene.backdrop, Room) or scene.up != LEVEL)
    patches, backdrop = scene.patches, scene.backdrop
    for _ in range(degrees // 90):
        patches = tuple(map(_quarter, patches))
        backdrop = _quarter(backdrop) if isinstance(backdrop, Room) else backdrop
    return replace(
        scene,
        instances=tuple(_instance(one, degrees) for one in scene.instances),
        walls=tuple(_solid(one, degrees) for one in scene.walls),
        patches=patches,
        backdrop=backdrop,
        light=replace(scene.light, towards=turned_point(scene.light.towards, degrees)),
        up=turned_point(scene.up, degrees),
    )


def turned_point(point: Vector, degrees: int) -> Vector:
    """Ahead (z) comes to the right (x), right comes to the back; quarter turns are exact."""
    x, y, z = point
    exact = {0: (1.0, 0.0), 90: (0.0, 1.0), 180: (-1.0, 0.0), 270: (0.0, -1.0)}
    angle = math.radians(degrees)
    c, s = exact.get(degrees, (math.cos(angle), math.sin(angle)))
    return (c * x + s * z, y, c * z - s * x)


def _instance(one: Instance, degrees: int) -> Instance:
    extent = replace(
        one.extent, centre=turned_point(one.extent.centre, degrees), yaw=one.extent.yaw + degrees
    )
    parts, plinth = (tuple(_solid(part, degrees) for part in some) for some in (one.parts, one.plinth))
    return replace(one, parts=parts, extent=extent, plinth=plinth)


def _solid(one: Solid, degrees: int) -> Solid:
    a, b, c = (turned_point(axis, degrees) for axis in one.turn)
    return replace(one, centre=turned_point(one.centre, degrees), turn=(a, b, c))


def _quarter(one: Flat) -> Flat:
    return replace(one, left=one.rear, right=one.front, rear=-one.right, front=-one.left)
