"""The mean score under the judge's token probabilities (the idea of G-Eval, arXiv 2303.16634).

In a constrained reply the first digit's alternatives carry all the mass, except that "1" may be a
one or the beginning of "10" when the tokenizer spells digits singly. If the judge wrote a "1", the
next token tells; if not, one more call has to.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from judges.wire import Token

#: Below this probability of "1" the split of 1 and 10 cannot move the mean by more than 0.05.
NEGLIGIBLE = 0.005
#: With less mass than this on readable scores there is no mean to speak of.
_ENOUGH_MASS = 0.9
_FIRST_DIGITS = re.compile(r"\D*(\d{1,2})", re.ASCII)


class OpenSplitError(Exception):
    """The probability of a "0" after "Score: 1" is needed and not known."""


def expected_score(tokens: Sequence[Token], zero_after_one: float | None = None) -> float | None:
    """Return the mean score; None when the reply carries no usable probabilities.

    Args:
        tokens: The reply to ``Score: (10|[0-9])``, with alternatives.
        zero_after_one: Probability that "0" follows "Score: 1", when it was asked for.

    Raises:
        OpenSplitError: ``zero_after_one`` is needed; see ``zero_probability``.
    """
    place = next((i for i, token in enumerate(tokens) if re.search(r"\d", token.text)), None)
    if place is None:
        return None
    mass: dict[int, float] = {}
    for text, probability in tokens[place].alternatives.items():
        if match := _FIRST_DIGITS.fullmatch(text):
            value = int(match[1])
            mass[value] = mass.get(value, 0.0) + probability
    total = sum(mass.values())
    # Written so that a NaN counts as too little.
    if not total >= _ENOUGH_MASS or any(value > 10 for value in mass):
        return None
    mean = sum(value * probability for value, probability in mass.items()) / total
    one = mass.get(1, 0.0) / total
    if one <= NEGLIGIBLE:
        return mean
    if zero_after_one is None:
        zero_after_one = _written_zero(tokens[place:])
    return mean + 9 * one * zero_after_one


def zero_probability(tokens: Sequence[Token]) -> float | None:
    """Return the probability of "0" in a reply that continues "Score: 1" with ``0?``."""
    return _share_of_zero(tokens[0]) if tokens else None


def _written_zero(tokens: Sequence[Token]) -> float:
    if tokens[0].text.endswith("1") and len(tokens) > 1:
        return _share_of_zero(tokens[1])
    raise OpenSplitError


def _share_of_zero(token: Token) -> float:
    total = sum(token.alternatives.values())
    return token.alternatives.get("0", 0.0) / total if total > 0 else 0.0
