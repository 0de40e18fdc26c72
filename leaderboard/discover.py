"""Find lmms-eval runs in folders: a results file and the sample files of the same date."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leaderboard.rows import Refusal
from panoenv_tasks.items import DataError

#: ``20261122_101500_samples_panoenv_val_distance.jsonl``, as lmms-eval 0.7 names them.
_SAMPLES = re.compile(r"(?P<date>\d{8}_\d{6})_samples_(?P<task>panoenv\w*)\.jsonl")


@dataclass(frozen=True)
class Run:
    """The files of one lmms-eval invocation that concern us.

    ``results`` is the parsed results file, empty when there is none; ``samples`` maps task names to
    files. ``origin`` names the run in messages.
    """

    folder: Path
    date: str
    samples: Mapping[str, Path]
    results: Mapping[str, Any]

    @property
    def origin(self) -> str:
        """``folder/date``: where a reader finds the files."""
        return f"{self.folder.name}/{self.date}"


def find_runs(paths: Iterable[Path]) -> tuple[list[Run], list[Refusal]]:
    """Find every run below the given folders or beside the given files, sorted by path and date.

    Sample files of other benchmarks are left alone. A link that leads out of the folder it was
    found in is refused.

    Raises:
        DataError: A path does not exist, or no run was found anywhere.
    """
    files: dict[Path, None] = {}
    refusals: list[Refusal] = []
    asked = [Path(p) for p in paths]
    for path in asked:
        if not path.exists():
            raise DataError(f"{path}: no such file or folder; expected lmms-eval outputs")
        root = path if path.is_dir() else path.parent
        for file in sorted(root.rglob("*_samples_panoenv*.jsonl")):
            if path.is_file() and not _same_run(path, file):
                continue
            if not file.resolve().is_relative_to(root.resolve()):
                refusals.append(Refusal(str(file), "a link that leads out of the results folder"))
            else:
                files[file.resolve()] = None
    runs, unreadable = _group(files)
    refusals += unreadable
    if not runs and not refusals:
        where = ", ".join(str(p) for p in asked) or "no path given"
        raise DataError(
            f"{where}: no *_samples_panoenv*.jsonl inside; run lmms-eval with --log_samples --output_path"
        )
    return runs, refusals


def _same_run(given: Path, file: Path) -> bool:
    return file == given or (given.name == f"{file.name[:15]}_results.json")


def _group(files: Iterable[Path]) -> tuple[list[Run], list[Refusal]]:
    found: dict[tuple[Path, str], dict[str, Path]] = {}
    for file in files:
        if match := _SAMPLES.fullmatch(file.name):
            found.setdefault((file.parent, match["date"]), {})[match["task"]] = file
    runs, refusals = [], []
    for (folder, date), samples in sorted(found.items()):
        path = folder / f"{date}_results.json"
        results: Any = {}
        try:
            if path.exists():
                results = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            refusals.append(Refusal(str(path), f"not JSON ({error}); the run was left out"))
            continue
        if not isinstance(results, dict):
            refusals.append(Refusal(str(path), "expected a JSON object; the run was left out"))
            continue
        runs.append(Run(folder, date, samples, results))
    return runs, refusals
