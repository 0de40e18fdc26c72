import pytest

from judges.defence import tagged_or_all, tagged_unless_refused


@pytest.mark.parametrize(
    ("text", "q", "p"),
    [
        ("<Answer>Yes</Answer>", "Yes", "Yes"),
        ("x <answer> Yes \n</ANSWER> y", "Yes", "Yes"),
        ("<Answer>a</Answer><Answer>b</Answer>", "a", "a"),
        ("no tag: Yes", "no tag: Yes", None),
        ("<Answer>cut off", "<Answer>cut off", None),
        ("<Answer>No, you CANNOT see it</Answer>", "No, you CANNOT see it", None),
        ("<Answer>It is not visible</Answer>", "It is not visible", None),
        ("  ", None, None),
        ("", None, None),
        ("<Answer> </Answer>", None, None),
    ],
)
def test_what_the_judge_sees(text: str, q: str | None, p: str | None) -> None:
    assert tagged_or_all(text) == q
    assert tagged_unless_refused(text) == p
