"""Words for where things are, and the released sentences made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

from panoenv_tasks.items import Box

Direction = Literal["left", "right", "above", "below", "front", "behind"]
Extreme = Literal["leftmost", "rightmost", "highest", "lowest", "frontmost", "rearmost"]
View = Literal["Front", "Back", "Left", "Right", "Top", "Bottom"]
#: The axes of the camera frame by what a relation says on them: forward, rightward, upward.
Axis = Literal["depth", "side", "height"]

DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
EXTREMES: tuple[Extreme, ...] = get_args(Extreme)
VIEWS: tuple[View, ...] = get_args(View)

#: Per word its axis (0 right, 1 up, 2 forward) and which way along it. "In front" means farther forward,
#: not nearer to the viewer, as in the release.
SENSE: dict[Direction | Extreme, tuple[int, int]] = {
    "right": (0, 1),
    "left": (0, -1),
    "above": (1, 1),
    "below": (1, -1),
    "front": (2, 1),
    "behind": (2, -1),
    "rightmost": (0, 1),
    "leftmost": (0, -1),
    "highest": (1, 1),
    "lowest": (1, -1),
    "frontmost": (2, 1),
    "rearmost": (2, -1),
}
OPPOSITE: dict[Direction, Direction] = {
    "right": "left",
    "left": "right",
    "above": "below",
    "below": "above",
    "front": "behind",
    "behind": "front",
}
#: Axis, phrase for a positive and for a negative difference, in the order of released answers.
_PHRASES: tuple[tuple[Axis, str, str], ...] = (
    ("depth", "in front of", "behind"),
    ("side", "to the right of", "to the left of"),
    ("height", "above", "below"),
)


def relation_sentence(objects: Sequence[Box], signs: Mapping[Axis, float]) -> str:
    """Spell where the first of two objects lies from the second, as released answers do.

    Only the signs count (positive: ahead, right, up); an axis that is 0 or absent is left out, and without
    any the objects are "at a similar position".
    """
    named = [ahead if signs[axis] > 0 else back for axis, ahead, back in _PHRASES if signs.get(axis)]
    first, second = objects
    return f"{first.answer_name} is {' and '.join(named) or 'at a similar position to'} {second.phrase}."


def metres(distance: float) -> str:
    """Spell a distance in metres as released answers do."""
    return f"About {distance:.1f} meters"
