"""One run's answer sheet -> one row."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from leaderboard import checks
from leaderboard.datasets import Dataset, check_condition
from leaderboard.rows import Card, Counts, JudgeScore, Row, Setup
from leaderboard.runs import Run, read_card
from leaderboard.sheets import AnswerSheet
from panoenv_tasks.scoring import PROTOCOLS, VERSIONS
from panoenv_tasks.stats import Estimate, clustered_mean, column_totals, estimate_columns

Floats = npt.NDArray[np.float64]


def build_row(
    run: Run,
    sheet: AnswerSheet,
    dataset: Dataset,
    places: Sequence[int],
    q_score: JudgeScore | None = None,
    p_score: JudgeScore | None = None,
) -> Row:
    """Score the answers again, hold stored scores and totals to that, and aggregate.

    Args:
        run: The run's files.
        sheet: Its answers to one split under one condition.
        dataset: The questions, see ``Datasets.place``.
        places: Each answer's place among them.
        q_score: What a judge said of the answers.
        p_score: What another judge said of them.

    Raises:
        DataError: Something stored is not what the samples give, or the submission card is bad.
    """
    condition, role, card = check_condition(sheet.run.condition), run.role, read_card(run.folder)
    checks.check_images(sheet.images, condition, role)
    current = set(VERSIONS.values()) <= set(sheet.run.protocols)

    table = dataset.answers
    codes = table.score(sheet.answers, places)
    correct = {p: table.correct(codes, p) for p in PROTOCOLS}
    if current:
        for protocol, stored in zip(PROTOCOLS, (sheet.paper, sheet.strict), strict=True):
            checks.check_stored_scores(protocol, stored, table.values(codes, protocol)[places])
        checks.check_stored_totals(run.results, sheet, *(correct[p][places] for p in PROTOCOLS))

    counts = Counts(
        expected=sheet.run.expected,
        n=len(sheet.answers),
        panoramas=len(np.unique(dataset.panoramas[places])),
        environments=len(np.unique(dataset.environments[places])),
        statuses=table.readings(codes),
    )
    setup = _setup_of(run, sheet)
    identity = (sheet.samples_sha256, run.model_name, condition, setup.protocols)
    return Row(
        row_id=row_id(*identity, q_score, p_score),
        model=card.model if card and card.model else run.model_name,
        role=role,
        provenance="submitted" if card else "reproduced",
        split=sheet.split,
        condition=condition,
        date=f"{run.date[:4]}-{run.date[4:6]}-{run.date[6:8]}",
        setup=setup,
        counts=counts,
        paper=_by_cell(correct["paper"], dataset),
        strict=_by_cell(correct["strict"], dataset),
        checks={
            f"{protocol}_{name}": cell
            for protocol, values in correct.items()
            for name, cell in _cross_checks(values, dataset).items()
        },
        format_rate=float(sheet.formats.mean()),
        q_score=q_score,
        p_score=p_score,
        tokens_in=sheet.tokens_in,
        tokens_out=sheet.tokens_out,
        seconds=_seconds(run),
        card=card or Card(),
        flags=checks.flags_for(
            dataset,
            sheet.split,
            counts,
            role,
            copied=table.copied_share(codes),
            max_pixels=setup.max_pixels,
            confirmed=_confirmed(sheet),
            has_results=bool(run.results),
            same_protocols=current,
        ),
        samples_sha256=sheet.samples_sha256,
        samples_path=run.origin,
        dataset=dataset,
        codes=codes,
        untagged={places[at]: text for at, text in sheet.untagged.items()},
    )


def row_id(*identity: str | JudgeScore | None) -> str:
    """Return the id of a row; a run of which more is known later is a new row.

    The CSV never changes a line it holds.
    """
    parts = [f"{i.judge} {i.scored}" if isinstance(i, JudgeScore) else i or "" for i in identity]
    joined = "\x1e".join(parts).encode("utf-8", "replace")
    return hashlib.sha256(joined).hexdigest()[:12]


def _confirmed(sheet: AnswerSheet) -> float | None:
    """Return the mean share of pixels that three drawings confirm; None for raw panoramas."""
    shares = [
        (image.confirmed.three if image.confirmed else 0.0, count)
        for image, count in sheet.images.items()
        if image.source == "restored"
    ]
    total = sum(count for _, count in shares)
    return sum(share * count for share, count in shares) / total if total else None


def _setup_of(run: Run, sheet: AnswerSheet) -> Setup:
    """Collect how the run was made, from the results file and the sample records."""
    pixels = {image.max_pixels for image in sheet.images}
    sizes = {(image.width, image.height) for image in sheet.images}
    width, height = sizes.pop() if len(sizes) == 1 else (None, None)
    return Setup(
        harness="lmms-eval",
        harness_version=sheet.run.versions.get("lmms-eval", ""),
        plugin_version=sheet.run.versions.get("panoenv", ""),
        backend=_text(run.config.get("model_backend") or run.config.get("model")),
        batch_size=_text(run.config.get("batch_size")),
        max_pixels=pixels.pop() if len(pixels) == 1 else None,
        image_size=f"{width}x{height}" if width and height else "",
        panorama=next((image.source for image in sheet.images), ""),
        decoding=_text(run.config.get("gen_kwargs")),
        prompts=sheet.run.prompts,
        prompts_sha256=sheet.run.prompts_sha256,
        dataset_sha256=sheet.run.dataset_sha256,
        protocols=" ".join(VERSIONS.values()),
    )


def _text(value: Any) -> str:
    return "" if value is None or value == {} else str(value)


def _seconds(run: Run) -> float | None:
    try:
        return float(run.results.get("total_evaluation_time_seconds", ""))
    except (TypeError, ValueError):
        return None


def _by_cell(correct: Floats, dataset: Dataset) -> dict[str, Estimate]:
    """Estimate every cell, errors clustered by panorama; cells without answers are absent.

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


def _cross_checks(correct: Floats, dataset: Dataset) -> dict[str, Estimate]:
    """Estimate the total in three other ways: by panorama, as if independent, by bootstrap."""
    there = ~np.isnan(correct)
    values = correct[there]
    totals = {
        "panorama": clustered_mean(values, dataset.panoramas[there], "wilson"),
        "naive": clustered_mean(values, np.arange(len(values)), "wilson"),
        "bootstrap": clustered_mean(values, dataset.environments[there], "bootstrap"),
    }
    return {key: total for key, total in totals.items() if total is not None}
