"""One run's verified samples -> one row."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, get_args

import numpy as np

from leaderboard import checks
from leaderboard.aggregate import by_cell, cross_checks
from leaderboard.datasets import Dataset
from leaderboard.discover import Run
from leaderboard.identity import model_name, read_card, role_of, setup_of
from leaderboard.judged import Metric, VerdictFile, best_for
from leaderboard.manifest import Manifest
from leaderboard.rescore import MISSING, Rescorer, Scored
from leaderboard.rows import Card, Counts, Judged, Row
from leaderboard.samples import Part
from panoenv_tasks.scoring import PROTOCOLS, VERSIONS
from panoenv_tasks.tasks.panoenv.names import SPLIT_SUFFIXES


def build_row(run: Run, part: Part, dataset: Dataset, verdicts: Sequence[VerdictFile]) -> tuple[Row, Scored]:
    """Score the samples again, hold stored scores and totals to that, and aggregate.

    Args:
        run: The run's files.
        part: The samples of one split and condition.
        dataset: The questions they answer, see ``Datasets.place``.
        verdicts: All judge verdicts at hand, of any run.

    Raises:
        DataError: Something stored is not what the samples give, or the submission card is bad.
    """
    manifest, rescorer = dataset.manifest, dataset.answers
    role, condition = role_of(run), part.run.condition
    checks.check_images(part, role)
    card = read_card(run.folder)
    current = set(VERSIONS.values()) <= set(part.run.protocols)

    scored = _scored(part, manifest, rescorer)
    there = scored.codes != MISSING
    if current:
        paper, strict = (rescorer.values(scored, p)[there] for p in PROTOCOLS)
        checks.check_stored_scores(part.records, paper, strict)
        _check_totals(run, part, rescorer, scored)

    counts = _counts(part, manifest, rescorer, scored)
    setup = setup_of(run, part)
    correct = {p: rescorer.correct(scored, p) for p in PROTOCOLS}
    answered = [rescorer.answers[c] if c >= 0 else None for c in scored.codes]
    sha = _samples_sha(part)
    texts = {record.id: record.text for record in part.records} if verdicts else {}
    q_score, p_score = (best_for(texts, metric, verdicts) for metric in get_args(Metric))
    row = Row(
        row_id=_row_id(sha, model_name(run), condition, setup.protocols, q_score, p_score),
        model=card.model if card and card.model else model_name(run),
        role=role,
        provenance="submitted" if card else "reproduced",
        split=part.split,
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
        tokens_in=part.tokens_in,
        tokens_out=part.tokens_out,
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


def _scored(part: Part, manifest: Manifest, rescorer: Rescorer) -> Scored:
    """Score in manifest order; questions without a sample are missing."""
    texts = [None if record.error else record.text for record in part.records]
    if len(texts) == len(manifest.items):
        return rescorer.score(texts)
    places = {item.id: index for index, item in enumerate(manifest.items)}
    return rescorer.score(texts, [places[record.id] for record in part.records])


def _counts(part: Part, manifest: Manifest, rescorer: Rescorer, scored: Scored) -> Counts:
    there = scored.codes != MISSING
    statuses = Counter(rescorer.statuses(scored))
    statuses.pop("missing", None)
    return Counts(
        expected=part.run.expected,
        n=len(part.records),
        panoramas=len(np.unique(manifest.panoramas[there])),
        environments=len(np.unique(manifest.environments[there])),
        statuses=dict(statuses),
    )


def _check_totals(run: Run, part: Part, rescorer: Rescorer, scored: Scored) -> None:
    """Hold the stored accuracy of each task, and of their group, to the samples."""
    there = scored.codes != MISSING
    paper, strict = (rescorer.correct(scored, p)[there] for p in PROTOCOLS)
    suffix = next((s for name, s in SPLIT_SUFFIXES.items() if name == part.split), "")
    condition = "" if part.run.condition == "full" else f"_{part.run.condition}"
    tasks = np.array(part.tasks)
    chosen = {task: tasks == task for task in run.samples}
    chosen[f"panoenv{suffix}{condition}"] = np.ones(len(tasks), dtype=np.bool_)
    for task, mask in chosen.items():
        mine = mask & ~np.isnan(paper)
        if mine.any():
            means = float(paper[mine].mean()), float(strict[mine].mean())
            checks.check_stored_totals(run.results, task, *means)


def _samples_sha(part: Part) -> str:
    digest = hashlib.sha256()
    for record in part.records:
        fields = "\x1e".join([record.id, record.text, record.error, ""])
        digest.update(fields.encode("utf-8", "replace"))
    return digest.hexdigest()


def _row_id(*identity: str | Judged | None) -> str:
    """A run that is judged later is a new row: the CSV never changes a line it holds."""
    parts = [f"{i.judge} {i.scored}" if isinstance(i, Judged) else i or "" for i in identity]
    joined = "\x1e".join(parts).encode("utf-8", "replace")
    return hashlib.sha256(joined).hexdigest()[:12]


def _seconds(results: Mapping[str, Any]) -> float | None:
    try:
        return float(results.get("total_evaluation_time_seconds", ""))
    except (TypeError, ValueError):
        return None
