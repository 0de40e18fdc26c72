"""Colour what the rays meet: paint, light, contact darkening, shadows on the floor, haze."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from panoenv_tasks.geometry.projection import Floats, Vector, along
from panoenv_tasks.synthesis.scenes.cast import Tiles
from panoenv_tasks.synthesis.scenes.paint import Paint, Plane, grain, mix
from panoenv_tasks.synthesis.scenes.scene import Room, Scene, Sky
from panoenv_tasks.synthesis.scenes.shadow import ShadowMap, shadow_map
from panoenv_tasks.synthesis.scenes.sky import sky_colour
from panoenv_tasks.synthesis.scenes.solids import Solid

#: Numbers of surfaces that are no solids: sky, floor, ceiling, and the walls at low x, high x, low z, high z.
SKY, FLOOR, CEILING = -1, -2, -3
WALLS = (-4, -5, -6, -7)

_CHUNK = 1 << 16
_WALL_NORMALS: tuple[Vector, ...] = ((1, 0, 0), (-1, 0, 0), (0, 0, 1), (0, 0, -1))
#: Radians between neighbouring rays, the same for every camera so that all see the same detail.
_PIXEL = 0.003

#: Three planes: coordinates or colours.
Place = tuple[Plane, Plane, Plane]


def shade(
    scene: Scene,
    solids: Sequence[Solid],
    tiles: Tiles,
    distance: Floats,
    number: npt.NDArray[np.int16],
) -> npt.NDArray[np.uint8]:
    """Return the colours of all rays, ``(height, width, 3)``.

    Args:
        scene: What is seen.
        solids: The solids that ``number`` counts, in camera coordinates.
        tiles: The rays.
        distance: Metres along each ray.
        number: Which solid is met, or one of the numbers above.
    """
    rays = tiles.rays.reshape(3, -1)
    flat = distance.ravel()
    shadows = shadow_map(scene, solids)
    out = np.empty((3, flat.size), np.uint8)
    for surface, pixels in _groups(number.ravel()):
        ray: Place = (rays[0].take(pixels), rays[1].take(pixels), rays[2].take(pixels))
        if surface == SKY:
            assert isinstance(scene.backdrop, Sky)
            colour = sky_colour(scene.backdrop, ray)
        else:
            reach = flat.take(pixels)
            point: Place = (ray[0] * reach, ray[1] * reach, ray[2] * reach)
            if surface >= 0:
                colour = _solid(scene, solids[surface], point, ray, reach)
            elif surface == FLOOR:
                colour = _floor(scene, shadows, point, ray, reach)
            else:
                colour = _room(scene, surface, point, ray, reach)
            colour = _hazed(scene, colour, reach)
        for channel in range(3):
            level = np.clip(colour[channel], 0, 1) * np.float32(255) + np.float32(0.5)
            out[channel][pixels] = level.astype(np.uint8)
    return np.stack([tiles.picture(plane.reshape(distance.shape)) for plane in out], axis=-1)


def _groups(number: npt.NDArray[np.int16]) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
    """Yield each surface number with the pixels that show it, at most ``_CHUNK`` at a time."""
    # Neighbours mostly show the same surface: runs are sorted, not pixels.
    starts = np.flatnonzero(np.diff(number, prepend=number[0] - 1))
    lengths = np.diff(starts, append=len(number))
    runs = np.argsort(number[starts], kind="stable")
    starts, lengths = starts[runs], lengths[runs]
    ends = np.cumsum(lengths)
    order = np.repeat(starts - ends + lengths, lengths) + np.arange(len(number))
    ranked = number[starts]
    cuts = np.flatnonzero(np.diff(ranked)) + 1
    bounds = [0, *ends[cuts - 1].tolist(), len(number)]
    for surface, start, end in zip(ranked[[0, *cuts]].tolist(), bounds[:-1], bounds[1:], strict=True):
        for low in range(start, end, _CHUNK):
            yield surface, order[low : min(end, low + _CHUNK)]


def _solid(scene: Scene, solid: Solid, point: Place, ray: Place, reach: Plane) -> Place:
    shifted = [p - np.float32(c) for p, c in zip(point, solid.centre, strict=True)]
    local = [along(shifted, axis) for axis in solid.turn]
    normal, u, v, span = _SURFACES[solid.shape](solid, local)
    columns = zip(*solid.turn, strict=True)
    x, y, z = (along(normal, column) for column in columns)
    world = (x, y, z)
    blur = _blur(world, ray, reach)
    albedo, glow = _painted(solid.paint, u, v, span, blur)
    near_floor = np.clip((point[1] + np.float32(scene.eye)) * np.float32(1.6), 0, 1)
    dim = np.float32(0.7) + np.float32(0.3) * near_floor
    return _lit(scene, albedo, glow, world, dim, np.float32(1))


def _box(solid: Solid, local: list[Plane]) -> tuple[list[Plane], Plane, Plane, object]:
    half = [np.float32(h) for h in solid.half]
    share = [np.abs(part) / h for part, h in zip(local, half, strict=True)]
    on_x = (share[0] >= share[1]) & (share[0] >= share[2])
    on_y = ~on_x & (share[1] >= share[2])
    on_z = ~on_x & ~on_y
    normal = [np.sign(part) * on for part, on in zip(local, (on_x, on_y, on_z), strict=True)]
    width = np.where(on_x, half[2], half[0])
    height = np.where(on_y, half[2], half[1])
    u = np.where(on_x, local[2], local[0]) + width
    v = np.where(on_y, local[2], local[1]) + height
    return normal, u, v, (width * 2, height * 2)


def _ball(solid: Solid, local: list[Plane]) -> tuple[list[Plane], Plane, Plane, object]:
    normal = [part / np.float32(h * h) for part, h in zip(local, solid.half, strict=True)]
    length = np.sqrt(normal[0] * normal[0] + normal[1] * normal[1] + normal[2] * normal[2])
    normal = [part / length for part in normal]
    around = _around(local[0], local[2]) * np.float32(1.57 * solid.half[0])
    height = np.full_like(around, 2 * solid.half[1])
    width = np.full_like(around, 6.28 * solid.half[0])
    return normal, around, local[1] + np.float32(solid.half[1]), (width, height)


def _tube(solid: Solid, local: list[Plane]) -> tuple[list[Plane], Plane, Plane, object]:
    x, y, z = local
    length = np.float32(solid.half[1])
    slope = np.float32((solid.high - solid.low) / (2 * solid.half[1]))
    edge = np.float32((solid.low + solid.high) / 2) + slope * y
    cap = np.abs(y) >= length * np.float32(0.9995)
    radius = np.sqrt(x * x + z * z) + np.float32(1e-6)
    cap &= radius < np.abs(edge) * np.float32(0.9995)
    steep = np.sqrt(1 + slope * slope)
    normal = [
        np.where(cap, np.float32(0), x / radius / steep),
        np.where(cap, np.sign(y), -slope / steep),
        np.where(cap, np.float32(0), z / radius / steep),
    ]
    wide = np.float32(solid.half[0])
    u = np.where(cap, x + wide, _around(x, z) * (np.float32(1.57) * wide))
    v = np.where(cap, z + wide, y + length)
    width = np.where(cap, wide * 2, wide * np.float32(6.28))
    return normal, u, v, (width, np.where(cap, wide * 2, length * 2))


_SURFACES = {"box": _box, "ball": _ball, "tube": _tube}


def _around(x: Plane, z: Plane) -> Plane:
    """Return a place around the vertical axis from 0 to 4, even on a diamond: no arc functions."""
    part = z / (np.abs(x) + np.abs(z) + np.float32(1e-9))
    return np.where(x >= 0, 1 - part, 3 + part)


def _floor(scene: Scene, shadows: ShadowMap, point: Place, ray: Place, reach: Plane) -> Place:
    x, z = point[0], point[2]
    normal = (np.float32(0), np.float32(1), np.float32(0))
    blur = _blur(normal, ray, reach)
    wide = np.float32(100)
    span = (np.broadcast_to(wide, x.shape), np.broadcast_to(wide, x.shape))
    albedo, _ = _painted(scene.floor, x + np.float32(50), z + np.float32(50), span, blur)
    for patch in scene.patches:
        inside = (x > patch.left) & (x < patch.right) & (z > patch.rear) & (z < patch.front)
        if inside.any():
            some = (
                np.full(np.count_nonzero(inside), patch.right - patch.left, np.float32),
                np.full(np.count_nonzero(inside), patch.front - patch.rear, np.float32),
            )
            u, v = x[inside] - np.float32(patch.left), z[inside] - np.float32(patch.rear)
            painted, _ = _painted(patch.paint, u, v, some, blur[inside])
            for channel in range(3):
                albedo[channel][inside] = painted[channel]
    # Some sunlight finds its way into every shadow.
    lit = np.float32(0.25) + np.float32(0.75) * shadows.at(x, z)
    dim = np.float32(0.62) + np.float32(0.38) * lit
    if isinstance(scene.backdrop, Room):
        room = scene.backdrop
        edge = np.minimum(
            np.minimum(x - np.float32(room.left), np.float32(room.right) - x),
            np.minimum(z - np.float32(room.rear), np.float32(room.front) - z),
        )
        dim = dim * (np.float32(0.75) + np.float32(0.25) * np.clip(edge * 2, 0, 1))
    return _lit(scene, albedo, np.float32(0), normal, dim, lit)


def _room(scene: Scene, surface: int, point: Place, ray: Place, reach: Plane) -> Place:
    room = scene.backdrop
    assert isinstance(room, Room)
    normal: Vector
    x, z = point[0] - np.float32(room.left), point[2] - np.float32(room.rear)
    y = point[1] + np.float32(scene.eye)
    width, depth = np.float32(room.right - room.left), np.float32(room.front - room.rear)
    height = np.float32(room.height)
    if surface == CEILING:
        u, v, across, along, used, normal = x, z, width, depth, room.ceiling, (0.0, -1.0, 0.0)
        edge = np.minimum(np.minimum(x, width - x), np.minimum(z, depth - z))
    else:
        normal = _WALL_NORMALS[WALLS.index(surface)]
        u, across = (z, depth) if normal[0] else (x, width)
        v, along, used = y, height, room.wall
        edge = np.minimum(np.minimum(u, across - u), np.minimum(y, height - y))
    world = (np.float32(normal[0]), np.float32(normal[1]), np.float32(normal[2]))
    span = (np.broadcast_to(across, u.shape), np.broadcast_to(along, u.shape))
    albedo, glow = _painted(used, u, v, span, _blur(world, ray, reach))
    dim = np.float32(0.78) + np.float32(0.22) * np.clip(edge * np.float32(1.8), 0, 1)
    return _lit(scene, albedo, glow, world, dim, np.float32(1))


def _blur(normal: Place, ray: Place, reach: Plane) -> Plane:
    facing = np.abs(normal[0] * ray[0] + normal[1] * ray[1] + normal[2] * ray[2])
    return reach * np.float32(_PIXEL) / (facing + np.float32(0.2))


def _painted(used: Paint, u: Plane, v: Plane, span: object, blur: Plane) -> tuple[list[Plane], Plane]:
    """Return the three colour planes of a paint and how much it glows."""
    share = mix(used.pattern, u, v, span, used.size, blur)  # type: ignore[arg-type]
    worn = np.float32(0.94) + np.float32(0.12) * grain(u * np.float32(0.4), v * np.float32(0.4))
    planes = [
        (np.float32(one) + np.float32(two - one) * share) * worn
        for one, two in zip(used.colour, used.second, strict=True)
    ]
    glow = np.float32(used.glow) + np.float32(used.gleam) * share if used.gleam else np.float32(used.glow)
    return planes, glow


def _lit(
    scene: Scene,
    albedo: Sequence[Plane],
    glow: Plane,
    normal: Place,
    dim: Plane,
    sun: Plane,
) -> Place:
    light = scene.light
    facing = sum((n * np.float32(t) for n, t in zip(normal, light.towards, strict=True)), np.float32(0))
    direct = np.maximum(facing, np.float32(0)) * sun
    up = np.float32(0.5) + np.float32(0.5) * normal[1]
    parts = []
    for k in range(3):
        even = np.float32(light.above[k]) * up + np.float32(light.below[k]) * (1 - up)
        strength = even * dim + np.float32(light.sun[k]) * direct
        parts.append(albedo[k] * (strength * (1 - glow) + glow))
    return (parts[0], parts[1], parts[2])


def _hazed(scene: Scene, colour: Place, reach: Plane) -> Place:
    light = scene.light
    if not light.clear:
        return colour
    part = reach / np.float32(light.clear)
    part = part * part
    part = part / (1 + part)

    def mixed(value: Plane, haze: float) -> Plane:
        return value + (np.float32(haze) - value) * part

    red, green, blue = light.haze
    return (mixed(colour[0], red), mixed(colour[1], green), mixed(colour[2], blue))
