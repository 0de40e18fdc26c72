"""How the paper's released scorer reads an answer, flaws included (``spec: paper, version 1``).

Everything here reproduces observed behaviour, so a surprising line is not a slip: units need no word
boundary, number words are searched in order of value, an axis goes to the longest phrase.
"""

from __future__ import annotations

import re
from typing import Literal

Axis = Literal["depth", "side", "height"]
#: A signed axis, e.g. ("depth", +1) for in front and ("depth", -1) for behind.
Reading = dict[Axis, int]

_FACTORS = (
    ("meter metre meters metres m", 1.0),
    ("kilometer kilometre kilometers kilometres km", 1000.0),
    ("centimeter centimetre centimeters centimetres cm", 0.01),
    ("millimeter millimetre millimeters millimetres mm", 0.001),
    ("feet foot ft", 0.3048),
    ("inch inches in", 0.0254),
)
_METRES = {unit: factor for units, factor in _FACTORS for unit in units.split()}
# A number may only start where a run of digits starts: the leftmost match is the same, and a long
# run of digits costs linear time instead of quadratic.
_NUMBER = r"(?<!\d)(\d++\.?+\d*+)"
_WITH_UNIT = re.compile(rf"{_NUMBER}\s*+({'|'.join(_METRES)})")
_BARE = re.compile(_NUMBER)
_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
).split()
_STOP = re.compile(
    r"\b(?:is|are|was|were|has|have|had|can|could|will|would|should|may|might|must|do|does|did|in|on"
    r"|at|to|from|with|by|for|of|near|behind|above|below|under|over|between|among|through|during"
    r"|before|after|since|until)\b",
    re.IGNORECASE,
)
_ARTICLES = re.compile(r"\b(?:the|a|an)\b", re.IGNORECASE)
_NOT_ALPHANUMERIC = re.compile(r"[^a-zA-Z0-9]")

_KEYWORDS: tuple[tuple[Axis, int, str], ...] = (
    ("depth", +1, "front|forward|ahead|in front of"),
    ("depth", -1, "back|behind|rear|at the back"),
    ("side", -1, "left|leftward|to the left|on the left"),
    ("side", +1, "right|rightward|to the right|on the right"),
    ("height", +1, "above|up|upper|over|top|higher"),
    ("height", -1, "below|down|under|lower|beneath|bottom"),
)
_PHRASES = sorted(
    (
        (axis, sign, re.compile(rf"\b{phrase}\b", re.IGNORECASE), len(phrase))
        for axis, sign, phrases in _KEYWORDS
        for phrase in phrases.split("|")
    ),
    key=lambda entry: -entry[3],
)


def number(text: str) -> float | None:
    """Return the number in ``text``, in metres when a unit follows it; None when there is none."""
    lowered = text.lower()
    if match := _WITH_UNIT.search(lowered):
        return float(match[1]) * _METRES[match[2]]
    if match := _BARE.search(lowered):
        return float(match[1])
    for value, word in enumerate(_WORDS):
        if re.search(rf"\b{word}\b", lowered):
            return float(value)
    return None


def directions(text: str) -> Reading:
    """Return at most one sign per axis: +1 front, right, up; -1 back, left, down."""
    reading: Reading = {}
    for axis, sign, pattern, _ in _PHRASES:
        if axis not in reading and pattern.search(text):
            reading[axis] = sign
    return reading


def choice_subject(text: str) -> str:
    """Return the normalised subject of a multiple-choice answer, e.g. ``lamp`` for "Lamp A"."""
    subject = text
    if len(text.split()) > 4 and (match := _STOP.search(text)):
        subject = text[: match.start()].strip() or text
    return _NOT_ALPHANUMERIC.sub("", _ARTICLES.sub("", subject)).lower()


def plain_text(text: str) -> str:
    """Return the text without articles, with white space collapsed, in lower case."""
    return " ".join(_ARTICLES.sub("", text).split()).lower()
