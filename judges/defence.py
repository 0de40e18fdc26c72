"""Untrusted text on its way to a judge and back: what is shown, made harmless, suspected, and read.

A model's answer reaches the judge inside a prompt, and the judge's reply may quote it. So the answer is
picked out (``tagged_or_all``), made harmless (``neutralise``), searched for attempts to steer the judge
(``suspicions``), and the reply is read by rules that a quotation cannot satisfy (``parse_strict``).

Markup is broken by its shape, not by a list of names: afterwards no ``<`` is followed by a visible
character and no ``[`` by a letter or a slash. The control tokens of the known chat templates (ChatML,
Llama, Mistral, Gemma, DeepSeek) all have one of these shapes, and so do the tags of our own prompts.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, get_args

from panoenv_tasks.answers.tags import first_answer

#: An answer that holds one of these is called no answer by the released P-Score script.
REFUSALS = (
    "cannot",
    "not sure",
    "unclear",
    "don't know",
    "unable",
    "no answer",
    "not visible",
    "insufficient",
)


def tagged_or_all(text: str) -> str | None:
    """Return the first Answer tag's content, or the whole text without one; None when it is blank.

    The released Q-Score script does the same, but puts blank answers to its judge too.
    """
    answer = first_answer(text)
    return (text.strip() if answer is None else answer) or None


def tagged_unless_refused(text: str) -> str | None:
    """Return the first Answer tag's content as the released P-Score script does.

    None: no tag, or a refusal word in it, which that script scores 0 without asking; or blank.
    """
    answer = first_answer(text)
    if answer is None or any(word in answer.lower() for word in REFUSALS):
        return None
    return answer or None


# One character to one character, so positions stay the same.
_LOOK_ALIKES = str.maketrans("＜＞〈〉‹›［］｜：∶꞉＝", "<><><>[]|:::=")
_FOREIGN_LETTERS = str.maketrans("ЅѕСсОоΟοРрЕеΕεГг", "SsCcOoOoPpEeEeRr")
_SCORE_LINE = re.compile(r"(?i)\b(s\s*c\s*o\s*r\s*e)\W{0,8}?[:=]")


def neutralise(text: str) -> str:
    """Return ``text`` on one line, unable to form markup, hide characters or state a score.

    Digits, units, boxes ("[12, 40, 80, 99]") and ordinary punctuation stay as they are.
    """
    plain = drop_hidden(unicodedata.normalize("NFC", text)).translate(_LOOK_ALIKES)
    if _SCORE_LINE.search(fold_letters(plain)):
        plain = _SCORE_LINE.sub(r"\1 -", fold_letters(plain))
    plain = re.sub(r"<(?=\S)", "< ", plain)
    plain = re.sub(r"(?<=\S)>", " >", plain)
    plain = re.sub(r"\[(?=[^\W\d]|/)", "[ ", plain)
    return " ".join(plain.split())


def drop_hidden(text: str) -> str:
    """Return ``text`` without control and format characters (zero-width, direction marks, tags)."""
    return "".join(c for c in text if c in "\n\r\t" or unicodedata.category(c) not in ("Cc", "Cf"))


def fold_letters(text: str) -> str:
    """Return ``text`` with the Cyrillic and Greek look-alikes of the letters of "score" in Latin."""
    return text.translate(_FOREIGN_LETTERS)


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


#: Raising it gives every stored verdict a new key, so nothing parsed by old rules is reused.
PARSER_VERSION = 1

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
