"""Result folders in, checked rows out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import get_args

from leaderboard.build import build_row
from leaderboard.datasets import Datasets, KnownQuestions, check_condition
from leaderboard.detect import with_look_alikes
from leaderboard.image_use import with_image_use
from leaderboard.policy import Policy
from leaderboard.rows import Refusal, Row
from leaderboard.runs import Run, find_runs
from leaderboard.sheets import AnswerSheet, read_records, read_runs
from leaderboard.standing import History, with_standing
from leaderboard.verdicts import Metric, VerdictFile, best_for, find_verdicts
from panoenv_tasks.items import DataError, Item


@dataclass
class Board:
    """Everything that was gathered: recomputed rows in the order found, and what could not become a row."""

    rows: list[Row] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


def gather(
    paths: Iterable[str | Path],
    processes: int = 1,
    fit_on: Sequence[Item] | None = None,
    *,
    policy: Policy | None = None,
    history: History | None = None,
    data: Path | None = None,
    today: date | None = None,
) -> Board:
    """Read all runs below ``paths``. Whole splits come first, so that parts can be held to them.

    Args:
        paths: Folders written by lmms-eval, or files in them.
        processes: How many may read at once; more than one asks for an importable ``__main__``.
        fit_on: Train or val questions on which blind answering is learned; without them no row has a
            blind-adjusted score.
        policy: The maintainer's word.
        history: What an earlier board settled.
        data: The questions, to hold unknown ones against; see ``KnownQuestions``.
        today: For dates that lie ahead of it; None: the day it is.

    Raises:
        DataError: A path does not exist or there is no run at all. A run that is unfit is no
            error: it is listed among the refusals and the others go on.
    """
    policy, history, places = policy or Policy(), history or History(), [Path(p) for p in paths]
    runs, refusals = find_runs(places)
    verdicts, unreadable = find_verdicts(places)
    board = Board(refusals=refusals + unreadable)
    reader = _Reader(
        Datasets(KnownQuestions(policy.datasets, data)), verdicts, today or datetime.now(UTC).date()
    )
    parts: list[tuple[Run, AnswerSheet]] = []
    for run, sheets in zip(runs, read_runs([r.samples for r in runs], processes), strict=True):
        if isinstance(sheets, DataError):
            board.refusals.append(Refusal(run.origin, str(sheets), run.submission))
            continue
        for sheet in sheets:
            if len(sheet.answers) < sheet.run.dataset_items:
                parts.append((run, sheet))
            else:
                reader.add(board, run, sheet)
    for run, sheet in parts:
        reader.add(board, run, sheet)
    rows, nameless = with_standing(board.rows, policy, history)
    board.refusals += nameless
    board.rows = with_image_use(with_look_alikes(rows, history.order), fit_on)
    return board


@dataclass(frozen=True)
class _Reader:
    """Turns answer sheets into rows of a board."""

    datasets: Datasets
    verdicts: Sequence[VerdictFile]
    today: date

    def add(self, board: Board, run: Run, sheet: AnswerSheet) -> None:
        """Add the row of a sheet, or the refusal that came of it."""
        origin = f"{run.origin} ({sheet.name})"
        try:
            row = self._row(run, sheet)
            if any(row.row_id == other.row_id for other in board.rows):
                raise DataError("the same samples as a run read before; counted once")
        except DataError as error:
            board.refusals.append(Refusal(origin, str(error), run.submission))
        except Exception as error:  # one run must never cost another its row, whatever is in it
            board.refusals.append(
                Refusal(origin, f"cannot be read ({type(error).__name__}: {error})", run.submission)
            )
        else:
            board.rows.append(row)

    def _row(self, run: Run, sheet: AnswerSheet) -> Row:
        condition = check_condition(sheet.run.condition)
        dataset, places = self.datasets.place(
            sheet, lambda: read_records(run.samples, sheet.split, condition)
        )
        records = read_records(run.samples, sheet.split, condition) if self.verdicts else []
        texts = {record.id: record.text for record in records}
        judged = {
            metric: score
            for metric in get_args(Metric)
            if (score := best_for(texts, metric, self.verdicts)) is not None
        }
        return build_row(run, sheet, dataset, places, judged, self.today)
