"""One raw row, of whatever form, to one ``Item`` or one ``Problem``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import get_args

from panoenv_tasks.items import (
    METHODS,
    QUESTION_TYPES,
    DataError,
    ImageKind,
    Item,
    Split,
    item_id,
)
from panoenv_tasks.taxonomy import item_from, method_for, recognise

SPLITS: tuple[Split, ...] = get_args(Split)


@dataclass(frozen=True)
class Problem:
    """Something that keeps a row from being used: where it is, what was expected, what to do."""

    origin: str
    message: str

    def __str__(self) -> str:
        return f"{self.origin}: {self.message}"


@dataclass(frozen=True)
class Row:
    """The fields that every form has in common; ``method`` is empty where a form does not carry it."""

    split: str
    environment: str
    frame: str
    question: str
    question_type: str
    answer: str
    method: str
    image: Path | None
    image_kind: ImageKind
    origin: str
    pair: str = ""


def to_item(row: Row) -> Item:
    """Turn a row into an item.

    Raises:
        DataError: The row cannot be used; the message names the row.
    """

    def refuse(message: str) -> DataError:
        return DataError(f"{row.origin}: {message}")

    question = row.question.removeprefix("<image>").strip()
    if not _is_unicode(question + row.answer):
        raise refuse("half a surrogate pair in the text; expected valid Unicode, save the file as UTF-8")
    wording = recognise(question)
    if wording is None:
        shown = question if len(question) <= 120 else f"{question[:120]}..."
        raise refuse(f"unknown wording {shown!r}; expected one of the sentences of taxonomy.yaml")
    if row.question_type not in QUESTION_TYPES:
        raise refuse(f"question type {row.question_type!r}; expected one of {', '.join(QUESTION_TYPES)}")
    if row.question_type != wording.question_type:
        raise refuse(f"question type {row.question_type!r}, but this wording is {wording.question_type}")
    if not row.answer.strip():
        raise refuse("no answer; expected the gold answer as a non-empty string")
    method = row.method or method_for(wording.subcategory, row.answer)
    if method not in METHODS:
        raise refuse(f"scoring method {method!r}; expected one of {', '.join(METHODS)}")
    fields = {
        "id": item_id(row.split, row.environment, row.frame, question),
        "split": row.split,
        "environment": row.environment,
        "frame": row.frame,
        "question": question,
        "question_type": wording.question_type,
        "category": wording.category,
        "subcategory": wording.subcategory,
        "method": method,
        "answer": row.answer,
        "pair": row.pair,
    }
    return item_from(fields, image=row.image, image_kind=row.image_kind, origin=row.origin)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def inside(root: Path, relative: str) -> Path:
    """Return ``root / relative``, which must stay inside ``root`` even through links.

    Raises:
        DataError: The path is absolute, or it, or a link on it, leads outside or nowhere.
    """
    pure = PurePosixPath(relative.replace("\\", "/"))
    path = root.joinpath(*pure.parts) if not pure.is_absolute() else Path(relative)
    if pure.is_absolute() or ".." in pure.parts:
        raise DataError(f"image path {relative!r} leaves its root {root}; expected <env>/<frame>/...")
    for part in (path, *path.parents):
        if part == root:
            break
        if message := dead_link(part):
            raise DataError(message)
        if part.is_symlink() and not part.resolve().is_relative_to(root.resolve()):
            raise DataError(
                f"image path {relative!r}: {part} is a link to {part.resolve()}, outside of its root {root}; "
                "put the annotation file into a folder that holds both, or copy the pictures"
            )
    return path


def dead_link(path: Path) -> str:
    """Return what to say of a link to something that is not there; it must not pass for missing data."""
    if path.exists() or not path.is_symlink():
        return ""
    return f"{path} is a link to {path.readlink()}, where nothing is; is a disk not mounted?"


def decode(content: bytes) -> str:
    """Return a file's text: UTF-8, with or without a byte order mark.

    Raises:
        DataError: It is in another encoding.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        where = f"{error.reason} at byte {error.start + 1}"
        raise DataError(f"not UTF-8 ({where}); save the file as UTF-8") from None
