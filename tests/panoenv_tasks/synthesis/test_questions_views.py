"""Questions about the six views."""

from __future__ import annotations

import pytest
from support.synthetic import text, thing

PLAIN = thing(faces={"front": 10_000})
BOTH = thing(faces={"front": 7_000, "left": 3_000})
EVEN = thing(faces={"front": 5_500, "left": 4_500})
SLIVER = thing(faces={"front": 9_950, "left": 50})
UP = thing(faces={"top": 10_000})
BACK = thing(faces={"back": 10_000})


@pytest.mark.parametrize(
    ("one", "ours", "released"),
    [
        (PLAIN, "Front", "Front"),
        (BOTH, "Front", "Front"),
        (EVEN, None, "Front"),
        (UP, "Top", "Top"),
    ],
)
def test_primary_view(one, ours, released):
    assert text("primary_view", one) == ours
    assert text("primary_view", one, rules="released") == released


@pytest.mark.parametrize(
    ("one", "ours", "released"),
    [
        (PLAIN, "1 different view", "1 different view"),
        (BOTH, "2 different views", "2 different views"),
        (SLIVER, None, "2 different views"),
        (
            thing(faces={"front": 4_000, "left": 3_000, "bottom": 3_000}),
            "3 different views",
            "3 different views",
        ),
    ],
)
def test_multi_view_visibility(one, ours, released):
    assert text("multi_view_visibility", one) == ours
    assert text("multi_view_visibility", one, rules="released") == released


@pytest.mark.parametrize(("one", "ours"), [(PLAIN, None), (BOTH, "Front"), (EVEN, None), (SLIVER, None)])
def test_seam_attribution_needs_two_views(one, ours):
    assert text("seam_attribution", one) == ours


def test_shared_visibility_follows_the_roles_of_the_sentence():
    # BOTH is seen in the left view too; the left object is not seen in front.
    left = thing(faces={"left": 10_000})
    assert text("shared_visibility", BOTH, left, asks="a_in_view_of_b") == "Yes"
    assert text("shared_visibility", BOTH, left, asks="b_in_view_of_a") == "No"
    assert text("shared_visibility", left, BOTH, asks="b_in_view_of_a") == "Yes"
    assert text("shared_visibility", EVEN, left, asks="b_in_view_of_a") is None
    assert text("shared_visibility", SLIVER, left, asks="a_in_view_of_b") is None


@pytest.mark.parametrize(
    ("asks", "one", "other", "answer"),
    [
        ("same_primary", PLAIN, BOTH, "Yes"),
        ("same_primary", PLAIN, UP, "No"),
        ("same_primary", PLAIN, EVEN, None),
        ("adjacent", PLAIN, UP, "Yes"),
        ("adjacent", PLAIN, BACK, "No"),
        ("adjacent", PLAIN, BOTH, "No"),
        ("shared", BOTH, PLAIN, "Yes"),
        ("shared", BOTH, BACK, "No"),
        ("shared", BOTH, SLIVER, None),
    ],
)
def test_multi_object_relationship(asks, one, other, answer):
    assert text("multi_object_relationship", one, other, asks=asks) == answer
