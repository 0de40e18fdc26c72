"""From one panorama to one folder of the built tree."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from panoenv_tasks import owned
from panoenv_tasks.synthesis.choose import choose
from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.objects import Object, measure
from panoenv_tasks.synthesis.panorama import Panorama, Rules
from panoenv_tasks.synthesis.questions import Question, ask

#: 0 to 9: little is gained above, and time doubles.
_COMPRESSION = 3


def write_frame(panorama: Panorama, folder: Path, rules: Rules, seed: int) -> tuple[int, int]:
    """Write a frame's panorama, questions and objects; all of it or nothing.

    The folder then holds ``rgb_erp.png``, ``<frame>_qa.json`` (the released shape) and
    ``<frame>_objects.json`` (what was measured, for whoever wants to check an answer).

    Returns:
        How many questions were asked, of how many objects.

    Raises:
        FrameError: Nothing can be asked of this panorama.
        OSError: The folder cannot be written.
    """
    dice = Dice("questions", panorama.environment, panorama.frame, seed)
    objects = choose(measure(panorama, rules), rules, dice)
    questions = ask(objects, panorama.environment, rules, dice)
    # The questions come last: readers and the next run count a frame from them. What else lies in the
    # folder is not ours to remove.
    with owned.scratch(folder.parent, folder.name) as work:
        _write_picture(panorama, work / "rgb_erp.png")
        _write_json(work / f"{folder.name}_objects.json", _objects_record(objects))
        _write_json(work / f"{folder.name}_qa.json", _questions_record(panorama, questions))
        folder.mkdir(exist_ok=True)
        for name in ("rgb_erp.png", f"{folder.name}_objects.json", f"{folder.name}_qa.json"):
            os.replace(work / name, folder / name)
    return len(questions), len(objects)


def _write_picture(panorama: Panorama, path: Path) -> None:
    from PIL import Image

    Image.fromarray(panorama.rgb).save(path, compress_level=_COMPRESSION)


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _questions_record(panorama: Panorama, questions: Sequence[Question]) -> dict[str, Any]:
    rows = []
    for number, question in enumerate(questions, start=1):
        row: dict[str, Any] = {
            "question_id": number,
            "major_category": question.template.category,
            "sub_category": question.template.subcategory,
            "question_type": question.template.question_type,
            "question": question.text,
            "answer": question.answer,
        }
        if question.options:
            row["options"] = list(question.options)
        rows.append({**row, "related_object_ids": list(question.objects)})
    return {"env": panorama.environment, "image_id": panorama.frame, "questions": rows}


def _objects_record(objects: Sequence[Object]) -> list[dict[str, Any]]:
    return [
        {
            "object_id": one.number,
            "label": one.label,
            "bbox": list(one.box),
            "pixels": one.pixels,
            "faces": one.faces,
            "distance_m": _rounded([one.depths.p20, one.depths.p50, one.depths.p80]),
            "center_m": _rounded(one.centre),
            "size_m": _rounded(one.size),
            "visible": round(one.visible, 3),
        }
        for one in objects
    ]


def _rounded(values: Sequence[float]) -> list[float]:
    return [round(value, 3) for value in values]
