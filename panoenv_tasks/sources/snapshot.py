"""Folders of ``<split>/<Environment>/<frame>/<frame>_qa.json``: the hub release and built trees.

The release ships no raw panoramas: each question has its own drawing with the boxes painted on
(``visualizations/q<N>_<major>_<sub>.png``, image kind ``marked``). Where ``rgb_erp.png`` or
``rgb_erp.jpg`` lies beside the questions, as in a built tree, it is used instead (``erp``), else
``rgb_restored.png`` (``restored``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from panoenv_tasks.items import DataError, ImageKind, Item
from panoenv_tasks.sources.images import RESTORED
from panoenv_tasks.sources.rows import Problem, Row, dead_link, decode, to_item


def frames(root: Path, split: str) -> list[Path]:
    """Return the question files of one split, sorted by environment and frame."""
    return sorted((root / split).glob("*/*/*_qa.json"))


def dead_links(root: Path, split: str) -> list[Problem]:
    """Return linked environments and frames that lead nowhere: listing a folder passes over them."""
    folder = root / split
    paths = sorted([*folder.glob("*"), *folder.glob("*/*")])
    return [Problem(str(folder), message) for path in paths if (message := dead_link(path))]


def read(root: Path, split: str) -> Iterator[Item | Problem]:
    """Read all questions of a split; rows are named ``file:question_id``."""
    yield from dead_links(root, split)
    for file in frames(root, split):
        try:
            questions = _questions(file)
        except DataError as error:
            yield Problem(str(file), str(error))
            continue
        for index, question in enumerate(questions, start=1):
            number = question.get("question_id", index) if isinstance(question, dict) else index
            origin = f"{file}:{number}"
            try:
                yield to_item(_row(question, file, split, origin))
            except DataError as error:
                yield Problem(origin, str(error).removeprefix(f"{origin}: "))


def _questions(file: Path) -> list[Any]:
    try:
        content = json.loads(decode(file.read_bytes()))
    except json.JSONDecodeError as error:
        raise DataError(f"not JSON ({error}); a truncated file? fetch it again") from None
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror})") from None
    questions = content.get("questions") if isinstance(content, dict) else None
    if not isinstance(questions, list) or not questions:
        raise DataError("expected an object with a non-empty list `questions`")
    return questions


def _row(raw: Any, file: Path, split: str, origin: str) -> Row:
    if not isinstance(raw, dict) or not isinstance(raw.get("question"), str):
        raise DataError("no question; expected an object with a string `question`")
    answer = raw.get("answer")
    image, kind = _image(file.parent, raw.get("question_id"))
    return Row(
        split=split,
        environment=file.parent.parent.name,
        frame=file.parent.name,
        question=raw["question"],
        question_type=str(raw.get("question_type", "")),
        answer=answer if isinstance(answer, str) else "",
        method="",
        image=image,
        image_kind=kind,
        origin=origin,
        pair=str(raw.get("pair") or ""),
    )


def _image(folder: Path, number: object) -> tuple[Path | None, ImageKind]:
    for name in ("rgb_erp.png", "rgb_erp.jpg"):
        if (folder / name).is_file():
            return folder / name, "erp"
    restored = folder / RESTORED
    if restored.is_file():
        return restored, "restored"
    if isinstance(number, int):
        # The underscore keeps q1 from matching q10.
        drawings = sorted((folder / "visualizations").glob(f"q{number}_*.png"))
        if drawings:
            return drawings[0], "marked"
    return None, "none"
