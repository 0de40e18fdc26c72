"""``panoenv leaderboard``: result folders in, CSV, JSON, Markdown and a page out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from panoenv_tasks import load_items
from panoenv_tasks.items import DataError

if TYPE_CHECKING:
    from leaderboard.board import Board


def leaderboard(
    results: Annotated[
        list[Path], typer.Argument(help="Folders (or files) written by lmms-eval --log_samples.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for the files; the CSV there is appended to.")
    ],
    data: Annotated[
        Path | None,
        typer.Option(help="The questions' data with panoramas, to show them on the page."),
    ] = None,
    fit: Annotated[
        Path | None,
        typer.Option(help="Train or val questions to learn blind answering on: blind-adjusted scores."),
    ] = None,
    fit_split: Annotated[str, typer.Option(help="The split of those.")] = "val",
    verification: Annotated[
        Path | None, typer.Option(help="Also write the page of published figures beside ours here.")
    ] = None,
    reported: Annotated[
        bool, typer.Option(help="Show the paper's published figures beside the runs.")
    ] = True,
) -> None:
    """Check saved runs, score them again, and write results.csv, leaderboard.json/.md, index.html.

    Every refused run is one line on stderr; the good ones still come out. The exit code is 0 only
    when nothing was refused, else 2.
    """
    try:
        from leaderboard.board import gather
        from leaderboard.publish import publish
        from leaderboard.sheets import cores
    except ModuleNotFoundError as error:
        raise DataError(f"{error.name} is not installed; pip install 'panoenv[site]'") from None
    from leaderboard.reported import render_verification, reported_rows
    from panoenv_tasks.blind.cross_fitting import load_fit_items

    board = gather(results, cores(), load_fit_items(fit, fit_split))
    for refusal in board.refusals:
        print(f"panoenv: refused {refusal}", file=sys.stderr)
    if not board.rows:
        raise DataError("no run was fit for the leaderboard; nothing was written")
    files = publish(board, reported_rows() if reported else [], _images(board, data), output)
    if verification is not None:
        files["verification"] = verification
        verification.parent.mkdir(parents=True, exist_ok=True)
        verification.write_text(render_verification(board.rows), encoding="utf-8")
    ranked = sum(row.ranked for row in board.rows)
    print(f"{len(board.rows)} rows ({ranked} ranked), {len(board.refusals)} refused")
    for file in files.values():
        print(f"  {file}")
    if board.refusals:
        raise typer.Exit(2)


def _images(board: Board, data: Path | None) -> dict[str, Path]:
    """Return the panorama of every question for which there is one."""
    found: dict[str, Path] = {}
    for split in sorted({row.split for row in board.rows}):
        root = data
        if root is None and split == "mini":
            from panoenv_tasks.tasks.panoenv.docs import data_root

            root = data_root(split)
        if root is not None:
            items = load_items(root, split)
            found |= {i.id: i.image for i in items if i.image is not None}
    return found
