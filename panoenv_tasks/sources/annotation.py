"""The released annotation JSONL: one question a line, panoramas (if any) in a root beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from panoenv_tasks.items import DataError, ImageKind, Item
from panoenv_tasks.sources.images import RESTORED
from panoenv_tasks.sources.rows import SPLITS, Problem, Row, decode, inside, to_item


def split_of(file: Path) -> str | None:
    """Return the split that a file name states (``panoenv_val.jsonl``), or None."""
    words = file.stem.lower().replace("-", "_").split("_")
    return next((split for split in SPLITS if split in words), None)


def read(file: Path, split: str) -> Iterator[Item | Problem]:
    """Read an annotation file.

    A row's ``image`` is ``<Environment>/<frame>/rgb_erp.png`` relative to the file's folder; a restored
    panorama beside it (``rgb_restored.png``) is used where the raw one is not there. A row
    whose environment has no folder there is a question without an image (kind ``none``).
    """
    empty = True
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            empty = False
            origin = f"{file}:{number}"
            try:
                yield to_item(_row(decode(line), file.parent, split, origin))
            except DataError as error:
                yield Problem(origin, str(error).removeprefix(f"{origin}: "))
    if empty:
        yield Problem(str(file), "the file is empty; expected one question (JSON) a line")


def _row(line: str, root: Path, split: str, origin: str) -> Row:
    try:
        raw: Any = json.loads(line)
    except json.JSONDecodeError as error:
        raise DataError(f"not JSON ({error.msg}); a truncated file? fetch it again") from None
    if not isinstance(raw, dict):
        raise DataError(f"expected a JSON object, found {type(raw).__name__}")
    question, image = _question(raw), raw.get("image")
    parts = image.replace("\\", "/").split("/") if isinstance(image, str) else []
    if len(parts) < 3:
        raise DataError(f"image {image!r}; expected <Environment>/<frame>/rgb_erp.png")
    path = inside(root, str(image))
    # A frame folder without its panorama is a broken download; no folder at all is text only.
    present = (root / parts[0]).is_dir()
    restored = path.with_name(RESTORED)
    kind: ImageKind = "none" if not present else "erp"
    if present and not path.is_file() and restored.is_file():
        path, kind = restored, "restored"
    return Row(
        split=split,
        environment=parts[-3],
        frame=parts[-2],
        question=question,
        question_type=str(raw.get("question_type", "")),
        answer=_text(raw.get("expected_answer")),
        method=str(raw.get("accu_reward_method", "")),
        image=path if present else None,
        image_kind=kind,
        origin=origin,
    )


def _question(raw: dict[str, Any]) -> str:
    turns = raw.get("conversations")
    if isinstance(turns, list) and turns and isinstance(turns[0], dict):
        question = turns[0].get("value")
        if isinstance(question, str):
            return question
    raise DataError("no question; expected conversations[0].value to be a string")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
