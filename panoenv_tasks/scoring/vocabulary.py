"""What the protocols share: names, thresholds, and the rewards of distances and directions."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

from panoenv_tasks.answers.reading import ReadingStatus
from panoenv_tasks.answers.relations import Relation

Protocol = Literal["paper", "strict"]
Version = Literal["paper@1", "strict@1", "strict@2"]
#: A protocol by itself is its newest version.
ProtocolName = Protocol | Version
#: ``untagged``: an answer was read that stood in no tag. ``no_answer_tag``: nothing to read was found.
Status = ReadingStatus

PROTOCOLS: tuple[Protocol, ...] = get_args(Protocol)
STATUSES: tuple[Status, ...] = get_args(Status)
#: The newest version of each: what a run is scored with.
VERSIONS: dict[Protocol, Version] = {"paper": "paper@1", "strict": "strict@2"}
#: Everything that scoring can be asked for.
PROTOCOL_NAMES: tuple[ProtocolName, ...] = (*get_args(Protocol), *get_args(Version))
_VERSIONS: tuple[Version, ...] = get_args(Version)

#: A question counts as correct from this reward on (both protocols).
CORRECT_FROM = 0.99


def version_of(protocol: str) -> Version:
    """Return ``name@version`` for a protocol's name, with or without its version.

    Raises:
        ValueError: There is no such protocol, or no such version of it.
    """
    newest = next((version for name, version in VERSIONS.items() if name == protocol), None)
    chosen = newest or next((version for version in _VERSIONS if version == protocol), None)
    if chosen:
        return chosen
    raise ValueError(f"unknown protocol {protocol!r}; expected one of {', '.join(PROTOCOL_NAMES)}")


class Grade(NamedTuple):
    """The text that was read (None: no tag), its reward in [0, 1], and how the reading went."""

    answer: str | None
    value: float
    status: Status


def distance_reward(predicted: float, gold: float) -> float:
    """Return 1 within 10 % of a positive gold distance, 0.5 within 20 %, else 0."""
    error = abs(predicted - gold) / gold
    return 1.0 if error <= 0.10 else 0.5 if error <= 0.20 else 0.0


def relation_reward(wanted: Relation, found: Relation) -> float:
    """Return the share of all axes named on either side on which both agree."""
    axes = wanted.signs.keys() | found.signs.keys()
    if not axes:
        return float(wanted.similar and found.similar)
    agreed = sum(wanted.signs.get(axis) == found.signs.get(axis) for axis in axes)
    return agreed / len(axes)
