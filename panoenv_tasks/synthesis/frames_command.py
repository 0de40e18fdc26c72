"""``panoenv build`` on frame folders: other people's panoramas, and kept truth asked again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from panoenv_tasks.items import DataError
from panoenv_tasks.synthesis import options

_Frames = Annotated[Path, typer.Argument(help="Folder of <Environment>/<frame>/: see docs/building.md.")]


def frames(
    folder: _Frames,
    out: options.Out,
    seed: options.Seed = 0,
    split: options.Split = "test",
    workers: options.Workers = options.CORES,
    engine: options.EngineOption = "local",
    keep: options.KeepOption = "",
    picture: options.Picture = "png",
    shard: options.Shard = None,
    extra: options.Extra = False,
) -> None:
    """Other people's panoramas: colour, range, instance map and labels of each frame in a folder."""
    from panoenv_tasks.synthesis.build import Settings
    from panoenv_tasks.synthesis.frame import Form
    from panoenv_tasks.synthesis.frame_folder import find_frame_folders

    sources, part = options.sharded(find_frame_folders(_not_built(folder)), shard)
    selection = {"root": folder.resolve().name, **part}
    form = Form(picture, options.kept(keep))
    settings = Settings("frames", split, "ours", seed, selection, form, extra)
    options.run_build(out, sources, settings, engine, workers)


def check_input(folder: _Frames) -> None:
    """Check frame folders as `frames` reads them, a line for each that cannot be used; exit 2 if any."""
    from tqdm import tqdm

    from panoenv_tasks.synthesis.check_input import check_frame, render
    from panoenv_tasks.synthesis.frame_folder import find_frame_folders

    found = find_frame_folders(_not_built(folder))
    checks = [check_frame(frame) for frame in tqdm(found, unit="frame", delay=2, leave=False)]
    typer.echo("\n".join(render(checks)))
    if any(check.reason for check in checks):
        raise typer.Exit(2)


def questions(
    tree: Annotated[Path, typer.Argument(help="A built tree with --keep depth,instances,scene.")],
    out: options.Out,
    seed: Annotated[
        int | None, typer.Option(min=0, max=999, help="Other picks; default: the tree's.")
    ] = None,
    workers: options.Workers = options.CORES,
    engine: options.EngineOption = "local",
    extra: options.Extra = False,
) -> None:
    """Ask the panoramas of a built tree again from the truth kept with them; nothing is rendered."""
    from panoenv_tasks.synthesis.again import frames_again, settings_again

    options.run_build(out, frames_again(tree), settings_again(tree, seed, extra=extra), engine, workers)


def merge(
    out: Annotated[Path, typer.Argument(help="The folder to write: new, empty, or of the same merge.")],
    shards: Annotated[list[Path], typer.Argument(help="The trees of all shards.")],
) -> None:
    """Put the shards of a build together: byte for byte what one machine would have made."""
    from tqdm import tqdm

    from panoenv_tasks.synthesis.merge import merge_shards

    with tqdm(unit="frame", delay=2, leave=False) as bar:
        summary = merge_shards(out, shards, lambda frame: bar.update())
    typer.echo(f"{out}: {summary.others} frames of {len(shards)} shards, {len(summary.skipped)} skipped")


def _not_built(folder: Path) -> Path:
    if (folder / "panoenv.json").is_file():
        raise DataError(
            f"{folder}: a built tree; name the folder of its split, or use `panoenv build questions`"
        )
    return folder
