"""What an answer claims, so that two answers to one question can be compared, right or wrong."""

from __future__ import annotations

from dataclasses import dataclass

from panoenv_tasks.answers.reading import options_of, read
from panoenv_tasks.answers.relations import Relation
from panoenv_tasks.geometry.turning import turn_signs, turn_word
from panoenv_tasks.geometry.words import VIEWS, Axis
from panoenv_tasks.items import Method
from panoenv_tasks.scoring.vocabulary import distance_reward

Claim = bool | int | float | str | frozenset[tuple[Axis, int]]


@dataclass(frozen=True)
class Meaning:
    """A committed answer, as it reads in the picture that is not turned.

    ``claim`` is a truth value, an option's index, a view, a count, metres, signs per axis, or plain text;
    ``method`` says which, so that only like is compared with like.
    """

    method: Method
    claim: Claim

    def agrees(self, other: Meaning) -> bool:
        """Whether both claim the same; distances within the scorer's tolerance of 10 % do."""
        if self.method == "distance" and isinstance(self.claim, float) and isinstance(other.claim, float):
            low, high = sorted((self.claim, other.claim))
            return low == high or (low > 0 and distance_reward(high, low) == 1.0)
        return self == other


def meaning(method: Method, question: str, text: str, degrees: int = 0) -> Meaning | None:
    """Read what a model's raw text claims.

    Args:
        method: Scoring method of the question.
        question: The question as it was scored, turned or not.
        text: The raw completion.
        degrees: By how much the picture was turned; the claim is turned back.

    Returns:
        None when ``strict`` cannot read one committed answer: none, several, or nonsense.
    """
    value, quarters = read(method, question, text).value, -(degrees // 90)
    if value is None:
        return None
    if isinstance(value, Relation):
        return Meaning(method, frozenset(turn_signs(value.signs, quarters).items()))
    if options_of(question) == VIEWS and method == "mcq" and isinstance(value, int):
        return Meaning(method, turn_word(VIEWS[value], quarters))
    return Meaning(method, value)
