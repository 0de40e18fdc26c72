"""From a judge's reply to a score. None means that no score could be read; it is never a zero.

Raising ``VERSION`` gives every stored verdict a new key, so nothing parsed by old rules is reused.
"""

from __future__ import annotations

import re

VERSION = 1

_MARK = re.compile(r"score:\s*(\d+)", re.IGNORECASE)
# Starting where a run of digits starts finds the same match, in linear time.
_OF_TEN = re.compile(r"(?<!\d)(\d++)\s*+/\s*10")
_WHOLE_NUMBER = re.compile(r"\b(\d+)\b")
_STRICT = re.compile(r"Score: (10|[0-9])", re.ASCII)
_RESULT = re.compile(r"\[RESULT\]\s*\(?([1-5])\)?\.?\s*\Z", re.ASCII)


def parse_reference(reply: str) -> int | None:
    """Read a score as the released judge scripts do, flaws included.

    In order: the first ``Score: n``, the first ``n/10`` (both clamped to 10), the last line that is a
    number from 0 to 10, the last number from 0 to 10 anywhere. What they then call 0 is None here.
    """
    for pattern in (_MARK, _OF_TEN):
        if match := pattern.search(reply):
            value = _number(match[1])
            return None if value is None else min(10, value)
    lines = (line.strip() for line in reversed(reply.strip().split("\n")))
    candidates = [*filter(str.isdigit, lines), *reversed(_WHOLE_NUMBER.findall(reply))]
    values = (_number(text) for text in candidates)
    return next((value for value in values if value is not None and value <= 10), None)


def parse_strict(reply: str) -> int | None:
    """Read a reply that is ``Score: n`` with n from 0 to 10, and nothing else."""
    match = _STRICT.fullmatch(reply.strip())
    return int(match[1]) if match else None


def parse_result(reply: str) -> int | None:
    """Read the ``[RESULT] n`` with n from 1 to 5 that ends a Prometheus reply."""
    match = _RESULT.search(reply)
    return int(match[1]) if match else None


def contradicts_itself(reply: str) -> bool:
    """Whether a reply holds several ``Score: n`` that differ: it quotes one, or it kept on writing."""
    return len(set(_MARK.findall(reply))) > 1


def _number(digits: str) -> int | None:
    r"""Return the value; None for what ``\d`` and ``isdigit`` accept but ``int`` does not ("²")."""
    try:
        return int(digits)
    except ValueError:
        return None
