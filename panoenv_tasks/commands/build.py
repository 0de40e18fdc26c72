"""``panoenv build``: making sets of panoramas and questions, and checking what was made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from panoenv_tasks.synthesis.command import build_app
from panoenv_tasks.synthesis.frames_command import check_input, frames, merge, questions

__all__ = ["build_app"]

build_app.command()(frames)
build_app.command()(questions)
build_app.command()(check_input)
build_app.command()(merge)


@build_app.command()
def check(
    tree: Annotated[Path, typer.Argument(help="A built tree, or any other form of question set.")],
    split: Annotated[str | None, typer.Option(help="Only this split; default: every one there.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure what a set gives away without looking, beside the release; exit 1 outside the limits."""
    from panoenv_tasks.commands.build_figures import figures, render, to_json
    from panoenv_tasks.items import DataError
    from panoenv_tasks.sources import load_items
    from panoenv_tasks.sources.locate import find_root, splits_at

    root = find_root(tree)
    splits = [split] if split else splits_at(root)
    if not splits:
        raise DataError(f"{root}: no questions; expected <split>/<Environment>/<frame>/<frame>_qa.json")
    by_split = {name: figures(load_items(root, name)) for name in splits}
    if as_json:
        typer.echo(json.dumps({name: to_json(rows) for name, rows in by_split.items()}, indent=1))
    else:
        typer.echo("\n\n".join(f"{name}:\n{render(rows)}" for name, rows in by_split.items()))
    if any(row.verdict == "outside" for rows in by_split.values() for row in rows):
        raise typer.Exit(1)


@build_app.command()
def difficulty(
    tree: Annotated[Path, typer.Argument(help="A built tree.")],
    split: Annotated[str, typer.Option(help="The tree's split.")] = "test",
) -> None:
    """Write beside the questions how clear, how hidden, how small and how guessable each is."""
    from panoenv_tasks.commands.build_difficulty import FILE, render, write_difficulty

    rows = write_difficulty(tree, split)
    typer.echo(render(rows))
    typer.echo(f"{tree / split / FILE}: {len(rows)} questions")


@build_app.command()
def select(
    tree: Annotated[Path, typer.Argument(help="A built tree, measured with `panoenv build difficulty`.")],
    out: Annotated[Path, typer.Argument(help="The folder to write: new or empty.")],
    where: Annotated[
        list[str], typer.Option(help="visible>=0.8, margin>0.5, degrees>3, blind<0.6 or kind=depth_compare.")
    ],
    split: Annotated[str, typer.Option(help="The tree's split.")] = "test",
) -> None:
    """Keep the questions that meet all conditions."""
    from panoenv_tasks.commands.build_difficulty import read_condition, select_tree

    count = select_tree(tree, split, out, [read_condition(text) for text in where])
    typer.echo(f"{out}: {count} questions")
    if not count:
        raise typer.Exit(1)


@build_app.command()
def gate(
    tree: Annotated[Path, typer.Argument(help="A built tree of many frames.")],
    out: Annotated[Path, typer.Argument(help="The folder to write: new or empty.")],
    split: Annotated[str, typer.Option(help="The tree's split.")] = "test",
    wanted: Annotated[int, typer.Option(min=1, help="Kinds of which fewer are left go.")] = 30,
) -> None:
    """Keep the questions that blind answerers cannot guess; kinds that can always be guessed are left out."""
    from panoenv_tasks.commands.build_gate import gate_tree, render

    kinds = gate_tree(tree, split, out, wanted)
    typer.echo(render(kinds))
    typer.echo(f"{out}: {sum(gated.kept for gated in kinds.values())} questions")
    if not any(gated.passes for gated in kinds.values()):
        raise typer.Exit(1)
