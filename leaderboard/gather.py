"""Result folders in, checked rows out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from leaderboard.build import build_row
from leaderboard.checks import check_one_setup
from leaderboard.datasets import Dataset, Datasets
from leaderboard.discover import Run, find_runs
from leaderboard.judged import VerdictFile, find_verdicts
from leaderboard.rescore import Scored
from leaderboard.rows import Refusal, Row
from leaderboard.samples import read_samples
from panoenv_tasks.items import DataError
from panoenv_tasks.scoring import Protocol

if TYPE_CHECKING:
    import polars as pl


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


def collect(paths: Iterable[str | Path]) -> list[Row]:
    """Return the checked rows of all runs below ``paths``; see ``gather`` for what was refused."""
    return gather(paths).rows


def gather(paths: Iterable[str | Path]) -> Board:
    """Read all runs below ``paths``. Whole splits come first, so that parts can be held to them.

    Raises:
        DataError: A path does not exist or there is no run at all. A run that is unfit is no
            error: it is listed among the refusals and the others go on.
    """
    places = [Path(p) for p in paths]
    runs, refusals = find_runs(places)
    verdicts, unreadable = find_verdicts(places)
    board = Board(refusals=refusals + unreadable)
    later: list[tuple[Run, tuple[str, str]]] = []
    for run in runs:
        try:
            for key, samples in _splits(run):
                if samples.height < int(samples["dataset_items"][0]):
                    later.append((run, key))
                else:
                    _add(board, run, samples, verdicts)
        except DataError as error:
            board.refusals.append(Refusal(run.origin, str(error)))
    for run, wanted in later:
        for key, samples in _splits(run):
            if key == wanted:
                _add(board, run, samples, verdicts)
    return board


def _splits(run: Run) -> Iterator[tuple[tuple[str, str], pl.DataFrame]]:
    """Yield a run's samples per split and condition."""
    samples = read_samples(list(run.samples.values()))
    for key, part in sorted(samples.partition_by("split", "condition", as_dict=True).items()):
        yield (str(key[0]), str(key[1])), part


def _add(board: Board, run: Run, samples: pl.DataFrame, verdicts: Sequence[VerdictFile]) -> None:
    try:
        check_one_setup(samples)
        ordered = samples.sort("id")
        key = board.datasets.place(ordered)
        row, scored = build_row(run, ordered, board.datasets.known[key], verdicts)
        if row.row_id in board.answers:
            raise DataError("the same samples as a run read before; counted once")
    except DataError as error:
        what = f"{samples['split'][0]}, {samples['condition'][0]}"
        board.refusals.append(Refusal(f"{run.origin} ({what})", str(error)))
        return
    board.rows.append(row)
    board.answers[row.row_id] = (key, scored)
