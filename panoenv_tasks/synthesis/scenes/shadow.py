"""Soft shadows of all solids on the floor, baked into one square map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from panoenv_tasks.geometry.projection import Floats
from panoenv_tasks.synthesis.scenes.cast import intersect
from panoenv_tasks.synthesis.scenes.paint import Plane
from panoenv_tasks.synthesis.scenes.scene import Room, Scene
from panoenv_tasks.synthesis.scenes.solids import Solid

_SIDE = 768
#: Rooms are lit from lamps: what hangs this far above the camera is among them and throws no shadow.
_OVERHEAD = 0.4
#: Towers throw none either: one alone would put a whole street in the dark.
_LARGEST = 9.0


@dataclass(frozen=True)
class ShadowMap:
    """Light on the floor, 0 in the dark to 1, over ``[-reach, reach]`` metres in x and z."""

    light: Floats
    reach: float

    def at(self, x: Plane, z: Plane) -> Plane:
        """Return the light at floor points, interpolated; 1 outside of the map."""
        last = self.light.shape[0] - 2
        scale = np.float32(self.light.shape[0] / (2 * self.reach))
        u = np.clip((x + np.float32(self.reach)) * scale - np.float32(0.5), 0, last)
        v = np.clip((z + np.float32(self.reach)) * scale - np.float32(0.5), 0, last)
        i, j = u.astype(np.int32), v.astype(np.int32)
        du, dv = u - i, v - j
        side = np.int32(self.light.shape[1])
        flat, place, rest = self.light.ravel(), j * side + i, 1 - du
        near = flat.take(place) * rest + flat.take(place + 1) * du
        far = flat.take(place + side) * rest + flat.take(place + (side + 1)) * du
        return near * (1 - dv) + far * dv


def shadow_map(scene: Scene, solids: Sequence[Solid]) -> ShadowMap:
    """Return the shadows that the scene's distant light throws, softer indoors."""
    indoors, reach = False, 30.0
    if isinstance(scene.backdrop, Room):
        room, indoors = scene.backdrop, True
        reach = max(-room.left, room.right, -room.rear, room.front)
    step = 2 * reach / _SIDE
    light = np.ones((_SIDE, _SIDE), np.float32)
    lx, ly, lz = scene.light.towards
    for solid in solids:
        size = sum(h * h for h in solid.half) ** 0.5
        if size > _LARGEST or (indoors and solid.centre[1] > _OVERHEAD):
            continue
        rise = max(solid.centre[1] + scene.eye, 0.0)
        x, z = solid.centre[0] - lx / ly * rise, solid.centre[2] - lz / ly * rise
        radius = size / ly + step
        columns = _range(x, radius, reach, step)
        rows = _range(z, radius, reach, step)
        if not len(columns) or not len(rows):
            continue
        px = ((columns + 0.5) * step - reach).astype(np.float32)[None, :]
        pz = ((rows + 0.5) * step - reach).astype(np.float32)[:, None]
        start = (px, np.float32(-scene.eye + 0.002), pz)
        hit = intersect(solid, start, scene.light.towards)
        with np.errstate(invalid="ignore"):
            dark = np.isfinite(hit) & (hit > -0.02)
        part = light[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        part[np.broadcast_to(dark, part.shape)] = 0
    for _ in range(3):
        light = _smoothed(light, 4 if indoors else 1)
    light[[0, -1]] = 1
    light[:, [0, -1]] = 1
    return ShadowMap(light, reach)


def _range(centre: float, radius: float, reach: float, step: float) -> npt.NDArray[np.int64]:
    low = int(max(0, np.floor((centre - radius + reach) / step)))
    high = int(min(_SIDE - 1, np.floor((centre + radius + reach) / step)))
    return np.arange(low, high + 1)


def _smoothed(light: Floats, radius: int) -> Floats:
    """Return the mean over a square, edge values repeated, along one axis after the other."""
    for axis in (0, 1):
        pad = [(0, 0), (0, 0)]
        pad[axis] = (radius, radius)
        wide = np.pad(light, pad, mode="edge")
        count = light.shape[axis]
        total = np.zeros_like(light)
        for shift in range(2 * radius + 1):
            total += wide[shift : shift + count] if axis == 0 else wide[:, shift : shift + count]
        light = total / np.float32(2 * radius + 1)
    return light
