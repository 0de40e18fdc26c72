"""``rules@3``: the written rubric computed exactly. No model, no server, a metric name of its own.

It shows what a judge that follows the rubric to the letter would say. Where the rubric leaves room,
the choice is: a distance that is 10 to 20 percent off earns 9 to 5, falling evenly and rounded; an
answer that cannot be read earns 0, as the rubric has it for numbers. Yes and No are read as ``strict@2``
reads them, so that "no idea" is no No.
"""

from __future__ import annotations

import re

from judges.defence import tagged_or_all
from judges.records import Verdict
from panoenv_tasks.answers.paper import plain_text
from panoenv_tasks.answers.quantities import read_count, read_distance
from panoenv_tasks.answers.relations import read_relation
from panoenv_tasks.answers.statements.truth import read_truth
from panoenv_tasks.records import Sample
from panoenv_tasks.taxonomy import recognise

JUDGE_ID = "rules@3"
FULL = 10


def rubric_verdict(sample: Sample) -> Verdict:
    """Grade one sample by the rubric's rule for its method."""
    if sample.error:
        return Verdict("model_error", None, "", JUDGE_ID, reason=sample.error)
    answer = tagged_or_all(sample.text)
    if answer is None:
        return Verdict("no_answer", None, "", JUDGE_ID, reason="the model gave no answer")
    return Verdict("scored", float(_points(sample, answer)), "", JUDGE_ID)


def _points(sample: Sample, answer: str) -> int:
    gold = sample.answer
    if sample.method == "yes_no":
        said = _yes_no(answer)
        return FULL * (said is not None and said == _yes_no(gold))
    if sample.method == "distance":
        return _distance_points(read_distance(gold), read_distance(answer))
    if sample.method == "counting":
        count = read_count(answer)
        return FULL * (isinstance(count, float) and count == read_count(gold))
    if sample.method == "spatial" or sample.subcategory == "relpos_cardinal":
        return _position_points(sample, answer)
    return FULL * (_letters(answer) == _letters(gold))


def _yes_no(text: str) -> bool | None:
    digit = text.strip().rstrip(".")
    if digit in ("0", "1"):
        return digit == "1"
    said = read_truth(text)
    return said if isinstance(said, bool) else None


def _distance_points(gold: object, said: object) -> int:
    if not isinstance(gold, float) or not isinstance(said, float):
        return 0
    if gold <= 0:
        return FULL * (said == gold)
    error = abs(said - gold) / gold
    if error <= 0.10:
        return FULL
    return round(9 - 4 * (error - 0.10) / 0.10) if error <= 0.20 else 0


def _position_points(sample: Sample, answer: str) -> int:
    wording = recognise(sample.question)
    names = [box.name for box in wording.objects] if wording else []
    gold, said = read_relation(sample.answer, names), read_relation(answer, names)
    if not gold.signs:
        return FULL * (gold.similar and said.similar and not said.signs)
    # 0 stands for both directions of an axis, one of which is the opposite.
    if any(said.signs.get(axis, sign) != sign for axis, sign in gold.signs.items()):
        return 0
    given = sum(axis in said.signs for axis in gold.signs)
    return round(FULL * given / len(gold.signs))


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", plain_text(text))
