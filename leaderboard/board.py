"""Result folders in, checked rows out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from leaderboard.build import build_row
from leaderboard.datasets import Datasets, check_condition
from leaderboard.image_use import with_image_use
from leaderboard.rows import Refusal, Row
from leaderboard.runs import Run, find_runs
from leaderboard.sheets import AnswerSheet, read_records, read_runs
from leaderboard.verdicts import Metric, VerdictFile, best_for, find_verdicts
from panoenv_tasks.items import DataError, Item


@dataclass
class Board:
    """Everything that was gathered: recomputed rows in the order found, and what could not become a row."""

    rows: list[Row] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


def gather(paths: Iterable[str | Path], processes: int = 1, fit_on: Sequence[Item] | None = None) -> Board:
    """Read all runs below ``paths``. Whole splits come first, so that parts can be held to them.

    Args:
        paths: Folders written by lmms-eval, or files in them.
        processes: How many may read at once; more than one asks for an importable ``__main__``.
        fit_on: Train or val questions on which blind answering is learned; without them no row has a
            blind-adjusted score.

    Raises:
        DataError: A path does not exist or there is no run at all. A run that is unfit is no
            error: it is listed among the refusals and the others go on.
    """
    places = [Path(p) for p in paths]
    runs, refusals = find_runs(places)
    verdicts, unreadable = find_verdicts(places)
    board, datasets = Board(refusals=refusals + unreadable), Datasets()
    parts: list[tuple[Run, AnswerSheet]] = []
    for run, sheets in zip(runs, read_runs([r.samples for r in runs], processes), strict=True):
        if isinstance(sheets, DataError):
            board.refusals.append(Refusal(run.origin, str(sheets)))
            continue
        for sheet in sheets:
            if len(sheet.answers) < sheet.run.dataset_items:
                parts.append((run, sheet))
            else:
                _add(board, run, sheet, datasets, verdicts)
    for run, sheet in parts:
        _add(board, run, sheet, datasets, verdicts)
    board.rows = with_image_use(board.rows, fit_on)
    return board


def _add(
    board: Board, run: Run, sheet: AnswerSheet, datasets: Datasets, verdicts: Sequence[VerdictFile]
) -> None:
    try:
        condition = check_condition(sheet.run.condition)
        dataset, places = datasets.place(sheet, lambda: read_records(run.samples, sheet.split, condition))
        records = read_records(run.samples, sheet.split, condition) if verdicts else []
        texts = {record.id: record.text for record in records}
        judged = [best_for(texts, metric, verdicts) for metric in get_args(Metric)]
        row = build_row(run, sheet, dataset, places, *judged)
        if any(row.row_id == other.row_id for other in board.rows):
            raise DataError("the same samples as a run read before; counted once")
    except DataError as error:
        board.refusals.append(Refusal(f"{run.origin} ({sheet.name})", str(error)))
        return
    board.rows.append(row)
