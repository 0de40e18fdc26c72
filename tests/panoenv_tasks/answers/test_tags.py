"""Where the answer stands: tags, thinking blocks, and the places outside of tags."""

from __future__ import annotations

import pytest
from support.answers import COUNT, DISTANCE, TRUTH

from panoenv_tasks.answers.reading import read


def status_and_value(completion, method="yes_no", question=TRUTH):
    found = read(method, question, completion)
    return found.status, found.value


@pytest.mark.parametrize(
    "completion",
    [
        "<Answer>Yes</Answer>",
        "<answer>Yes</ANSWER>",
        "< answer > Yes < / answer >",
        '<answer type="bool">Yes</answer>',
        "<Answer>Yes",
        "<Reasoning>No box is cut</Reasoning> <Answer>\nYes\n</Answer> Hope this helps!",
        "<Answer>Yes</Answer> that is <Answer>yes.</Answer>",
        "<Answer></Answer><Answer>Yes</Answer>",
        "<think>First <Answer>No</Answer></think><Answer>Yes</Answer>",
        "it began in the prompt <Answer>No</Answer></think>\n<Answer>Yes</Answer>",
        "```\n<Answer>Yes</Answer>\n```",
        "<think>a</think>No.</think><Answer>Yes</Answer>",
        "<think>a<think>b</think><Answer>Yes</Answer>",
        "<Answer>Yes</Answer> <think>or No?</think>",
        "<Answer>Yes</Answer><think><Answer>No</Answer><think>b</think>",
        "<Answer>No</Answer></think><think>a</think><Answer>Yes</Answer>",
    ],
)
def test_tagged(completion):
    assert status_and_value(completion) == ("answered", True)


@pytest.mark.parametrize(
    "completion",
    [
        "Yes",
        "Yes, it is closer.",
        "Yes</Answer>",
        "<think>No ... or so</think>Yes",
        "The crate is nearer. So the answer is Yes.",
        "I look.\n\nFinal answer: Yes",
        "**Answer:** Yes",
        "### Final Answer\nYes",
        "Answer: No? Let me look again. The answer is Yes.",
        "Answer: Yes\n\nExplanation: the crate may be 3 m away, the barrel 5.",
        '{"reasoning": "The crate is nearer.", "answer": "Yes"}',
        "```json\n{'answer': \"Yes\"}\n```",
        "So $\\boxed{\\text{Yes}}$ it is. Or so I think.",
    ],
)
def test_untagged(completion):
    assert status_and_value(completion) == ("untagged", True)


@pytest.mark.parametrize(
    ("completion", "status"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("<Answer> </Answer>", "empty"),
        ("The crate is near. The barrel is far.", "no_answer_tag"),
        ("<think>Yes</think>", "no_answer_tag"),
        ("<think>Yes, <Answer>Yes</Answer> and on without end", "no_answer_tag"),
        ("<Answer>Yes</Answer><Answer>No</Answer>", "ambiguous"),
        ("<Answer>Yes</Answer> or <Answer>No", "ambiguous"),
        ("<Answer>Yes<Answer>No</Answer>", "ambiguous"),
        ("<Answer>Yes</Answer><Answer>perhaps</Answer>", "ambiguous"),
        ("The answer is Yes or No", "ambiguous"),
        ("The answer is not Yes", "unparsed"),
        ("The answer is Yes.\n\nWait, actually that was the barrel.", "unparsed"),
        ("Final answer: cannot be determined", "unparsed"),
        ("<Answer>" + "Yes, " * 500 + "</Answer>", "unparsed"),
        ("<Answer>Yes" + " " * 1998 + "x</Answer>", "unparsed"),
        ("<Answer>Yes. " + "It is near " * 40 + "</Answer>", "unparsed"),
    ],
)
def test_not_read(completion, status):
    assert status_and_value(completion) == (status, None)


def test_numbers_outside_of_tags():
    assert status_and_value('{"answer": 5.0}', "distance", DISTANCE) == ("untagged", 5.0)
    assert status_and_value("\\boxed{5\\text{ m}}", "distance", DISTANCE) == ("untagged", 5.0)
    assert status_and_value(
        "It is in front. It is to the left. The answer is 2 views.", "counting", COUNT
    ) == (
        "untagged",
        2.0,
    )


def test_twenty_wordings_of_one_answer_are_read_one_by_one():
    alike = "".join(f"<Answer>2{'!' * n}</Answer>" for n in range(20))
    assert status_and_value(alike, "counting", COUNT) == ("answered", 2.0)
    assert status_and_value(f"{alike}<Answer>(2)</Answer>", "counting", COUNT) == ("ambiguous", None)


def test_twenty_different_answers_are_not_even_read():
    many = "".join(f"<Answer>{n}</Answer>" for n in range(100_000))
    assert status_and_value(many, "counting", COUNT) == ("ambiguous", None)
