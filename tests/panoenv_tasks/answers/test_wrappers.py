"""What is taken off an answer, and what stays because it says something."""

from __future__ import annotations

import pytest
from support.answers import DISTANCE, read_as

from panoenv_tasks.answers.statements.wrappers import tidy, unwrap

BARE = {
    "Yes": [
        '"Yes"',
        "'Yes'",
        "(Yes)",
        "[Yes]",
        "{Yes}",
        "**Yes**",
        "*Yes*",
        "_Yes_",
        "__Yes__",
        "`Yes`",
        "- Yes",
        "# Yes",
        "> Yes",
        "1. Yes",
        "2) Yes",
        "• Yes",
        "<b>Yes</b>",
        "Yes...",
        "Yes.",
        ": Yes",
        "...Yes",
        "```\nYes\n```",
        "&quot;Yes&quot;",
        "$Yes$",
        r"\boxed{Yes}",
        r"\boxed{\text{Yes}}",
        "'\"(Yes)\"'",
        '{"answer": "Yes"}',
        '[{"answer": "Yes"}]',
        '["Yes"]',
        '```json\n{"answer": "Yes"}\n```',
        '{"why": "It is near.", "Final Answer": "Yes"}',
        "The answer is: Yes",
        "I think it is Yes",
        "So, then, thus, hence, well, ok, indeed, Yes",
        "Answer: Yes",
        "“Yes”",
        "Yes\u200b",
        "\tYes\r\n",
    ],
    "5": [
        "(5)",
        "'5'",
        "$5$",
        '{"answer": 5}',
        "*5*",
        "[5]",
        ": 5",
        "...5",
        "It is 5.",
        r"\boxed{\boxed{5}}",
    ],
    "5 m": [
        r"\boxed{5 \text{ m}}",
        r"5\,m",
        "5   m",
        "5\u00a0m",
        "5\tm",
        "(5 m)",
        "5 m (100, 600, 190, 700)",
    ],
    "a\nb": ["a\n\n b", "a<br>b", "a \r\n b"],
    "crate": ["crate [1, 2, 3, 4]", "crate at (1, 2, 3, 4)", "crate (bounding box: [1, 2, 3, 4])"],
}


@pytest.mark.parametrize(("bare", "text"), [(bare, text) for bare, texts in BARE.items() for text in texts])
def test_taken_off(bare, text):
    assert unwrap(text) == bare


@pytest.mark.parametrize(
    "text",
    [
        "(a) or (b)",
        "'a' or 'b'",
        "1. 5",
        "-5",
        ".5",
        ",5",
        "5*6",
        "snake_case",
        "5 in.",
        "5 ft.",
        "()",
        "x",
        "It'd be it",
    ],
)
def test_left_alone(text):
    assert unwrap(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ('{"answer": true}', '"answer": true'),
        ('{"answer": "Yes", "my answer": "No"}', '"answer": "Yes", "my answer": "No"'),
        ('["Yes", "No"]', '"Yes", "No"'),
        ('[["Yes"]]', '[["Yes"]]'),
        ("Yes ❌", "Yes not"),
        ("~~Yes", "not Yes"),
        ("5²", "5^2"),
        ("5 – 6", "5, 6"),
        ("5–6", "5-6"),
        ("“5” − 6", '"5" - 6'),
    ],
)
def test_what_says_something_stays(text, left):
    assert unwrap(text) == left


def test_leads_stay_where_they_are_asked_to():
    assert unwrap("**I think it is 5**", leads=False) == "I think it is 5"


def test_plain_signs():
    assert tidy("5\u00a0m\tor\nso\u200b \u2018x\u2019 5°") == "5 m or\nso 'x' 5°"
    assert tidy("plain <5") == "plain <5"


@pytest.mark.parametrize(("text", "metres"), [("...5 m", 5.0), (".5 m", 0.5), (": .5 m", 0.5)])
def test_dots_before_a_figure(text, metres):
    """Seen: "...5 m" was read as half a meter."""
    assert read_as("distance", DISTANCE, text) == metres
