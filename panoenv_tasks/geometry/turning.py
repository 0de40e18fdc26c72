"""Turning the camera about its upright axis: what becomes of boxes, words and relations.

Rolling the picture to the right by a quarter of its width is what a camera sees that was turned to the
left by 90 degrees: what was ahead is now to the right, what was right is behind.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, get_args

from panoenv_tasks.geometry.projection import Vector
from panoenv_tasks.geometry.words import Axis
from panoenv_tasks.items import BOX_FRAME, Box

#: Where something is for somebody else, each a quarter to the right of the one before.
Side = Literal["ahead", "right", "behind", "left"]
SIDES: tuple[Side, ...] = get_args(Side)

_WIDTH = BOX_FRAME[0]
#: In each cycle a quarter turn makes a word the next one.
_CYCLES = (
    ("front", "right", "behind", "left"),
    ("frontmost", "rightmost", "rearmost", "leftmost"),
    ("Front", "Right", "Back", "Left"),
)


def roll_of(degrees: int) -> int:
    """Return the pixels by which the picture is rolled to the right.

    Raises:
        ValueError: The angle is not a whole number of pixels.
    """
    pixels, rest = divmod(degrees % 360 * _WIDTH, 360)
    if rest:
        raise ValueError(f"{degrees} degrees are not a whole number of pixels; expected a multiple of 9")
    return pixels


def turn_box(box: Box, roll: int) -> Box:
    """Return the box in the rolled picture; its right edge lies left of its left edge when it is cut."""
    return replace(box, x1=(box.x1 + roll) % _WIDTH, x2=(box.x2 + roll) % _WIDTH)


def turn_word(word: str, quarters: int) -> str:
    """Return a view, direction or extreme after quarter turns; words of up and down stay."""
    for cycle in _CYCLES:
        if word in cycle:
            return cycle[(cycle.index(word) + quarters) % 4]
    return word


def turn_signs(signs: Mapping[Axis, int], quarters: int) -> dict[Axis, int]:
    """Return a relation's signs (+1 ahead, right, up; 0 both) after quarter turns; absent axes stay so."""
    depth, side = signs.get("depth"), signs.get("side")
    for _ in range(quarters % 4):
        depth, side = None if side is None else -side, depth
    turned: dict[Axis, int | None] = {"depth": depth, "side": side, "height": signs.get("height")}
    return {axis: sign for axis, sign in turned.items() if sign is not None}


def bearing_from(at: Vector, towards: Vector, asked: Vector) -> float:
    """Return how far one must turn to the right to face a third point, degrees from -180 to 180.

    Seen from above: for someone who stands at ``at`` and faces ``towards``. All three in the camera frame.
    """
    ahead = (towards[0] - at[0], towards[2] - at[2])
    there = (asked[0] - at[0], asked[2] - at[2])
    # To the right of the way ahead (x, z) is (z, -x).
    across = there[0] * ahead[1] - there[1] * ahead[0]
    along = there[0] * ahead[0] + there[1] * ahead[1]
    return math.degrees(math.atan2(across, along))


def side_of(bearing: float) -> Side:
    """Return the quarter in which a bearing lies."""
    return SIDES[round(bearing / 90) % 4]
