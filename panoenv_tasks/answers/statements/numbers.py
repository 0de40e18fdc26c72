"""Numbers in digits and words, and their marks in a text: a grammar then sees only how they stand."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_VALUES = {word: value for value, word in enumerate(_ONES)} | {w: 10 * (i + 2) for i, w in enumerate(_TENS)}
_ONE, _TEN = "|".join(sorted(_ONES, key=len, reverse=True)), "|".join(_TENS)
_BELOW_100 = rf"(?:(?:{_TEN})(?:[\s-](?:{_ONE}))?|{_ONE})"
_BELOW_1000 = rf"(?:(?:(?:{_ONE}|an?)\shundred(?:\s(?:and\s)?{_BELOW_100})?)|{_BELOW_100})"
#: A number in words up to 999,999, with decimals ("five point two").
WORDS = (
    rf"\b(?:(?:{_BELOW_1000}|an?)\sthousand(?:,?\s(?:and\s)?{_BELOW_1000})?"
    rf"|{_BELOW_1000})(?:\spoint(?:\s(?:{_ONE}))+)?\b"
)
#: A number in digits: thousands in groups of three, a decimal point. Longer ones measure nothing here.
DIGITS = r"(?<![\w.,])(?:\d{1,3}(?:,\d{3}){1,3}|\d{1,12})?(?:(?<=\d)|(?=\.\d))(?:\.\d{1,12})?(?!\d)(?![.,]\d)"


@dataclass(frozen=True)
class Quantity:
    """A number and the unit that stands by it, empty when there is none."""

    value: float
    unit: str


def digits_value(text: str) -> float:
    """Return the value of what ``DIGITS`` matches."""
    return float(text.replace(",", ""))


def words_value(text: str) -> float:
    """Return the value of what ``WORDS`` matches."""
    whole, _, decimals = text.lower().replace("-", " ").replace(",", " ").partition(" point ")
    total = current = 0
    for word in whole.split():
        if word in ("a", "an"):
            current = 1
        elif word == "hundred":
            current *= 100
        elif word == "thousand":
            total, current = total + 1000 * current, 0
        elif word != "and":
            current += _VALUES[word]
    fraction = "".join(str(_VALUES[word]) for word in decimals.split())
    return float(f"{total + current}.{fraction or 0}")


def spaced(text: str) -> str:
    """Return the text in lower case with every sign a word of its own, but for those inside words."""
    text = re.sub(r"([()\[\],:;=≈≃≅∼~±+*/×·^|!<>≤≥%√°\"])", r" \1 ", text.lower())
    text = re.sub(r"(?<![a-z])-|-(?![a-z])", " - ", text)
    return " ".join(text.split())


def mark(
    text: str, pattern: re.Pattern[str], quantity: Callable[[re.Match[str]], Quantity]
) -> tuple[str, list[Quantity]]:
    """Replace each match by ``#i``; return the text, spaced, and the quantities by index."""
    quantities: list[Quantity] = []

    def numbered(match: re.Match[str]) -> str:
        quantities.append(quantity(match))
        return f" #{chr(0x2460 + min(len(quantities) - 1, 9))} "

    return spaced(pattern.sub(numbered, text)), quantities


def index_of(sign: str) -> int:
    """Return the index that a mark's sign stands for."""
    return ord(sign) - 0x2460
