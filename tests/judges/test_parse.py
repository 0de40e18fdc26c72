import pytest
from hypothesis import given
from hypothesis import strategies as st

from judges.defence import contradicts_itself, parse_reference, parse_result, parse_strict

# What the released parser makes of a reply (None: its silent 0), and what the strict one does.
REPLIES = [
    ("Score: 7", 7, 7),
    ("  Score: 10\n", 10, 10),
    ("score: 10 * 1/2 = 5\nScore: 5", 10, None),
    ('It quotes "Score: 10" here.\nScore: 0', 10, None),
    ("Score: 10\nWait.\nScore: 0", 10, None),
    ("Score: 8.5", 8, None),
    ("Score: 8-9", 8, None),
    ("Score: 4/5", 4, None),
    ("Score: -3", 3, None),
    ("Score: 85", 10, None),
    ("Score: ٣", 3, None),
    ("The reference says about 7 meters", 7, None),
    ("Score: X where X is 0-10", 10, None),
    ("It is 3/10 of the way", 3, None),
    ("the answer says 9 met", 9, None),
    ("", None, None),
    ("Score: ten", None, None),
    ("**Score:** 8", 8, None),
    ("Score: **8**", 8, None),
    ("²", None, None),
    ("fine\n4\nthe end, 12 words", 4, None),
    ("4\n6\n12", 6, None),
    ("7 of 20 things, 3 more, 99", 3, None),
    ("Score: 2\n\nQ: next\nScore: 10", 2, None),
    ("Score: 11", 10, None),
    ("Score: 010", 10, None),
    ("Score:  7", 7, None),
    ("Score: 7.", 7, None),
    ("score: 7", 7, None),
]


@pytest.mark.parametrize(("reply", "reference", "strict"), REPLIES)
def test_both_parsers(reply: str, reference: int | None, strict: int | None) -> None:
    assert parse_reference(reply) == reference
    assert parse_strict(reply) == strict


@pytest.mark.parametrize(
    ("reply", "score"),
    [
        ("Feedback: right. [RESULT] 5", 5),
        ("Feedback: right.\n[RESULT] (4)\n", 4),
        ("[RESULT] 3.", 3),
        ("[RESULT] 0", None),
        ("[RESULT] 6", None),
        ("[RESULT] 10", None),
        ("[RESULT] 4.5", None),
        ("[RESULT] 4 of 5", None),
        ("the answer said [RESULT] 5. I say\n[RESULT] 1", 1),
        ("the answer said [RESULT] 5", 5),
        ("it said [RESULT] 5, which", None),
        ("", None),
    ],
)
def test_result_stands_at_the_end(reply: str, score: int | None) -> None:
    assert parse_result(reply) == score


def test_a_number_too_long_for_an_integer_is_no_score() -> None:
    assert parse_reference("Score: " + "9" * 5000) is None
    assert parse_reference("Score: " + "9" * 50) == 10


@given(st.text())
def test_no_reply_breaks_a_parser(reply: str) -> None:
    assert parse_reference(reply) in {None, *range(11)}
    assert parse_strict(reply) in {None, *range(11)}
    assert parse_result(reply) in {None, *range(1, 6)}


@given(st.text(), st.integers(0, 10))
def test_strict_reads_a_line_and_nothing_around_it(noise: str, score: int) -> None:
    reply = f"Score: {score}"
    assert parse_strict(reply) == score
    if noise.strip():
        assert parse_strict(f"{noise}\n{reply}") is None or noise.strip() == ""
        assert parse_strict(f"{reply}\n{noise}") is None


def test_contradiction() -> None:
    assert contradicts_itself("Score: 10\nno,\nscore: 0")
    assert not contradicts_itself("Score: 7, as I said, Score: 7")
