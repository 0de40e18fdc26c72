"""One answer sheet, held to its questions, as a row: scored again, checked and aggregated."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from leaderboard import checks
from leaderboard.dataset import FAILED, MISSING, ROLES, Codes, Dataset, Role, baseline_codes
from leaderboard.questions import check_condition
from leaderboard.rows import Card, Counts, JudgeScore, Row, Setup, row_id
from leaderboard.runs import Run, read_card
from leaderboard.sheets import AnswerSheet
from leaderboard.untrusted import plain_text
from leaderboard.verdicts import Metric
from panoenv_tasks.items import DataError
from panoenv_tasks.perturb import Condition
from panoenv_tasks.scoring import PROTOCOLS, VERSIONS, Protocol
from panoenv_tasks.stats import (
    Difference,
    Estimate,
    clustered_mean,
    column_totals,
    estimate_columns,
    paired_difference,
)

#: Longer settings are cut.
_LONGEST_SETTING = 300


def build_row(
    run: Run,
    sheet: AnswerSheet,
    dataset: Dataset,
    places: Sequence[int],
    judged: Mapping[Metric, JudgeScore | None],
    today: date,
) -> Row:
    """Score the answers again, hold stored scores and totals to that, and aggregate.

    Args:
        run: The run's files.
        sheet: Its answers to one split under one condition.
        dataset: The questions, see ``Datasets.place``.
        places: Each answer's place among them.
        judged: What judges said of the answers; None: nothing.
        today: For dates that lie ahead of it.

    Raises:
        DataError: Something stored is not what the samples give, or the submission card is bad.
    """
    condition = check_condition(sheet.run.condition)
    card = read_card(run.card_file) if run.card_file else None
    table = dataset.answers
    codes = table.score(sheet.answers, places)
    correct = {p: table.correct(codes, p) for p in PROTOCOLS}
    role = _role(run, dataset, codes, condition)
    if sheet.run.foreign is None:
        checks.check_images(sheet.images, condition, role)
    if _has_our_protocols(sheet):
        for protocol, stored in zip(PROTOCOLS, (sheet.paper, sheet.strict), strict=True):
            checks.check_stored_scores(protocol, stored, table.values(codes, protocol)[places])
        checks.check_stored_totals(run.results, sheet, *(correct[p][places] for p in PROTOCOLS))
    counts = Counts(
        expected=len(dataset.items) if dataset.verified else sheet.run.expected,
        n=len(sheet.answers),
        panoramas=len(np.unique(dataset.panoramas[places])),
        environments=len(np.unique(dataset.environments[places])),
        statuses=table.readings(codes),
    )
    flags = [
        *checks.sheet_flags(sheet, dataset, codes, counts, role),
        *checks.run_flags(run, _has_our_protocols(sheet), today),
    ]
    if role == "model":
        flags += checks.input_flags(sheet, dataset, codes)
        flags += checks.blind_flags(dataset, codes, condition)
    setup = _setup_of(run, sheet)
    name = plain_text(run.model_name)
    q_score, p_score = judged.get("q_score"), judged.get("p_score")
    return Row(
        row_id=row_id(sheet.samples_sha256, name, condition, setup.protocols, q_score, p_score),
        model=(card and card.model) or name,
        role=role,
        provenance="unverified",
        split=dataset.name,
        condition=condition,
        date=f"{run.date[:4]}-{run.date[4:6]}-{run.date[6:8]}",
        setup=setup,
        counts=counts,
        paper=_by_cell(correct["paper"], dataset),
        strict=_by_cell(correct["strict"], dataset),
        checks=_cross_checks("paper", correct["paper"], dataset)
        | _cross_checks("strict", correct["strict"], dataset),
        format_rate=float(sheet.formats.mean()),
        q_score=q_score,
        p_score=p_score,
        acc_read=judged.get("acc_read"),
        above_blind=_above_blind(correct["strict"], dataset, condition),
        tokens_in=sheet.tokens_in,
        tokens_out=sheet.tokens_out,
        seconds=_seconds(run),
        card=card or Card(),
        flags=tuple(flags),
        samples_sha256=sheet.samples_sha256,
        samples_path=plain_text(run.origin),
        submission=run.submission,
        dataset=dataset,
        codes=codes,
        untagged={places[at]: text for at, text in sheet.untagged.items()},
    )


def _has_our_protocols(sheet: AnswerSheet) -> bool:
    """Whether the stored scores are of today's protocols, so that they can be held to the texts."""
    return set(VERSIONS.values()) <= set(sheet.run.protocols)


def _role(run: Run, dataset: Dataset, codes: Codes, condition: Condition) -> Role:
    """Return the role that the answers bear out; those that are not there speak against nothing.

    Raises:
        DataError: The run goes by the name of one of the project's own models and answers otherwise.
    """
    called = [str(run.config.get("model")), run.model_name]
    model = next((name for name in called if name in ROLES), None)
    if model is None:
        return "model"
    expected = baseline_codes(dataset, ROLES[model], condition)
    against = int(((codes != expected) & (codes != MISSING) & (codes != FAILED)).sum())
    if against:
        raise DataError(
            f"calls itself {model}, but {against} answers are not that model's; "
            "a name of this project is no model's, or the run is of another version"
        )
    return ROLES[model]


def _above_blind(
    correct: npt.NDArray[np.float64], dataset: Dataset, condition: Condition
) -> Difference | None:
    """Return the lead over blind answers to the same questions, of those that got an answer."""
    blind = dataset.answers.correct(baseline_codes(dataset, "blind", condition), "strict")
    there = ~np.isnan(correct)
    return paired_difference(correct[there], blind[there], dataset.environments[there])


def _setup_of(run: Run, sheet: AnswerSheet) -> Setup:
    """Collect how the run was made, from the results file and the sample records."""
    pixels = {image.max_pixels for image in sheet.images}
    sizes = {(image.width, image.height) for image in sheet.images}
    width, height = sizes.pop() if len(sizes) == 1 else (None, None)
    return Setup(
        harness="lmms-eval" if sheet.run.foreign is None else _text(sheet.run.foreign.harness),
        harness_version=_text(sheet.run.versions.get("lmms-eval")),
        plugin_version=_text(sheet.run.versions.get("panoenv")),
        backend=_text(run.config.get("model_backend") or run.config.get("model")),
        batch_size=_text(run.config.get("batch_size")),
        max_pixels=pixels.pop() if len(pixels) == 1 else None,
        image_size=f"{width}x{height}" if width and height else "",
        panorama=next((image.source for image in sheet.images), ""),
        decoding=_text(run.config.get("gen_kwargs")),
        prompts=_text(sheet.run.prompts),
        prompts_sha256=_text(sheet.run.prompts_sha256),
        dataset_sha256=sheet.run.dataset_sha256,
        protocols=" ".join(VERSIONS.values()),
    )


def _text(value: Any) -> str:
    return "" if value is None or value == {} else plain_text(str(value), _LONGEST_SETTING)


def _seconds(run: Run) -> float | None:
    try:
        seconds = float(run.results.get("total_evaluation_time_seconds", ""))
    except (TypeError, ValueError):
        return None
    return seconds if 0 <= seconds < math.inf else None


def _by_cell(correct: npt.NDArray[np.float64], dataset: Dataset) -> dict[str, Estimate]:
    """Estimate every cell; cells without answers are absent.

    Every cell carries the same interval, Wilson's at the effective sample size: see ``panoenv_tasks.stats``.
    Errors are clustered by environment, of which the released test split has two panoramas each.

    Args:
        correct: 1 right, 0 wrong, NaN no answer to score; shape (n,), in the order of the dataset.
        dataset: The questions.
    """
    there = ~np.isnan(correct)
    held = dataset.masks[there]
    filled = [bool(mask.any()) for mask in held.T]
    if not any(filled):
        return {}
    values, clusters = correct[there, None], dataset.environments[there]
    sums, counts = column_totals(values, clusters, held[:, filled])
    cells = [key for key, some in zip(dataset.cells, filled, strict=True) if some]
    return dict(zip(cells, estimate_columns(sums, counts, "wilson"), strict=True))


def _cross_checks(
    protocol: Protocol, correct: npt.NDArray[np.float64], dataset: Dataset
) -> dict[str, Estimate]:
    """Estimate the total in three other ways: by panorama, as if independent, by bootstrap."""
    there = ~np.isnan(correct)
    values = correct[there]
    totals = {
        "panorama": clustered_mean(values, dataset.panoramas[there], "wilson"),
        "naive": clustered_mean(values, np.arange(len(values)), "wilson"),
        "bootstrap": clustered_mean(values, dataset.environments[there], "bootstrap"),
    }
    return {f"{protocol}_{key}": total for key, total in totals.items() if total is not None}
