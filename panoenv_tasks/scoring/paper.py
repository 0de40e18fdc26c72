"""Protocol ``paper@1``: the released scorer, reproduced with its flaws."""

from __future__ import annotations

from panoenv_tasks.answers import paper as read
from panoenv_tasks.answers.tags import first_answer
from panoenv_tasks.items import Method
from panoenv_tasks.scoring.vocabulary import Grade, distance_reward

#: Strings more alike than this count as equal.
SIMILAR_FROM = 0.75


def grade(method: Method, gold: str, completion: str) -> Grade:
    """Grade a completion by the rule of ``method``; an answer without tags earns 0."""
    answer = first_answer(completion)
    if answer is None:
        return Grade(None, 0.0, "no_answer_tag" if completion.strip() else "empty")
    return Grade(answer, _RULES[method](gold, answer), "answered" if answer else "empty")


def _yes_no(gold: str, answer: str) -> float:
    return float(answer.lower().strip() == gold.lower().strip())


def _mcq(gold: str, answer: str) -> float:
    return float(read.choice_subject(answer) == read.choice_subject(gold))


def _distance(gold: str, answer: str) -> float:
    wanted, found = read.number(gold), read.number(answer)
    if wanted is not None and found is not None and wanted > 0:
        return distance_reward(found, wanted)
    return float(_similar(answer.lower().strip(), gold.lower().strip()))


def _counting(gold: str, answer: str) -> float:
    wanted, found = read.number(gold), read.number(answer)
    return float(wanted is not None and found is not None and abs(wanted - found) < 0.01)


def _spatial(gold: str, answer: str) -> float:
    wanted, found = read.directions(gold), read.directions(answer)
    agreed = sum(found.get(axis) == sign for axis, sign in wanted.items())
    return agreed / len(wanted) if wanted else 0.0


def _default(gold: str, answer: str) -> float:
    left, right = read.plain_text(answer), read.plain_text(gold)
    return float(left == right or _similar(left, right))


def _similar(left: str, right: str) -> bool:
    from rapidfuzz import fuzz

    return fuzz.ratio(left, right) / 100 > SIMILAR_FROM


_RULES = {
    "yes_no": _yes_no,
    "mcq": _mcq,
    "distance": _distance,
    "counting": _counting,
    "spatial": _spatial,
    "default": _default,
}
