"""Bring one thing nearer to the camera so that its outline stays where it is.

The thing is scaled by ``k`` < 1 about the camera, its pattern with it: every ray that met it meets the same
spot of it, ``k`` times as far away. It then hangs above the floor, so it is set on a plinth. Where the
plinth stands and where the thing stands on it is what an eye can tell the two scenes apart by; without it
they would differ by nothing that can be seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from panoenv_tasks.geometry.projection import Vector
from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.objects import Object
from panoenv_tasks.synthesis.scenes.layout import CAMERA_CLEARANCE, touching
from panoenv_tasks.synthesis.scenes.paint import paint
from panoenv_tasks.synthesis.scenes.scene import Scene
from panoenv_tasks.synthesis.scenes.solids import Extent, Instance, Solid, box

#: By these the thing comes nearer: its distance changes by a quarter and more, its volume by more than half.
FACTORS = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75)

#: What stands this high above the floor still stands on it, in metres.
_ON_FLOOR = 0.02
_LOWEST, _LARGEST = 0.35, 2.7
#: Built in or planted: on a plinth they would be absurd.
_FIXED = frozenset(
    (
        *"door fireplace curtain tree bush fence fountain pond swing rock".split(),
        *("pine tree", "flower bed", "street light", "park lamp", "traffic light"),
    )
)
_WHOLE = 0.995
#: How far the plinth reaches beyond what stands on it, and the thin dark mat that shows the contact.
_MARGIN, _MAT, _MAT_THICK = 0.09, 0.035, 0.006
_STONES = (("c9c2b4", "a79f90"), ("8c939a", "70777e"), ("b08968", "8f6b4d"), ("d8d4cb", "b9b3a6"))


@dataclass(frozen=True)
class Near:
    """A scene in which the instance ``index`` stands nearer, on ``plinth``, by the factor ``k``."""

    scene: Scene
    index: int
    k: float
    plinth: tuple[Solid, ...]


def nearer_scenes(scene: Scene, objects: Sequence[Object], dice: Dice) -> Iterator[Near]:
    """Yield scenes with one thing brought near, in random order.

    Args:
        scene: The scene as it is.
        objects: Its measured objects that questions may be about; object ``n`` is instance ``n - 1``.
        dice: Decides the order, the factors and the plinths' colours.
    """
    for one in dice.shuffled(objects):
        instance = scene.instances[one.number - 1]
        if one.visible < _WHOLE or one.crosses_seam or not _movable(scene, instance):
            continue
        for k in dice.shuffled(FACTORS):
            moved = bring_near(scene, one.number - 1, k, dice.pick(_STONES))
            if moved is not None:
                yield moved


def bring_near(scene: Scene, index: int, k: float, stone: tuple[str, str] = _STONES[0]) -> Near | None:
    """Return the scene with one instance scaled by ``k`` about the camera and set on a plinth.

    None when thing or plinth would touch the camera or something else.
    """
    moved = scaled(scene.instances[index], k, scene.eye)
    low = moved.extent.centre[1] - moved.extent.size[1] / 2
    plinth = _plinth(moved.extent, low, stone)
    ground = _ground(moved.extent, low)
    others = [one.extent for number, one in enumerate(scene.instances) if number != index]
    in_the_way = [other for other in others if other.size[1] > _ON_FLOOR]
    camera = Extent((0, scene.eye, 0), (2 * CAMERA_CLEARANCE, 10, 2 * CAMERA_CLEARANCE), 0)
    for extent in (moved.extent, ground):
        if any(touching(extent, other, 0.04) for other in [*in_the_way, camera]):
            return None
    instances = list(scene.instances)
    instances[index] = moved
    changed = replace(scene, instances=tuple(instances), walls=(*scene.walls, *plinth))
    return Near(changed, index, k, plinth)


def scaled(instance: Instance, k: float, eye: float) -> Instance:
    """Return an instance scaled by ``k`` about the camera, ``eye`` metres above the scene's origin."""

    def moved(point: Vector) -> Vector:
        return (k * point[0], eye + k * (point[1] - eye), k * point[2])

    def smaller(size: Vector) -> Vector:
        return (k * size[0], k * size[1], k * size[2])

    parts = tuple(
        replace(
            part,
            centre=moved(part.centre),
            half=smaller(part.half),
            low=k * part.low,
            high=k * part.high,
            paint=replace(part.paint, size=k * part.paint.size),
        )
        for part in instance.parts
    )
    extent = instance.extent
    return replace(
        instance,
        parts=parts,
        extent=Extent(moved(extent.centre), smaller(extent.size), extent.yaw),
    )


def _movable(scene: Scene, instance: Instance) -> bool:
    centre, size = instance.extent.centre, instance.extent.size
    low, high = centre[1] - size[1] / 2, centre[1] + size[1] / 2
    if instance.label in _FIXED or abs(low) > _ON_FLOOR:
        return False
    if size[1] < _LOWEST or max(size) > _LARGEST:
        return False
    # What stands on it would be left in the air.
    crown = Extent((centre[0], high, centre[2]), (size[0], 0.1, size[2]), instance.extent.yaw)
    return not any(one is not instance and touching(one.extent, crown, 0) for one in scene.instances)


def _plinth(above: Extent, height: float, stone: tuple[str, str]) -> tuple[Solid, ...]:
    (x, _, z), (wide, _, deep), yaw = above.centre, above.size, above.yaw
    block, mat = paint(stone[0], "rough", stone[1], 0.06), paint("2b2a28")
    top = height - _MAT_THICK
    around, under = 2 * _MARGIN, 2 * _MAT
    return (
        box((x, 0, z), (wide + around, top, deep + around), block, yaw=yaw),
        box((x, top, z), (wide + under, _MAT_THICK, deep + under), mat, yaw=yaw),
    )


def _ground(above: Extent, height: float) -> Extent:
    (x, _, z), (wide, _, deep) = above.centre, above.size
    around = 2 * _MARGIN
    return Extent((x, height / 2, z), (wide + around, height, deep + around), above.yaw)
