"""``panoenv data restore``: raw panoramas from the release's drawings."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from panoenv_tasks.items import DataError

if TYPE_CHECKING:
    from panoenv_tasks.restore.tree import Job, Outcome

#: Two processes share the disk well; each needs about 0.4 GB.
_WORKERS = min(2, os.cpu_count() or 1)

Workers = Annotated[int, typer.Option(min=1, help="Processes; each needs about 0.4 GB of memory.")]
Unconfirmed = Annotated[
    float,
    typer.Option(
        min=0.0, max=1.0, help="Refuse a frame when fewer than two drawings confirm more than this share."
    ),
]


def restore(
    snapshot: Annotated[Path, typer.Argument(help="The released snapshot with its drawings.")],
    out: Annotated[Path, typer.Argument(help="Folder for the restored tree; an interrupted run continues.")],
    split: Annotated[
        str | None, typer.Option(help="train, val or test; default: all that are there.")
    ] = None,
    workers: Workers = _WORKERS,
    max_unconfirmed: Unconfirmed = 0.001,
) -> None:
    """Make raw panoramas from drawings with boxes painted on; PANOENV_DATA reads the result."""
    from panoenv_tasks.restore.tree import jobs_of
    from panoenv_tasks.sources import snapshot as form
    from panoenv_tasks.sources.locate import splits_at

    if not snapshot.is_dir():
        raise DataError(f"{snapshot}: no such folder; expected a snapshot <split>/<Environment>/<frame>/...")
    if out.exists() and out.samefile(snapshot):
        raise DataError(f"{out}: the snapshot itself; choose another folder for the restored panoramas")
    splits = [split] if split else splits_at(snapshot)
    files = {name: form.frames(snapshot, name) for name in splits}
    if not any(files.values()):
        here = ", ".join(splits_at(snapshot)) or "none"
        raise DataError(
            f"{snapshot}: no questions of the {split or 'released'} split (splits found: {here}); expected "
            "<split>/<Environment>/<frame>/<frame>_qa.json"
        )
    jobs = {name: jobs_of(files[name], out / name, max_unconfirmed) for name in splits}
    report({name: run(name, some, workers) for name, some in jobs.items()}, out)


def run(split: str, jobs: Sequence[Job], workers: int) -> list[Outcome]:
    """Restore frames under a progress bar."""
    from tqdm import tqdm

    from panoenv_tasks.restore.tree import run_jobs

    with tqdm(total=len(jobs), desc=split, unit="frame", smoothing=0.1) as bar:
        outcomes = []
        for outcome in run_jobs(jobs, workers):
            outcomes.append(outcome)
            bar.update()
    return outcomes


def report(outcomes: dict[str, list[Outcome]], out: Path) -> None:
    """Say what came of it; exit 2 when a frame was refused."""
    refused = 0
    for split, some in outcomes.items():
        bad = sorted((one for one in some if one.reason), key=lambda one: one.frame)
        for one in bad:
            typer.echo(f"refused {split}/{one.frame}: {one.reason}")
        refused += len(bad)
        typer.echo(_summary(split, some))
    if refused < sum(map(len, outcomes.values())):
        typer.echo(f"{out}: use it with export PANOENV_DATA={out.absolute()}")
    if refused:
        raise typer.Exit(2)


def _summary(split: str, outcomes: Sequence[Outcome]) -> str:
    from panoenv_tasks.restore.confidence import Confidence

    good = [one for one in outcomes if one.confidence]
    kept = sum(one.kept for one in good)
    line = f"{split}: {len(good)} panoramas ({kept} there already), {len(outcomes) - len(good)} refused"
    if not good:
        return line
    mean = Confidence.mean([one.confidence for one in good if one.confidence])
    shares = ", ".join(f"{name} {100 * share:.3f} %" for name, share in mean.to_json().items())
    drawings = sum(one.used for one in good) / len(good)
    return f"{line}; {drawings:.1f} drawings each; pixels confirmed by {shares}"
