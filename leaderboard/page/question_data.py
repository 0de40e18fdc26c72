"""What the page's question browser shows: questions, boxes, every model's answer, panoramas."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from leaderboard.dataset import FAILED, MISSING, READINGS, Codes, Dataset
from leaderboard.rows import Refusal, Row
from leaderboard.untrusted import MEGABYTE, open_regular
from panoenv_tasks.items import DataError

#: Width in pixels and JPEG quality of the panoramas in the page: about 60 kB each.
IMAGE_WIDTH, IMAGE_QUALITY = 1280, 72
#: Panoramas of 8192 x 4096 pixels are half as many; more is no panorama but a bomb.
MOST_PIXELS, LONGEST_PICTURE = 67_108_864, 256 * MEGABYTE
#: Rows of one dataset whose answers are in the page.
MOST_ANSWERS = 120
#: Longer answers are cut on the page; the sample files hold them whole.
LONGEST_ANSWER = 160
#: What stands in a row's list of answers where there is none.
NO_ANSWER = {FAILED: -1, MISSING: -2}


def question_data(rows: Sequence[Row], pictures: Mapping[str, str]) -> dict[str, Any]:
    """Return per dataset its questions and answers, and which dataset each row answered.

    Answers are stored once per question; a row is a list of indices into them (-1: the request
    failed, -2: never asked).

    Args:
        rows: Recomputed rows; of each dataset no more than ``MOST_ANSWERS`` are taken, the best ones.
        pictures: See ``load_pictures``.
    """
    rows_by_dataset: dict[Dataset, list[Row]] = {}
    for row in rows:
        rows_by_dataset.setdefault(row.questions(), []).append(row)
    for dataset, answered in rows_by_dataset.items():
        rows_by_dataset[dataset] = _best(answered)
    return {
        "readings": list(READINGS),
        "datasets": [_dataset(*answered) for answered in rows_by_dataset.items()],
        "place": {row.row_id: number for number, rows in enumerate(rows_by_dataset.values()) for row in rows},
        "images": dict(pictures),
    }


def load_pictures(rows: Sequence[Row], images: Mapping[str, Path]) -> tuple[dict[str, str], list[Refusal]]:
    """Return the panoramas behind the rows' questions as data URLs, and those that cannot be shown.

    Args:
        rows: Recomputed rows.
        images: Panorama file per item id, for as many as there are.
    """
    items = (item for dataset in {row.questions() for row in rows} for item in dataset.items)
    wanted = {item.panorama: images[item.id] for item in items if item.id in images}
    pictures, refusals = {}, []
    for name, path in sorted(wanted.items()):
        try:
            pictures[name] = _inline(path)
        except Exception as error:  # a picture must never cost anybody a row, whatever is in it
            refusals.append(Refusal(str(path), f"not shown: {type(error).__name__}, {error}"))
    return pictures, refusals


def _best(rows: Sequence[Row]) -> list[Row]:
    means = {row.row_id: row.strict["acc"].mean if "acc" in row.strict else 0.0 for row in rows}
    best = sorted(rows, key=lambda row: -means[row.row_id])[:MOST_ANSWERS]
    return [row for row in rows if row in best] if len(best) < len(rows) else list(rows)


def _dataset(dataset: Dataset, rows: Sequence[Row]) -> dict[str, Any]:
    local, answers = _local_codes(dataset, [row.answer_codes() for row in rows])
    return {
        "panoramas": dataset.panorama_names,
        "questions": [
            {
                "text": item.question,
                "type": item.question_type,
                "sub": item.subcategory,
                "category": item.category,
                "gold": item.answer,
                "panorama": int(panorama),
                "boxes": [[b.name, b.x1, b.y1, b.x2, b.y2] for b in item.boxes],
                "answers": given,
            }
            for item, panorama, given in zip(dataset.items, dataset.panoramas, answers, strict=True)
        ],
        "rows": {row.row_id: codes.tolist() for row, codes in zip(rows, local, strict=True)},
        "untagged": {
            row.row_id: {str(i): text for i, text in row.untagged.items()} for row in rows if row.untagged
        },
    }


def _local_codes(
    dataset: Dataset, rows: Sequence[Codes]
) -> tuple[list[npt.NDArray[np.int32]], list[list[list[Any]]]]:
    """Renumber answers per question, so that a run is a list of small numbers."""
    stacked, table = np.stack(rows), dataset.answers
    numbers = np.full(len(table.answers), NO_ANSWER[FAILED], dtype=np.int32)
    numbers[MISSING] = NO_ANSWER[MISSING]
    answers: list[list[list[Any]]] = []
    for question in range(len(dataset.items)):
        codes = np.unique(stacked[:, question])
        codes = codes[codes > MISSING]
        numbers[codes] = np.arange(len(codes))
        answers.append([_answer(*table.described(code)) for code in codes])
    return [numbers[row] for row in stacked], answers


def _answer(text: str | None, paper: float, strict: float, reading: str) -> list[Any]:
    shown = text if text is None or len(text) <= LONGEST_ANSWER else f"{text[:LONGEST_ANSWER]}…"
    return [shown, round(paper, 2), round(strict, 2), READINGS.index(reading)]


def _inline(path: Path) -> str:
    """Return a panorama as a data URL, scaled down."""
    from PIL import Image

    with (
        open_regular(path, LONGEST_PICTURE) as file,
        Image.open(file, formats=("PNG", "JPEG", "WEBP")) as picture,
    ):
        if picture.width * picture.height > MOST_PIXELS:
            raise DataError(f"{picture.width} x {picture.height} pixels; at most {MOST_PIXELS:,} are decoded")
        small = picture.convert("RGB")
        small.thumbnail((IMAGE_WIDTH, IMAGE_WIDTH // 2))
        out = io.BytesIO()
        small.save(out, "JPEG", quality=IMAGE_QUALITY, optimize=True, progressive=True)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode("ascii")
