"""Rows against rows: who is better, what a model owes to the image, whose answers repeat another's.

The measures of image use are those of ``panoenv audit``; here they are made from answers that are scored
already.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from leaderboard.dataset import FAILED, MISSING, Dataset
from leaderboard.questions import check_condition
from leaderboard.rows import AUDITED, BLOCKING, Flag, Row, row_id
from leaderboard.untrusted import look_alike
from panoenv_tasks.audit import NEEDS, Measure, ModelRuns, audit_totals
from panoenv_tasks.audit.meaning import meaning
from panoenv_tasks.audit.model_runs import ConditionSamples, ScoredAnswer
from panoenv_tasks.items import Item, fingerprint
from panoenv_tasks.perturb import TURNS, Condition
from panoenv_tasks.records import Sample, answered
from panoenv_tasks.scoring import CORRECT_FROM, PROTOCOLS, Protocol
from panoenv_tasks.stats import (
    Difference,
    Pairwise,
    minimal_detectable_difference,
    paired_difference,
    pairwise,
)
from panoenv_tasks.stats.comparisons import EXACT_CLUSTERS, FLIPS

ALPHA = 0.05
#: Rows of a group that are held against each other, the best ones: the work and the page grow with the
#: square of their number.
MOST_COMPARED = 100
#: Of the questions that another model answers wrong, the share that is answered wrong in just that way. Two
#: models of equal skill agree on about half of their errors when answers are Yes or No, on fewer otherwise.
LIKE_ANOTHER = 0.90
#: With fewer errors to agree on, agreement says nothing.
FEWEST_ERRORS = 20
#: Rows of one group that are held against each other, and questions looked at: the work is quadratic.
MOST_ROWS, MOST_QUESTIONS = 300, 600
#: Measures that read what answers claim, not only whether they are right.
_CLAIMS: tuple[Measure, ...] = ("flips_above_repeat",)
RowsByCondition = dict[Condition, Row]


@dataclass(frozen=True)
class Group:
    """The ranked rows that share dataset, condition and prompts, and their comparisons.

    ``pairs`` has one row and column per entry of ``row_ids``, per protocol. ``left_out`` rows were too
    many to be compared.
    """

    key: tuple[str, str, str]
    split: str
    row_ids: tuple[str, ...]
    environments: int
    pairs: Mapping[Protocol, Pairwise]
    left_out: int = 0

    @property
    def can_rank(self) -> bool:
        """Whether some outcome could put one row significantly ahead of another.

        The smallest p of a sign-flip test over few environments is large, and Holm's correction over a row's
        comparisons makes it larger: arithmetic then leaves every row on rank 1, whatever the answers.
        """
        return len(self.row_ids) < 2 or self.environments >= self.environments_needed

    @property
    def environments_needed(self) -> int:
        """The fewest environments on which that many rows could be told apart."""
        rivals = max(1, len(self.row_ids) - 1)
        for count in range(1, EXACT_CLUSTERS + 1):
            if rivals * 2 / 2**count < ALPHA:
                return count
        return EXACT_CLUSTERS + 1 if rivals / (1 + FLIPS) < ALPHA else 10**9

    @property
    def cannot_rank(self) -> str:
        """Why the rows have no ranks, or which have none, in words; empty when all have theirs."""
        if not self.can_rank:
            return (
                f"{self.environments} environments cannot rank {len(self.row_ids)} rows: "
                "no test could tell two of them apart, whatever they answer; "
                f"{self.environments_needed} would be needed."
            )
        ranked = len(self.row_ids)
        return f"The {ranked} best rows are ranked, {self.left_out} are not." if self.left_out else ""

    def ranks(self, protocol: Protocol) -> dict[str, int]:
        """Return each row's rank: 1 + the number of rows significantly better; empty if none can be."""
        if not self.can_rank:
            return {}
        return dict(zip(self.row_ids, self.pairs[protocol].ranks(ALPHA), strict=True))

    def detectable(self, protocol: Protocol) -> float | None:
        """Return the difference that a typical pair would need to be told apart (80 % power)."""
        errors = self.pairs[protocol].se
        measured = errors[~np.isnan(errors) & (errors > 0)]
        if not len(measured):
            return None
        return minimal_detectable_difference(float(np.median(measured)), self.environments)


def compare(rows: Sequence[Row]) -> list[Group]:
    """Compare the ranked rows of every group, reported ones aside; groups in the order of their first row."""
    grouped: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        if row.ranked:
            grouped.setdefault(row.group, []).append(row)
    groups = []
    for key, ranked in grouped.items():
        best = set(sorted(range(len(ranked)), key=lambda i: -ranked[i].strict["acc"].mean)[:MOST_COMPARED])
        members = [row for place, row in enumerate(ranked) if place in best]
        dataset = members[0].questions()
        pairs = {
            protocol: pairwise(
                np.stack([row.correct(protocol) for row in members], axis=1),
                dataset.environments,
            )
            for protocol in PROTOCOLS
        }
        ids = tuple(row.row_id for row in members)
        environments = len(np.unique(dataset.environments))
        groups.append(Group(key, members[0].split, ids, environments, pairs, len(ranked) - len(members)))
    return groups


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


def with_look_alikes(rows: Sequence[Row], order: Mapping[str, int]) -> list[Row]:
    """Flag rows whose answers are those of another submission's row that came before them.

    Args:
        rows: Recomputed rows.
        order: When runs came in, see ``History``; the others came after these, in the order of ``rows``.
    """
    grouped: dict[tuple[str, ...], list[int]] = {}
    came = sorted(range(len(rows)), key=lambda place: order.get(rows[place].samples_sha256, len(order)))
    for place in came:
        row = rows[place]
        if row.role == "model":
            grouped.setdefault((row.setup.dataset_sha256, row.condition), []).append(place)
    marked = list(rows)
    for places in grouped.values():
        for place, flag in _look_alikes([rows[p] for p in places[:MOST_ROWS]]).items():
            row = marked[places[place]]
            marked[places[place]] = replace(row, flags=(*row.flags, flag))
    return marked


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


def _look_alikes(rows: Sequence[Row]) -> Mapping[int, Flag]:
    """Return a flag by the place of each row that repeats the errors of an earlier one."""
    dataset = rows[0].questions()
    same = [place for place, row in enumerate(rows) if row.questions() is dataset]
    chosen = np.linspace(0, len(dataset.items) - 1, min(MOST_QUESTIONS, len(dataset.items))).astype(int)
    codes = np.stack([dataset.answers.claims(rows[place].answer_codes())[chosen] for place in same])
    wrong = np.stack([rows[place].correct("strict")[chosen] == 0 for place in same])
    flags: dict[int, Flag] = {}
    for later in range(1, len(same)):
        errors = wrong[:later].sum(axis=1)
        equal = ((codes[:later] == codes[later]) & wrong[:later]).sum(axis=1)
        shares = np.where(errors >= FEWEST_ERRORS, equal / np.maximum(errors, 1), 0.0)
        for earlier in np.argsort(-shares):
            if shares[earlier] <= LIKE_ANOTHER:
                break
            row, other = rows[same[later]], rows[same[earlier]]
            if row.submission != other.submission:
                share = f"{100 * shares[earlier]:.0f} %"
                message = f"repeats {share} of {errors[earlier]} errors of {other.model[:60]}"
                flags[same[later]] = Flag("like_another", message)
                break
    return flags
