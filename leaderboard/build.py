"""One run's verified samples -> one row."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from leaderboard import checks
from leaderboard.aggregate import by_cell, cross_checks
from leaderboard.datasets import Dataset
from leaderboard.discover import Run
from leaderboard.identity import model_name, read_card, role_of, setup_of
from leaderboard.rescore import Scored
from leaderboard.rows import Card, Counts, Judged, Row
from leaderboard.sheets import Sheet
from panoenv_tasks.scoring import PROTOCOLS, VERSIONS
from panoenv_tasks.tasks.panoenv.names import SPLIT_SUFFIXES


def build_row(
    run: Run,
    sheet: Sheet,
    dataset: Dataset,
    places: Sequence[int],
    q_score: Judged | None = None,
    p_score: Judged | None = None,
) -> tuple[Row, Scored]:
    """Score the answers again, hold stored scores and totals to that, and aggregate.

    Args:
        run: The run's files.
        sheet: The answers to one split under one condition.
        dataset: The questions, see ``Datasets.place``.
        places: Each answer's place among them.
        q_score: What a judge said of the answers.
        p_score: What another judge said of them.

    Raises:
        DataError: Something stored is not what the samples give, or the submission card is bad.
    """
    manifest, rescorer = dataset.manifest, dataset.answers
    role, condition = role_of(run), checks.check_condition(sheet.run.condition)
    checks.check_images(sheet.images, condition, role)
    card = read_card(run.folder)
    current = set(VERSIONS.values()) <= set(sheet.run.protocols)

    scored = rescorer.score(sheet, places)
    correct = {p: rescorer.correct(scored, p) for p in PROTOCOLS}
    if current:
        for protocol, stored in zip(PROTOCOLS, (sheet.paper, sheet.strict), strict=True):
            values = rescorer.values(scored, protocol)[places]
            checks.check_stored_scores(protocol, stored, values)
        _check_totals(run, sheet, *(correct[p][places] for p in PROTOCOLS))

    counts = Counts(
        expected=sheet.run.expected,
        n=len(sheet.answers),
        panoramas=len(np.unique(manifest.panoramas[places])),
        environments=len(np.unique(manifest.environments[places])),
        statuses=rescorer.readings(scored),
    )
    setup = setup_of(run, sheet)
    identity = (sheet.samples_sha256, model_name(run), condition, setup.protocols)
    row = Row(
        row_id=row_id(*identity, q_score, p_score),
        model=card.model if card and card.model else model_name(run),
        role=role,
        provenance="submitted" if card else "reproduced",
        split=sheet.split,
        condition=condition,
        date=f"{run.date[:4]}-{run.date[4:6]}-{run.date[6:8]}",
        setup=setup,
        counts=counts,
        paper=by_cell(correct["paper"], manifest),
        strict=by_cell(correct["strict"], manifest),
        checks={
            f"{protocol}_{name}": cell
            for protocol, values in correct.items()
            for name, cell in cross_checks(values, manifest).items()
        },
        format_rate=float(sheet.formats.mean()),
        q_score=q_score,
        p_score=p_score,
        tokens_in=sheet.tokens_in,
        tokens_out=sheet.tokens_out,
        seconds=_seconds(run.results),
        card=card or Card(),
        flags=checks.doubts(
            manifest,
            sheet.split,
            counts,
            role,
            copied=rescorer.copied_share(scored),
            max_pixels=setup.max_pixels,
            has_results=bool(run.results),
            same_protocols=current,
        ),
        samples_sha256=sheet.samples_sha256,
        samples_path=run.origin,
    )
    return row, scored


def _check_totals(
    run: Run, sheet: Sheet, paper: npt.NDArray[np.float64], strict: npt.NDArray[np.float64]
) -> None:
    """Hold the stored accuracy of each task, and of their group, to the samples."""
    suffix = next((s for name, s in SPLIT_SUFFIXES.items() if name == sheet.split), "")
    condition = "" if sheet.run.condition == "full" else f"_{sheet.run.condition}"
    chosen = dict(sheet.tasks)
    chosen[f"panoenv{suffix}{condition}"] = np.arange(len(paper))
    for task, places in chosen.items():
        mine = places[~np.isnan(paper[places])]
        if len(mine):
            means = float(paper[mine].mean()), float(strict[mine].mean())
            checks.check_stored_totals(run.results, task, *means)


def row_id(*identity: str | Judged | None) -> str:
    """Return the id of a row; a run of which more is known later is a new row.

    The CSV never changes a line it holds.
    """
    parts = [f"{i.judge} {i.scored}" if isinstance(i, Judged) else i or "" for i in identity]
    joined = "\x1e".join(parts).encode("utf-8", "replace")
    return hashlib.sha256(joined).hexdigest()[:12]


def _seconds(results: Mapping[str, Any]) -> float | None:
    try:
        return float(results.get("total_evaluation_time_seconds", ""))
    except (TypeError, ValueError):
        return None
