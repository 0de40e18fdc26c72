"""What a blind solver returns, and how it is said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Guess:
    """An answer in the wording of released answers, and one sentence on how it came about.

    ``margin`` says how clear the case was, from 0 (another answer was as good, or nothing was computed)
    to 1; it takes no part in the answer.
    """

    answer: str
    because: str
    margin: float = 0.0

    @property
    def completion(self) -> str:
        """The guess as a full model output, reasoning and answer in their tags."""
        return f"<Reasoning>{self.because}</Reasoning><Answer>{self.answer}</Answer>"


def yes_or_no(true: bool) -> str:
    """Spell a truth value as released answers do."""
    return "Yes" if true else "No"


def lead(values: Iterable[float]) -> float:
    """Return how far the largest value is ahead of the next: 0 for a tie, 1 for opposite signs."""
    best, second = sorted(values)[:-3:-1]
    return (best - second) / ((abs(best) + abs(second)) or 1.0)
