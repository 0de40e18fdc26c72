"""The one distance or the one count that a text names: for gold answers, and for answers under ``strict@1``.

Answers under ``strict@2`` have readers of their own, ``statements.distance`` and ``statements.count``: these
here search a text for numbers, and what they make of one never changes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from panoenv_tasks.answers import Failure

#: Metres per unit. International foot and inch (1959 agreement), statute mile.
METRES = {
    "mm millimeter millimeters millimetre millimetres": 0.001,
    "cm centimeter centimeters centimetre centimetres": 0.01,
    "m meter meters metre metres": 1.0,
    "km kilometer kilometers kilometre kilometres": 1000.0,
    "in inch inches": 0.0254,
    "ft foot feet": 0.3048,
    "yd yard yards": 0.9144,
    "mi mile miles": 1609.344,
}
_UNITS = {name: factor for names, factor in METRES.items() for name in names.split()}
# Words that may follow a number without claiming to be its unit.
_NOT_UNITS = set(
    "a about above ahead and apart approximately at away below between but camera different direction "
    "directions distinct face faces for from horizontally in is of or over perspective perspectives plus "
    "roughly separate so the to total unique vertically view views was with".split()
)
# A bound is not a value: "less than 28 meters" leaves open every smaller distance.
_BOUNDS = re.compile(
    r"(?:\b(?:than|least|most|under|over|below|above|within|exceeding|beyond|maximum|minimum|max|min"
    r"|up to)\s*|[<>≤≥]\s*=?\s*)$"
)
_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
).split()
_WORD_VALUES = {word: float(value) for value, word in enumerate(_WORDS)}
# Number words that would make a compound ("twenty-five", "two hundred") of a neighbour.
_COMPOUND = {*_WORDS, "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety", "hundred"}
_COMPOUND |= {"thousand", "million", "half", "quarter", "dozen", "point"}

_QUANTITY = re.compile(
    r"(?<![\w.,])(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)(?P<rest>\w*+)"
    r"|(?<![\w])(?P<word>" + "|".join(_WORDS) + r")(?![\w])"
)
_UPWARDS = re.compile(r"\s*+(?:\w++\s++)?(?:or|and) (?:more|less|over|under|above|below)\b|\s*+\+")
_COMPOUND_BEFORE = re.compile(rf"\b(?:{'|'.join(sorted(_COMPOUND))})[\s-]*$")
_DIGITS_GO_ON = re.compile(r"[.,]\d")
_NEXT_WORD = re.compile(r"[\s-]*+\(?([^\W\d_]+)")
_MINUS = re.compile(r"(?:^|[^\w\s)])\s*[-−]\s?$|(?:^|\s)[-−]$|\b(?:minus|negative)\s+$")
#: Relative difference up to which two readings in different units are one ("5 m (16.4 ft)").
SAME_WITHIN = 0.05


@dataclass(frozen=True)
class _Quantity:
    value: float
    unit: str
    negative: bool
    bounded: bool


def read_distance(text: str) -> float | Failure:
    """Return the distance in metres that an answer commits to.

    A number without a unit is in metres. Several different values, a range or a bound are ambiguous; a
    negative value, an unknown unit or no number at all is unparsed. The same value given in two units
    is one answer.
    """
    quantities = _quantities(text)
    if not quantities or any(q.negative for q in quantities):
        return "unparsed"
    if any(q.bounded for q in quantities):
        return "ambiguous"
    first = quantities[0]
    for other in quantities[1:]:
        if other.unit == first.unit or not other.unit or not first.unit:
            same = other.value == first.value
        else:
            same = abs(_metres(other) - _metres(first)) <= SAME_WITHIN * _metres(first)
        if not same:
            return "ambiguous"
    # "5 meters, that is 5": the unit may be given only once.
    unit = next((q.unit for q in quantities if q.unit), "")
    return _metres(_Quantity(first.value, first.unit or unit, False, False))


def read_count(text: str) -> float | Failure:
    """Return the count that an answer commits to; several different numbers are ambiguous."""
    quantities = _quantities(text, units_matter=False)
    if not quantities or any(q.negative for q in quantities):
        return "unparsed"
    if any(q.bounded for q in quantities) or len({q.value for q in quantities}) > 1:
        return "ambiguous"
    return quantities[0].value


def _metres(quantity: _Quantity) -> float:
    return quantity.value * _UNITS.get(quantity.unit, 1.0)


def _quantities(text: str, *, units_matter: bool = True) -> list[_Quantity] | None:
    """Return all quantities in order; None when one of them cannot be trusted."""
    lowered = text.lower()
    quantities = []
    for match in _QUANTITY.finditer(lowered):
        before = lowered[max(0, match.start() - 16) : match.start()]
        if match["word"]:
            value = _WORD_VALUES[match["word"]]
            glued = ""
        else:
            value = float(match["number"].replace(",", ""))
            glued = match["rest"]
        following = _NEXT_WORD.match(lowered, match.end())
        word = following[1] if following else ""
        # "12,5" and "1.200,5" mean different numbers in different places.
        if _DIGITS_GO_ON.match(lowered, match.end()):
            return None
        if word in _COMPOUND or _COMPOUND_BEFORE.search(before):
            return None
        unit = glued or word
        if unit not in _UNITS:
            if units_matter and (glued or (unit and unit not in _NOT_UNITS)):
                return None
            unit = ""
        # "3 in total": an ordinary word, not three inches.
        if unit == "in" and not glued and _reads_on(lowered, following):
            unit = ""
        bounded = bool(_BOUNDS.search(before) or _UPWARDS.match(lowered, match.end()))
        quantities.append(_Quantity(value, unit, bool(_MINUS.search(before)), bounded))
    return quantities


def _reads_on(text: str, match: re.Match[str] | None) -> bool:
    return bool(match and re.match(r"\s+[^\W\d_]", text[match.end() : match.end() + 8]))
