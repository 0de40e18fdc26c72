"""The paper protocol: golden vectors of the released scorer, and its known consequences."""

from __future__ import annotations

import pytest
from support.shared import shared_rows

from panoenv_tasks import score_answer


def value(method, expected, answer, **more):
    return score_answer(method, expected, f"<Answer>{answer}</Answer>", "paper", **more).value


def test_every_golden_vector_agrees():
    vectors = shared_rows("scoring_vectors.jsonl")
    differing = []
    for vector in vectors:
        got = score_answer(vector["method"], vector["expected"], vector["completion"], "paper")
        same = abs(got.value - vector["accuracy"]) < 1e-6
        if not same or got.format_valid != bool(vector["format"]):
            differing.append(vector)
    assert len(vectors) == 3000
    assert differing == []


@pytest.mark.parametrize(
    ("method", "gold", "answer", "reward"),
    [
        ("yes_no", "Yes", "yes", 1.0),
        ("yes_no", "Yes", "Yes.", 0.0),
        ("mcq", "Lamp A", "lamp", 1.0),
        ("mcq", "Lamp A", "lamp B", 0.0),
        ("mcq", "The pipe", "The pipe is nearer than the lamp", 1.0),
        # Up to four words are taken whole, from five on the subject counts.
        ("mcq", "The pipe", "the pipe is nearer", 0.0),
        ("mcq", "The pipe", "the pipe is nearer here", 1.0),
        ("distance", "About 5.0 meters", "5 mm", 1.0),
        ("distance", "About 5.0 meters", "5 miles", 1.0),
        ("distance", "About 3.0 meters", "10 feet", 1.0),
        ("distance", "About 3.0 meters", "118 inches", 1.0),
        ("distance", "About 3.0 meters", "300 cm", 1.0),
        # A gold of nothing has no relative error: the texts are compared.
        ("distance", "About 0.0 meters", "About 0.0 meters", 1.0),
        ("distance", "About 0.0 meters", "0 m", 0.0),
        ("distance", "About 10.0 meters", "11 m", 1.0),
        ("distance", "About 10.0 meters", "11.1 m", 0.5),
        ("distance", "About 10.0 meters", "12.1 m", 0.0),
        ("counting", "3 different views", "three", 1.0),
        ("counting", "3 different views", "5", 0.0),
        ("counting", "3 different views", "2", 0.0),
        ("counting", "0 views", "0.009", 1.0),
        ("counting", "0 views", "0.01", 0.0),
        # "3 in total" reads as three inches.
        ("counting", "3 different views", "3 in total", 0.0),
        # Number words are searched in order of value, not of position.
        ("counting", "2 different views", "three, no, two", 1.0),
        ("spatial", "The box is behind the chair.", "behind, left, right, above", 1.0),
        ("spatial", "The box is behind the chair.", "in front", 0.0),
        ("spatial", "The box is to the left of the chair.", "right", 0.0),
        ("spatial", "The box is above the chair.", "below", 0.0),
        ("spatial", "The box is behind and above the chair.", "behind", 0.5),
        ("spatial", "A is at a similar position to B.", "A is at a similar position to B.", 0.0),
        ("default", "Prison", "the prison", 1.0),
        ("default", "Prison", "Forest", 0.0),
        ("default", "Prison", "Prisom", 1.0),
    ],
)
def test_literal_cases(method, gold, answer, reward):
    assert value(method, gold, answer) == reward


def test_first_tag_counts_and_no_tag_is_zero():
    twice = "<Answer>Yes</Answer><Answer>No</Answer>"
    assert score_answer("yes_no", "Yes", twice).correct
    bare = score_answer("yes_no", "Yes", "Yes")
    assert (bare.value, bare.status, bare.answer) == (0.0, "no_answer_tag", None)


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("<Reasoning>x</Reasoning><Answer>y</Answer>", True),
        ("so: <Reasoning>x</Reasoning>\n \t<Answer>y</Answer> done", True),
        ("<Reasoning>x</Reasoning> thus <Answer>y</Answer>", False),
        ("<reasoning>x</reasoning><answer>y</answer>", False),
        ("<Answer>y</Answer><Reasoning>x</Reasoning>", False),
        ("<Reasoning>x</Reasoning><Answer>y", False),
        ("</Answer> <Reasoning>x</Reasoning><Answer>y", False),
        ("<Reasoning></Reasoning><Answer></Answer>", True),
        ("x</Reasoning><Answer>y</Answer>", False),
        ("<Reasoning>a</Reasoning> b </Reasoning><Answer>y</Answer>", True),
    ],
)
def test_format_reward(text, valid):
    assert score_answer("yes_no", "Yes", text).format_valid is valid


def test_unknown_method_and_protocol_are_named():
    with pytest.raises(ValueError, match="unknown method 'colour'"):
        score_answer("colour", "red", "red")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="unknown protocol 'lenient'"):
        score_answer("mcq", "red", "red", "lenient")  # type: ignore[arg-type]
