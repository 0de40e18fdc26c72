"""``panoenv data fetch``, ``restore`` and ``compare``: the release, and raw panoramas from its drawings."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from panoenv_tasks.items import DataError

if TYPE_CHECKING:
    from panoenv_tasks.restore.tree import Job, Outcome

#: Two processes share the disk well; each needs 0.4 to 0.6 GB.
_WORKERS = min(2, os.cpu_count() or 1)

Workers = Annotated[int, typer.Option(min=1, help="Processes; each needs 0.4 to 0.6 GB of memory.")]
Unconfirmed = Annotated[
    float,
    typer.Option(
        min=0.0, max=1.0, help="Refuse a frame when fewer than two drawings confirm more than this share."
    ),
]
#: A frame is refused when fewer than two clean drawings confirm more than this share of its pixels.
_MOST_UNCONFIRMED = 0.001
#: When so many frames are refused before one is restored, the rest is not worth fetching.
_PATIENCE = 3


def fetch(
    split: Annotated[Literal["train", "val", "test", "all"], typer.Option(help="Which split.")] = "test",
    images: Annotated[bool, typer.Option(help="Also all drawings: about 100 MB a panorama.")] = True,
    panoramas: Annotated[
        bool, typer.Option("--panoramas", help="Raw panoramas: only the drawings that restoring them needs.")
    ] = False,
    plan: Annotated[
        bool, typer.Option("--plan", help="With --panoramas: say how much it is and stop.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder for the panoramas; default: in the cache.")
    ] = None,
    workers: Workers = _WORKERS,
    max_unconfirmed: Unconfirmed = _MOST_UNCONFIRMED,
) -> None:
    """Download the release: questions and drawings, or questions and restored raw panoramas.

    Interrupted downloads go on where they stopped when the command runs again.
    """
    from panoenv_tasks.sources import hub

    splits = ["train", "val", "test"] if split == "all" else [split]
    roots = {name: hub.fetch(name, images=images and not panoramas) for name in splits}
    for name, root in roots.items():
        typer.echo(f"{name} of {hub.REPOSITORY} at commit {root.name}: {root}")
    if panoramas:
        _fetch_panoramas(roots, output, plan, workers, max_unconfirmed)


def _fetch_panoramas(
    roots: dict[str, Path], output: Path | None, plan: bool, workers: int, max_unconfirmed: float
) -> None:
    from panoenv_tasks.cache import cache_folder
    from panoenv_tasks.restore.fetch import gigabytes, jobs_for, plan_of

    commit = next(iter(roots.values())).name
    out = output or cache_folder() / f"restored-{commit[:12]}"
    drawings = cache_folder() / f"drawings-{commit[:12]}"
    jobs = {
        split: jobs_for(root, split, out / split, max_unconfirmed, drawings) for split, root in roots.items()
    }
    plans = [plan_of(split, some) for split, some in jobs.items()]
    for split_plan in plans:
        typer.echo(f"{split_plan} (more only where drawings disagree)")
    if len(plans) > 1:
        size, everything = (
            sum(split_plan.size for split_plan in plans),
            sum(split_plan.all_size for split_plan in plans),
        )
        typer.echo(f"all: {gigabytes(size)} of {gigabytes(everything)}")
    if not plan:
        report({split: run(split, some, workers, _PATIENCE) for split, some in jobs.items()}, out)


def restore(
    snapshot: Annotated[Path, typer.Argument(help="The released snapshot with its drawings.")],
    out: Annotated[Path, typer.Argument(help="Folder for the restored tree; an interrupted run continues.")],
    split: Annotated[
        str | None, typer.Option(help="train, val or test; default: all that are there.")
    ] = None,
    workers: Workers = _WORKERS,
    max_unconfirmed: Unconfirmed = _MOST_UNCONFIRMED,
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


def run(split: str, jobs: Sequence[Job], workers: int, patience: int | None = None) -> list[Outcome]:
    """Restore frames under a progress bar; stop when the first ``patience`` of them are all refused."""
    from tqdm import tqdm

    from panoenv_tasks.restore.tree import run_jobs

    with tqdm(total=len(jobs), desc=split, unit="frame", smoothing=0.1) as bar:
        outcomes = []
        for outcome in run_jobs(jobs, workers):
            outcomes.append(outcome)
            bar.update()
            if len(outcomes) == patience and all(outcome.reason for outcome in outcomes):
                break
    return outcomes


def report(outcomes: dict[str, list[Outcome]], out: Path) -> None:
    """Say what came of it; exit 2 when a frame was refused."""
    refused = 0
    for split, some in outcomes.items():
        bad = sorted((outcome for outcome in some if outcome.reason), key=lambda outcome: outcome.frame)
        for outcome in bad:
            typer.echo(f"refused {split}/{outcome.frame}: {outcome.reason}")
        refused += len(bad)
        typer.echo(_summary(split, some))
    if refused < sum(map(len, outcomes.values())):
        typer.echo(f"{out}: use it with export PANOENV_DATA={out.absolute()}")
    if refused:
        raise typer.Exit(2)


def _summary(split: str, outcomes: Sequence[Outcome]) -> str:
    from panoenv_tasks.restore.confidence import Confidence

    good = [outcome for outcome in outcomes if outcome.confidence]
    kept = sum(outcome.kept for outcome in good)
    line = f"{split}: {len(good)} panoramas ({kept} there already), {len(outcomes) - len(good)} refused"
    if not good:
        return line
    mean = Confidence.mean([outcome.confidence for outcome in good if outcome.confidence])
    shares = ", ".join(f"{name} {100 * share:.3f} %" for name, share in mean.to_json().items())
    drawings = sum(outcome.used for outcome in good) / len(good)
    return f"{line}; {drawings:.1f} drawings each; pixels confirmed by {shares}"


def compare(
    one: Annotated[Path, typer.Argument(help="A tree of panoramas, or an annotation file beside some.")],
    other: Annotated[Path, typer.Argument(help="Another with the same frames.")],
    split: Annotated[str | None, typer.Option(help="train, val or test; default: all in both.")] = None,
) -> None:
    """Say frame by frame how far two sets of panoramas agree, and by how much one is turned."""
    from tqdm import tqdm

    from panoenv_tasks.markdown import table
    from panoenv_tasks.restore.compare import compare_files

    first, second = _pictures(one, split), _pictures(other, split)
    common = sorted(first.keys() & second.keys())
    if not common:
        raise DataError(f"{one} and {other} have no frame in common that has a panorama in both")
    agreements = {frame: compare_files(first[frame], second[frame]) for frame in tqdm(common, unit="frame")}
    rows = [
        [
            frame,
            f"{100 * a.equal:.2f} %",
            f"{a.difference:.2f}",
            f"{a.psnr:.1f}",
            a.shift,
            f"{a.psnr_shifted:.1f}",
        ]
        for frame, a in agreements.items()
    ]
    header = ["frame", "equal pixels", "mean difference", "PSNR dB", "best turn px", "PSNR turned"]
    typer.echo(table(header, rows, align="lrrrrr"))
    same = sum(a.equal == 1 for a in agreements.values())
    turned = sum(a.shift != 0 for a in agreements.values())
    alone = len(first.keys() ^ second.keys())
    typer.echo(
        f"{len(agreements)} frames: {same} identical, {turned} fit better when turned; "
        f"{alone} in one set only"
    )


def _pictures(root: Path, split: str | None) -> dict[str, Path]:
    """Return the panorama file of each frame that has one."""
    from panoenv_tasks.items import PANORAMAS
    from panoenv_tasks.sources import read_items
    from panoenv_tasks.sources.locate import find_root, splits_at

    tree = find_root(root)
    items = [item for name in ([split] if split else splits_at(tree)) for item in read_items(tree, name)[0]]
    return {i.panorama: i.image for i in items if i.image is not None and i.image_kind in PANORAMAS}
