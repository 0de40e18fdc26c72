"""``reader@1``: what an answer commits to, where the exact rules cannot read it.

A model is given the question and the answer, never the gold, and its reply is constrained to what the
question can be answered with, or ``nothing``. The reading is then scored by the same rules as any answer
(``panoenv_tasks.scoring``), and only answers that the rules leave ``unparsed`` are put to it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from judges.built_in import load_protocol
from judges.client import Client
from judges.defence import NOTHING, what_is_said
from judges.judge_one import JudgeQuestion
from judges.protocol import Dialect, ModelProtocol
from judges.records import JudgedSample, Verdict, cluster_of
from judges.run import Progress, ask_all
from judges.store import Store
from judges.totals import tokens_paid_for
from panoenv_tasks.markdown import one_line, table
from panoenv_tasks.records import Sample
from panoenv_tasks.rescore import score_sample
from panoenv_tasks.scoring import CORRECT_FROM, VERSIONS, Score
from panoenv_tasks.stats import clustered_mean, figure, interval
from panoenv_tasks.taxonomy import Wording, recognise

READER = "reader@1"
_AXES = (("in front of", "behind"), ("to the left of", "to the right of"), ("above", "below"))
_SIMILAR = "at a similar position to"
_UNITS = "meters|centimeters|kilometers|feet|inches"


@dataclass(frozen=True)
class Replies:
    """What a reader may reply about one question: some texts or a form, and the same in words for the prompt.

    ``nothing`` may always be replied.
    """

    described: str
    texts: tuple[str, ...] = ()
    form: str = ""

    @property
    def pattern(self) -> str:
        """What a whole reply must match."""
        # Spaces stay as they are: not every server's regular expressions know an escaped one.
        escaped = [re.sub(r"([.^$*+?{}\[\]\\|()])", r"\\\1", text) for text in self.texts]
        return "|".join([*escaped, *([self.form] if self.form else []), NOTHING])

    @property
    def schema(self) -> str:
        """The JSON schema of ``{"reply": text}``."""
        reply = {"enum": [*self.texts, NOTHING]} if self.texts else {"pattern": f"^({self.pattern})$"}
        properties = {"reply": {"type": "string", **reply}}
        closed = {"required": ["reply"], "additionalProperties": False}
        return json.dumps({"type": "object", "properties": properties, **closed})


def reading_protocol_id(dialect: Dialect = "vllm") -> str:
    """Return the name of what is published: the reader and the rules that its readings are scored by."""
    return f"{READER}+{VERSIONS['strict']}" + ("" if dialect == "vllm" else f"+{dialect}")


def possible_replies(sample: Sample) -> Replies | None:
    """Return what the question of a sample can be answered with; None when its options are not known."""
    wording = recognise(sample.question)
    if sample.method == "yes_no":
        return _one_of(("Yes", "No"))
    if sample.method == "distance":
        described = f'a distance with its unit, such as "3.5 meters" ({_UNITS.replace("|", ", ")})'
        return Replies(described, form=rf"[0-9]{{1,6}}(\.[0-9]{{1,2}})? ({_UNITS})")
    if sample.method == "counting":
        return Replies('a whole number, such as "2"', form="[0-9]{1,2}")
    if sample.method == "spatial" or (wording and wording.subcategory == "relpos_cardinal"):
        choices = [" and ".join(filter(None, signs)) for signs in product(*((*axis, "") for axis in _AXES))]
        axes = "; ".join(" or ".join(axis) for axis in _AXES)
        named = _objects(wording)
        subject = f", said of the {named[0]} as seen from the {named[1]}" if named else ""
        return Replies(
            f'one or more of these directions, joined by " and "{subject}: {axes}; or {_SIMILAR}',
            (*filter(None, choices), _SIMILAR),
        )
    return _one_of(wording.options) if wording and wording.options else None


def read_samples_with(
    samples: Sequence[Sample],
    client: Client,
    store: Store | None = None,
    progress: Progress | None = None,
    dialect: Dialect = "vllm",
) -> list[Verdict]:
    """Return one verdict per sample, its score in [0, 1], flagged ``by_rules`` or ``read``.

    Raises:
        JudgeError, DataError, KeyboardInterrupt: See ``run.score_records``.
    """
    scores = [_by_rules(sample) for sample in samples]
    unparsed = [score is not None and score.status == "unparsed" for score in scores]
    residue = [sample for sample, is_unparsed in zip(samples, unparsed, strict=True) if is_unparsed]
    readings, unasked = ask_reader(residue, client, store, progress, dialect)
    remaining = iter(readings)
    collected = []
    for sample, score, is_unparsed in zip(samples, scores, unparsed, strict=True):
        reading = next(remaining) if is_unparsed else None
        if score is None:
            verdict = replace(unasked, status="model_error", reason=sample.error)
        elif reading is None:
            verdict = replace(unasked, status="scored", score=score.value, reason="", flags=("by_rules",))
        else:
            verdict = reading
        collected.append(verdict)
    return collected


def ask_reader(
    samples: Sequence[Sample],
    client: Client,
    store: Store | None = None,
    progress: Progress | None = None,
    dialect: Dialect = "vllm",
) -> tuple[list[Verdict | None], Verdict]:
    """Put all samples to the reader, whatever the rules say of them.

    Returns:
        One verdict per sample, None where the question's possible replies are not known, and the verdict
        that stands for a question that could not be asked.

    Raises:
        JudgeError, DataError, KeyboardInterrupt: See ``run.score_records``.
    """
    protocol = load_protocol(READER, dialect=dialect)
    assert isinstance(protocol, ModelProtocol)
    questions = [_question(sample, protocol) for sample in samples]
    verdicts, unasked = ask_all([q for q in questions if q], protocol, client, store, progress)
    paid: set[JudgeQuestion] = set()
    readings: list[Verdict | None] = []
    for sample, question in zip(samples, questions, strict=True):
        if question is None:
            readings.append(None)
            continue
        verdict = _scored(sample, verdicts.get(question, unasked))
        readings.append(replace(verdict, reused=verdict.reused or question in paid))
        paid.add(question)
    return readings, unasked


def score_again(sample: Sample, verdict: Verdict) -> float | None:
    """Return what a saved verdict's reading is worth by the rules; None when nothing was read.

    Raises:
        DataError: The sample's scoring method is not known.
    """
    if verdict.score is None:
        return None
    if "read" in verdict.flags:
        return _scored(sample, replace(verdict, flags=())).score
    by_rules = _by_rules(sample)
    return None if by_rules is None else by_rules.value


def settled_by_reader(verdict: Verdict) -> bool:
    """Whether it was the reader that found an answer committed to something."""
    return verdict.score is not None and "read" in verdict.flags and NOTHING not in verdict.flags


def _by_rules(sample: Sample) -> Score | None:
    return None if sample.error else score_sample(sample, "strict")


def _question(sample: Sample, protocol: ModelProtocol) -> JudgeQuestion | None:
    replies = possible_replies(sample)
    answer = protocol.extract(sample.text)
    if replies is None or answer is None:
        return None
    fields = {"question": sample.question, "answer": answer}
    cleaned = {name: protocol.clean(text) for name, text in fields.items()}
    prompt = protocol.lay_out(*protocol.template.fill({**cleaned, "replies": replies.described}))
    return JudgeQuestion(prompt, replies.pattern, replies.schema if protocol.dialect == "json" else None)


def _scored(sample: Sample, verdict: Verdict) -> Verdict:
    """Put the rules' value of a reading in the place of what the store holds: whether there is one."""
    if verdict.score is None:
        return replace(verdict, flags=(*verdict.flags, "read"))
    reading = what_is_said(verdict.raw)
    if reading == NOTHING:
        return replace(verdict, score=0.0, flags=(*verdict.flags, "read", NOTHING))
    value = score_sample(sample, "strict", f"<Answer>{_in_full(sample, reading)}</Answer>").value
    return replace(verdict, score=value, flags=(*verdict.flags, "read"))


def _in_full(sample: Sample, reading: str) -> str:
    """Directions as a sentence about the question's two objects; other readings as they are."""
    named = _objects(recognise(sample.question))
    relation = reading == _SIMILAR or any(reading.startswith(side) for axis in _AXES for side in axis)
    return f"The {named[0]} is {reading} the {named[1]}." if named and relation else reading


def _objects(wording: Wording | None) -> tuple[str, str] | None:
    if wording is None or len(wording.objects) != 2:
        return None
    return wording.objects[0].name, wording.objects[1].name


def _one_of(options: Sequence[str]) -> Replies:
    texts = tuple(dict.fromkeys(options))
    return Replies("; ".join(texts), texts)


def reading_totals(judged: Sequence[JudgedSample]) -> dict[str, Any]:
    """Return both accuracies, with and without the reader, ready for JSON.

    ``{"protocol", "metric", "judge_id", "total": cell, "question_type": {name: cell}, "usage",
    "failures"}``; a cell holds ``n``, ``by_rules``, ``asked``, ``committed``, ``nothing``, ``missing`` (the
    reader failed), ``coverage``, ``acc_rules`` (unparsed answers are wrong), and ``acc_read`` with its
    95 % interval ``lo``, ``hi`` over environments, the missing left out.
    """
    answered = [entry for entry in judged if entry.verdict.status != "model_error"]
    kinds = sorted({entry.sample.question_type for entry in answered})
    return {
        "protocol": judged[0].protocol if judged else reading_protocol_id(),
        "metric": "acc_read",
        "judge_id": judged[0].verdict.judge_id if judged else "",
        "total": _cell(answered),
        "question_type": {k: _cell([e for e in answered if e.sample.question_type == k]) for k in kinds},
        "usage": tokens_paid_for([entry.verdict for entry in judged]),
        "failures": [
            {"id": e.sample.id, "status": e.verdict.status, "reason": e.verdict.reason}
            for e in judged
            if e.verdict.score is None
        ],
    }


def _cell(judged: Sequence[JudgedSample]) -> dict[str, Any]:
    flags = Counter(flag for entry in judged for flag in set(entry.verdict.flags))
    settled = [e for e in judged if e.verdict.score is not None]
    correct = [float((e.verdict.score or 0) >= CORRECT_FROM) for e in settled]
    by_rules = sum(right for e, right in zip(settled, correct, strict=True) if "by_rules" in e.verdict.flags)
    estimate = clustered_mean(correct, [cluster_of(e.sample) for e in settled], "wilson")
    read = [e for e in settled if "read" in e.verdict.flags]
    return {
        "n": len(judged),
        "by_rules": flags["by_rules"],
        "asked": flags["read"],
        "committed": len(read) - flags[NOTHING],
        "nothing": flags[NOTHING],
        "missing": len(judged) - len(settled),
        "coverage": len(settled) / len(judged) if judged else 0.0,
        "acc_rules": by_rules / len(judged) if judged else None,
        "acc_read": estimate.mean if estimate else None,
        "lo": estimate.lo if estimate else None,
        "hi": estimate.hi if estimate else None,
    }


def reading_markdown(totals: dict[str, Any]) -> str:
    """Return the totals as a Markdown table, then what failed."""
    header = ("", "n", "asked", "committed", "nothing", "missing", "acc by rules", "acc with reader", "95 %")
    cells = {"total": totals["total"], **totals["question_type"]}
    rows = [
        (
            name or "(unknown)",
            *(cell[field] for field in ("n", "asked", "committed", "nothing", "missing")),
            *(figure(cell[field]) or "-" for field in ("acc_rules", "acc_read")),
            interval(cell["lo"], cell["hi"]) or "-",
        )
        for name, cell in cells.items()
    ]
    lines = [f"{totals['protocol']} by {totals['judge_id']}", "", table(header, rows)]
    lines += [
        one_line(f"not read {entry['id']}: {entry['status']}, {entry['reason']}")
        for entry in totals["failures"]
    ]
    return "\n".join(lines)
