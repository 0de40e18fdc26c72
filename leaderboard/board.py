"""Result folders in, checked rows out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

import numpy as np
import numpy.typing as npt

from leaderboard.audited import add_audits
from leaderboard.build import build_row
from leaderboard.checks import check_condition
from leaderboard.datasets import Dataset, Datasets
from leaderboard.discover import Run, find_runs
from leaderboard.judged import Metric, VerdictFile, best_for, find_verdicts
from leaderboard.rescore import Scored
from leaderboard.rows import Refusal, Row
from leaderboard.samples import Part, Record, read_parts
from leaderboard.sheets import Sheet, read_sheets
from panoenv_tasks.items import DataError, Item
from panoenv_tasks.scoring import Protocol


@dataclass
class Board:
    """Everything that was gathered.

    Attributes:
        rows: Recomputed rows, in the order found.
        refusals: What could not become a row.
        datasets: The questions that were answered.
        answers: Per row id, the key of its dataset and its scored answers.
    """

    rows: list[Row] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    datasets: Datasets = field(default_factory=Datasets)
    answers: dict[str, tuple[str, Scored]] = field(default_factory=dict)

    def dataset(self, row: Row) -> Dataset:
        """Return the questions that a recomputed row answered."""
        return self.datasets.known[self.answers[row.row_id][0]]

    def correct(self, row: Row, protocol: Protocol) -> npt.NDArray[np.float64]:
        """Return 1, 0 or NaN per question of the row's dataset; shape (n,)."""
        return self.dataset(row).answers.correct(self.answers[row.row_id][1], protocol)


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
    board = Board(refusals=refusals + unreadable)
    parts: list[tuple[Run, Sheet]] = []
    for run, sheets in zip(runs, read_sheets([r.samples for r in runs], processes), strict=True):
        if isinstance(sheets, DataError):
            board.refusals.append(Refusal(run.origin, str(sheets)))
            continue
        for sheet in sheets:
            if len(sheet.answers) < sheet.run.dataset_items:
                parts.append((run, sheet))
            else:
                _add(board, run, sheet, verdicts)
    for run, sheet in parts:
        _add(board, run, sheet, verdicts)
    add_audits(board, fit_on)
    return board


def _add(board: Board, run: Run, sheet: Sheet, verdicts: Sequence[VerdictFile]) -> None:
    def read() -> Part[Record]:
        parts = read_parts(run.samples, keep=lambda record: record)
        return next(part for part in parts if part.name == sheet.name)

    try:
        check_condition(sheet.run.condition)
        key, places = board.datasets.place(sheet, read)
        texts = {record.id: record.text for record in read().records} if verdicts else {}
        judged = [best_for(texts, metric, verdicts) for metric in get_args(Metric)]
        row, scored = build_row(run, sheet, board.datasets.known[key], places, *judged)
        if row.row_id in board.answers:
            raise DataError("the same samples as a run read before; counted once")
    except DataError as error:
        board.refusals.append(Refusal(f"{run.origin} ({sheet.name})", str(error)))
        return
    board.rows.append(row)
    board.answers[row.row_id] = (key, scored)
