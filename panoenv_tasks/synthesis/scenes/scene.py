"""A scene as plain data: what stands where, what is behind it, and how it is lit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from panoenv_tasks.geometry.projection import Vector
from panoenv_tasks.synthesis.scenes.paint import Colour, Paint
from panoenv_tasks.synthesis.scenes.solids import Instance, Solid

#: Up in the frame of a camera that is not tilted.
LEVEL: Vector = (0.0, 1.0, 0.0)
Skyline = Literal["none", "hills", "mountains", "city"]


@dataclass(frozen=True)
class Light:
    """One distant light, and even light from above and from below.

    ``towards`` is the unit direction to the distant light. ``haze`` takes over with distance and is
    half of the colour at ``clear`` metres; zero means clear air.
    """

    sun: Colour
    towards: Vector
    above: Colour
    below: Colour
    haze: Colour = (0.0, 0.0, 0.0)
    clear: float = 0.0


@dataclass(frozen=True)
class Patch:
    """A rectangle painted on the floor: metres in scene x and z."""

    paint: Paint
    left: float
    right: float
    rear: float
    front: float


@dataclass(frozen=True)
class Room:
    """Four walls and a ceiling; the walls stand at these scene x and z."""

    left: float
    right: float
    rear: float
    front: float
    height: float
    wall: Paint
    ceiling: Paint


@dataclass(frozen=True)
class Sky:
    """Sky colours, how much cloud (0 to 1), and what stands on the horizon."""

    zenith: Colour
    horizon: Colour
    cloud: Colour
    cover: float
    skyline: Skyline
    far: Colour
    stars: bool = False


@dataclass(frozen=True)
class Scene:
    """Everything a camera at height ``eye`` above the scene's origin can see.

    ``walls`` are solids of the background: they hide what is behind them and are no objects. ``up`` is the
    scene's upright axis in the camera frame: what a tilted camera takes for up is its own y. The camera's
    forward laid flat is the scene's z.
    """

    environment: str
    eye: float
    instances: tuple[Instance, ...]
    walls: tuple[Solid, ...]
    floor: Paint
    patches: tuple[Patch, ...]
    backdrop: Room | Sky
    light: Light
    up: Vector = LEVEL
