"""Result folders in, checked rows out: each answer sheet is held to its questions and becomes one row."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import get_args

from leaderboard.build_row import build_row
from leaderboard.comparisons import with_image_use, with_look_alikes
from leaderboard.questions import Datasets, KnownQuestions, check_condition
from leaderboard.rows import Refusal, Row
from leaderboard.runs import Run, find_runs
from leaderboard.sheets import AnswerSheet, read_records, read_sheets
from leaderboard.standing import History, Policy, with_standing
from leaderboard.verdicts import Metric, VerdictFile, best_for, find_verdicts
from panoenv_tasks.items import DataError, Item

#: With fewer runs than this per process, starting processes costs more than it saves.
RUNS_PER_PROCESS = 8


@dataclass
class Board:
    """Everything that was gathered: recomputed rows in the order found, and what could not become a row.

    ``first_seen`` are fingerprints of released questions that lay at hand and nobody had pinned, by name.
    """

    rows: list[Row] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    first_seen: dict[str, str] = field(default_factory=dict)


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
        data: The questions, to hold unknown ones against; None: where tasks find them. See
            ``KnownQuestions``.
        today: For dates that lie ahead of it; None: the day it is.

    Raises:
        DataError: A path does not exist or there is no run at all. A run that is unfit is no
            error: it is listed among the refusals and the others go on.
    """
    policy, history, places = policy or Policy(), history or History(), [Path(p) for p in paths]
    today = today or datetime.now(UTC).date()
    runs, refusals = find_runs(places)
    verdicts, unreadable = find_verdicts(places)
    board = Board(refusals=refusals + unreadable)
    known_questions = KnownQuestions(policy.datasets, data)
    datasets = Datasets(known_questions)
    parts: list[tuple[Run, AnswerSheet]] = []
    for run, sheets in zip(runs, _read_runs([r.samples for r in runs], processes), strict=True):
        if isinstance(sheets, DataError):
            board.refusals.append(Refusal(run.origin, str(sheets), run.submission))
            continue
        for sheet in sheets:
            if len(sheet.answers) < sheet.run.dataset_items:
                parts.append((run, sheet))
            else:
                _add_row(board, run, sheet, datasets, verdicts, today)
    for run, sheet in parts:
        _add_row(board, run, sheet, datasets, verdicts, today)
    rows, nameless = with_standing(board.rows, policy, history)
    board.refusals += nameless
    board.first_seen = known_questions.first_seen()
    board.rows = with_image_use(with_look_alikes(rows, history.order), fit_on)
    return board


def cores() -> int:
    """Return how many cores this process may use; in a container fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _read_runs(runs: Sequence[Mapping[str, Path]], processes: int) -> Iterator[list[AnswerSheet] | DataError]:
    """Read the sample files (by task name) of each run; a run that cannot be read is its error.

    Reading is most of the work and needs nothing but the run's own files.

    Args:
        runs: The files of each run.
        processes: How many to use at most; few runs are read in this one.
    """
    processes = min(processes, len(runs) // RUNS_PER_PROCESS)
    if processes < 2:
        yield from map(_read_run, runs)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(_read_run, runs, chunksize=2)


def _read_run(files: Mapping[str, Path]) -> list[AnswerSheet] | DataError:
    try:
        return read_sheets(files)
    except DataError as error:
        return error
    except Exception as error:  # one run must never cost another its row, whatever is in it
        return DataError(f"cannot be read ({type(error).__name__}: {error})")


def _add_row(
    board: Board,
    run: Run,
    sheet: AnswerSheet,
    datasets: Datasets,
    verdicts: Sequence[VerdictFile],
    today: date,
) -> None:
    """Add the row of a sheet to a board, or the refusal that came of it."""
    try:
        condition = check_condition(sheet.run.condition)
        records = partial(read_records, run.samples, sheet.split, condition)
        dataset, places = datasets.place(sheet, records)
        texts = {record.id: record.text for record in records()} if verdicts else {}
        judged = {metric: best_for(texts, metric, verdicts) for metric in get_args(Metric)}
        row = build_row(run, sheet, dataset, places, judged, today)
        if any(row.row_id == other.row_id for other in board.rows):
            raise DataError("the same samples as a run read before; counted once")
    except Exception as error:  # one run must never cost another its row, whatever is in it
        expected = isinstance(error, DataError)
        reason = str(error) if expected else f"cannot be read ({type(error).__name__}: {error})"
        origin = f"{run.origin} ({sheet.split}, {sheet.run.condition})"
        board.refusals.append(Refusal(origin, reason, run.submission))
    else:
        board.rows.append(row)
