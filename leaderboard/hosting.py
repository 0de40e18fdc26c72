"""For those who host a board: a submission checked and made small enough to keep; a repository template."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from leaderboard.board import gather
from leaderboard.csv_files import read_history
from leaderboard.rows import BLOCKING, Row
from leaderboard.runs import CARD_FILE, find_runs, read_card
from leaderboard.sample_lines import LONGEST_FILE
from leaderboard.standing import Policy
from leaderboard.untrusted import open_regular
from panoenv_tasks.items import DataError
from panoenv_tasks.markdown import escape, one_line, table
from panoenv_tasks.stats import figure

#: What is kept of a sample line: what the board reads.
_KEPT = ("panoenv", "input", "token_counts")
#: What a card must say, and how it is asked for.
_ASKED = {
    "submitter": "who sends this in",
    "training_data": "what the model was trained on (none, panoenv_train)",
}
#: File of the template by its place in the repository.
_TEMPLATE = {
    "README.md": "README.md",
    "board.yaml": "board.yaml",
    "submission.example.yaml": "submission.example.yaml",
    ".github/workflows/board.yml": "board.yml",
}
_IGNORED = "site/\n"


@dataclass(frozen=True)
class Findings:
    """What a check came to: a page of Markdown, and 0 (fit), 1 (some run without a rank) or 2 (refused)."""

    text: str
    exit_code: int


def check_submission(
    folder: Path, among: Path | None, policy: Policy, history: Path | None, data: Path | None
) -> Findings:
    """Check one submission as the board will.

    Args:
        folder: The submission.
        among: The folder of all submissions, ``folder`` among them; None: the submission alone.
        policy: The maintainer's word.
        history: The board's CSV.
        data: The questions, see ``KnownQuestions``.
    """
    name = folder.resolve().name
    problems = list(_folder_problems(folder, among))
    rows: list[Row] = []
    if not problems:
        options: dict[str, Any] = {
            "policy": policy,
            "history": read_history(history) if history else None,
            "data": data,
        }
        try:
            board = gather([folder], **options)
            problems += map(str, board.refusals)
            if among is not None:
                board = gather([among], **options)
                problems += [str(r) for r in board.refusals if r.submission == name]
        except DataError as error:
            problems.append(str(error))
        else:
            rows = [row for row in board.rows if row.submission == name]
    if not rows and not problems:
        problems.append("no run inside that the board could show")
    blocked = [row for row in rows if row.blocked]
    exit_code = 2 if problems else 1 if blocked else 0
    return Findings(_page(folder, rows, list(dict.fromkeys(problems)), exit_code), exit_code)


def slim_copy(folder: Path, out: Path) -> tuple[int, int]:
    """Copy the runs below a folder without what the board does not read; returns bytes before and after.

    All or nothing is copied: a file gets its name when every line of every file was read.

    Raises:
        DataError: There is no run, a line is no sample of this plugin, or ``out`` holds one of the files
            already.
    """
    runs, refusals = find_runs([folder])
    if refusals:
        raise DataError(str(refusals[0]))
    targets: dict[Path, Path] = {}
    for run in runs:
        results = run.folder / f"{run.date}_results.json"
        for file in (*run.samples.values(), *([results] if results.is_file() else [])):
            targets[file] = out / run.folder.relative_to(folder.resolve()) / file.name
    if present := [target for target in targets.values() if target.exists()]:
        raise DataError(f"{present[0]}: is there already; choose another folder")
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as scratch:
        copies = {target: Path(scratch, str(number)) for number, target in enumerate(targets.values())}
        for file, target in targets.items():
            if file.suffix == ".jsonl":
                _copy_slim(file, copies[target])
            else:
                shutil.copyfile(file, copies[target])
        after = sum(copies[targets[file]].stat().st_size for file in targets if file.suffix == ".jsonl")
        for target, copy in copies.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(copy, target)
    return sum(file.stat().st_size for file in targets if file.suffix == ".jsonl"), after


def write_template(folder: Path) -> list[Path]:
    """Write the template; returns the files.

    Raises:
        DataError: One of the files is there already; nothing is written then.
    """
    template = resources.files("leaderboard").joinpath("site_template")
    texts = {folder / place: template.joinpath(name).read_text("utf-8") for place, name in _TEMPLATE.items()}
    texts |= {folder / ".gitignore": _IGNORED, folder / "submissions" / ".gitkeep": ""}
    if present := [file for file in texts if file.exists()]:
        raise DataError(f"{present[0]}: is there already, and nothing of yours is replaced; use a new folder")
    for file, text in texts.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return list(texts)


def _copy_slim(file: Path, copy: Path) -> None:
    with open_regular(file, LONGEST_FILE) as lines, copy.open("w", encoding="utf-8") as kept:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                sample = json.loads(line)
            except (ValueError, RecursionError):
                sample = None
            if not isinstance(sample, dict) or not isinstance(sample.get("panoenv"), dict):
                raise DataError(
                    f"{file.name}:{number}: no sample line with a panoenv record (a truncated file?); "
                    "nothing was copied; run lmms-eval again, or leave this run out"
                )
            slim = {name: sample[name] for name in _KEPT if name in sample}
            # Escaped: half a surrogate pair, which a model may write, has no UTF-8.
            kept.write(json.dumps(slim, separators=(",", ":")) + "\n")


def _folder_problems(folder: Path, among: Path | None) -> Iterator[str]:
    if not folder.is_dir():
        yield f"{folder}: no such folder"
        return
    if among is not None and folder.resolve().parent != among.resolve():
        yield f"{folder}: not a folder directly inside {among}"
    if not (folder / CARD_FILE).is_file():
        yield f"no {CARD_FILE} in the folder"
        return
    try:
        card = read_card(folder / CARD_FILE)
    except DataError as error:
        yield str(error)
        return
    for field in ("submitter", "training_data"):
        if not getattr(card, field):
            yield f"{CARD_FILE}: {field} is empty; say {_ASKED[field]}"


def _page(folder: Path, rows: list[Row], problems: list[str], exit_code: int) -> str:
    verdict = {0: "fit for the board", 1: "some run would be shown without a rank", 2: "refused"}[exit_code]
    lines = [f"# {escape(folder.resolve().name)}: {verdict}", ""]
    lines += [f"- refused: {escape(one_line(problem, 600))}" for problem in problems]
    lines += [""] if problems else []
    heads = ("model", "questions", "condition", "answers", "strict", "paper", "rank", "remarks")
    lines += [table(heads, [_cells(row) for row in rows])] if rows else []
    return "\n".join(lines)


def _cells(row: Row) -> list[object]:
    remarks = [f"{'no rank: ' if f.code in BLOCKING else ''}{f.message}" for f in row.flags]
    return [
        one_line(row.model, 80),
        row.split,
        row.condition,
        f"{row.counts.n} of {row.counts.expected}" if row.counts else "",
        *(figure(cells["acc"].mean) if "acc" in cells else "" for cells in (row.strict, row.paper)),
        "yes" if row.ranked else "no",
        "; ".join(remarks),
    ]
