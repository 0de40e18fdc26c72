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

from leaderboard.rows import Card, Refusal
from leaderboard.untrusted import MEGABYTE, plain_text, read_regular
from panoenv_tasks.items import DataError

#: ``20261122_101500_samples_panoenv_val_distance.jsonl``, as lmms-eval 0.7 names them.
_SAMPLES = re.compile(r"(?P<date>\d{8}_\d{6})_samples_(?P<task>panoenv\w*)\.jsonl")
#: In the folder of a submission: who sends it in and what the model is.
CARD_FILE = "submission.yaml"
LONGEST_RESULTS, LONGEST_CARD = 64 * MEGABYTE, MEGABYTE // 16
#: A model of more parameters, in billions, is a slip of the pen.
MOST_PARAMETERS = 100_000


@dataclass(frozen=True)
class Run:
    """The files of one lmms-eval call that concern us.

    ``results`` is the parsed results file, empty when there is none; ``samples`` maps task names to
    files. ``submission`` names the folder that was sent in: the topmost one, from the given path down,
    that holds a card; empty for runs without a card, which all count as one's own. ``card_file`` is
    the nearest card.
    """

    folder: Path
    date: str
    samples: Mapping[str, Path]
    results: Mapping[str, Any]
    submission: str = ""
    card_file: Path | None = None

    @property
    def origin(self) -> str:
        """``folder/date``: where a reader finds the files."""
        return f"{self.folder.name}/{self.date}"

    @property
    def config(self) -> Mapping[str, Any]:
        """How lmms-eval was called; empty when unknown."""
        config = self.results.get("config")
        return config if isinstance(config, dict) else {}

    @property
    def model_name(self) -> str:
        """The model's name: as lmms-eval gives it, else the model type, else the folder."""
        given = (self.results.get("model_name"), self.config.get("model"), self.folder.name)
        return next((name for name in given if isinstance(name, str) and plain_text(name)), "unnamed")


def find_runs(paths: Iterable[Path]) -> tuple[list[Run], list[Refusal]]:
    """Find every run below the given folders or beside the given files, sorted by path and date.

    Sample files of other benchmarks are left alone. A link that leads out of the folder it was
    found in is refused.

    Raises:
        DataError: A path does not exist, or no run was found anywhere.
    """
    roots: dict[Path, Path] = {}
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
            elif not file.is_file():
                refusals.append(Refusal(str(file), "not a regular file"))
            else:
                roots.setdefault(file.resolve(), root.resolve())
    runs, unreadable = _group(roots)
    refusals += unreadable
    if not runs and not refusals:
        where = ", ".join(str(p) for p in asked) or "no path given"
        raise DataError(
            f"{where}: no *_samples_panoenv*.jsonl inside; run lmms-eval with --log_samples --output_path"
        )
    return runs, refusals


def read_card(file: Path) -> Card:
    """Read a submission card.

    Raises:
        DataError: The card is not a YAML mapping or has an unknown or ill-typed key.
    """
    try:
        content = yaml.safe_load(read_regular(file, LONGEST_CARD).decode("utf-8"))
    except (yaml.YAMLError, UnicodeError, ValueError, RecursionError) as error:
        raise DataError(f"{file}: not YAML ({(str(error) or 'nested too deep').splitlines()[0]})") from None
    names = {f.name for f in fields(Card)}
    if not isinstance(content, dict) or not content.keys() <= names:
        raise DataError(f"{file}: expected a mapping with keys out of {', '.join(sorted(names))}")
    wanted: dict[str, type | tuple[type, ...]] = {"params_b": (int, float), "open_weights": bool}
    for key, value in content.items():
        if not isinstance(value, wanted.get(key, str)):
            raise DataError(f"{file}: {key} has an unexpected type; write it as text or a number")
    if not 0 < content.get("params_b", 1) < MOST_PARAMETERS:
        raise DataError(f"{file}: params_b {content['params_b']} is no number of parameters in billions")
    typed: dict[str, Any] = {k: plain_text(v) if isinstance(v, str) else v for k, v in content.items()}
    return Card(**typed)


def _same_run(given: Path, file: Path) -> bool:
    return file == given or (given.name == f"{file.name[:15]}_results.json")


def _group(roots: Mapping[Path, Path]) -> tuple[list[Run], list[Refusal]]:
    """Sort sample files, each with the root it was found under, into runs."""
    by_run: dict[tuple[Path, str], dict[str, Path]] = {}
    for file in roots:
        if match := _SAMPLES.fullmatch(file.name):
            by_run.setdefault((file.parent, match["date"]), {})[match["task"]] = file
    runs, refusals = [], []
    for (folder, date), samples in sorted(by_run.items()):
        root = roots[next(iter(samples.values()))]
        try:
            results = _read_results(folder / f"{date}_results.json")
        except DataError as error:
            refusals.append(Refusal(f"{folder.name}/{date}", f"{error}; the run was left out"))
            continue
        runs.append(Run(folder, date, samples, results, *_submission(folder, root)))
    return runs, refusals


def _submission(folder: Path, root: Path) -> tuple[str, Path | None]:
    """Return the name of the submission that a folder belongs to, and its nearest card."""
    within = [folder, *folder.parents]
    with_card = [f for f in within[: within.index(root) + 1] if (f / CARD_FILE).is_file()]
    if not with_card:
        return "", None
    top = with_card[-1]
    name = root.name if top == root else top.relative_to(root).as_posix()
    return plain_text(name), with_card[0] / CARD_FILE


def _read_results(file: Path) -> Mapping[str, Any]:
    """Return a results file; empty when there is none. lmms-eval writes NaN, which is no JSON."""
    if not file.exists():
        return {}
    try:
        results = json.loads(read_regular(file, LONGEST_RESULTS), parse_constant=lambda name: None)
    except ValueError as error:
        raise (
            error if isinstance(error, DataError) else DataError(f"{file.name}: not JSON ({error})")
        ) from None
    except RecursionError:
        raise DataError(f"{file.name}: nested too deep") from None
    if not isinstance(results, dict):
        raise DataError(f"{file.name}: expected a JSON object")
    return results
