"""Changing what a question says, and nothing else about it."""

from __future__ import annotations

import re
from collections.abc import Callable

from panoenv_tasks.items import Box

_COORDINATES = re.compile(r" \(boundingbox: \[(\d+), (\d+), (\d+), (\d+)\]\)")


def without_coordinates(question: str) -> str:
    """Return the question with its objects' names but not their boxes."""
    return _COORDINATES.sub("", question)


def with_boxes(question: str, change: Callable[[Box], Box]) -> str:
    """Return the question with every printed box changed."""

    def printed(match: re.Match[str]) -> str:
        x1, y1, x2, y2 = map(int, match.groups())
        box = change(Box("", "", x1, y1, x2, y2))
        return f" (boundingbox: [{box.x1}, {box.y1}, {box.x2}, {box.y2}])"

    return _COORDINATES.sub(printed, question)
