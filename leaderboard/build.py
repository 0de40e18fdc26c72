"""One run's verified samples -> one row."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from leaderboard import checks
from leaderboard.aggregate import by_cell, cross_checks
from leaderboard.datasets import Dataset
from leaderboard.discover import Run
from leaderboard.identity import model_name, read_card, role_of, same_protocols, setup_of
from leaderboard.judged import Metric, VerdictFile, best_for
from leaderboard.manifest import Manifest
from leaderboard.rescore import MISSING, Rescorer, Scored
from leaderboard.rows import Card, Counts, Judged, Row
from leaderboard.samples import first_run_record
from panoenv_tasks.scoring import PROTOCOLS
from panoenv_tasks.tasks.panoenv.names import SPLIT_SUFFIXES

if TYPE_CHECKING:
    import polars as pl


def build_row(
    run: Run, samples: pl.DataFrame, dataset: Dataset, verdicts: Sequence[VerdictFile]
) -> tuple[Row, Scored]:
    """Score the samples again, hold stored scores and totals to that, and aggregate.

    Args:
        run: The run's files.
        samples: The samples of one split and condition, sorted by id, of one setup.
        dataset: The questions they answer, see ``Datasets.place``.
        verdicts: All judge verdicts at hand, of any run.

    Raises:
        DataError: Something stored is not what the samples give, or the submission card is bad.
    """
    manifest, rescorer = dataset.manifest, dataset.answers
    role, condition = role_of(run), str(samples["condition"][0])
    checks.check_images(samples, condition, role)
    card = read_card(run.folder)
    record = first_run_record(list(run.samples.values())[int(samples["file"][0])])
    current = same_protocols(record)

    scored = _scored(samples, manifest, rescorer)
    there = scored.codes != MISSING
    if current:
        paper, strict = (rescorer.values(scored, p)[there] for p in PROTOCOLS)
        checks.check_stored_scores(samples, paper, strict)
        _check_totals(run, samples, rescorer, scored)

    counts = _counts(samples, manifest, rescorer, scored)
    setup = setup_of(run, samples, record)
    correct = {p: rescorer.correct(scored, p) for p in PROTOCOLS}
    answered = [rescorer.answers[c] if c >= 0 else None for c in scored.codes]
    sha = _samples_sha(samples)
    texts = dict(zip(samples["id"], samples["text"], strict=True)) if verdicts else {}
    q_score, p_score = (best_for(texts, metric, verdicts) for metric in get_args(Metric))
    row = Row(
        row_id=_row_id(sha, model_name(run), condition, setup.protocols, q_score, p_score),
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
        q_score=q_score,
        p_score=p_score,
        tokens_in=_total(samples, "tokens_in"),
        tokens_out=_total(samples, "tokens_out"),
        seconds=_seconds(run.results),
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
    return row, scored


def _scored(samples: pl.DataFrame, manifest: Manifest, rescorer: Rescorer) -> Scored:
    """Score in manifest order; questions without a sample are missing."""
    failed = (samples["error"].fill_null("").str.len_bytes() > 0).to_list()
    texts = samples["text"].to_list()
    if samples.height == len(manifest.items):
        return rescorer.score(texts, failed)
    places = {item.id: index for index, item in enumerate(manifest.items)}
    return rescorer.score(texts, failed, [places[i] for i in samples["id"]])


def _counts(samples: pl.DataFrame, manifest: Manifest, rescorer: Rescorer, scored: Scored) -> Counts:
    there = scored.codes != MISSING
    statuses = Counter(rescorer.statuses(scored))
    statuses.pop("missing", None)
    expected = samples["condition_items"][0] or samples["dataset_items"][0]
    return Counts(
        expected=int(expected),
        n=samples.height,
        panoramas=len(np.unique(manifest.panoramas[there])),
        environments=len(np.unique(manifest.environments[there])),
        statuses=dict(statuses),
    )


def _check_totals(run: Run, samples: pl.DataFrame, rescorer: Rescorer, scored: Scored) -> None:
    """Hold the stored accuracy of each task, and of their group, to the samples."""
    there = scored.codes != MISSING
    paper, strict = (rescorer.correct(scored, p)[there] for p in PROTOCOLS)
    split, condition = str(samples["split"][0]), str(samples["condition"][0])
    suffix = next((s for name, s in SPLIT_SUFFIXES.items() if name == split), "")
    group = f"panoenv{suffix}" + ("" if condition == "full" else f"_{condition}")
    files = samples["file"].to_numpy()
    everything = np.ones(len(files), dtype=np.bool_)
    chosen = {task: files == number for number, task in enumerate(run.samples)}
    for task, mask in {group: everything, **chosen}.items():
        mine = mask & ~np.isnan(paper)
        if mine.any():
            means = float(paper[mine].mean()), float(strict[mine].mean())
            checks.check_stored_totals(run.results, task, *means)


def _samples_sha(samples: pl.DataFrame) -> str:
    joined = "\x1e".join([*samples["id"], *samples["text"], *samples["error"].fill_null("")])
    return hashlib.sha256(joined.encode("utf-8", "replace")).hexdigest()


def _row_id(*identity: str | Judged | None) -> str:
    """A run that is judged later is a new row: the CSV never changes a line it holds."""
    parts = [f"{i.judge} {i.scored}" if isinstance(i, Judged) else i or "" for i in identity]
    joined = "\x1e".join(parts).encode("utf-8", "replace")
    return hashlib.sha256(joined).hexdigest()[:12]


def _total(samples: pl.DataFrame, column: str) -> int | None:
    found = samples[column].drop_nulls()
    return int(found.sum()) if len(found) else None


def _seconds(results: Mapping[str, Any]) -> float | None:
    try:
        return float(results.get("total_evaluation_time_seconds", ""))
    except (TypeError, ValueError):
        return None
