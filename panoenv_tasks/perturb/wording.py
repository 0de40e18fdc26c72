"""Changing what a question says, and nothing else about it."""

from __future__ import annotations

import re
from collections.abc import Callable

from panoenv_tasks.items import Box

#: The four numbers of a printed box, in the order of the question.
Coordinates = tuple[int, int, int, int]

_COORDINATES = re.compile(r" \(boundingbox: \[(\d+), (\d+), (\d+), (\d+)\]\)")


def without_coordinates(question: str) -> str:
    """Return the question with its objects' names but not their boxes."""
    return _COORDINATES.sub("", question)


def with_coordinates(question: str, change: Callable[[Coordinates], Coordinates]) -> str:
    """Return the question with the four numbers of every printed box changed."""

    def printed(match: re.Match[str]) -> str:
        first, second, third, fourth = map(int, match.groups())
        numbers = ", ".join(map(str, change((first, second, third, fourth))))
        return f" (boundingbox: [{numbers}])"

    return _COORDINATES.sub(printed, question)


def with_boxes(question: str, change: Callable[[Box], Box]) -> str:
    """Return the question with every printed box changed."""

    def changed(coordinates: Coordinates) -> Coordinates:
        box = change(Box("", "", *coordinates))
        return box.x1, box.y1, box.x2, box.y2

    return with_coordinates(question, changed)
