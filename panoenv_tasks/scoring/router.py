"""One answer in, one ``Score`` out, under any protocol."""

from __future__ import annotations

from dataclasses import dataclass

from panoenv_tasks.answers.tags import first_answer, has_valid_format
from panoenv_tasks.items import METHODS, Item, Method
from panoenv_tasks.scoring import paper, statements, strict
from panoenv_tasks.scoring.vocabulary import CORRECT_FROM, ProtocolName, Status, Version, version_of


@dataclass(frozen=True)
class Score:
    """What one answer earned under one protocol.

    ``value`` is the accuracy reward in [0, 1]; ``answer`` is the tagged text that was read, None when
    there was none; ``protocol`` is ``name@version``.
    """

    value: float
    correct: bool
    format_valid: bool
    status: Status
    answer: str | None
    protocol: Version


def score(item: Item, completion: str, protocol: ProtocolName = "paper") -> Score:
    """Score a model's raw text for an item; see ``score_answer``."""
    return score_answer(item.method, item.answer, completion, protocol, item.question)


def score_answer(
    method: Method,
    expected: str,
    completion: str,
    protocol: ProtocolName = "paper",
    question: str | None = None,
) -> Score:
    """Score a model's raw text against a gold answer.

    Args:
        method: The scoring method of the question.
        expected: The gold answer, with or without Answer tags.
        completion: The raw text, tags and all.
        protocol: ``paper`` or ``strict`` (the newest version), or a version by name (``strict@1``).
        question: The question's text. ``strict`` reads the options and objects from it; without it,
            only the gold answer's own wording is known.

    Raises:
        ValueError: Unknown method or protocol; never because of the completion.
    """
    if method not in METHODS:
        raise ValueError(f"unknown method {method!r}; expected one of {', '.join(METHODS)}")
    version = version_of(protocol)
    tagged = first_answer(expected)
    gold = expected if tagged is None else tagged
    if version == "paper@1":
        grade = paper.grade(method, gold, completion)
    elif version == "strict@1":
        grade = strict.grade(method, gold, completion, question)
    else:
        grade = statements.grade(method, gold, completion, question)
    return Score(
        value=grade.value,
        correct=grade.value >= CORRECT_FROM,
        format_valid=has_valid_format(completion),
        status=grade.status,
        answer=grade.answer,
        protocol=version,
    )
