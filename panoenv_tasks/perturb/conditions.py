"""What a condition shows for each item. The id never changes, so any two conditions pair up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from panoenv_tasks.items import DataError, Item

Condition = Literal["full", "noimage"]
Transform = Literal["as_is"]


@dataclass(frozen=True)
class Picture:
    """A picture to show, as a recipe: nothing is opened before a model asks for it."""

    path: Path
    transform: Transform = "as_is"


@dataclass(frozen=True)
class Presentation:
    """One item as a condition shows it.

    ``item`` is what is scored (a rotation changes its gold answer), ``question`` the wording that the
    model reads, ``pictures`` what it sees, in order.
    """

    item: Item
    question: str
    pictures: tuple[Picture, ...]


def _full(items: Sequence[Item]) -> list[Presentation]:
    return [Presentation(item, item.question, (Picture(item.image),) if item.image else ()) for item in items]


def _noimage(items: Sequence[Item]) -> list[Presentation]:
    return [Presentation(item, item.question, ()) for item in items]


CONDITIONS: dict[Condition, Callable[[Sequence[Item]], list[Presentation]]] = {
    "full": _full,
    "noimage": _noimage,
}


def present(items: Sequence[Item], condition: Condition) -> list[Presentation]:
    """Show items under a condition; items that it cannot show are left out.

    Raises:
        DataError: Unknown condition.
    """
    if condition not in CONDITIONS:
        raise DataError(f"unknown condition {condition!r}; expected one of {', '.join(CONDITIONS)}")
    return CONDITIONS[condition](items)
