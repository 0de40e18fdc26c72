"""``panoenv build``: procedural scenes, or TartanAir V2, to panoramas with questions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from panoenv_tasks.items import DataError
from panoenv_tasks.synthesis import options

if TYPE_CHECKING:
    from panoenv_tasks.items import Item

build_app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Build panoramas and questions. A build that was interrupted continues when run again.",
)


@build_app.command()
def scenes(
    out: options.Out,
    frames: Annotated[int, typer.Option(min=1, help="How many panoramas.")] = 16,
    seed: options.Seed = 0,
    rules: options.RulesOption = "ours",
    split: options.Split = "test",
    environment: options.Environments = None,
    workers: options.Workers = options.CORES,
    engine: options.EngineOption = "local",
    keep: options.KeepOption = "",
    picture: options.Picture = "png",
    shard: options.Shard = None,
    extra: options.Extra = False,
) -> None:
    """Procedural scenes with exact truth; needs no data."""
    from panoenv_tasks.synthesis.build import Settings, scene_frames
    from panoenv_tasks.synthesis.frame import Form

    if extra and rules == "released":
        raise DataError("--extra: the released rules have no such questions")
    chosen = _scenes(environment)
    sources, part = options.sharded(scene_frames(chosen, frames, seed), shard)
    form = Form(picture, options.kept(keep, rules))
    settings = Settings("scenes", split, rules, seed, {"environments": chosen, **part}, form, extra)
    options.run_build(out, sources, settings, engine, workers)


@build_app.command()
def twins(
    out: options.Out,
    frames: Annotated[int, typer.Option(min=1, help="How many scenes; each gives three panoramas.")] = 16,
    seed: options.Seed = 0,
    environment: options.Environments = None,
    workers: options.Workers = options.CORES,
    engine: options.EngineOption = "local",
    shard: options.Shard = None,
) -> None:
    """Pairs of panoramas and one question in the same words, with different answers: no use guessing."""
    from panoenv_tasks.synthesis.build import Settings, twin_frames

    chosen = _scenes(environment)
    sources, part = options.sharded(twin_frames(chosen, frames, seed), shard)
    settings = Settings("twins", "twins", "ours", seed, {"environments": chosen, **part})
    options.run_build(out, sources, settings, engine, workers)


@build_app.command()
def tartanair(
    out: options.Out,
    root: Annotated[Path, typer.Option(help="The TartanAir V2 root: one folder per environment.")],
    stride: Annotated[int, typer.Option(min=1, help="Take every so manyeth frame number.")] = 500,
    frames: Annotated[int | None, typer.Option(min=1, help="At most this many frames.")] = None,
    difficulty: Annotated[Literal["easy", "hard", "both"], typer.Option(help="Which trajectories.")] = "easy",
    seed: options.Seed = 0,
    rules: options.RulesOption = "ours",
    split: options.Split = "test",
    environment: options.Environments = None,
    workers: options.Workers = options.CORES,
    engine: options.EngineOption = "local",
    keep: options.KeepOption = "",
    picture: options.Picture = "png",
    shard: options.Shard = None,
) -> None:
    """Recorded frames of TartanAir V2: six faces each of image, depth and seg."""
    from panoenv_tasks.synthesis.build import Settings
    from panoenv_tasks.synthesis.frame import Form
    from panoenv_tasks.synthesis.tartanair import DIFFICULTIES, find_frames

    wanted = DIFFICULTIES if difficulty == "both" else (difficulty,)
    sources, part = options.sharded(find_frames(root, stride, wanted, environment or ())[:frames], shard)
    selection = {
        # Its name only: the data may have moved when the build goes on.
        "root": root.resolve().name,
        "stride": stride,
        "difficulty": difficulty,
        "environments": sorted(environment or ()),
        **part,
    }
    form = Form(picture, options.kept(keep, rules))
    options.run_build(
        out, sources, Settings("tartanair", split, rules, seed, selection, form), engine, workers
    )


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
    workers: Annotated[int, typer.Option(min=1, help="Panoramas that are made at once.")] = options.CORES,
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
