"""Sixteen environments in eight families: which things stand where, and in what light."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from panoenv_tasks.geometry.projection import Vector
from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.scenes.families.country import farm, park
from panoenv_tasks.synthesis.scenes.families.rooms import kitchen, living_room, office, warehouse
from panoenv_tasks.synthesis.scenes.families.town import courtyard, street
from panoenv_tasks.synthesis.scenes.scene import Scene

#: Degrees by which a camera is tilted at most.
_TILT = 10.0

ENVIRONMENTS: dict[str, tuple[Callable[[Dice, str], Scene], str]] = {
    "LivingRoomDay": (living_room, "day"),
    "LivingRoomEvening": (living_room, "evening"),
    "KitchenDay": (kitchen, "day"),
    "KitchenEvening": (kitchen, "evening"),
    "OfficeFloor": (office, "day"),
    "WarehouseBright": (warehouse, "day"),
    "WarehouseDim": (warehouse, "dim"),
    "StreetDay": (street, "day"),
    "StreetNight": (street, "night"),
    "CourtyardDay": (courtyard, "day"),
    "CourtyardNight": (courtyard, "night"),
    "ParkSummer": (park, "summer"),
    "ParkAutumn": (park, "autumn"),
    "ParkWinter": (park, "winter"),
    "FarmDay": (farm, "day"),
    "FarmDusk": (farm, "dusk"),
}


def lay_out(environment: str, dice: Dice) -> Scene:
    """Return a new scene of an environment; the dice decide what stands where and how the camera tilts."""
    family, style = ENVIRONMENTS[environment]
    return replace(family(dice, style), environment=environment, up=_tilt(dice))


def _tilt(dice: Dice) -> Vector:
    """Return the scene's upright axis in the frame of a camera that nods or leans, but not both.

    Tilted about one of its own axes only, a camera that turns by a quarter about its own upright axis does
    so about the scene's as well: turned questions keep exact answers.
    """
    angle = math.radians(dice.uniform(-_TILT, _TILT, 0.5))
    upright, aside = round(math.cos(angle), 7), round(math.sin(angle), 7)
    return (0.0, upright, aside) if dice.chance(0.7) else (aside, upright, 0.0)
