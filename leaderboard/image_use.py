"""What a row owes to the image: one model's rows under several conditions, held against each other.

The measures are those of ``panoenv audit``; here they are made from answers that are scored already.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

from leaderboard.build import row_id
from leaderboard.datasets import Dataset, check_condition
from leaderboard.rows import AUDITED, BLOCKING, Row
from leaderboard.score import FAILED, MISSING
from leaderboard.untrusted import look_alike
from panoenv_tasks.audit import NEEDS, Measure, ModelRuns, audit_totals
from panoenv_tasks.audit.meaning import meaning
from panoenv_tasks.audit.model_runs import ConditionSamples, ScoredAnswer
from panoenv_tasks.items import Item, fingerprint
from panoenv_tasks.perturb import TURNS, Condition
from panoenv_tasks.records import Sample, answered
from panoenv_tasks.scoring import CORRECT_FROM
from panoenv_tasks.stats import Difference, paired_difference

#: Measures that read what answers claim, not only whether they are right.
_CLAIMS: tuple[Measure, ...] = ("flips_above_repeat",)
RowsByCondition = dict[Condition, Row]


def with_image_use(rows: Sequence[Row], fit_on: Sequence[Item] | None = None) -> list[Row]:
    """Return the rows; complete ones that saw the image with what their model's other rows tell about it.

    Rows belong together when submission, model, dataset and prompts are the same: nobody else's run tells
    anything about a model, whatever it calls itself.

    Args:
        rows: Recomputed rows.
        fit_on: Train or val questions on which blind answering is learned; without them there is no
            blind-adjusted score.

    Raises:
        DataError: Nothing can be learned from ``fit_on``.
    """
    auditor = _Auditor(fit_on)
    rows_by_model: dict[tuple[str, ...], RowsByCondition] = {}
    for row in rows:
        if _complete(row):
            rows_by_model.setdefault(_model_key(row), {})[check_condition(row.condition)] = row
    return [
        auditor.audited(row, _comparable(row, rows_by_model) | {"full": row})
        if row.condition == "full" and _complete(row)
        else row
        for row in rows
    ]


def _complete(row: Row) -> bool:
    """Whether every question was answered; copied golds are no obstacle, they are what audits look for."""
    return not any(flag.code in BLOCKING - {"gold_copied"} for flag in row.flags)


def _model_key(row: Row) -> tuple[str, ...]:
    setup = row.setup
    return (
        row.submission,
        look_alike(row.model),
        row.card.revision,
        setup.dataset_sha256,
        setup.prompts_sha256,
        setup.panorama,
    )


def _comparable(row: Row, rows_by_model: Mapping[tuple[str, ...], RowsByCondition]) -> RowsByCondition:
    """Return the model's rows on the same panoramas, and those that show none."""
    *rest, _ = own = _model_key(row)
    return rows_by_model.get((*rest, ""), {}) | rows_by_model[own]


class _Auditor:
    """Makes audits; remembers what each distinct answer claims, and each dataset's chances."""

    def __init__(self, fit_on: Sequence[Item] | None) -> None:
        self._fit_on = fit_on
        self._fitted = fingerprint(fit_on) if fit_on else ""
        self._samples = cache(_samples)
        self._answer = cache(self._make_answer)
        self._chances = cache(self._make_chances)

    def audited(self, row: Row, rows_by_condition: RowsByCondition) -> Row:
        """Return a row with its audit, under an id that tells what it was compared with."""
        others = sorted(r.samples_sha256 for r in rows_by_condition.values() if r is not row)
        if not others and not self._fit_on:
            return row
        setup = row.setup
        runs = ModelRuns(
            row.model,
            row.split,
            setup.dataset_sha256,
            setup.prompts,
            setup.prompts_sha256,
            {c: self._samples_of(r, c, rows_by_condition) for c, r in rows_by_condition.items()},
            protocol="strict",
        )
        chances = self._chances(row.questions()) if self._fit_on else None
        return replace(
            row,
            row_id=row_id(row.row_id, *others, self._fitted),
            gain=_gain(row, rows_by_condition.get("noimage")),
            audit=audit_totals(runs, AUDITED, chances),
        )

    def _samples_of(
        self, row: Row, condition: Condition, rows_by_condition: RowsByCondition
    ) -> ConditionSamples:
        """Return a row's answers as audits read them; what they claim only where it is compared."""
        dataset = row.questions()
        claims = any(condition in NEEDS[m] and rows_by_condition.keys() >= {*NEEDS[m]} for m in _CLAIMS)
        degrees = TURNS.get(condition, 0) if claims else None
        return ConditionSamples(
            {
                sample.id: self._answer(dataset, index, code, degrees)
                for index, (sample, code) in enumerate(
                    zip(self._samples(dataset), row.answer_codes().tolist(), strict=True)
                )
                if code != MISSING
            },
            greedy=not re.search(r"do_sample\W+true|temperature\W+0*\.?0*[1-9]", row.setup.decoding, re.I),
        )

    def _make_answer(self, dataset: Dataset, index: int, code: int, degrees: int | None) -> ScoredAnswer:
        sample = self._samples(dataset)[index]
        if code == FAILED:
            return ScoredAnswer(sample, None, None)
        item, text = dataset.items[index], dataset.answers.texts[code]
        _, _, reward, _ = dataset.answers.described(code)
        claim = None if degrees is None else meaning(item.method, item.question, text, degrees)
        return ScoredAnswer(sample, float(reward >= CORRECT_FROM), claim)

    def _make_chances(self, dataset: Dataset) -> Mapping[str, float]:
        from panoenv_tasks.blind.guessability import blind_probabilities

        chances = blind_probabilities(dataset.items, self._fit_on, "strict")
        return dict(zip((item.id for item in dataset.items), chances, strict=True))


def _gain(row: Row, blind: Row | None) -> Difference | None:
    """What the image adds: full minus no image, paired by question, with its test."""
    if blind is None:
        return None
    return paired_difference(row.correct("strict"), blind.correct("strict"), row.questions().environments)


def _samples(dataset: Dataset) -> list[Sample]:
    return [answered(item, "") for item in dataset.items]
