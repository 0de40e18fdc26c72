"""Set one thing at two distances from the camera so that its outline is the same on both panoramas.

The thing is scaled by ``k`` < 1 about the camera, its pattern with it: every ray that met it meets the same
spot of it, ``k`` times as far away. It then hangs above the floor, so it is set on a plinth. Where the
plinth stands and where the thing stands on it is what an eye can tell the two scenes apart by; without it
they would differ by nothing that can be seen. It stands on a plinth on both panoramas, so that a plinth
alone says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from panoenv_tasks.geometry.projection import Vector
from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.objects import Depths, Object
from panoenv_tasks.synthesis.scenes.layout import CAMERA_CLEARANCE, taken_up, touching
from panoenv_tasks.synthesis.scenes.plinth import (
    STONES,
    may_stand_on_plinth,
    plinth_under,
    underside,
)
from panoenv_tasks.synthesis.scenes.scene import Scene
from panoenv_tasks.synthesis.scenes.solids import Extent, Instance

#: By these the thing stands nearer on the one panorama and on the other: its distances differ by a third and
#: more, its volumes by two thirds and more.
FACTORS = ((0.45, 0.7), (0.5, 0.75), (0.5, 0.9), (0.55, 0.85), (0.6, 0.9), (0.6, 0.95), (0.65, 0.97))

#: What stands this high above the floor still stands on it, in metres.
_ON_FLOOR = 0.02
_WHOLE = 0.995


@dataclass(frozen=True)
class Apart:
    """Two scenes in which the instance ``index`` stands at ``k[0]`` and at ``k[1]`` times its distance."""

    scenes: tuple[Scene, Scene]
    index: int
    k: tuple[float, float]


def set_apart(scene: Scene, objects: Sequence[Object], dice: Dice) -> Iterator[Apart]:
    """Yield pairs of scenes with one thing at two distances, in random order; either may come first.

    Args:
        scene: The scene as it is.
        objects: Its measured objects that questions may be about; object ``n`` is instance ``n - 1``.
        dice: Decides the order, the factors and the plinths' colours.
    """
    for one in dice.shuffled(objects):
        index = one.number - 1
        if one.visible < _WHOLE or one.crosses_seam or not _movable(scene, scene.instances[index]):
            continue
        for factors in dice.shuffled(FACTORS):
            first, second = dice.shuffled(factors)
            stone = dice.pick(STONES)
            scenes = bring_near(scene, index, first, stone), bring_near(scene, index, second, stone)
            if scenes[0] is not None and scenes[1] is not None:
                yield Apart((scenes[0], scenes[1]), index, (first, second))


def bring_near(scene: Scene, index: int, k: float, stone: tuple[str, str] = STONES[0]) -> Scene | None:
    """Return the scene with one instance scaled by ``k`` about the camera and set on a plinth.

    None when thing or plinth would touch the camera or something else.
    """
    moved = scaled(scene.instances[index], k, scene.eye)
    moved = replace(moved, plinth=plinth_under(moved.extent, stone))
    others = [extent for n, one in enumerate(scene.instances) if n != index for extent in taken_up(one)]
    in_the_way = [other for other in others if other.size[1] > _ON_FLOOR]
    camera = Extent((0, scene.eye, 0), (2 * CAMERA_CLEARANCE, 10, 2 * CAMERA_CLEARANCE), 0)
    for extent in taken_up(moved):
        if any(touching(extent, other, 0.04) for other in [*in_the_way, camera]):
            return None
    instances = list(scene.instances)
    instances[index] = moved
    return replace(scene, instances=tuple(instances))


def scaled(instance: Instance, k: float, eye: float) -> Instance:
    """Return an instance scaled by ``k`` about the camera, ``eye`` metres above the scene's origin."""

    def moved(point: Vector) -> Vector:
        return (k * point[0], eye + k * (point[1] - eye), k * point[2])

    parts = tuple(
        replace(
            part,
            centre=moved(part.centre),
            half=_times(k, part.half),
            low=k * part.low,
            high=k * part.high,
            paint=replace(part.paint, size=k * part.paint.size),
        )
        for part in instance.parts
    )
    extent = instance.extent
    shrunk = Extent(moved(extent.centre), _times(k, extent.size), extent.yaw)
    return Instance(instance.label, parts, shrunk)


def as_if_scaled(one: Object, k: float) -> Object:
    """Return what measuring a scaled thing would give, as long as nothing comes to hide it."""
    d = one.depths
    depths = Depths(k * d.p20, k * d.p25, k * d.p50, k * d.p75, k * d.p80)
    return replace(one, depths=depths, centre=_times(k, one.centre), size=_times(k, one.size))


def _times(k: float, sides: Vector) -> Vector:
    return (k * sides[0], k * sides[1], k * sides[2])


def _movable(scene: Scene, instance: Instance) -> bool:
    extent = instance.extent
    stands = bool(instance.plinth) or abs(underside(extent)) <= _ON_FLOOR
    if not (stands and may_stand_on_plinth(instance.label, extent)):
        return False
    # What stands on it would be left in the air.
    high = extent.centre[1] + extent.size[1] / 2
    crown = Extent(
        (extent.centre[0], high, extent.centre[2]), (extent.size[0], 0.1, extent.size[2]), extent.yaw
    )
    return not any(one is not instance and touching(one.extent, crown, 0) for one in scene.instances)
