"""What a completion commits to under ``strict@2``: where its answer stands, and what that says.

It depends on the question and the text only. The same reading serves scoring, audits and the residue
that is given to a reader model.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from panoenv_tasks.answers import Failure, is_failure
from panoenv_tasks.answers.paper import plain_text
from panoenv_tasks.answers.relations import Relation
from panoenv_tasks.answers.statements.choice import lettered_options, read_option
from panoenv_tasks.answers.statements.count import read_whole_number
from panoenv_tasks.answers.statements.distance import read_length
from panoenv_tasks.answers.statements.relation import read_position
from panoenv_tasks.answers.statements.truth import read_truth
from panoenv_tasks.answers.statements.wrappers import unwrap
from panoenv_tasks.answers.tags import tagged_answers, untagged_answer
from panoenv_tasks.items import Method
from panoenv_tasks.taxonomy import Wording, recognise

Kind = Literal["truth", "choice", "distance", "count", "relation", "text"]
#: A truth value, an option's index, metres, a count, signs per axis, or plain text; the kind says which.
Value = bool | int | float | Relation | str
ReadingStatus = Literal["answered", "untagged", "no_answer_tag", "empty", "ambiguous", "unparsed"]

#: An answer longer than this is not an answer to any of these questions.
MAX_ANSWER_CHARS = 2000
#: More different answers than this in tags are not read one by one to see that they differ.
MOST_ANSWERS = 20


@dataclass(frozen=True)
class Reading:
    """How a completion was read.

    ``text`` is the part that was read, None when there was none. ``value`` is None unless the status is
    ``answered`` or ``untagged``.
    """

    status: ReadingStatus
    text: str | None
    kind: Kind
    value: Value | None


def kind_of(method: Method, question: str | None) -> Kind:
    """Return the kind of answer a question asks for.

    A multiple-choice question whose options are not known is answered by ``text``.
    """
    wording = recognise(question) if question else None
    if method == "mcq":
        return "choice" if options_of(question) else "text"
    if method == "spatial" or (wording and wording.subcategory == "relpos_cardinal"):
        return "relation"
    kinds: dict[Method, Kind] = {"yes_no": "truth", "distance": "distance", "counting": "count"}
    return kinds.get(method, "text")


def options_of(question: str | None) -> tuple[str, ...]:
    """Return the options of a multiple-choice question as gold answers spell them; empty when unknown."""
    wording = recognise(question) if question else None
    return wording.options if wording else lettered_options(question or "")


def read(method: Method, question: str | None, completion: str) -> Reading:
    """Read a model's raw text, tags and all. Never raises, and never sees the right answer."""
    kind = kind_of(method, question)
    tagged = tagged_answers(completion)
    answers = [answer for answer in tagged if answer]
    if not answers:
        if tagged or not completion.strip():
            return Reading("empty", "" if tagged else None, kind, None)
        return _untagged(kind, question, completion)
    distinct = list(dict.fromkeys(answers))
    if len(distinct) > MOST_ANSWERS:
        return Reading("ambiguous", answers[0], kind, None)
    values = [read_statement(kind, question, answer) for answer in distinct]
    if any(value != values[0] for value in values[1:]):
        return Reading("ambiguous", answers[0], kind, None)
    return _reading("answered", answers[0], kind, values[0])


def read_statement(kind: Kind, question: str | None, answer: str) -> Value | Failure:
    """Read the text of one answer, without its tags."""
    if len(answer) > MAX_ANSWER_CHARS:
        return "unparsed"
    wording = recognise(question) if question else None
    if kind == "truth":
        return read_truth(answer)
    text = unwrap(answer)
    if kind == "choice":
        return read_option(text, options_of(question), wording)
    if kind == "distance":
        return read_length(text)
    if kind == "count":
        return read_whole_number(_without_thing(text, wording))
    if kind == "relation":
        return read_position(text, _names(wording))
    return plain_text(re.sub(r"[\W_]+", " ", text)) or "unparsed"


def _without_thing(text: str, wording: Wording | None) -> str:
    """Put "of them" for the name, one or many, of what the question counts."""
    if wording is None or not wording.thing:
        return text
    name = re.escape(wording.thing)
    many = rf"{name[:-1]}ves|{name}(?:e?s)?" if name.endswith("f") else rf"{name}(?:e?s)?"
    return re.sub(rf"\b(?:{many})\b", "of them", text, flags=re.IGNORECASE)


def _untagged(kind: Kind, question: str | None, completion: str) -> Reading:
    answer = untagged_answer(completion)
    if not answer:
        return Reading("no_answer_tag", None, kind, None)
    return _reading("untagged", answer, kind, read_statement(kind, question, answer))


def _reading(status: ReadingStatus, text: str, kind: Kind, value: Value | Failure) -> Reading:
    if is_failure(value):
        return Reading(value, text, kind, None)
    return Reading(status, text, kind, value)


def _names(wording: Wording | None) -> Sequence[str]:
    return [box.name for box in wording.objects] if wording else ()
