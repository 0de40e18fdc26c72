"""Result folders in, checked rows out: each answer sheet is held to its questions and becomes one row."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, get_args

import numpy as np
import numpy.typing as npt

from leaderboard import checks
from leaderboard.comparisons import with_image_use, with_look_alikes
from leaderboard.dataset import FAILED, MISSING, ROLES, Codes, Dataset, Role, baseline_codes
from leaderboard.questions import Datasets, KnownQuestions, check_condition
from leaderboard.rows import Card, Counts, JudgeScore, Refusal, Row, Setup, row_id
from leaderboard.runs import Run, find_runs, read_card
from leaderboard.sheets import AnswerSheet, read_records, read_sheets
from leaderboard.standing import History, Policy, with_standing
from leaderboard.untrusted import plain_text
from leaderboard.verdicts import Metric, VerdictFile, best_for, find_verdicts
from panoenv_tasks.items import DataError, Item
from panoenv_tasks.perturb import Condition
from panoenv_tasks.scoring import PROTOCOLS, VERSIONS
from panoenv_tasks.stats import (
    Difference,
    Estimate,
    clustered_mean,
    column_totals,
    estimate_columns,
    paired_difference,
)

#: With fewer runs than this per process, starting processes costs more than it saves.
RUNS_PER_PROCESS = 8
#: Longer settings are cut.
_LONGEST_SETTING = 300


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
    current = set(VERSIONS.values()) <= set(sheet.run.protocols)

    table = dataset.answers
    codes = table.score(sheet.answers, places)
    correct = {p: table.correct(codes, p) for p in PROTOCOLS}
    role = _role(run, dataset, codes, condition)
    if sheet.run.foreign is None:
        checks.check_images(sheet.images, condition, role)
    if current:
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
    flags = [*checks.sheet_flags(sheet, dataset, codes, counts, role), *checks.run_flags(run, current, today)]
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
        checks={
            f"{protocol}_{name}": cell
            for protocol, values in correct.items()
            for name, cell in _cross_checks(values, dataset).items()
        },
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


def _cross_checks(correct: npt.NDArray[np.float64], dataset: Dataset) -> dict[str, Estimate]:
    """Estimate the total in three other ways: by panorama, as if independent, by bootstrap."""
    there = ~np.isnan(correct)
    values = correct[there]
    totals = {
        "panorama": clustered_mean(values, dataset.panoramas[there], "wilson"),
        "naive": clustered_mean(values, np.arange(len(values)), "wilson"),
        "bootstrap": clustered_mean(values, dataset.environments[there], "bootstrap"),
    }
    return {key: total for key, total in totals.items() if total is not None}
