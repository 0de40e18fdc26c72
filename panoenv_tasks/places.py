"""What is known about an environment, and its easily confused neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, Literal

import yaml

Setting = Literal["indoor", "outdoor", "mix"]
PlaceKind = Literal["Infrastructure", "Domestic", "Rural", "Thematic", "Nature", "Urban"]

#: The release writes some kinds of place short.
RELEASED_KINDS: dict[PlaceKind, str] = {
    "Infrastructure": "Infra",
    "Domestic": "Domes",
    "Rural": "Rural",
    "Thematic": "Them",
    "Nature": "Nature",
    "Urban": "Urban",
}


@dataclass(frozen=True)
class Place:
    """An environment; ``twins`` are the same place in another light, season or cut."""

    name: str
    kind: PlaceKind
    setting: Setting
    twins: tuple[str, ...]


def place_of(environment: str) -> tuple[Place | None, dict[str, Place]]:
    """Return what is known of an environment, and the other environments of its world."""
    for world in _worlds():
        if environment in world:
            others = {name: place for name, place in world.items() if name != environment}
            return world[environment], others
    return None, {}


@lru_cache(maxsize=1)
def _worlds() -> tuple[dict[str, Place], ...]:
    source = resources.files("panoenv_tasks").joinpath("environments.yaml")
    table: dict[str, Any] = yaml.safe_load(source.read_text(encoding="utf-8"))
    return tuple(_world(entry["environments"], entry["twins"]) for entry in table.values())


def _world(
    environments: dict[PlaceKind, dict[Setting, list[str]]], twins: list[list[str]]
) -> dict[str, Place]:
    places = {}
    for kind, settings in environments.items():
        for setting, names in settings.items():
            for name in names:
                group = next((g for g in twins if name in g), [])
                places[name] = Place(name, kind, setting, tuple(o for o in group if o != name))
    return places
