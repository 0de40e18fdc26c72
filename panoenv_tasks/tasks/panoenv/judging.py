"""The in-run judge: with ``PANOENV_JUDGE_URL`` set, one batch per task at aggregation time.

The judge lives in a package above this one and is reached through the entry-point group
``panoenv.graders``. An outage costs the judge scores of a run, never the run. A score never travels bare:
beside each stand which judge gave it under which protocol, and the share of answers that it did not fail on.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from panoenv_tasks import upper
from panoenv_tasks.records import sample_of
from panoenv_tasks.tasks.panoenv.metrics import Items, Missing, Pooled, mean

#: Of each judge: its mean score (0-10), the share of answers that have one, and who it is.
METRICS = ("q_score", "q_coverage", "q_judge", "p_score", "p_coverage", "p_judge")
#: What makes each of the two judges take part.
ADDRESSES = {
    "q": ("PANOENV_JUDGE_URL", "PANOENV_JUDGE_Q_URL"),
    # The same model under two protocols is asked for in so many words.
    "p": ("PANOENV_JUDGE_P_URL", "PANOENV_JUDGE_P_MODEL"),
}
ENTRY_POINTS = "panoenv.graders"

#: What the judges said, by sample id, text and error of the answer; per metric a verdict.
Said = dict[tuple[str, str, str], dict[str, Any]]
_SAID: ContextVar[Said | None] = ContextVar("said", default=None)


class JudgeItem(dict[str, Any]):
    """One answer's part of one judge metric: empty until the judge was asked, as far as it goes into a file.

    ``answer`` is the record to judge, the same object for all metrics: it stands in the samples file once.
    """

    def __init__(self, answer: dict[str, Any]):
        super().__init__()
        self.answer = answer


class JudgeNames(Missing):
    """Who judged, as a metric's value; in a group, everybody who judged one of its tasks."""

    def __new__(cls, items: Items) -> JudgeNames:
        """Join the names in the items."""
        named = "; ".join(sorted({item["judge"] for item in items if item.get("judge")}))
        made = str.__new__(cls, named or "N/A")
        made.items = list(items)
        made.rule = JudgeNames
        return made


@contextmanager
def judged_once() -> Iterator[Said]:
    """Put each answer to the judges once, however many copies of it the harness makes; yields what they said.

    With several processes every metric's items, and the samples that are logged, come as copies of their own.
    """
    said: Said = {}
    token = _SAID.set(said)
    try:
        yield said
    finally:
        _SAID.reset(token)


def complete(samples: Iterable[dict[str, Any]], said: Said) -> None:
    """Write what the judges said into logged samples that are copies of the judged ones."""
    for sample in samples:
        verdicts = said.get(_key(sample["panoenv"]))
        if verdicts is not None:
            sample["panoenv"]["judged"] = verdicts
        for metric in METRICS:
            if isinstance(item := sample.get(metric), JudgeItem) and verdicts is not None:
                wanted = metric.partition("_")[2]
                item |= _contribution(sample["panoenv"], f"{metric[0]}_score", wanted)


def _key(answer: Mapping[str, Any]) -> tuple[str, str, str]:
    return answer["id"], answer["text"], answer["error"]


def judge_items(record: dict[str, Any]) -> dict[str, JudgeItem]:
    """Return the judge metrics' items of a record; none of a judge that is not set."""
    taking_part = [name for name, variables in ADDRESSES.items() if any(map(os.environ.get, variables))]
    return {name: JudgeItem(record) for name in METRICS if name[0] in taking_part}


def q_score(items: Items) -> Pooled | str:
    """Aggregate one task's items to the mean Q-Score (0-10); what the judge fails on is missing."""
    return mean(_judged(items, "q_score", "score"))


def p_score(items: Items) -> Pooled | str:
    """Aggregate one task's items to the mean P-Score, as ``q_score`` does."""
    return mean(_judged(items, "p_score", "score"))


def q_coverage(items: Items) -> Pooled | str:
    """Aggregate one task's items to the share of answers that the Q-Score is made of."""
    return mean(_judged(items, "q_score", "coverage"))


def p_coverage(items: Items) -> Pooled | str:
    """Aggregate one task's items to the share of answers that the P-Score is made of."""
    return mean(_judged(items, "p_score", "coverage"))


def q_judge(items: Items) -> JudgeNames:
    """Name the protocol and the judge of the Q-Score."""
    return JudgeNames(_judged(items, "q_score", "judge"))


def p_judge(items: Items) -> JudgeNames:
    """Name the protocol and the judge of the P-Score."""
    return JudgeNames(_judged(items, "p_score", "judge"))


def _judged(items: Items, metric: str, wanted: str) -> Items:
    """Fill one metric's items from what the judge said about their answers."""
    answers = [item.answer for item in items if isinstance(item, JudgeItem)]
    if any("judged" not in answer for answer in answers):
        _judge(answers)
    for item in items:
        if isinstance(item, JudgeItem):
            item |= _contribution(item.answer, metric, wanted)
    return items


def _contribution(answer: Mapping[str, Any], metric: str, wanted: str) -> dict[str, Any]:
    verdict = answer["judged"].get(metric)
    if wanted == "judge":
        return {"judge": verdict["judge"]} if verdict else {}
    if wanted == "coverage":
        return {
            "score": float(bool(verdict and verdict["counted"] is not None)),
            "environment": answer["environment"],
        }
    if verdict is None or verdict["counted"] is None:
        return {}
    return {"score": verdict["counted"], "environment": answer["environment"]}


def _judge(answers: Sequence[dict[str, Any]]) -> None:
    """Ask the judges once for all answers of a task; note under ``judged`` what each said about each."""
    said = _SAID.get()
    if said is None:
        said = {}
    asked = [answer for answer in answers if _key(answer) not in said]
    try:
        grade = upper.load(ENTRY_POINTS, "judge")
        verdicts = grade([sample_of(answer, "in-run") for answer in asked]) if asked else {}
    except Exception as error:
        # Hours of inference are done by now; whatever ails the judge, they are kept.
        print(f"panoenv: no judge scores ({type(error).__name__}: {error})", file=sys.stderr)
        verdicts = {}
    for position, answer in enumerate(asked):
        said[_key(answer)] = {metric: given[position] for metric, given in verdicts.items()}
    for answer in answers:
        answer["judged"] = said[_key(answer)]
