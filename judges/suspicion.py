"""Answers that look as if they want to steer the judge: named, and the steering text taken out."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, get_args

from judges.sanitize import drop_hidden, fold_letters

Suspicion = Literal["score", "control", "instruction", "mimicry", "hidden", "hedge"]
SUSPICIONS: tuple[Suspicion, ...] = get_args(Suspicion)

_CLAIM = re.compile(
    r"(?i)\bs\s*c\s*o\s*r\s*e\b(?:\s+(?:is|of|should be))?\W{0,12}(?:\d|ten\b|full\b|max)"
    r"|\b\d{1,2}\s*/\s*10\b|\b(?:ten|10) (?:out )?of (?:ten|10)\b"
    r"|\b(?:grade|rating|mark|verdict)\b\W{0,6}(?:is|of|:|=)\W{0,4}(?:\d|ten\b)"
    r"|\[\s*result\s*\]"
)
_CONTROL = re.compile(
    r"(?i)(?:<\s*\|[^<>\n]{0,40}\|\s*>"
    r"|</?s>|</?(?:think|tool_call|start_of_turn|end_of_turn|bos|eos|system|user|assistant|model)>"
    r"|<<\s*/?\s*SYS\s*>>|\[\s*/?\s*[A-Z_]{4,24}\s*\])(?:\s*(?:system|user|assistant|model)\b)?"
)
_INSTRUCTION = re.compile(
    r"(?i)\b(?:ignore|disregard|forget|override)\b.{0,40}"
    r"\b(?:instructions?|rules?|rubric|prompt|above|previous|reference|everything)\b"
    r"|\b(?:grader|evaluator|judge|grading|evaluation|rubric|system (?:prompt|message))\b"
    r"|\b(?:give|award|assign|deserves?|output|(?:reply|respond) with)\b.{0,30}"
    r"\b(?:full|maximum|highest|perfect|top|10|ten)\b"
    r"|\breference(?: answer)? (?:is|was|seems) (?:wrong|incorrect|outdated|mistaken)\b"
)
_MIMICRY = re.compile(
    r"(?im)^\s*(?:q|question|type|reference(?: answer)?|system|user|assistant|human)\s*:.*"
    r"|(?<=\n)\s*answer\s*:.*"
    r"|</?\s*(?:answer|reference|question|reasoning|type)\s*>"
    r"|^\s*#{2,}.*|-{3,}\s*end\b.*|\bend of (?:the )?(?:answer|prompt)\b.*"
)
_STEERING = (_CLAIM, _CONTROL, _INSTRUCTION, _MIMICRY)
_HEDGE = re.compile(r"(?i)\beither\b|\band/or\b|\b(?:all|any) of\b|\bor\b(?! (?:so|less|more|take)\b)")
_YES, _NO = re.compile(r"(?i)\byes\b"), re.compile(r"(?i)\bno\b")
_PART = re.compile(r"[^\n]*?(?:[.!?;,](?=\s)|\n|\Z)")


def suspicions(answer: str) -> tuple[Suspicion, ...]:
    """Return what in an answer looks like an attempt to steer the judge, in a fixed order.

    ``hedge`` (several options at once) is the one that is no injection.
    """
    text = _folded(answer)
    found: dict[Suspicion, bool] = {
        "score": bool(_CLAIM.search(text)),
        "control": bool(_CONTROL.search(text)),
        "instruction": bool(_INSTRUCTION.search(text)),
        "mimicry": bool(_MIMICRY.search(text)),
        "hidden": drop_hidden(answer) != answer,
        "hedge": bool(_HEDGE.search(text) or (_YES.search(text) and _NO.search(text))),
    }
    return tuple(name for name in SUSPICIONS if found[name])


def without_steering(answer: str) -> str:
    """Return an answer without control tokens, mimicry, and clauses that speak to the judge.

    A hedge stays. The result may be empty.
    """
    text = _MIMICRY.sub("\n", _CONTROL.sub("\n", _folded(answer)))
    kept = [part for part in _PART.findall(text) if not any(p.search(part) for p in _STEERING)]
    return " ".join("".join(kept).split()).strip(" ,;")


def _folded(text: str) -> str:
    r"""Return the text as a reader sees it, white space in single characters.

    The latter also keeps the patterns linear: a ``\s*`` in them has at most one character to eat.
    """
    visible = fold_letters(drop_hidden(unicodedata.normalize("NFKC", text)))
    return re.sub(r"\s+", lambda run: "\n" if "\n" in run[0] else " ", visible)
