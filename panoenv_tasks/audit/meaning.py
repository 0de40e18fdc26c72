"""What an answer claims, so that two answers to one question can be compared, right or wrong."""

from __future__ import annotations

from dataclasses import dataclass

from panoenv_tasks.answers.choices import read_choice, read_yes_no
from panoenv_tasks.answers.paper import plain_text
from panoenv_tasks.answers.quantities import read_count, read_distance
from panoenv_tasks.answers.relations import read_relation
from panoenv_tasks.geometry.turning import turn_signs, turn_word
from panoenv_tasks.geometry.words import VIEWS, Axis
from panoenv_tasks.items import Method
from panoenv_tasks.scoring import score_answer
from panoenv_tasks.scoring.vocabulary import distance_reward
from panoenv_tasks.taxonomy import recognise

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


def meaning(method: Method, gold: str, question: str, text: str, degrees: int = 0) -> Meaning | None:
    """Read what a model's raw text claims.

    Args:
        method: Scoring method of the question.
        gold: Its gold answer, which only says whether the text can be read at all.
        question: The question as it was scored, turned or not.
        text: The raw completion.
        degrees: By how much the picture was turned; the claim is turned back.

    Returns:
        None when ``strict`` cannot read one committed answer: none, several, or nonsense.
    """
    found = score_answer(method, gold, text, "strict", question)
    if found.status != "answered" or found.answer is None:
        return None
    claim = _claim(method, question, found.answer, -(degrees // 90))
    return None if claim is None else Meaning(method, claim)


def _claim(method: Method, question: str, answer: str, quarters: int) -> Claim | None:
    wording = recognise(question)
    if method == "yes_no":
        truth = read_yes_no(answer)
        return truth if isinstance(truth, bool) else None
    if method == "mcq" and wording and wording.options:
        option = read_choice(answer, wording.options)
        if isinstance(option, str):
            return None
        return turn_word(VIEWS[option], quarters) if wording.options == VIEWS else option
    if method in ("distance", "counting"):
        number = read_distance(answer) if method == "distance" else read_count(answer)
        return None if isinstance(number, str) else float(number)
    if method == "spatial" or (wording and wording.subcategory == "relpos_cardinal"):
        names = [box.name for box in wording.objects] if wording else []
        return frozenset(turn_signs(read_relation(answer, names).signs, quarters).items())
    return plain_text(answer)
