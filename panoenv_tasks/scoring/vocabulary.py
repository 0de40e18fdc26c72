"""What the two protocols share: names, thresholds and the tolerance steps."""

from __future__ import annotations

from typing import Literal, NamedTuple

Protocol = Literal["paper", "strict"]
Status = Literal["answered", "no_answer_tag", "empty", "ambiguous", "unparsed"]

PROTOCOLS: tuple[Protocol, ...] = ("paper", "strict")
STATUSES: tuple[Status, ...] = ("answered", "no_answer_tag", "empty", "ambiguous", "unparsed")
VERSIONS: dict[Protocol, str] = {"paper": "paper@1", "strict": "strict@1"}

#: A question counts as correct from this reward on (both protocols).
CORRECT_FROM = 0.99


class Grade(NamedTuple):
    """The text that was read (None: no tag), its reward in [0, 1], and how the reading went."""

    answer: str | None
    value: float
    status: Status


def distance_reward(predicted: float, gold: float) -> float:
    """Return 1 within 10 % of a positive gold distance, 0.5 within 20 %, else 0."""
    error = abs(predicted - gold) / gold
    return 1.0 if error <= 0.10 else 0.5 if error <= 0.20 else 0.0
