"""See a scene with any camera: colours, distances, and which instance is met."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from panoenv_tasks.geometry.cube import FACES, face_rays
from panoenv_tasks.geometry.projection import Floats, Vector, along, erp_rays, levelled_axes
from panoenv_tasks.synthesis.scenes.cast import Tiles, cast, tile
from panoenv_tasks.synthesis.scenes.scene import LEVEL, Room, Scene
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
        rgb = np.zeros((tiles.height, tiles.width, 3), np.uint8)
    # What meets nothing is infinitely far already.
    return Shot(rgb, tiles.picture(distance), tiles.picture(segments))


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
    # Background numbers are negative: they index the table from its end.
    table = np.array([*owners, *[WALLS[0]] * len(WALLS), CEILING, FLOOR, SKY], np.int16)
    return distance, table[number], number


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
    # Per axis two planes, at a negative and at a positive place: the ray's sign says which one it can meet.
    axes = [(y, -scene.eye, FLOOR, np.inf, SKY)]
    if isinstance(scene.backdrop, Room):
        room = scene.backdrop
        axes = [
            (y, -scene.eye, FLOOR, room.height - scene.eye, CEILING),
            (x, room.left, WALLS[0], room.right, WALLS[1]),
            (z, room.rear, WALLS[2], room.front, WALLS[3]),
        ]
    for part, low, before, high, behind in axes:
        negative = part < 0
        with np.errstate(divide="ignore"):
            reach = np.where(negative, np.float32(low), np.float32(high)) / part
        nearer = (reach > 0) & (reach < distance)
        np.copyto(distance, reach, where=nearer)
        np.copyto(number, np.where(negative, np.int16(before), np.int16(behind)), where=nearer)
    return distance, number


@lru_cache(maxsize=2)
def _panorama_tiles(height: int, width: int, up: Vector) -> Tiles:
    return _tilted(_level_panorama(height, width), up)


@lru_cache(maxsize=6)
def _face_tiles(index: int, size: int, up: Vector) -> Tiles:
    return _tilted(tile(face_rays(FACES[index], size)), up)


@lru_cache(maxsize=2)
def _level_panorama(height: int, width: int) -> Tiles:
    return tile(erp_rays(height, width))


def _tilted(tiles: Tiles, up: Vector) -> Tiles:
    """Return tiles of a camera to which ``up`` is up, with rays in the scene's own axes."""
    if up == LEVEL:
        return tiles
    turn = levelled_axes(up)
    rays, axis = (np.stack([along(part, row) for row in turn]) for part in (tiles.rays, tiles.axis))
    return replace(tiles, rays=rays, axis=axis)
