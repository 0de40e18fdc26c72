"""What is left of a text scores as the text does; ``tests/leaderboard/test_sheets.py`` tries any text."""

from __future__ import annotations

import pytest

from panoenv_tasks.answers.essence import NOTHING, essence


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<Reasoning>It is near.</Reasoning>\n<Answer> Yes </Answer>", "<Answer>Yes</Answer>"),
        ("I think <Answer>Yes</Answer> or <Answer>No</Answer>", "<Answer>Yes</Answer><Answer>No</Answer>"),
        ("<Answer> </Answer>", "<Answer></Answer>"),
        (" \n", ""),
        ("It is near. So the answer is Yes", "Answer: Yes"),
        ("It is near. It is far.", NOTHING),
        # An unclosed tag is an answer to one protocol and none to the other: the text stays whole.
        ("<Answer>Yes", "<Answer>Yes"),
        ("<think><Answer>No</Answer></think><Answer>Yes</Answer>",) * 2,
    ],
)
def test_what_is_left(text, left):
    assert essence(text) == left
