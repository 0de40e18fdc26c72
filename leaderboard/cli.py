"""``panoenv leaderboard``: result folders in, CSV, JSON, Markdown and a page out; and hosting a board."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from panoenv_tasks import load_items
from panoenv_tasks.default_command import group_with_default
from panoenv_tasks.items import DataError

if TYPE_CHECKING:
    from leaderboard.board import Board
    from leaderboard.standing import Policy

Results = Annotated[list[Path], typer.Argument(help="Folders (or files) written by lmms-eval --log_samples.")]
Output = Annotated[
    Path, typer.Option("--output", "-o", help="Folder for the files; the CSV there is appended to.")
]
Data = Annotated[
    Path | None,
    typer.Option(help="The questions' data: to know them again, and to show panoramas on the page."),
]
Rules = Annotated[Path | None, typer.Option("--board", help="The maintainer's board.yaml.")]


leaderboard = typer.Typer(
    cls=group_with_default("build"),
    add_completion=False,
    no_args_is_help=True,
    help="Check saved runs, score them again, and write results.csv, leaderboard.json/.md, index.html: "
    "panoenv leaderboard RESULTS... -o OUT. The other commands are for those who host a board.",
)
site = typer.Typer(no_args_is_help=True, help="A repository that hosts a board.")
leaderboard.add_typer(site, name="site")


@leaderboard.command()
def build(
    results: Results,
    output: Output,
    data: Data = None,
    board: Rules = None,
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
    """Write the board: `panoenv leaderboard RESULTS... -o OUT` does the same.

    Every refused run is one line on stderr; the good ones still come out. The exit code is 0 only
    when nothing was refused, else 2.
    """
    _require_site()
    from leaderboard.board import cores, gather
    from leaderboard.csv_files import read_history
    from leaderboard.publish import publish
    from leaderboard.questions import PINS_FILE, check_pins, read_pins, write_pins
    from leaderboard.reported import render_verification, reported_rows
    from leaderboard.untrusted import writable
    from panoenv_tasks.blind.cross_fitting import load_fit_items
    from panoenv_tasks.whole_file import write_whole

    pins_file = (board.parent if board else output) / PINS_FILE
    pins = read_pins(pins_file)
    if data is not None:
        check_pins(pins_file, pins, data)
    gathered = gather(
        results,
        cores(),
        load_fit_items(fit, fit_split),
        policy=_policy(board, pins),
        history=read_history(output / "results.csv"),
        data=data,
    )
    if not gathered.rows:
        _print_refusals(gathered)
        raise DataError("no run was fit for the leaderboard; nothing was written")
    files = publish(gathered, reported_rows() if reported else [], _images(gathered, data), output)
    if gathered.first_seen:
        write_pins(pins_file, {**gathered.first_seen, **pins})
        files["pins"] = pins_file
    _print_refusals(gathered)
    if verification is not None:
        files["verification"] = verification
        verification.parent.mkdir(parents=True, exist_ok=True)
        write_whole(verification, writable(render_verification(gathered.rows)))
    ranked = sum(row.ranked for row in gathered.rows)
    print(f"{len(gathered.rows)} rows ({ranked} ranked), {len(gathered.refusals)} refused")
    for file in files.values():
        print(f"  {file}")
    if gathered.refusals:
        raise typer.Exit(2)


@leaderboard.command()
def check(
    folder: Annotated[Path, typer.Argument(help="One submission: a folder with a submission.yaml.")],
    among: Annotated[
        Path | None, typer.Option(help="The folder of all submissions, to find taken names and copies.")
    ] = None,
    board: Rules = None,
    history: Annotated[Path | None, typer.Option(help="The board's results.csv.")] = None,
    data: Data = None,
) -> None:
    """Check one submission and print one page of findings.

    The exit code is 0 when every run would be ranked, 1 when something would be shown without a rank,
    and 2 when something would be refused.
    """
    _require_site()
    from leaderboard.hosting import check_submission
    from leaderboard.questions import PINS_FILE, read_pins

    pins = read_pins(board.parent / PINS_FILE) if board else {}
    findings = check_submission(folder, among, _policy(board, pins), history, data)
    print(findings.text)
    if findings.exit_code:
        raise typer.Exit(findings.exit_code)


@leaderboard.command()
def slim(
    folder: Annotated[Path, typer.Argument(help="Folder written by lmms-eval --log_samples.")],
    out: Annotated[Path, typer.Argument(help="Folder for the smaller copies, made when it is not there.")],
) -> None:
    """Copy a run without what the board does not read: a fifth of the size, the same row."""
    _require_site()
    from leaderboard.hosting import slim_copy

    before, after = slim_copy(folder, out)
    print(f"{out}: {after / 1e6:.1f} MB of {before / 1e6:.1f} MB")


@site.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Folder for the repository; files there are left alone.")],
) -> None:
    """Write a repository template: submissions by pull request, checked, built and published."""
    from leaderboard.hosting import write_template

    for file in write_template(folder):
        print(f"  {file}")


def _require_site() -> None:
    try:
        import jinja2  # noqa: F401
        import msgspec  # noqa: F401
    except ModuleNotFoundError as error:
        raise DataError(f"{error.name} is not installed; pip install 'panoenv[site]'") from None


def _policy(file: Path | None, pins: Mapping[str, str]) -> Policy:
    """Return the maintainer's word; what they name in their file goes before what was pinned by itself."""
    from leaderboard.standing import Policy, read_policy

    policy = Policy() if file is None else read_policy(file)
    named = {*policy.datasets.values()}
    return replace(
        policy, datasets={**policy.datasets, **{s: name for name, s in pins.items() if name not in named}}
    )


def _print_refusals(board: Board) -> None:
    for refusal in board.refusals:
        print(f"panoenv: refused {refusal}", file=sys.stderr)


def _images(board: Board, data: Path | None) -> dict[str, Path]:
    """Return the panorama of every question for which there is one."""
    from leaderboard.questions import BUNDLED
    from panoenv_tasks.tasks.panoenv.docs import data_root

    images: dict[str, Path] = {}
    for split in sorted({item.split for row in board.rows for item in row.questions().items[:1]}):
        root = data_root(split) if split in BUNDLED else data
        if root is not None:
            images |= {i.id: i.image for i in load_items(root, split) if i.image is not None}
    return images
