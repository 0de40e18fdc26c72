"""The questions of one dataset under one condition, every answer that was given to them, and its score.

Answers are few (Yes, No, an object, a number), texts are many: each distinct answer to a question is scored
once, and what is scored is what is left of a text when everything else is removed (``essence``). What the
project's own text-only models answer is worked out here as well: what a row is worth above blind answering
never depends on a blind run that somebody sent in.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import nan
from typing import Literal

import numpy as np
import numpy.typing as npt

from leaderboard.cells import table_cells
from leaderboard.sheets import question_key
from panoenv_tasks.answers.essence import essence
from panoenv_tasks.answers.quantities import read_distance
from panoenv_tasks.blind import answer, constant_answer
from panoenv_tasks.items import Item
from panoenv_tasks.perturb import COORDINATES, TURNS, Condition, present
from panoenv_tasks.perturb.coordinates import in_pixels_of, resized
from panoenv_tasks.scoring import CORRECT_FROM, STATUSES, Protocol, score_answer
from panoenv_tasks.taxonomy import recognise

#: ``oracle`` answers from the gold, ``constant`` and ``blind`` never look at the image.
Role = Literal["model", "blind", "constant", "oracle"]
#: Of the project's own models, by their names in lmms-eval.
ROLES: dict[str, Role] = {
    "panoenv_blind": "blind",
    "panoenv_constant": "constant",
    "panoenv_oracle": "oracle",
}
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
        scored = self._codes
        codes[places] = [
            scored[pair] if pair in scored else self._add(*pair) for pair in zip(places, answers, strict=True)
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


@dataclass(frozen=True, eq=False)
class Dataset:
    """The questions of one dataset under one condition, sorted by id, and all answers given to them.

    Attributes:
        sha256: Fingerprint that the runs recorded.
        name: Of these questions, see ``leaderboard.questions``; no run's own word.
        known: Whether it is a set that may be ranked: released, bundled, or confirmed by the maintainer.
        verified: Whether the questions were held to that fingerprint; False for a part of a split
            whose rest nobody has shown.
        items: The questions.
        keys: Per question what the fingerprint covers.
        cells: Keys of the cells that hold a question; the first is the total.
        masks: Which questions each of them holds; shape (n, cells).
        panoramas: Index of each question's panorama; shape (n,).
        environments: Index of each question's environment; shape (n,).
        answers: Every distinct answer that a run gave.
        baselines: What the project's own text-only models answer, see ``baseline_codes``.
        inputs: By condition and size, a digest of each prompt that the project's pack makes; see ``checks``.
    """

    sha256: str
    name: str
    known: bool
    verified: bool
    items: tuple[Item, ...]
    keys: list[tuple[str, ...]]
    cells: tuple[str, ...]
    masks: npt.NDArray[np.bool_]
    panoramas: npt.NDArray[np.int64]
    environments: npt.NDArray[np.int64]
    answers: AnswerTable
    baselines: dict[tuple[str, str], Codes] = field(default_factory=dict)
    inputs: dict[tuple[str, tuple[int, int] | None], list[bytes]] = field(default_factory=dict)

    @property
    def panorama_names(self) -> list[str]:
        """``environment/frame`` names in the order of their index."""
        return sorted({item.panorama for item in self.items})


def build_dataset(items: Sequence[Item], sha256: str, name: str, known: bool, verified: bool) -> Dataset:
    """Make a dataset of distinct questions."""
    ordered = tuple(sorted(items, key=lambda item: item.id))
    cells = table_cells()
    masks = np.array([[cell.holds(item) for cell in cells] for item in ordered], dtype=np.bool_)
    filled = [bool(mask.any()) for mask in masks.T]
    return Dataset(
        sha256=sha256,
        name=name,
        known=known,
        verified=verified,
        items=ordered,
        keys=[question_key(item) for item in ordered],
        cells=tuple(cell.key for cell, some in zip(cells, filled, strict=True) if some),
        masks=masks[:, filled],
        panoramas=np.unique([i.panorama for i in ordered], return_inverse=True)[1],
        environments=np.unique([i.environment for i in ordered], return_inverse=True)[1],
        answers=AnswerTable(ordered),
    )


@dataclass(frozen=True)
class ShownText:
    """A question as the text-only models get it, and what a prompt has of it.

    Attributes:
        question: What those models read.
        text: What stands in the question's place in a prompt.
        boxes: What the prompt says of the numbers of boxes; empty where they are pixels of the panorama.
    """

    question: str
    text: str
    boxes: str = ""


def shown_texts(
    items: Sequence[Item], condition: Condition, size: tuple[int, int] | None = None
) -> list[ShownText]:
    """Return what a condition makes of the text of questions.

    Args:
        items: Questions of a dataset under that condition: turned ones are turned already.
        condition: The condition.
        size: Width and height of the picture whose pixels the boxes of ``seen`` count; None: unknown.
    """
    if condition == "seen" and size is not None:
        words = in_pixels_of(size)
        return [ShownText(i.question, resized(i.question, size), words if i.boxes else "") for i in items]
    if condition in TURNS or condition in ("full", "noimage", "shuffled"):
        return [ShownText(item.question, item.question) for item in items]
    shown = present(items, condition)
    if condition in COORDINATES:
        return [ShownText(i.question, asked.text, asked.boxes) for i, asked in zip(items, shown, strict=True)]
    return [ShownText(asked.question, asked.text) for asked in shown]


def baseline_codes(dataset: Dataset, role: Role, condition: Condition) -> Codes:
    """Return the answers of one of the project's own models, as codes in the dataset's table."""
    key = role, condition
    if key not in dataset.baselines:
        reply: Callable[[Item], str] = answer if role == "blind" else constant_answer
        if role == "oracle":
            reply = _gold
        shown = shown_texts(dataset.items, condition)
        answers = [
            essence(reply(_as_shown(i, s.question))) for i, s in zip(dataset.items, shown, strict=True)
        ]
        dataset.baselines[key] = dataset.answers.score(answers, range(len(answers)))
    return dataset.baselines[key]


def _gold(item: Item) -> str:
    return f"<Answer>{item.answer}</Answer>"


def _as_shown(item: Item, question: str) -> Item:
    """Return an item as the models get it: without boxes where its condition hides them."""
    if question == item.question:
        return item
    wording = recognise(question)
    return replace(item, question=question, boxes=wording.objects if wording else ())
