"""A frame as the release has it: 25 questions about made-up objects, and a panorama to paint on."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from support.painters import HEIGHT, WIDTH, Style

from panoenv_tasks.restore.drawings import Drawing, drawings_of, printed_boxes

#: How many objects each question names; two name none, as in most released frames.
NAMED = (1, 1, 1, 2, 2, 2, 2, 1, 2, 3, 2, 0, 0, 2, 2, 2, 2, 2, 2, 3, 2, 2, 2, 2, 3)
NAMES = "lamp crate barrel instancedfoliageactor door pipe".split()


@cache
def panorama(seed: int = 0) -> npt.NDArray[np.uint8]:
    """Soft shapes under fine grain: hardly two neighbouring pixels are alike."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (10, 20, 3), np.uint8)).resize((WIDTH, HEIGHT))
    grain = rng.integers(-12, 13, (HEIGHT, WIDTH, 3))
    return np.clip(np.asarray(coarse).astype(int) + grain, 0, 255).astype(np.uint8)


def questions(seed: int = 0) -> list[dict[str, Any]]:
    """25 raw questions about 18 objects: some at the edges, one across the seam, one all around."""
    rng = random.Random(seed)
    boxes = [(0, 300, 180, 520), (2300, 600, 2559, 900), (2500, 400, 60, 480), (0, 1100, 2559, 1279)]
    while len(boxes) < 18:
        x, y = rng.randint(0, WIDTH - 60), rng.randint(0, HEIGHT - 60)
        boxes.append(
            (x, y, min(x + rng.randint(25, 700), WIDTH - 1), min(y + rng.randint(25, 400), HEIGHT - 1))
        )
    rows = []
    for number, count in enumerate(NAMED, start=1):
        chosen = rng.sample(range(18), count)
        named = [f"the {NAMES[k % len(NAMES)]} (boundingbox: {list(boxes[k])})" for k in chosen]
        rows.append(
            {
                "question_id": number,
                "major_category": "distance",
                "sub_category": "made_up",
                "question_type": "true_false",
                "question": f"Is this so of {' and '.join(named) or 'the scene'}?",
                "answer": "Yes",
                "related_object_ids": chosen,
            }
        )
    return rows


def file_name(row: dict[str, Any], suffix: str = ".png") -> str:
    return f"q{row['question_id']}_{row['major_category']}_{row['sub_category']}{suffix}"


class Painter:
    """Paints a drawing when it is asked for, and counts."""

    def __init__(
        self,
        folder: Path,
        rows: Sequence[dict[str, Any]],
        style: Style,
        suffix: str = ".png",
        change: Callable[[int, Image.Image], Image.Image] = lambda number, page: page,
    ) -> None:
        self.folder, self.style, self.suffix, self.change = folder, style, suffix, change
        self.rows = {file_name(row, suffix): row for row in rows}
        self.asked: list[str] = []

    def drawings(self) -> list[Drawing]:
        return drawings_of(list(self.rows.values()), self.rows)

    def read(self, drawing: Drawing) -> Path:
        self.asked.append(drawing.name)
        return self.paint(drawing.name, self.folder)

    def paint(self, name: str, folder: Path) -> Path:
        row = self.rows[name]
        named = [(NAMES[k % len(NAMES)], box) for k, box in enumerate(printed_boxes(row))]
        page = self.style(Image.fromarray(panorama()), row["question_id"], row["question"], named)
        options = {"compress_level": 0} if self.suffix == ".png" else {"quality": 90}
        self.change(row["question_id"], page).save(folder / name, **options)
        return folder / name
