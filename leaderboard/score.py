"""Score every answer again from its text, each distinct answer to a question only once.

Answers are few (Yes, No, an object, a number), texts are many: what is scored is what is left of the text
when everything else is removed (``panoenv_tasks.answers.essence``).
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from math import nan

import numpy as np
import numpy.typing as npt

from panoenv_tasks.answers.quantities import read_distance
from panoenv_tasks.items import Item
from panoenv_tasks.scoring import CORRECT_FROM, STATUSES, Protocol, score_answer

#: Codes of questions without an answer to score: the request failed; it was never asked.
FAILED, MISSING = 0, 1
#: What a code can say of an answer's reading; the last two belong to the codes above.
READINGS = (*STATUSES, "error", "missing")
#: With fewer distance questions than this, a share of copied ones says nothing.
COPIED_FROM_ITEMS = 20
#: A distance that close to the gold, as a share of it, is nearly a copy.
NEAR_GOLD = 0.01

_WORD = re.compile(r"[\w.]*\w")

#: One code a question, in the order of the dataset; shape (n,).
Codes = npt.NDArray[np.int32]


class AnswerTable:
    """The distinct answers to the questions of one dataset, and what each earned.

    Each has a code, by which the answers of a run are stored: ``FAILED``, ``MISSING`` or a place here.

    Attributes:
        texts: What was scored, by code; empty where there is no answer to score.
        answers: The part of it that was read; None where there was no tag or no answer.
    """

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = items
        self._codes: dict[tuple[int, str | None], int] = {}
        self._distances = np.array([item.method == "distance" for item in items], dtype=np.bool_)
        self.texts: list[str] = ["", ""]
        self.answers: list[str | None] = [None, None]
        self._rewards: dict[Protocol, array[float]] = {
            "paper": array("d", [nan, nan]),
            "strict": array("d", [nan, nan]),
        }
        self._readings = array("b", [READINGS.index("error"), READINGS.index("missing")])
        self._copied = array("b", [0, 0])
        self._claims = array("i", [FAILED, MISSING])
        self._claim_numbers: dict[tuple[int, str], int] = {}

    def score(self, answers: Sequence[str | None], places: Sequence[int]) -> Codes:
        """Score one run and return its codes.

        Args:
            answers: Its answers, see ``AnswerSheet``.
            places: Index of the question that each of them is to.
        """
        codes = np.full(len(self._items), MISSING, dtype=np.int32)
        known = self._codes
        codes[places] = [
            known[pair] if pair in known else self._add(*pair) for pair in zip(places, answers, strict=True)
        ]
        return codes

    def values(self, codes: Codes, protocol: Protocol) -> npt.NDArray[np.float64]:
        """Return the rewards in [0, 1], NaN where there is no answer to score; shape (n,)."""
        return np.frombuffer(self._rewards[protocol])[codes]

    def correct(self, codes: Codes, protocol: Protocol) -> npt.NDArray[np.float64]:
        """Return 1 for right, 0 for wrong, NaN where there is no answer; shape (n,)."""
        values = self.values(codes, protocol)
        return np.where(np.isnan(values), nan, values >= CORRECT_FROM)

    def readings(self, codes: Codes) -> dict[str, int]:
        """Count how answers could be read (strict protocol), ``error`` where the request failed."""
        each = np.frombuffer(self._readings, dtype=np.int8)[codes[codes != MISSING]]
        counts = np.bincount(each, minlength=len(READINGS))
        return {name: int(n) for name, n in zip(READINGS, counts, strict=True) if n}

    def copied_shares(self, codes: Codes) -> tuple[float, float]:
        """Return the share of distances that repeat the gold to the last digit, and within 1 % of it.

        Both are 0 if there are too few to tell.
        """
        given = self._distances & (codes != MISSING)
        if given.sum() < COPIED_FROM_ITEMS:
            return 0.0, 0.0
        copied = np.frombuffer(self._copied, dtype=np.int8)[codes[given]]
        return float((copied == 2).mean()), float((copied >= 1).mean())

    def claims(self, codes: Codes) -> Codes:
        """Return a number for what each answer says, the same for answers that differ in spelling only."""
        return np.frombuffer(self._claims, dtype=np.int32)[codes]

    def described(self, code: int) -> tuple[str | None, float, float, str]:
        """Return an answer's text, its paper and strict reward, and its reading."""
        paper, strict = self._rewards["paper"][code], self._rewards["strict"][code]
        return self.answers[code], paper, strict, READINGS[self._readings[code]]

    def _add(self, index: int, reduced: str | None) -> int:
        if reduced is None:
            return FAILED
        item = self._items[index]
        paper = score_answer(item.method, item.answer, reduced, "paper", item.question)
        strict = score_answer(item.method, item.answer, reduced, "strict", item.question)
        code = self._codes[index, reduced] = len(self.texts)
        self.texts.append(reduced)
        self.answers.append(paper.answer)
        self._rewards["paper"].append(paper.value)
        self._rewards["strict"].append(strict.value)
        self._readings.append(READINGS.index(strict.status))
        self._copied.append(_copied(item, paper.answer))
        claim = (index, _spoken(item, paper.answer or reduced))
        self._claims.append(self._claim_numbers.setdefault(claim, len(self._claim_numbers) + 2))
        return code


def _copied(item: Item, answer: str | None) -> int:
    """Return 2 for a gold to the last digit, 1 for a distance within 1 % of it, else 0."""
    if answer is None or item.method != "distance":
        return 0
    if answer == item.answer:
        return 2
    gold, given = read_distance(item.answer), read_distance(answer)
    if not isinstance(gold, float) or not isinstance(given, float):
        return 0
    return int(abs(given - gold) <= NEAR_GOLD * gold)


def _spoken(item: Item, answer: str) -> str:
    """Return an answer without case, punctuation and, in distances, more than two digits."""
    if item.method == "distance" and isinstance(metres := read_distance(answer), float):
        return f"{metres:.2g}"
    return " ".join(_WORD.findall(answer.casefold()))
