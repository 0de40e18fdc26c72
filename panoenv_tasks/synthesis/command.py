"""``panoenv build``: procedural scenes, or TartanAir V2, to panoramas with questions."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from panoenv_tasks.items import DataError
from panoenv_tasks.synthesis.vocabulary import Engine, Rules

if TYPE_CHECKING:
    from panoenv_tasks.items import Item
    from panoenv_tasks.synthesis.build import Settings, Source

build_app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Build panoramas and questions. A build that was interrupted continues when run again.",
)

_CORES = os.cpu_count() or 1

_Out = Annotated[Path, typer.Argument(help="Folder to build into: new, empty, or of the same build.")]
_Seed = Annotated[int, typer.Option(min=0, max=999, help="Another seed, other picks (and other scenes).")]
_Rules = Annotated[Rules, typer.Option(help="ours, or the formulas of the released generator.")]
_Split = Annotated[Literal["train", "val", "test"], typer.Option(help="Name of the split.")]
_Workers = Annotated[int, typer.Option(min=1, help="Processes of the local engine.")]
_Engine = Annotated[Engine, typer.Option(help="ray: the cluster at RAY_ADDRESS, OUT on storage it shares.")]
_Environments = Annotated[
    list[str] | None, typer.Option("--environment", help="Only this environment; can be repeated.")
]


@build_app.command()
def scenes(
    out: _Out,
    frames: Annotated[int, typer.Option(min=1, help="How many panoramas.")] = 16,
    seed: _Seed = 0,
    rules: _Rules = "ours",
    split: _Split = "test",
    environment: _Environments = None,
    workers: _Workers = _CORES,
    engine: _Engine = "local",
) -> None:
    """Procedural scenes with exact truth; needs no data."""
    from panoenv_tasks.synthesis.build import Settings, scene_frames

    chosen = _scenes(environment)
    settings = Settings("scenes", split, rules, seed, {"environments": chosen})
    _run(out, scene_frames(chosen, frames, seed), settings, engine, workers)


@build_app.command()
def twins(
    out: _Out,
    frames: Annotated[int, typer.Option(min=1, help="How many scenes; each gives three panoramas.")] = 16,
    seed: _Seed = 0,
    environment: _Environments = None,
    workers: _Workers = _CORES,
    engine: _Engine = "local",
) -> None:
    """Pairs of panoramas and one question in the same words, with different answers: no use guessing."""
    from panoenv_tasks.synthesis.build import Settings, twin_frames

    chosen = _scenes(environment)
    settings = Settings("twins", "twins", "ours", seed, {"environments": chosen})
    _run(out, twin_frames(chosen, frames, seed), settings, engine, workers)


@build_app.command()
def tartanair(
    out: _Out,
    root: Annotated[Path, typer.Option(help="The TartanAir V2 root: one folder per environment.")],
    stride: Annotated[int, typer.Option(min=1, help="Take every so manyeth frame number.")] = 500,
    frames: Annotated[int | None, typer.Option(min=1, help="At most this many frames.")] = None,
    difficulty: Annotated[Literal["easy", "hard", "both"], typer.Option(help="Which trajectories.")] = "easy",
    seed: _Seed = 0,
    rules: _Rules = "ours",
    split: _Split = "test",
    environment: _Environments = None,
    workers: _Workers = _CORES,
    engine: _Engine = "local",
) -> None:
    """Recorded frames of TartanAir V2: six faces each of image, depth and seg."""
    from panoenv_tasks.synthesis.build import Settings
    from panoenv_tasks.synthesis.tartanair import DIFFICULTIES, find_frames

    wanted = DIFFICULTIES if difficulty == "both" else (difficulty,)
    sources = find_frames(root, stride, wanted, environment or ())[:frames]
    selection = {
        "root": str(root.resolve()),
        "stride": stride,
        "difficulty": difficulty,
        "environments": sorted(environment or ()),
    }
    _run(out, sources, Settings("tartanair", split, rules, seed, selection), engine, workers)


def _scenes(wanted: list[str] | None) -> list[str]:
    from panoenv_tasks.synthesis.scenes.families import ENVIRONMENTS

    unknown = [name for name in wanted or () if name not in ENVIRONMENTS]
    if unknown:
        raise DataError(f"no scene {unknown[0]!r}; there are {', '.join(ENVIRONMENTS)}")
    return wanted or list(ENVIRONMENTS)


@build_app.command()
def panoramas(
    out: Annotated[Path, typer.Argument(help="Folder for the panoramas and a copy of ANNOTATIONS.")],
    annotations: Annotated[Path, typer.Option("--for", help="The annotation file whose frames are wanted.")],
    root: Annotated[
        Path | None, typer.Option(help="The TartanAir V2 root; without it, only say what is needed.")
    ] = None,
    difficulty: Annotated[
        Literal["easy", "hard", "either"], typer.Option(help="Which trajectories; released names do not say.")
    ] = "either",
    workers: Annotated[int, typer.Option(min=1, help="Panoramas that are made at once.")] = _CORES,
) -> None:
    """Raw panoramas of exactly the frames that an annotation file names, stitched from TartanAir V2."""
    from panoenv_tasks.sources import read_items
    from panoenv_tasks.sources.locate import splits_at
    from panoenv_tasks.synthesis.stitched import archives

    if not annotations.is_file():
        raise DataError(f"{annotations}: no such file; expected an annotation file like panoenv_val.jsonl")
    items, problems = read_items(annotations, next(iter(splits_at(annotations)), "test"))
    if problems:
        raise DataError(str(problems[0]))
    frames = len({item.panorama for item in items})
    needed = archives(items, difficulty)
    if root is None:
        typer.echo("\n".join([f"{frames} panoramas from {len(needed)} archives of TartanAir V2:", *needed]))
        return
    _stitch_all(items, root, out, difficulty, workers, annotations)


def _stitch_all(
    items: Sequence[Item],
    root: Path,
    out: Path,
    difficulty: Literal["easy", "hard", "either"],
    workers: int,
    annotations: Path,
) -> None:
    from tqdm import tqdm

    from panoenv_tasks.owned import place, scratch
    from panoenv_tasks.synthesis.stitched import stitch_frames

    total = len({item.panorama for item in items})
    outcomes = list(tqdm(stitch_frames(items, root, out, difficulty, workers), total=total, unit="panorama"))
    refused = [one for one in outcomes if one.reason]
    for one in refused:
        typer.echo(f"not made: {one.panorama}: {one.reason}")
    kept = sum(one.kept for one in outcomes)
    typer.echo(f"{total - len(refused)} panoramas ({kept} there already), {len(refused)} not made")
    copy = out / annotations.name
    if len(refused) < total and not (copy.exists() and copy.samefile(annotations)):
        with scratch(out, "annotations") as work:
            (work / annotations.name).write_bytes(annotations.read_bytes())
            place(work, out, annotations.name, "choose another folder for the panoramas")
        typer.echo(f"{out}: use it with export PANOENV_DATA={out.absolute()}")
    if refused:
        raise typer.Exit(2)


def _run(out: Path, sources: Sequence[Source], settings: Settings, engine: Engine, workers: int) -> None:
    from tqdm import tqdm

    from panoenv_tasks.synthesis.build import build

    with tqdm(total=len(sources), unit="frame", smoothing=0.1) as bar:
        summary = build(out, sources, settings, engine, workers, lambda outcome: bar.update())
    typer.echo(
        "\n".join([*summary.lines, f"{out}: read it with load_items({str(out)!r}, {settings.split!r})"])
    )
    if not summary.questions:
        raise typer.Exit(2)
