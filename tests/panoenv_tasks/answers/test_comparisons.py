"""What a question asks about, said of one object, picks it; the contrary picks the other, if there is one."""

from __future__ import annotations

import pytest
from support.answers import CLOSER, FARTHEST, LEFTMOST, PLACE, SMALLER, VIEW, read_as

FLATTER = CLOSER.replace("is closer to the viewer", "looks flatter")
LONGER = CLOSER.replace("is closer to the viewer", "has a more elongated or stick-like shape")
LARGEST = LEFTMOST.replace("is the leftmost", "has the largest volume")

NEAR = "closer|closest|nearer|nearest|near|close|less far|less far away|less distant"
FAR = "farther|farthest|further|far|distant|more distant|more remote|less close|less near"
SMALL = "smaller|smallest|small|tinier|less big|less large|less space|lower volume"
LARGE = "larger|largest|bigger|big|greater|bulkier|less small|more space"
FLAT = "flatter|flattest|flat|thinner|more flat|more like a sheet|more planar"
THICK = "thicker|bulkier|rounder|boxier|chunkier|more like a block|less flat"
LONG = "longer|more elongated|elongated|stick-like|slimmer|more like a pole"
SHORT = "shorter|stubbier|more compact|squatter|less elongated|less stretched out"
OF_TWO = {CLOSER: (NEAR, FAR), SMALLER: (SMALL, LARGE), FLATTER: (FLAT, THICK), LONGER: (LONG, SHORT)}
EXTREMES = {
    "leftmost": "leftmost|left-most|farthest left|farthest to the left|most to the left",
    "rightmost": "rightmost|right-most|furthest right|furthest to the right|more to the right",
    "highest": "highest|topmost|uppermost|most elevated|higher up",
    "lowest": "lowest|bottommost|lower|lowermost|lowest down",
    "frontmost": "frontmost|foremost|farthest forward|most in front|farthest ahead",
    "rearmost": "rearmost|hindmost|farthest back|furthest behind|most to the back",
}
PAIRS = [("leftmost", "rightmost"), ("highest", "lowest"), ("frontmost", "rearmost")]
OPPOSITE = {**dict(PAIRS), **{b: a for a, b in PAIRS}}


@pytest.mark.parametrize(
    ("question", "said", "asked"),
    [
        (question, word, asked)
        for question, both in OF_TWO.items()
        for asked, words in zip((True, False), both, strict=True)
        for word in words.split("|")
    ],
)
def test_of_two(question, said, asked):
    """The crate is option 0, the barrel option 1."""
    assert read_as("mcq", question, f"The crate is {said}.") == (0 if asked else 1)
    assert read_as("mcq", question, f"The barrel is {said}") == (1 if asked else 0)
    assert read_as("mcq", question, f"The crate is {said} than the barrel") == (0 if asked else 1)
    assert read_as("mcq", question, f"The crate is not {said}") is None
    assert read_as("mcq", question, f"The crate is as {said} as the barrel") is None


@pytest.mark.parametrize("word", FAR.split("|"))
def test_farthest_of_three(word):
    assert read_as("mcq", FARTHEST, f"Lamp A is {word}") == 1
    assert read_as("mcq", FARTHEST, f"Lamp A is {word} than the crate and the traffic cone") == 1


@pytest.mark.parametrize("word", NEAR.split("|"))
def test_the_contrary_among_three_picks_none(word):
    assert read_as("mcq", FARTHEST, f"Lamp A is {word}") is None


@pytest.mark.parametrize("word", LARGE.split("|"))
def test_largest_of_three(word):
    assert read_as("mcq", LARGEST, f"Lamp A is {word}") == 1


@pytest.mark.parametrize("word", SMALL.split("|"))
def test_smaller_than_the_largest_picks_none(word):
    assert read_as("mcq", LARGEST, f"Lamp A is {word}") is None


@pytest.mark.parametrize(
    ("extreme", "word"), [(extreme, word) for extreme, words in EXTREMES.items() for word in words.split("|")]
)
def test_extremes_of_three(extreme, word):
    question = LEFTMOST.replace("leftmost", extreme)
    assert read_as("mcq", question, f"The crate is {word}") == 0
    assert read_as("mcq", question, f"The {word} is lamp A") == 1
    assert read_as("mcq", LEFTMOST.replace("leftmost", OPPOSITE[extreme]), f"The crate is {word}") is None


@pytest.mark.parametrize("word", "better|best|more likely|most likely|more fitting|more plausible".split("|"))
def test_places(word):
    assert read_as("mcq", PLACE, f"CoalMine is {word}") == 0
    assert read_as("mcq", PLACE, f"AbandonedFactory2 is {word} than CoalMine") == 1


@pytest.mark.parametrize("word", "worse|less likely|least likely|less plausible".split("|"))
def test_places_that_fit_less_leave_the_other(word):
    assert read_as("mcq", PLACE, f"CoalMine is {word}") == 1


@pytest.mark.parametrize(
    ("text", "view"),
    [
        ("Front", 0), ("Back", 1), ("Rear", 1), ("Left", 2), ("Right", 3), ("Top", 4), ("up", 4),
        ("upper", 4), ("upward", 4), ("Bottom", 5), ("down", 5), ("lower", 5), ("downward", 5), ("behind", 1),
    ],
)  # fmt: skip
def test_views(text, view):
    assert read_as("mcq", VIEW, f"the {text} view") == view
