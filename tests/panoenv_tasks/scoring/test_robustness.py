"""Requirement 10: never an exception, never NaN, never slow, whatever the text."""

from __future__ import annotations

import math
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panoenv_tasks import score_answer
from panoenv_tasks.items import METHODS
from panoenv_tasks.scoring import PROTOCOL_NAMES, STATUSES

GOLDS = [
    "Yes",
    "The crate",
    "About 5.0 meters",
    "2 different views",
    "The crate is behind the lamp.",
]
QUESTIONS = [
    None,
    "What is this?",
    "Which environment is a better fit for the image: CoalMine or Rome?",
    "Describe the 3D position of the crate (boundingbox: [1, 2, 3, 4]) with respect to lamp B "
    "(boundingbox: [5, 6, 7, 8]).",
]
PIECES = st.sampled_from(
    "<Answer> </Answer> <Reasoning> </Reasoning> yes no the crate lamp A B than not or behind left right "
    "front 5 -3 1,000 .5 m mm in ft to \x00 \u200b ± ² ٣ İ ſ CoalMine Rome".split(" ")
)
TEXTS = st.one_of(
    st.text(),
    st.lists(PIECES, max_size=40).map(" ".join),
    st.lists(PIECES, max_size=40).map("".join),
)


@given(
    text=TEXTS,
    tagged=st.booleans(),
    method=st.sampled_from(METHODS),
    gold=st.sampled_from(GOLDS) | TEXTS,
    question=st.sampled_from(QUESTIONS),
    protocol=st.sampled_from(PROTOCOL_NAMES[2:]),
)
@settings(deadline=None)
def test_any_text_gets_a_finite_score(text, tagged, method, gold, question, protocol):
    completion = f"<Answer>{text}</Answer>" if tagged else text
    got = score_answer(method, gold, completion, protocol, question)
    assert 0.0 <= got.value <= 1.0
    assert not math.isnan(got.value)
    assert got.correct == (got.value >= 0.99)
    assert got.status in STATUSES
    if got.status in ("no_answer_tag", "unparsed", "empty"):
        assert got.value == 0.0 or (protocol == "paper@1" and got.status == "empty")


@pytest.mark.parametrize("protocol", PROTOCOL_NAMES[2:])
@pytest.mark.parametrize(
    "unit",
    ["9", "<Answer>", "</Reasoning>", "1 ", "1.", "a ", "the ", " ", "<Reasoning>", "5 m ", "-"],
)
def test_long_text_is_read_in_linear_time(unit, protocol):
    body = unit * (200_000 // len(unit))
    started = time.process_time()
    for completion in (body, f"<Answer>{body}</Answer>"):
        for method in METHODS:
            score_answer(method, "About 5.0 meters", completion, protocol, QUESTIONS[3])
    # Quadratic behaviour would take hours; this is a guard against it, not a speed claim.
    assert time.process_time() - started < 60


@pytest.mark.parametrize("protocol", PROTOCOL_NAMES[2:])
def test_a_megabyte_is_just_a_wrong_answer(protocol):
    megabyte = "<Answer>" + "9 yes the crate or the lamp " * 36_000 + "</Answer>"
    assert score_answer("yes_no", "Yes", megabyte, protocol).value == 0.0


ODD = [
    "<Answer>Да</Answer>",
    "<Answer>是</Answer>",
    "<Answer>نعم</Answer>",
    "<Answer>٣ متر</Answer>",
    "<Answer>Y\x00e\x07s\u202e</Answer>",
    "<Answer>\ud800</Answer>",
    "<Answer>½ m ⅓ ² ⁵ ① 𝟝 m</Answer>",
    "</Answer>Yes<Answer>",
    "<Answer><Answer><Answer>Yes</Answer></Answer>",
    "<Answer>Yes</Answer</Answer>",
    "<Answer>@0 @1 #\u2460 \0- <+></Answer>",
    "<Answer>((((((((((</Answer>",
    "<Answer>\\boxed{\\text{Yes}</Answer>",
    '<Answer>{"answer": {"answer": [1, 2]}}</Answer>',
    "<Answer>" + "[" * 1500 + "</Answer>",
    "<Answer>" + "9" * 1500 + " m</Answer>",
    "<think>" * 1000,
    "Answer: " * 1000,
    "\\boxed{" * 1000,
]


@pytest.mark.parametrize("completion", ODD)
@pytest.mark.parametrize("protocol", PROTOCOL_NAMES[2:])
def test_odd_texts_are_no_right_answers(completion, protocol):
    for method in METHODS:
        for question in (*QUESTIONS, "Which is it, CoalMine, CoalMine or CoalMine?", "A. B. C. D."):
            got = score_answer(method, "The crate is behind the lamp.", completion, protocol, question)
            assert got.value == 0.0
            assert got.status in STATUSES


@pytest.mark.parametrize("method", METHODS)
def test_a_gold_that_nobody_can_read_makes_every_answer_wrong(method):
    for gold in ("", "\x00", "???", "<Answer></Answer>", "@0", "9" * 2000):
        for question in QUESTIONS:
            assert (
                score_answer(method, gold, "<Answer>Yes, 5 m, the crate</Answer>", "strict", question).value
                == 0.0
            )
