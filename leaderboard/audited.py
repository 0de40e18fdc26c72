"""What a row owes to the image: one model's rows under several conditions, held against each other.

The measures are those of ``panoenv audit``; here they are made from answers that are scored already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from leaderboard.build import row_id
from leaderboard.checks import check_condition
from leaderboard.rescore import FAILED, MISSING
from leaderboard.rows import AUDITED, BLOCKING, Row
from panoenv_tasks.audit import NEEDS, Measure, Subject, audit_totals
from panoenv_tasks.audit.estimates import gap
from panoenv_tasks.audit.meaning import meaning
from panoenv_tasks.audit.results import Answer, Shown
from panoenv_tasks.items import Item, fingerprint
from panoenv_tasks.perturb import TURNS, Condition
from panoenv_tasks.records import Sample, answered
from panoenv_tasks.scoring import CORRECT_FROM
from panoenv_tasks.stats import Difference, Estimate, paired_difference

if TYPE_CHECKING:
    from leaderboard.board import Board

#: Measures that read what answers claim, not only whether they are right.
_CLAIMS: tuple[Measure, ...] = ("image_sensitivity", "consistency")
Company = dict[Condition, Row]


def add_audits(board: Board, fit_on: Sequence[Item] | None = None) -> None:
    """Give every complete row that saw the image what its model's other rows tell about it.

    Rows keep company when model, dataset and prompts are the same; of several under one condition the
    last counts.

    Args:
        board: Its rows are replaced.
        fit_on: Train or val questions on which blind answering is learned; without them there is no
            blind-adjusted score.

    Raises:
        DataError: Nothing can be learned from ``fit_on``.
    """
    audits = _Audits(board, fit_on)
    companies: dict[tuple[str, ...], Company] = {}
    for row in board.rows:
        if _complete(row):
            companies.setdefault(_subject(row), {})[check_condition(row.condition)] = row
    for place, row in enumerate(board.rows):
        if row.condition == "full" and _complete(row):
            new = audits.of(row, companies[_subject(row)] | {"full": row})
            board.rows[place] = new
            board.answers[new.row_id] = board.answers.pop(row.row_id)


def _complete(row: Row) -> bool:
    """Whether every question was answered; copied golds are no obstacle, they are what audits look for."""
    return not any(flag.code in BLOCKING - {"gold_copied"} for flag in row.flags)


def _subject(row: Row) -> tuple[str, ...]:
    return row.model, row.split, row.setup.dataset_sha256, row.setup.prompts_sha256


class _Audits:
    """Makes audits; remembers what each distinct answer claims, and each dataset's chances."""

    def __init__(self, board: Board, fit_on: Sequence[Item] | None) -> None:
        self._board = board
        self._fit_on = fit_on
        self._fitted = fingerprint(fit_on) if fit_on else ""
        self._seam = cache(self._make_seam)
        self._samples = cache(self._make_samples)
        self._answer = cache(self._make_answer)
        self._chances = cache(self._make_chances)

    def of(self, row: Row, company: Company) -> Row:
        """Return a row with its audit, under an id that tells what it was compared with."""
        seam_gap = self._seam_gap(row)
        found: dict[Measure, Estimate] = {"seam_gap": seam_gap} if seam_gap else {}
        others = sorted(one.samples_sha256 for one in company.values() if one is not row)
        if not others and not self._fit_on:
            return replace(row, audit=found)
        shown = {condition: self._shown(one, condition, company) for condition, one in company.items()}
        setup = row.setup
        subject = Subject(
            row.model, row.split, setup.dataset_sha256, setup.prompts, setup.prompts_sha256, shown
        )
        chances = self._chances(self._board.answers[row.row_id][0]) if self._fit_on else None
        return replace(
            row,
            row_id=row_id(row.row_id, *others, self._fitted),
            gain=self._gain(row, company.get("noimage")),
            audit=found | audit_totals(subject, {*AUDITED} - {"seam_gap"}, chances),
        )

    def _seam_gap(self, row: Row) -> Estimate | None:
        """As the audit has it, on arrays: it is the one measure that every row has."""
        manifest, correct = self._board.dataset(row).manifest, self._board.correct(row, "strict")
        there = ~np.isnan(correct)
        at_seam, kinds = self._seam(self._board.answers[row.row_id][0])
        return gap(correct[there], at_seam[there], kinds[there], manifest.panoramas[there])

    def _gain(self, row: Row, blind: Row | None) -> Difference | None:
        """What the image adds: full minus no image, paired by question, with its test."""
        if blind is None:
            return None
        seen, unseen = (self._board.correct(one, "strict") for one in (row, blind))
        return paired_difference(seen, unseen, self._board.dataset(row).manifest.panoramas)

    def _shown(self, row: Row, condition: Condition, company: Company) -> Shown:
        """Return a row's answers as audits read them; what they claim only where it is compared."""
        key, scored = self._board.answers[row.row_id]
        claims = any(condition in NEEDS[m] and company.keys() >= {*NEEDS[m]} for m in _CLAIMS)
        names = [sample.id for sample in self._samples(key)]
        return Shown(
            {
                name: self._answer(key, index, code, TURNS.get(condition, 0) if claims else None)
                for index, (name, code) in enumerate(zip(names, scored.codes.tolist(), strict=True))
                if code != MISSING
            }
        )

    def _make_samples(self, key: str) -> list[Sample]:
        return [answered(item, "") for item in self._board.datasets.known[key].manifest.items]

    def _make_seam(self, key: str) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
        items = self._board.datasets.known[key].manifest.items
        at_seam = np.array([item.touches_seam for item in items], dtype=np.bool_)
        return at_seam, np.unique([item.subcategory for item in items], return_inverse=True)[1]

    def _make_answer(self, key: str, index: int, code: int, degrees: int | None) -> Answer:
        dataset, sample = self._board.datasets.known[key], self._samples(key)[index]
        if code == FAILED:
            return Answer(sample, None, None)
        item, answers = dataset.manifest.items[index], dataset.answers
        text, (_, _, reward, _) = answers.texts[code], answers.described(code)
        claim = None if degrees is None else meaning(item.method, item.answer, item.question, text, degrees)
        return Answer(sample, float(reward >= CORRECT_FROM), claim)

    def _make_chances(self, key: str) -> Mapping[str, float]:
        from panoenv_tasks.blind.ladder.probability import probabilities

        items = self._board.datasets.known[key].manifest.items
        return dict(zip((i.id for i in items), probabilities(items, self._fit_on, "strict"), strict=True))
