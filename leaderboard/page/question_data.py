"""What the page's question browser shows: questions, boxes, every model's answer, panoramas."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from leaderboard.board import Board
from leaderboard.manifest import Manifest
from leaderboard.rescore import FAILED, MISSING, READINGS, Rescorer, Scored
from leaderboard.rows import Row
from panoenv_tasks.items import Item

#: Width in pixels and JPEG quality of the panoramas in the page: about 60 kB each.
IMAGE_WIDTH, IMAGE_QUALITY = 1280, 72
#: Longer answers are cut on the page; the sample files hold them whole.
LONGEST_ANSWER = 160
#: What stands in a row's list of answers where there is none.
NO_ANSWER = {FAILED: -1, MISSING: -2}


def question_data(board: Board, images: Mapping[str, Path]) -> dict[str, Any]:
    """Return per dataset its questions and answers, and which dataset each row answered.

    Answers are stored once per question; a row is a list of indices into them (-1: the request
    failed, -2: never asked).

    Args:
        board: What was gathered.
        images: Panorama file per item id, for as many as there are.
    """
    used: dict[str, list[Row]] = {}
    for row in board.rows:
        used.setdefault(board.answers[row.row_id][0], []).append(row)
    datasets: list[dict[str, Any]] = []
    place: dict[str, int] = {}
    for number, (key, rows) in enumerate(used.items()):
        dataset = board.datasets.known[key]
        scored = {row.row_id: board.answers[row.row_id][1] for row in rows}
        datasets.append(_dataset(dataset.manifest, dataset.answers, scored))
        place |= dict.fromkeys(scored, number)
    shown = {item.panorama: images[item.id] for item in _items(board, used) if item.id in images}
    return {
        "readings": list(READINGS),
        "datasets": datasets,
        "place": place,
        "images": {name: _inline(path) for name, path in sorted(shown.items())},
    }


def _items(board: Board, keys: Mapping[str, Any]) -> Sequence[Item]:
    return [item for key in keys for item in board.datasets.known[key].manifest.items]


def _dataset(manifest: Manifest, rescorer: Rescorer, runs: Mapping[str, Scored]) -> dict[str, Any]:
    local, answers = _local_codes(rescorer, list(runs.values()), len(manifest.items))
    return {
        "panoramas": manifest.panorama_names,
        "questions": [
            {
                "text": item.question,
                "type": item.question_type,
                "sub": item.subcategory,
                "category": item.category,
                "gold": item.answer,
                "panorama": int(panorama),
                "boxes": [[b.name, b.x1, b.y1, b.x2, b.y2] for b in item.boxes],
                "answers": found,
            }
            for item, panorama, found in zip(manifest.items, manifest.panoramas, answers, strict=True)
        ],
        "rows": {row_id: codes.tolist() for row_id, codes in zip(runs, local, strict=True)},
        "untagged": {
            row_id: {str(i): text for i, text in scored.untagged.items()}
            for row_id, scored in runs.items()
            if scored.untagged
        },
    }


def _local_codes(
    rescorer: Rescorer, runs: Sequence[Scored], questions: int
) -> tuple[list[npt.NDArray[np.int32]], list[list[list[Any]]]]:
    """Renumber answers per question, so that a run is a list of small numbers."""
    stacked = np.stack([scored.codes for scored in runs])
    numbers = np.full(len(rescorer.answers), NO_ANSWER[FAILED], dtype=np.int32)
    numbers[MISSING] = NO_ANSWER[MISSING]
    answers: list[list[list[Any]]] = []
    for question in range(questions):
        codes = np.unique(stacked[:, question])
        codes = codes[codes > MISSING]
        numbers[codes] = np.arange(len(codes))
        answers.append([_answer(*rescorer.described(code)) for code in codes])
    return [numbers[row] for row in stacked], answers


def _answer(text: str | None, paper: float, strict: float, reading: str) -> list[Any]:
    shown = text if text is None or len(text) <= LONGEST_ANSWER else f"{text[:LONGEST_ANSWER]}…"
    return [shown, round(paper, 2), round(strict, 2), READINGS.index(reading)]


def _inline(path: Path) -> str:
    """Return a panorama as a data URL, scaled down."""
    from PIL import Image

    with Image.open(path) as picture:
        small = picture.convert("RGB")
        small.thumbnail((IMAGE_WIDTH, IMAGE_WIDTH // 2))
        out = io.BytesIO()
        small.save(out, "JPEG", quality=IMAGE_QUALITY, optimize=True, progressive=True)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode("ascii")
