"""Boards of made-up questions, as a maintainer would have them who knows these questions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from leaderboard.board import Board, gather
from leaderboard.standing import Policy


def knowing(path: Path, **more: Any) -> Policy:
    """The word of a maintainer who knows every set of questions that runs below ``path`` name."""
    datasets = {}
    for file in filter(Path.is_file, path.rglob("*_samples_*.jsonl")):
        try:
            record = json.loads(file.read_text("utf-8").splitlines()[0])["panoenv"]
            datasets[record["run"]["dataset_sha256"]] = record["split"]
        except (ValueError, LookupError, TypeError, OSError, RecursionError):
            continue
    return Policy(datasets=datasets, **more)


def board_of(path: Path, processes: int = 1, **options: Any) -> Board:
    """Gather everything below ``path`` with that word."""
    return gather([path], processes, **{"policy": knowing(path), **options})
