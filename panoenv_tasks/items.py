"""One benchmark question as a record, and what identifies it and a set of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Category = Literal["view_source", "distance", "environment", "relative_position", "attribute_comparison"]
QuestionType = Literal["true_false", "multiple_choice", "open_ended"]
Method = Literal["yes_no", "mcq", "distance", "spatial", "counting", "default"]
#: ``mini`` and ``mini_twins`` are bundled; ``twins`` are what ``panoenv build twins`` makes.
Split = Literal["train", "val", "test", "mini", "twins", "mini_twins"]
#: ``erp``: the raw panorama; ``restored``: what ``panoenv data restore`` made of the release's drawings;
#: ``marked``: boxes painted on it, by the release or by a condition; ``cubemap``: its six faces; ``none``:
#: no file.
ImageKind = Literal["erp", "restored", "marked", "cubemap", "none"]
#: The kinds that are a whole panorama with nothing painted on it.
PANORAMAS: tuple[ImageKind, ...] = ("erp", "restored")

CATEGORIES: tuple[Category, ...] = (
    "view_source",
    "distance",
    "environment",
    "relative_position",
    "attribute_comparison",
)
QUESTION_TYPES: tuple[QuestionType, ...] = ("true_false", "multiple_choice", "open_ended")
METHODS: tuple[Method, ...] = ("yes_no", "mcq", "distance", "spatial", "counting", "default")

#: Width and height, in pixels, of the frame that the printed boxes refer to.
BOX_FRAME = (2560, 1280)


class DataError(ValueError):
    """Bad input data. The message is one line: file, row, what was expected, what to do."""


@dataclass(frozen=True)
class Box:
    """An object named in a question and its box in the panorama.

    Coordinates are inclusive pixels in the ``BOX_FRAME`` panorama: x grows to the right, y down.
    ``letter`` tells two objects of one label apart ("lamp A", "lamp B"); empty when not needed.
    """

    label: str
    letter: str
    x1: int
    y1: int
    x2: int
    y2: int

    @property
    def name(self) -> str:
        """The object as answers call it, in lower case: ``lamp`` or ``lamp A``."""
        return f"{self.label} {self.letter}" if self.letter else self.label

    @property
    def phrase(self) -> str:
        """The object as sentences name it: ``the lamp`` or ``lamp A``."""
        return self.name if self.letter else f"the {self.name}"

    @property
    def answer_name(self) -> str:
        """The object as released answers begin with it: ``The lamp`` or ``Lamp A``."""
        return self.phrase[:1].upper() + self.phrase[1:]

    @property
    def rectangles(self) -> list[tuple[int, int, int, int]]:
        """The box as plain rectangles (x1, y1, x2, y2): two when it runs across the panorama's edge."""
        if self.x1 <= self.x2:
            return [(self.x1, self.y1, self.x2, self.y2)]
        return [(self.x1, self.y1, BOX_FRAME[0] - 1, self.y2), (0, self.y1, self.x2, self.y2)]

    @property
    def touches_seam(self) -> bool:
        """Whether the box reaches the left or right edge of the panorama, or runs across it."""
        return self.x1 <= 0 or self.x2 >= BOX_FRAME[0] - 1 or self.x1 > self.x2


@dataclass(frozen=True)
class Item:
    """One question about one panorama.

    ``id`` is made from the content (split, environment, frame, question), so that the same question
    has the same id in every form of the data, and variants of a question keep their base's id.
    ``origin`` says where the row was read (``file:line``); it takes no part in identity. ``pair`` is the
    same for a question and its twin: one text on two panoramas, with different answers; empty elsewhere.
    """

    id: str
    split: str
    environment: str
    frame: str
    question: str
    question_type: QuestionType
    category: Category
    subcategory: str
    method: Method
    answer: str
    boxes: tuple[Box, ...]
    options: tuple[str, ...]
    image: Path | None
    image_kind: ImageKind
    touches_seam: bool
    origin: str = ""
    pair: str = ""

    @property
    def panorama(self) -> str:
        """``environment/frame``: the unit by which errors are clustered."""
        return f"{self.environment}/{self.frame}"


#: What a record repeats of its question; the rest of an ``Item`` can be read from the wording.
QUESTION_FIELDS = (
    "id",
    "split",
    "environment",
    "frame",
    "question",
    "question_type",
    "category",
    "subcategory",
    "method",
    "answer",
)
#: What ``fingerprint`` covers of each question.
FINGERPRINTED = ("id", "question", "question_type", "method", "answer")


def item_id(split: str, environment: str, frame: str, question: str) -> str:
    """Return the stable id of a question, e.g. ``val/Rome/P000_000500/1f0c9a2b7d3e``."""
    digest = hashlib.sha256(question.encode()).hexdigest()[:12]
    return f"{split}/{environment}/{frame}/{digest}"


def fingerprint(items: Iterable[Item]) -> str:
    """Return a sha256 (64 hex digits) over the questions and answers, whatever their order or form.

    Images and file paths take no part: the same questions read from the release, from an annotation
    file or from a built tree have the same fingerprint.
    """
    rows = sorted(
        json.dumps([getattr(item, name) for name in FINGERPRINTED], ensure_ascii=False) for item in items
    )
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()
