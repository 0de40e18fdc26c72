"""Result folders in, checked rows out: finds, reads, verifies, scores again and aggregates."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from leaderboard import checks
from leaderboard.aggregate import by_cell, cross_checks
from leaderboard.discover import Run, find_runs
from leaderboard.identity import model_name, read_card, role_of, same_protocols, setup_of
from leaderboard.manifest import Manifest, build_manifest
from leaderboard.rescore import MISSING, Rescorer, Scored
from leaderboard.rows import Card, Counts, Refusal, Row
from leaderboard.samples import first_run_record, read_samples
from panoenv_tasks.items import DataError

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Dataset:
    """A manifest and every distinct answer that was given to its questions."""

    manifest: Manifest
    answers: Rescorer


@dataclass
class Board:
    """Everything that was gathered.

    Attributes:
        rows: In the order found.
        refusals: What could not become a row.
        datasets: By key; the key of a row's dataset is ``answers[row_id][0]``.
        answers: Per row id, the dataset key and the scored answers.
    """

    rows: list[Row] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    datasets: dict[str, Dataset] = field(default_factory=dict)
    answers: dict[str, tuple[str, Scored]] = field(default_factory=dict)

    def dataset(self, row: Row) -> Dataset:
        """Return the questions that a recomputed row answered."""
        return self.datasets[self.answers[row.row_id][0]]

    def correct(self, row: Row, protocol: str) -> Any:
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
    runs, refusals = find_runs([Path(p) for p in paths])
    board = Board(refusals=refusals)
    parts: list[tuple[Run, tuple[str, str]]] = []
    for run in runs:
        for key, samples in _splits(run, board):
            if samples.height < int(samples["dataset_items"][0]):
                parts.append((run, key))
            else:
                _add(board, run, samples)
    for run, wanted in parts:
        for key, samples in _splits(run, Board()):
            if key == wanted:
                _add(board, run, samples)
    return board


def _splits(run: Run, board: Board) -> Iterable[tuple[tuple[str, str], pl.DataFrame]]:
    """Yield the samples of a run per (split, condition); a run that cannot be read is refused."""
    try:
        samples = read_samples(list(run.samples.values()))
    except DataError as error:
        board.refusals.append(Refusal(run.origin, str(error)))
        return
    for key, part in sorted(samples.partition_by("split", "condition", as_dict=True).items()):
        yield (str(key[0]), str(key[1])), part


def _add(board: Board, run: Run, samples: pl.DataFrame) -> None:
    try:
        _add_row(board, run, samples.sort("id"))
    except DataError as error:
        condition = f"{samples['split'][0]} {samples['condition'][0]}"
        board.refusals.append(Refusal(f"{run.origin} ({condition})", str(error)))


def _add_row(board: Board, run: Run, samples: pl.DataFrame) -> None:
    checks.check_one_setup(samples)
    role, condition = role_of(run), str(samples["condition"][0])
    checks.check_images(samples, condition, role)
    card = read_card(run.folder)
    record = first_run_record(list(run.samples.values())[int(samples["file"][0])])
    current = same_protocols(record)

    key = _dataset(board, samples)
    manifest, rescorer = board.datasets[key].manifest, board.datasets[key].answers
    scored = _scored(samples, manifest, rescorer)
    there = scored.codes != MISSING
    paper, strict = (rescorer.values(scored, p) for p in ("paper", "strict"))
    if current:
        checks.check_stored_scores(samples, paper[there], strict[there])
        _check_totals(run, samples, rescorer, scored)

    expected = int(samples["dataset_items"][0])
    statuses = Counter(rescorer.statuses(scored))
    statuses.pop("missing", None)
    counts = Counts(
        expected=expected,
        n=samples.height,
        panoramas=len(np.unique(manifest.panoramas[there])),
        environments=len(np.unique(manifest.environments[there])),
        statuses=dict(statuses),
    )
    setup = setup_of(run, samples, record)
    answered = [rescorer.answers[c] if c >= 0 else None for c in scored.codes]
    correct = {p: rescorer.correct(scored, p) for p in ("paper", "strict")}
    sha = _samples_sha(samples)
    row = Row(
        row_id=_row_id(sha, run, condition, setup.protocols),
        model=card.model if card and card.model else model_name(run),
        role=role,
        provenance="submitted" if card else "reproduced",
        split=str(samples["split"][0]),
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
        format_rate=float(scored.formats[there].mean()),
        tokens_in=_total(samples, "tokens_in"),
        tokens_out=_total(samples, "tokens_out"),
        seconds=_seconds(run),
        card=card or Card(),
        flags=checks.doubts(
            manifest,
            counts,
            role,
            copied=checks.copied_share(manifest.items, answered),
            max_pixels=setup.max_pixels,
            has_results=bool(run.results),
            same_protocols=current,
        ),
        samples_sha256=sha,
        samples_path=run.origin,
    )
    if row.row_id in board.answers:
        raise DataError("the same samples as a run read before; counted once")
    board.rows.append(row)
    board.answers[row.row_id] = (key, scored)


def _dataset(board: Board, samples: pl.DataFrame) -> str:
    """Return the key of the dataset that the samples belong to, after holding them to it."""
    recorded = str(samples["dataset_sha256"][0])
    whole = board.datasets.get(recorded)
    if whole is not None:
        checks.check_against(samples, whole.manifest)
        return recorded
    manifest = build_manifest(samples, recorded)
    checks.check_questions(manifest.items)
    complete = samples.height >= int(samples["dataset_items"][0])
    if complete and not manifest.verified:
        raise DataError(
            f"its questions and answers do not add up to the recorded dataset {recorded[:12]}; "
            "the samples were altered or come from two datasets"
        )
    key = recorded if complete else f"{recorded} part {len(board.datasets)}"
    board.datasets[key] = Dataset(manifest, Rescorer(manifest.items))
    return key


def _scored(samples: pl.DataFrame, manifest: Manifest, rescorer: Rescorer) -> Scored:
    """Score the samples (sorted by id) in manifest order; questions without a sample are missing."""
    failed = samples["error"].fill_null("").str.len_bytes() > 0
    texts, errors = samples["text"].to_list(), failed.to_list()
    if samples.height == len(manifest.items):
        return rescorer.score(texts, errors)
    places = {item.id: index for index, item in enumerate(manifest.items)}
    return rescorer.score(texts, errors, [places[i] for i in samples["id"]])


def _check_totals(run: Run, samples: pl.DataFrame, rescorer: Rescorer, scored: Scored) -> None:
    there = scored.codes != MISSING
    paper, strict = (rescorer.correct(scored, p)[there] for p in ("paper", "strict"))
    files = samples["file"].to_numpy()
    for number, task in enumerate(run.samples):
        mine = (files == number) & ~np.isnan(paper)
        if mine.any():
            means = float(paper[mine].mean()), float(strict[mine].mean())
            checks.check_stored_totals(run.results, task, *means)


def _samples_sha(samples: pl.DataFrame) -> str:
    joined = "\x1e".join([*samples["id"], *samples["text"], *samples["error"].fill_null("")])
    return hashlib.sha256(joined.encode("utf-8", "replace")).hexdigest()


def _row_id(samples_sha: str, run: Run, condition: str, protocols: str) -> str:
    identity = "\x1e".join([samples_sha, model_name(run), condition, protocols])
    return hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()[:12]


def _total(samples: pl.DataFrame, column: str) -> int | None:
    found = samples[column].drop_nulls()
    return int(found.sum()) if len(found) else None


def _seconds(run: Run) -> float | None:
    try:
        return float(run.results.get("total_evaluation_time_seconds", ""))
    except (TypeError, ValueError):
        return None
