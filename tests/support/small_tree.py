"""A small data set on disk in the built form: ``<split>/<Environment>/<frame>/rgb_erp.png`` and questions."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from pathlib import Path

from PIL import Image, ImageDraw

from panoenv_tasks.items import BOX_FRAME, Box, Item


def write_tree(root: Path, items: Iterable[Item], size: tuple[int, int] | None = BOX_FRAME) -> Path:
    """Write the questions and a panorama for each place, with the questions' boxes as plain blocks.

    Args:
        root: Where the split's folder goes.
        items: The questions; their split, places, wording and answers are what is written.
        size: Pixels of the panoramas; None writes none.
    """
    by_folder: dict[Path, list[Item]] = {}
    for item in items:
        by_folder.setdefault(root / item.split / item.environment / item.frame, []).append(item)
    for folder, questions in by_folder.items():
        folder.mkdir(parents=True)
        _write_questions(folder, questions)
        if size:
            boxes = [box for question in questions for box in question.boxes]
            _picture(boxes, size).save(folder / "rgb_erp.png", compress_level=1)
    return root


def _write_questions(folder: Path, questions: list[Item]) -> None:
    content = {
        "env": folder.parent.name,
        "image_id": folder.name,
        "questions": [
            {
                "question_id": number,
                "major_category": item.category,
                "sub_category": item.subcategory,
                "question_type": item.question_type,
                "question": item.question,
                "answer": item.answer,
            }
            for number, item in enumerate(questions, start=1)
        ],
    }
    (folder / f"{folder.name}_qa.json").write_text(json.dumps(content), encoding="utf-8")


def _picture(boxes: list[Box], size: tuple[int, int]) -> Image.Image:
    image = Image.new("RGB", size, (150, 190, 230))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, size[1] // 2, *size), fill=(110, 130, 90))
    for box in boxes:
        shade = zlib.crc32(box.name.encode())
        pen.rectangle(
            (box.x1, box.y1, box.x2, box.y2), fill=(shade & 255, shade >> 8 & 255, shade >> 16 & 255)
        )
    return image
