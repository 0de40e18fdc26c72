"""The three building blocks of every object, and objects put into a scene.

A model stands on the floor (y = 0) around the origin and looks along +z. An instance is a model turned
and moved to its place; scene coordinates have the floor at y = 0 and the camera above the origin.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from panoenv_tasks.geometry.projection import Vector
from panoenv_tasks.synthesis.scenes.paint import Paint

Shape = Literal["box", "ball", "tube"]
#: Rows are the solid's own x, y and z axes, written in the frame around it.
Turn = tuple[Vector, Vector, Vector]

_UPRIGHT: Turn = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


@dataclass(frozen=True)
class Solid:
    """One box, ellipsoid or capped cone.

    ``half`` holds half extents of a box, radii of a ball, and (larger radius, half length, larger
    radius) of a tube, whose axis is its own y; its radii are ``low`` at -y and ``high`` at +y.
    """

    shape: Shape
    centre: Vector
    half: Vector
    turn: Turn
    paint: Paint
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True)
class Model:
    """A kind of object: its name and its parts around the origin."""

    label: str
    parts: tuple[Solid, ...]


@dataclass(frozen=True)
class Extent:
    """An oriented box: centre, full sizes along its own axes, and its turn about the vertical."""

    centre: Vector
    size: Vector
    yaw: float


@dataclass(frozen=True)
class Instance:
    """A model in its place; ``extent`` is its exact bounding box, aligned to the model's own axes.

    ``plinth`` is what it stands on if that is not the floor: it hides what is behind it and is no object.
    """

    label: str
    parts: tuple[Solid, ...]
    extent: Extent
    plinth: tuple[Solid, ...] = ()


def box(
    at: Vector, size: Vector, paint: Paint, *, yaw: float = 0, pitch: float = 0, roll: float = 0
) -> Solid:
    """Return a box whose bottom face is centred on ``at``; angles in degrees, about its centre."""
    x, y, z = at
    w, h, d = size
    turn = _turned(yaw, pitch, roll)
    return Solid("box", (x, y + h / 2, z), (w / 2, h / 2, d / 2), turn, paint)


def ball(centre: Vector, radii: Vector | float, paint: Paint, *, pitch: float = 0) -> Solid:
    """Return an ellipsoid."""
    half = (radii, radii, radii) if isinstance(radii, float | int) else radii
    return Solid("ball", centre, half, _turned(0, pitch, 0), paint)


def tube(start: Vector, end: Vector, low: float, high: float, paint: Paint) -> Solid:
    """Return a capped cone from ``start`` (radius ``low``) to ``end`` (radius ``high``)."""
    middle = tuple((p + q) / 2 for p, q in zip(start, end, strict=True))
    axis = tuple(q - p for p, q in zip(start, end, strict=True))
    length = math.sqrt(sum(part * part for part in axis))
    up = tuple(part / length for part in axis)
    helper = (0.0, 0.0, 1.0) if abs(up[2]) < 0.9 else (1.0, 0.0, 0.0)
    side = _unit(_cross(up, helper))  # type: ignore[arg-type]
    turn: Turn = (side, up, _cross(side, up))  # type: ignore[assignment, arg-type]
    wide = max(low, high)
    return Solid("tube", middle, (wide, length / 2, wide), turn, paint, low, high)  # type: ignore[arg-type]


def place(model: Model, x: float, z: float, *, yaw: float = 0.0, lift: float = 0.0) -> Instance:
    """Return the model turned by ``yaw`` degrees (+z towards +x) and moved; ``lift`` in metres."""
    cosine, sine = _cosine(yaw), _sine(yaw)

    def moved(point: Vector) -> Vector:
        px, py, pz = point
        return (x + cosine * px + sine * pz, py + lift, z - sine * px + cosine * pz)

    def turned(axis: Vector) -> Vector:
        ax, ay, az = axis
        return (cosine * ax + sine * az, ay, -sine * ax + cosine * az)

    parts = []
    for part in model.parts:
        first, second, third = map(turned, part.turn)
        parts.append(replace(part, centre=moved(part.centre), turn=(first, second, third)))
    centre, size = bounds(model.parts)
    return Instance(model.label, tuple(parts), Extent(moved(centre), size, yaw))


def resized(model: Model, factor: float) -> Model:
    """Return the model scaled about its place on the floor; patterns keep their size."""
    return replace(model, parts=tuple(_scaled(part, factor) for part in model.parts))


def _scaled(part: Solid, factor: float) -> Solid:
    (x, y, z), (a, b, c) = part.centre, part.half
    return replace(
        part,
        centre=(factor * x, factor * y, factor * z),
        half=(factor * a, factor * b, factor * c),
        low=factor * part.low,
        high=factor * part.high,
    )


def bounds(parts: Iterable[Solid]) -> tuple[Vector, Vector]:
    """Return centre and full size of the box around the parts, along the axes they are given in."""
    lows, highs = [], []
    for part in parts:
        reach = [_reach(part, axis) for axis in range(3)]
        lows.append([c - r for c, r in zip(part.centre, reach, strict=True)])
        highs.append([c + r for c, r in zip(part.centre, reach, strict=True)])
    low = [min(column) for column in zip(*lows, strict=True)]
    high = [max(column) for column in zip(*highs, strict=True)]
    pairs = list(zip(low, high, strict=True))
    centre, size = [(a + b) / 2 for a, b in pairs], [b - a for a, b in pairs]
    return (centre[0], centre[1], centre[2]), (size[0], size[1], size[2])


def _reach(part: Solid, axis: int) -> float:
    """Return how far a part extends from its centre along one outer axis.

    For a tube this takes the larger radius at both ends, which only a slanted cone notices.
    """
    weights = [abs(own[axis]) for own in part.turn]
    spans = [w * h for w, h in zip(weights, part.half, strict=True)]
    if part.shape == "box":
        return sum(spans)
    if part.shape == "ball":
        return math.sqrt(sum(span * span for span in spans))
    return spans[1] + part.half[0] * math.sqrt(max(0.0, 1.0 - weights[1] * weights[1]))


def _turned(yaw: float, pitch: float, roll: float) -> Turn:
    """Return the axes after a roll about z, a pitch about x (front down) and a yaw about y."""
    if yaw == pitch == roll == 0:
        return _UPRIGHT

    def about(angle: float, vector: list[float], i: int, j: int) -> None:
        c, s = _cosine(angle), _sine(angle)
        vector[i], vector[j] = c * vector[i] - s * vector[j], s * vector[i] + c * vector[j]

    axes = []
    for unit in _UPRIGHT:
        vector = list(unit)
        about(roll, vector, 0, 1)
        about(pitch, vector, 1, 2)
        about(yaw, vector, 2, 0)
        axes.append((vector[0], vector[1], vector[2]))
    return (axes[0], axes[1], axes[2])


def _cosine(degrees: float) -> float:
    return round(math.cos(math.radians(degrees)), 7)


def _sine(degrees: float) -> float:
    return round(math.sin(math.radians(degrees)), 7)


def _cross(a: Vector, b: Vector) -> Vector:
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def _unit(a: Vector) -> Vector:
    length = math.sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2])
    return (a[0] / length, a[1] / length, a[2] / length)
