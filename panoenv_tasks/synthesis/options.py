"""The options that the commands of ``panoenv build`` share."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar, get_args

import typer

from panoenv_tasks.items import DataError
from panoenv_tasks.synthesis.vocabulary import Engine, Keep, PictureFormat, Rules

if TYPE_CHECKING:
    from panoenv_tasks.synthesis.build import Settings
    from panoenv_tasks.synthesis.job import Source

T = TypeVar("T")

CORES = os.cpu_count() or 1

Out = Annotated[Path, typer.Argument(help="Folder to build into: new, empty, or of the same build.")]
Seed = Annotated[int, typer.Option(min=0, max=999, help="Another seed, other picks (and other scenes).")]
RulesOption = Annotated[Rules, typer.Option(help="ours, or the formulas of the released generator.")]
Split = Annotated[Literal["train", "val", "test"], typer.Option(help="Name of the split.")]
Workers = Annotated[int, typer.Option(min=1, help="Processes of the local engine.")]
EngineOption = Annotated[
    Engine, typer.Option(help="ray: the cluster at RAY_ADDRESS, OUT on storage it shares.")
]
Environments = Annotated[
    list[str] | None, typer.Option("--environment", help="Only this environment; can be repeated.")
]
KeepOption = Annotated[
    str,
    typer.Option(
        "--keep",
        help="What to keep beside the pictures, so that they can be asked again: depth,instances,scene.",
    ),
]
Picture = Annotated[PictureFormat, typer.Option(help="jpeg takes a third of the room and is not lossless.")]
Extra = Annotated[
    bool,
    typer.Option("--extra", help="Also counting, who hides whom, another point of view: not in the release."),
]
Shard = Annotated[
    str | None,
    typer.Option(help="2/4: the second of four parts, each into its own folder; put together with merge."),
]


def kept(words: str, rules: Rules = "ours") -> tuple[Keep, ...]:
    """Return what ``--keep`` names, in a fixed order.

    Raises:
        DataError: A word is unknown, or the rules measure no true ranges.
    """
    wanted = {word.strip() for word in words.split(",") if word.strip()}
    known: tuple[Keep, ...] = get_args(Keep)
    unknown = sorted(wanted - set(known))
    if unknown:
        raise DataError(f"--keep {unknown[0]!r}: there are {', '.join(known)}")
    if wanted and rules == "released":
        raise DataError("--keep: the released rules take depth along an axis for range; nothing true to keep")
    return tuple(word for word in known if word in wanted)


def sharded(sources: Sequence[T], shard: str | None) -> tuple[list[T], dict[str, str]]:
    """Return a shard's part of the frames, and what the manifest says of it.

    Raises:
        DataError: The shard is not written like ``2/4``.
    """
    if shard is None:
        return list(sources), {}
    match = re.fullmatch(r"([1-9]\d*)/([1-9]\d*)", shard)
    if not match or int(match[1]) > int(match[2]):
        raise DataError(f"--shard {shard!r}: expected 1/4, 2/4, 3/4 or 4/4 for the parts of four")
    number, count = int(match[1]), int(match[2])
    return list(sources[number - 1 :: count]), {"shard": f"{number}/{count}"}


def run_build(out: Path, sources: Sequence[Source], settings: Settings, engine: Engine, workers: int) -> None:
    """Build with a progress bar and print the account; exit code 2 where no question came of it."""
    from tqdm import tqdm

    from panoenv_tasks.synthesis.build import build

    with tqdm(total=len(sources), unit="frame", smoothing=0.1) as bar:
        summary = build(out, sources, settings, engine, workers, lambda outcome: bar.update())
    typer.echo(
        "\n".join([*summary.lines, f"{out}: read it with load_items({str(out)!r}, {settings.split!r})"])
    )
    if not summary.questions:
        raise typer.Exit(2)
