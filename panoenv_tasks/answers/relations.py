"""Where a text says one object stands to another: for gold answers, and for answers under ``strict@1``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from panoenv_tasks.geometry.words import Axis

_SIGNS: tuple[tuple[str, Axis, int], ...] = (
    ("front forward forwards frontward ahead", "depth", +1),
    ("back behind rear rearward backward backwards", "depth", -1),
    ("left leftward leftwards", "side", -1),
    ("right rightward rightwards", "side", +1),
    ("above up upper upward upwards over top higher atop", "height", +1),
    ("below down under lower downward downwards beneath underneath bottom", "height", -1),
)
_WORDS = {word: (axis, sign) for words, axis, sign in _SIGNS for word in words.split()}
_SIMILAR = re.compile(r"\b(?:similar|same) (?:position|place|location|spot)\b")
# "right behind", "right above": the word only stresses the next one.
_STRESS = re.compile(
    r"(?<!the )(?<!to )\bright (?=(?:behind|above|below|beneath|under|in front|over|ahead|next|on top)\b)"
)
# Before an object these make it the reference, not the subject.
_REFERENCE = re.compile(
    r"(?:\b(?:of|to|from|than|behind|above|below|over|under|beneath|underneath|beside|against|atop|as"
    r"|with)|'s)\s+(?:the |a |an )?$"
)


@dataclass(frozen=True)
class Relation:
    """Signs per axis as the gold answer gives them: +1 front, right, up.

    ``signs`` holds 0 for an axis on which both directions were named. ``similar`` is the answer "at a
    similar position", which names no axis.
    """

    signs: Mapping[Axis, int]
    similar: bool


def read_relation(text: str, names: Sequence[str] = ()) -> Relation:
    """Read a relation sentence.

    Args:
        text: The answer.
        names: The two objects of the question, the one to be placed first ("lamp A", "crate"). When
            the answer places the second one instead ("B is in front of A"), its directions are
            turned round.
    """
    lowered = " ".join(text.lower().split())
    signs: dict[Axis, int] = {}
    for clause, turned in _clauses(lowered, [n.lower() for n in names]):
        for word in re.findall(r"[a-z]+", _STRESS.sub("", clause)):
            if word in _WORDS:
                axis, sign = _WORDS[word]
                sign = -sign if turned else sign
                signs[axis] = sign if signs.get(axis, sign) == sign else 0
    return Relation(signs, bool(_SIMILAR.search(lowered)))


def _clauses(text: str, names: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Yield stretches of text without object names, each with whether it places the second object."""
    mentions = _mentions(text, names)
    subjects = [m for m in mentions if not _REFERENCE.search(text[: m.start()])]
    turned = False
    if not subjects and mentions:
        # "In front of A" alone leaves the subject open: it is the other object.
        turned = _index(mentions[0][0], names) == 0
    position = 0
    for mention in mentions:
        yield text[position : mention.start()], turned
        if mention in subjects:
            turned = _index(mention[0], names) == 1
        position = mention.end()
    yield text[position:], turned


def _mentions(text: str, names: Sequence[str]) -> list[re.Match[str]]:
    if len(names) < 2 or names[0] == names[1]:
        return []
    longest_first = sorted(names, key=len, reverse=True)
    pattern = "|".join(re.escape(name) for name in longest_first)
    return list(re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", text))


def _index(name: str, names: Sequence[str]) -> int:
    return list(names).index(name)
