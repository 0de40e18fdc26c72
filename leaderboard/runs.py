"""Find lmms-eval runs in folders, and who was run: from the results file and the submission card.

A run is what one call of lmms-eval wrote: a results file and the sample files of the same date.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from leaderboard.rows import Card, Refusal, Role
from panoenv_tasks.items import DataError

#: ``20261122_101500_samples_panoenv_val_distance.jsonl``, as lmms-eval 0.7 names them.
_SAMPLES = re.compile(r"(?P<date>\d{8}_\d{6})_samples_(?P<task>panoenv\w*)\.jsonl")
_OWN: dict[str, Role] = {
    "panoenv_blind": "blind",
    "panoenv_constant": "constant",
    "panoenv_oracle": "oracle",
}
#: Beside the results: who sends them in and what the model is.
CARD_FILE = "submission.yaml"


@dataclass(frozen=True)
class Run:
    """The files of one lmms-eval call that concern us.

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

    @property
    def config(self) -> Mapping[str, Any]:
        """How lmms-eval was called; empty when unknown."""
        found = self.results.get("config")
        return found if isinstance(found, dict) else {}

    @property
    def model_name(self) -> str:
        """The model's name: as lmms-eval gives it, else the model type, else the folder."""
        given = (self.results.get("model_name"), self.config.get("model"))
        names = (name for name in given if isinstance(name, str) and name.strip())
        return next(names, self.folder.name)

    @property
    def role(self) -> Role:
        """This project's own text-only baselines, or a model under test."""
        return _OWN.get(str(self.config.get("model")), "model")


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


def read_card(folder: Path) -> Card | None:
    """Read the submission card of a run folder; None when there is none.

    Raises:
        DataError: The card is not a YAML mapping or has an unknown or ill-typed key.
    """
    path = folder / CARD_FILE
    if not path.is_file():
        return None
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeError) as error:
        raise DataError(f"{path}: not YAML ({str(error).splitlines()[0]})") from None
    known = {f.name for f in fields(Card)}
    if not isinstance(content, dict) or not content.keys() <= known:
        raise DataError(f"{path}: expected a mapping with keys out of {', '.join(sorted(known))}")
    wanted: dict[str, type | tuple[type, ...]] = {"params_b": (int, float), "open_weights": bool}
    for key, value in content.items():
        if not isinstance(value, wanted.get(key, str)):
            raise DataError(f"{path}: {key} has an unexpected type; write it as text or a number")
    return Card(**content)


def _same_run(given: Path, file: Path) -> bool:
    return file == given or (given.name == f"{file.name[:15]}_results.json")


def _group(files: Iterable[Path]) -> tuple[list[Run], list[Refusal]]:
    by_run: dict[tuple[Path, str], dict[str, Path]] = {}
    for file in files:
        if match := _SAMPLES.fullmatch(file.name):
            by_run.setdefault((file.parent, match["date"]), {})[match["task"]] = file
    runs, refusals = [], []
    for (folder, date), samples in sorted(by_run.items()):
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
