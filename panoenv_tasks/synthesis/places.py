"""What is known about an environment, and its easily confused neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, Literal

import yaml

World = Literal["tartanair", "scenes"]
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


@lru_cache(maxsize=2)
def places(world: World) -> dict[str, Place]:
    """Return the known environments of a world by name, in a fixed order."""
    source = resources.files("panoenv_tasks.synthesis").joinpath("environments.yaml")
    table: dict[str, Any] = yaml.safe_load(source.read_text(encoding="utf-8"))[world]
    groups: list[list[str]] = table["twins"]
    found = {}
    for kind, settings in table["environments"].items():
        for setting, names in settings.items():
            for name in names:
                group = next((g for g in groups if name in g), [])
                twins = tuple(other for other in group if other != name)
                found[name] = Place(name, kind, setting, twins)
    return found
