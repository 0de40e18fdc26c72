"""How one question is shown: the words a model reads and recipes for the pictures it sees."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from panoenv_tasks.geometry.cube import Face
from panoenv_tasks.items import Box, DataError, ImageKind, Item


@dataclass(frozen=True)
class Picture:
    """A picture to show, as a recipe: nothing is opened before a model asks for it.

    Attributes:
        path: The panorama, or a drawing of the release.
        roll: Pixels by which the panorama is rolled to the right, around its edge.
        face: The cube face to show instead of the whole panorama.
        marks: Boxes to draw, each with its object's name.
    """

    path: Path
    roll: int = 0
    face: Face | None = None
    marks: tuple[Box, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the recipe in JSON's types; ``from_json`` reads it back."""
        return {**asdict(self), "path": str(self.path)}

    @classmethod
    def from_json(cls, recipe: dict[str, Any]) -> Picture:
        """Return the picture whose ``to_json`` this is."""
        marks = tuple(Box(**mark) for mark in recipe["marks"])
        return cls(**{**recipe, "path": Path(recipe["path"]), "marks": marks})


@dataclass(frozen=True)
class Presentation:
    """One item as a condition shows it.

    Attributes:
        item: What is scored; a rotation changes its question and gold answer.
        question: The question that the model reads.
        pictures: What it sees, in order.
        image_kind: What sort of pictures these are.
        note: What it is told about them before the question.
        boxes: What it is told about the numbers of boxes where these are not pixels of the picture.
        panorama: What it is told about its pictures where these are not one panorama.
    """

    item: Item
    question: str
    pictures: tuple[Picture, ...]
    image_kind: ImageKind
    note: str = ""
    boxes: str = ""
    panorama: str = ""

    @property
    def text(self) -> str:
        """Note and question, as they go into the prompt."""
        return f"{self.note} {self.question}" if self.note else self.question


def require_panorama(item: Item, condition: str) -> None:
    """Refuse a drawing of the release where only a raw panorama will do.

    An item without any picture passes: text-only models need none, and all others are refused before
    they start.

    Raises:
        DataError: The item's picture is a drawing.
    """
    if item.image_kind == "marked":
        raise DataError(
            f"{item.origin or item.id}: condition {condition} needs the raw panorama, but this data has the "
            "release's drawings with boxes painted on; put rgb_erp.png beside the questions"
        )
