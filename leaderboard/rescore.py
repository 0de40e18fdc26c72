"""Score every answer again from its text, each distinct answer to a question only once.

A score depends on the text only through its Answer tags, its format, and whether there is any text
at all. Answers are few (Yes, No, an object, a number), texts are many: what is scored is the text
with everything but its tags removed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from panoenv_tasks.answers.tags import all_answers, has_valid_format
from panoenv_tasks.items import Item
from panoenv_tasks.scoring import CORRECT_FROM, STATUSES, score_answer

#: Codes of questions without an answer to score: the request failed; it was never asked.
FAILED = -1
MISSING = -2


def tags_only(text: str) -> str:
    """Return what a score depends on: the Answer tags, or a dash for text without any.

    Nothing that stands inside a tag is changed, so ``score_answer`` gives the same value, status
    and answer for the result as for the text (but not the same ``format_valid``).
    """
    answers = all_answers(text)
    if answers:
        return "".join(f"<Answer>{a}</Answer>" for a in answers)
    return "-" if text.strip() else ""


@dataclass(frozen=True)
class Scored:
    """The answers of one run, in manifest order; arrays of shape (n,).

    ``codes`` index the answer table of the ``Rescorer``, or are ``FAILED`` or ``MISSING``;
    ``formats`` tells where the text has the asked-for form. ``untagged`` holds the head of texts
    without a tag, by question, for people to read.
    """

    codes: npt.NDArray[np.int32]
    formats: npt.NDArray[np.bool_]
    untagged: dict[int, str]


class Rescorer:
    """The distinct answers to the questions of one manifest, and what each earned."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = items
        self._codes: dict[tuple[int, str], int] = {}
        self.answers: list[str | None] = []
        self._paper: list[float] = []
        self._strict: list[float] = []
        self._status: list[int] = []

    def score(self, texts: Sequence[str | None], places: Sequence[int] | None = None) -> Scored:
        """Score one run's texts.

        Args:
            texts: One a question; None where the request failed.
            places: Index of the item that each text answers; None: all items in order.
        """
        codes = np.full(len(self._items), MISSING, dtype=np.int32)
        formats = np.zeros(len(self._items), dtype=np.bool_)
        untagged = {}
        indices = range(len(self._items)) if places is None else places
        for index, text in zip(indices, texts, strict=True):
            if text is None:
                codes[index] = FAILED
                continue
            key = (index, tags_only(text))
            code = self._codes.get(key)
            codes[index] = self._add(key) if code is None else code
            formats[index] = has_valid_format(text)
            if key[1] == "-":
                untagged[index] = text.strip()[:200]
        return Scored(codes, formats, untagged)

    def values(self, scored: Scored, protocol: str) -> npt.NDArray[np.float64]:
        """Return the rewards in [0, 1], NaN where there is no answer to score; shape (n,)."""
        table = self._paper if protocol == "paper" else self._strict
        return np.array([*table, np.nan, np.nan])[scored.codes]

    def correct(self, scored: Scored, protocol: str) -> npt.NDArray[np.float64]:
        """Return 1 for right, 0 for wrong, NaN where there is no answer; shape (n,)."""
        values = self.values(scored, protocol)
        return np.where(np.isnan(values), np.nan, (values >= CORRECT_FROM).astype(np.float64))

    def statuses(self, scored: Scored) -> list[str]:
        """Return how each answer could be read (strict protocol), or ``error`` or ``missing``."""
        names = [*(STATUSES[s] for s in self._status), "missing", "error"]
        return [names[code] for code in scored.codes]

    def table(self) -> list[tuple[str | None, float, float, int]]:
        """Return answer text, paper and strict reward, and status index, by code."""
        return list(zip(self.answers, self._paper, self._strict, self._status, strict=True))

    def _add(self, key: tuple[int, str]) -> int:
        index, reduced = key
        item = self._items[index]
        paper = score_answer(item.method, item.answer, reduced, "paper", item.question)
        strict = score_answer(item.method, item.answer, reduced, "strict", item.question)
        code = self._codes[key] = len(self.answers)
        self.answers.append(paper.answer)
        self._paper.append(paper.value)
        self._strict.append(strict.value)
        self._status.append(STATUSES.index(strict.status))
        return code
