"""See a scene with any camera: colours, distances, and which instance is met."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from panoenv_tasks.geometry.cube import FACES, face_rays
from panoenv_tasks.geometry.levelling import LEVEL, level_axes
from panoenv_tasks.geometry.projection import Floats, Rays, Vector, along, erp_rays
from panoenv_tasks.synthesis.scenes.cast import Tiles, cast, tile
from panoenv_tasks.synthesis.scenes.scene import Room, Scene
from panoenv_tasks.synthesis.scenes.shade import CEILING, FLOOR, SKY, WALLS, shade
from panoenv_tasks.synthesis.scenes.solids import Solid

#: Names of what is no instance; the segment numbers of a ``Shot`` are negative for them.
BACKGROUND: Mapping[int, str] = {SKY: "sky", FLOOR: "ground", CEILING: "ceiling", WALLS[0]: "wall"}


@dataclass(frozen=True)
class Shot:
    """What a camera sees of a scene.

    Attributes:
        rgb: ``(height, width, 3)`` uint8.
        depth: ``(height, width)`` float32, metres along the ray; infinite for sky.
        segments: ``(height, width)`` int16, the index of the instance, or a key of ``BACKGROUND``.
    """

    rgb: npt.NDArray[np.uint8]
    depth: Floats
    segments: npt.NDArray[np.int16]


def panorama(scene: Scene, height: int = 1280, width: int = 2560, *, coloured: bool = True) -> Shot:
    """Return the equirectangular view; without ``coloured`` it is black, and made in a third of the time."""
    return _shoot(scene, _panorama_tiles(height, width, scene.up), coloured)


def cube(scene: Scene, size: int = 640, *, coloured: bool = True) -> list[Shot]:
    """Return the six 90-degree views, in the order of ``FACES``; see ``panorama``."""
    return [_shoot(scene, _face_tiles(index, size, scene.up), coloured) for index in range(len(FACES))]


def visible_shares(scene: Scene) -> list[float]:
    """Return for each instance the part of its outline that nothing else hides, 0 to 1.

    Counted on a small panorama.
    """
    tiles = _panorama_tiles(320, 640, scene.up)
    solids, owners = _solids(scene)
    together = _segments(scene, tiles, solids, owners)[1]
    shares = []
    for index in range(len(scene.instances)):
        alone = [s for s, owner in zip(solids, owners, strict=True) if owner == index]
        distance, number = _nothing(tiles)
        cast(alone, tiles, distance, number)
        whole = np.count_nonzero(number >= 0)
        seen = np.count_nonzero(together == index)
        shares.append(seen / whole if whole else 0.0)
    return shares


def _shoot(scene: Scene, tiles: Tiles, coloured: bool) -> Shot:
    solids, owners = _solids(scene)
    distance, segments, number = _visible(scene, tiles, solids, owners)
    if coloured:
        rgb = shade(scene, solids, tiles, distance, number)
    else:
        rgb = np.zeros((*distance.shape, 3), np.uint8)
    far = np.where(number == SKY, np.float32(np.inf), distance)
    return Shot(tiles.picture(rgb), tiles.picture(far), tiles.picture(segments))


def _segments(
    scene: Scene, tiles: Tiles, solids: list[Solid], owners: list[int]
) -> tuple[Floats, npt.NDArray[np.int16]]:
    distance, segments, _ = _visible(scene, tiles, solids, owners)
    return distance, segments


def _visible(
    scene: Scene, tiles: Tiles, solids: list[Solid], owners: list[int]
) -> tuple[Floats, npt.NDArray[np.int16], npt.NDArray[np.int16]]:
    distance, number = _backdrop(scene, tiles)
    cast(solids, tiles, distance, number)
    background = np.minimum(number, np.int16(-1))
    background = np.where(background <= WALLS[0], np.int16(WALLS[0]), background)
    owner_of = np.array([*owners, 0], np.int16)
    return distance, np.where(number >= 0, owner_of[np.maximum(number, 0)], background), number


def _solids(scene: Scene) -> tuple[list[Solid], list[int]]:
    """Return all solids in camera coordinates and the instance that each belongs to."""
    pairs = [(part, k) for k, one in enumerate(scene.instances) for part in one.parts]
    pairs += [(part, WALLS[0]) for one in scene.instances for part in one.plinth]
    pairs += [(part, WALLS[0]) for part in scene.walls]
    moved = []
    for part, _ in pairs:
        x, y, z = part.centre
        moved.append(replace(part, centre=(x, y - scene.eye, z)))
    return moved, [owner for _, owner in pairs]


def _nothing(tiles: Tiles) -> tuple[Floats, npt.NDArray[np.int16]]:
    shape = tiles.rays.shape[1:]
    return np.full(shape, np.inf, np.float32), np.full(shape, SKY, np.int16)


def _backdrop(scene: Scene, tiles: Tiles) -> tuple[Floats, npt.NDArray[np.int16]]:
    """Return distance and number of the floor and of the room, where a ray meets them."""
    distance, number = _nothing(tiles)
    x, y, z = tiles.rays
    with np.errstate(divide="ignore"):
        floor = np.float32(-scene.eye) / y
        planes = [(FLOOR, floor)]
        if isinstance(scene.backdrop, Room):
            room = scene.backdrop
            planes += [
                (CEILING, np.float32(room.height - scene.eye) / y),
                (WALLS[0], np.float32(room.left) / x),
                (WALLS[1], np.float32(room.right) / x),
                (WALLS[2], np.float32(room.rear) / z),
                (WALLS[3], np.float32(room.front) / z),
            ]
    for surface, reach in planes:
        nearer = (reach > 0) & (reach < distance)
        distance[nearer] = reach[nearer]
        number[nearer] = surface
    return distance, number


@lru_cache(maxsize=2)
def _panorama_tiles(height: int, width: int, up: Vector) -> Tiles:
    return tile(_upright(erp_rays(height, width), up))


@lru_cache(maxsize=6)
def _face_tiles(index: int, size: int, up: Vector) -> Tiles:
    return tile(_upright(face_rays(FACES[index], size), up))


def _upright(rays: Rays, up: Vector) -> Rays:
    """Return rays of the camera in the scene's own axes."""
    return rays if up == LEVEL else np.stack([along(rays, axis) for axis in level_axes(up)])
