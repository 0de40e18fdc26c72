"""What sentences are, and what free text takes a statement back, hedges it or refuses."""

from __future__ import annotations

import pytest

from panoenv_tasks.answers.statements.sentences import Parts, doubtful, harmless, parts, takes_back


@pytest.mark.parametrize(
    ("text", "said", "reason", "rest"),
    [
        ("Yes", "Yes", "", ()),
        ("Yes. It is near!\nSo near", "Yes", "", ("It is near", "So near")),
        ("5.5 m, approx. as such; vs. 6", "5.5 m, approx. as such", "", ("vs. 6",)),
        ("Yes, because it is near. Or so.", "Yes", " it is near", ("Or so",)),
        ("because it is near", "because it is near", "", ()),
        ("Yes as it is near", "Yes", "it is near", ()),
        ("", "", "", ()),
        (" .\n", "", "", ()),
        ("a" * 400 + ". b", "a" * 400, "", ("b",)),
        ("a. " + "b" * 401, "", "", ()),
    ],
)
def test_parts(text, said, reason, rest):
    assert parts(text) == Parts(said, reason, rest)


@pytest.mark.parametrize(
    ("text", "leaves_it"),
    [
        ("It is near the wall", True),
        ("Wait, it is far", False),
        ("It cannot be determined", False),
        ("It may be far", False),
        ("Is it far?", False),
        ("That is wrong", False),
        ("but it is far", False),
    ],
)
def test_harmless(text, leaves_it):
    assert harmless(text) is leaves_it


def test_a_reason_may_deny_something_else_but_not_take_back_nor_doubt():
    assert harmless("the other is wrong", argues=True)
    for text in ("it might be", "actually it is not", "I cannot tell", "who knows?"):
        assert not harmless(text, argues=True)


def test_doubt_is_a_hedge_or_a_refusal():
    assert [doubtful(text) for text in ("perhaps", "I cannot tell", "no idea", "near?", "near")] == [
        True,
        True,
        True,
        True,
        False,
    ]
    assert [takes_back(text) for text in ("hold on", "Scratch that", "it stays")] == [True, True, False]
