"""Protocol ``strict@2``: what an answer commits to, held to the gold answer.

The reading (``panoenv_tasks.answers.reading``) knows nothing of the gold; this module only compares.
"""

from __future__ import annotations

from functools import lru_cache

from panoenv_tasks.answers import Failure
from panoenv_tasks.answers.reading import Kind, Value, kind_of, read, read_statement
from panoenv_tasks.answers.relations import Relation
from panoenv_tasks.items import Method
from panoenv_tasks.scoring.vocabulary import Grade, distance_reward, relation_reward


def grade(method: Method, gold: str, completion: str, question: str | None) -> Grade:
    """Read a completion and grade what it commits to."""
    reading = read(method, question, completion)
    if reading.value is None:
        return Grade(reading.text, 0.0, reading.status)
    return Grade(reading.text, worth(method, gold, reading.value, question), reading.status)


def worth(method: Method, gold: str, value: Value, question: str | None) -> float:
    """Return what a committed value earns, in [0, 1], however it was read.

    Args:
        method: Scoring method of the question.
        gold: The gold answer's text, without tags.
        value: As ``Reading.value``: truth, option index, metres, count, signs per axis, or plain text.
        question: The question's text, from which options and objects are known.
    """
    kind = kind_of(method, question)
    wanted = _gold_value(kind, question, gold)
    if isinstance(wanted, Relation):
        return relation_reward(wanted, value) if isinstance(value, Relation) else 0.0
    if kind == "distance":
        return _distance(wanted, value)
    return float(wanted == value and isinstance(wanted, str) == isinstance(value, str))


@lru_cache(maxsize=32768)
def _gold_value(kind: Kind, question: str | None, gold: str) -> Value | Failure:
    return read_statement(kind, question, gold)


def _distance(wanted: Value, value: Value) -> float:
    if isinstance(wanted, str) or not isinstance(wanted, int | float) or not isinstance(value, int | float):
        return 0.0
    if wanted <= 0:
        return float(value == wanted == 0)
    return distance_reward(value, wanted)
