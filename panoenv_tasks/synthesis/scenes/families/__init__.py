"""Sixteen environments in eight families: which things stand where, and in what light."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.scenes.families.country import farm, park
from panoenv_tasks.synthesis.scenes.families.rooms import kitchen, living_room, office, warehouse
from panoenv_tasks.synthesis.scenes.families.town import courtyard, street
from panoenv_tasks.synthesis.scenes.scene import Scene

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
    """Return a new scene of an environment; the dice decide what stands where."""
    family, style = ENVIRONMENTS[environment]
    return replace(family(dice, style), environment=environment)
