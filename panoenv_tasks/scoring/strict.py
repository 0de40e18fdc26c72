"""Protocol ``strict@1``: the paper's strategies with the holes closed.

An answer must commit to one thing: several options, both of Yes and No, a range or two counts earn 0.
Options and objects are read from the question. Kept to score old runs under their own name; its successor
is ``statements``.
"""

from __future__ import annotations

import re
import unicodedata

from panoenv_tasks.answers import Failure
from panoenv_tasks.answers import paper as read_paper
from panoenv_tasks.answers.choices import read_choice, read_yes_no
from panoenv_tasks.answers.quantities import read_count, read_distance
from panoenv_tasks.answers.relations import read_relation
from panoenv_tasks.answers.tags import all_answers
from panoenv_tasks.items import Method
from panoenv_tasks.scoring.vocabulary import Grade, Status, distance_reward, relation_reward
from panoenv_tasks.taxonomy import Wording, recognise

#: An answer longer than this is not an answer to any of these questions.
MAX_ANSWER_CHARS = 2000


def grade(method: Method, gold: str, completion: str, question: str | None) -> Grade:
    """Grade a completion by the rule of ``method``.

    Several Answer tags with different contents are a hedge.
    """
    answers = [a for a in all_answers(completion) if a]
    if not answers:
        tagged = bool(all_answers(completion))
        return Grade(
            "" if tagged else None,
            0.0,
            "empty" if tagged or not completion.strip() else "no_answer_tag",
        )
    wording = recognise(question) if question else None
    answer = answers[0]
    if max(map(len, answers)) > MAX_ANSWER_CHARS:
        return Grade(answer, 0.0, "unparsed")
    if len({re.sub(r"\W+", " ", a).strip().casefold() for a in answers}) > 1:
        return Grade(answer, 0.0, "ambiguous")
    value, status = _grade_answer(method, _tidy(gold), _tidy(answer), wording)
    return Grade(answer, value, status)


def _tidy(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _grade_answer(method: Method, gold: str, answer: str, wording: Wording | None) -> tuple[float, Status]:
    if method == "yes_no":
        return _match(read_yes_no(gold), read_yes_no(answer))
    if method == "mcq":
        return _mcq(gold, answer, wording)
    if method == "distance":
        return _distance(gold, answer)
    if method == "counting":
        return _match(read_count(gold), read_count(answer))
    if method == "spatial" or (wording and wording.subcategory == "relpos_cardinal"):
        return _spatial(gold, answer, wording)
    return float(read_paper.plain_text(gold) == read_paper.plain_text(answer)), "answered"


def _match(gold: object, answer: float | bool | Failure) -> tuple[float, Status]:
    if isinstance(answer, str):
        return 0.0, answer
    return float(gold == answer), "answered"


def _mcq(gold: str, answer: str, wording: Wording | None) -> tuple[float, Status]:
    options = wording.options if wording and wording.options else (gold,)
    return _match(read_choice(gold, options), read_choice(answer, options))


def _distance(gold: str, answer: str) -> tuple[float, Status]:
    wanted, found = read_distance(gold), read_distance(answer)
    if isinstance(found, str):
        return 0.0, found
    if isinstance(wanted, str) or wanted < 0:
        return 0.0, "answered"
    if wanted == 0:
        return float(found == 0), "answered"
    return distance_reward(found, wanted), "answered"


def _spatial(gold: str, answer: str, wording: Wording | None) -> tuple[float, Status]:
    names = [box.name for box in wording.objects] if wording else []
    wanted, found = read_relation(gold, names), read_relation(answer, names)
    if found.similar and found.signs:
        return 0.0, "ambiguous"
    if not found.similar and not found.signs:
        return 0.0, "unparsed"
    status: Status = "ambiguous" if 0 in found.signs.values() else "answered"
    return relation_reward(wanted, found), status
