"""Which option, and which of Yes and No, a text names: in gold answers, and in answers under ``strict@1``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from panoenv_tasks.answers import Failure

_TOKEN = re.compile(r"\w+")
_LONGEST_NAME = 6
_YES, _NO = {"yes", "true"}, {"no", "false"}
_NEGATIONS = {"not", "neither", "never", "isn", "aren", "doesn", "cannot"}
# Words that make everything after them the thing compared with, not the answer.
_COMPARATORS = {"than", "versus", "vs", "compared", "relative", "unlike", "opposed", "instead"}
# All that may stand between two objects compared with ("than both the crate and the barrel").
_CONNECTORS = {"the", "a", "an", "and", "or", "nor", "both", "either", "to", "with", "of", "that"}
_ALIASES = {"indoor": "indoors", "outdoor": "outdoors"}


@dataclass(frozen=True)
class _Mention:
    option: int
    start: int
    end: int


def read_yes_no(text: str) -> bool | Failure:
    """Return True for Yes, False for No; a leading clause counts, both at once is ambiguous."""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    said_yes, said_no = not _YES.isdisjoint(words), not _NO.isdisjoint(words)
    if said_yes and said_no:
        return "ambiguous"
    if not words or words[0] not in _YES | _NO:
        return "unparsed"
    return said_yes


def read_choice(text: str, options: Sequence[str]) -> int | Failure:
    """Return the index of the one option that an answer names, however it is wrapped.

    Options are spelled as gold answers are ("The crate", "Lamp A", "CoalMine"). "Lamp" alone names
    "Lamp A" only when no other option is a lamp. A name may be written in parts ("traffic cone" for
    "trafficcone"). "The crate is closer than the barrel" names its subject, the crate.
    """
    tokens = _TOKEN.findall(text)
    mentions = _mentions(tokens, options)
    if isinstance(mentions, str):
        return mentions
    if not mentions:
        return "unparsed"
    first = mentions[0]
    several = any(m.option != first.option for m in mentions)
    words = [t.casefold() for t in tokens]
    if _negated(words, mentions) or not _COMPARATORS.isdisjoint(words[max(0, first.start - 3) : first.start]):
        return "ambiguous" if several else "unparsed"
    if several and not _only_compared(words, first, mentions):
        return "ambiguous"
    return first.option


def _mentions(tokens: Sequence[str], options: Sequence[str]) -> list[_Mention] | Failure:
    by_name = _names(options)
    lettered = {name[:-1] for name in by_name if len(name) > 1 and name[-1].isupper()}
    mentions: list[_Mention] = []
    position = 0
    while position < len(tokens):
        for length in range(min(_LONGEST_NAME, len(tokens) - position), 0, -1):
            end = position + length
            key = "".join(tokens[position:end]).casefold()
            key = _ALIASES.get(key, key)
            candidates = by_name.get(key)
            if candidates is None:
                continue
            letter = tokens[end] if end < len(tokens) and len(tokens[end]) == 1 else ""
            if letter.isalpha() and (letter.isupper() or key in lettered):
                exact = by_name.get(key + letter.upper())
                if exact is None and letter.isupper():
                    return "unparsed"
                if exact is not None:
                    candidates, end = exact, end + 1
            if len(candidates) > 1:
                return "ambiguous"
            mentions.append(_Mention(candidates[0], position, end))
            position = end - 1
            break
        position += 1
    return mentions


def _names(options: Sequence[str]) -> dict[str, list[int]]:
    """Return squashed names to option indices; a lettered option also answers to its bare label."""
    names: dict[str, list[int]] = {}
    for index, option in enumerate(options):
        tokens = _TOKEN.findall(option)
        if tokens and tokens[0].casefold() == "the":
            tokens = tokens[1:]
        if len(tokens) > 1 and len(tokens[-1]) == 1 and tokens[-1].isupper():
            bare = "".join(tokens[:-1]).casefold()
            names.setdefault(bare + tokens[-1], []).append(index)
            names.setdefault(bare, []).append(index)
        else:
            names.setdefault("".join(tokens).casefold(), []).append(index)
    return names


def _negated(words: Sequence[str], mentions: Sequence[_Mention]) -> bool:
    """Whether a "not" stands anywhere but right before an option that is ruled out after the answer."""
    for index, word in enumerate(words):
        if word in _NEGATIONS:
            following = next((m for m in mentions if m.start > index), None)
            if following is None or following is mentions[0]:
                return True
            if not set(words[index + 1 : following.start]) <= {"the", "a", "an"}:
                return True
    return False


def _only_compared(words: Sequence[str], first: _Mention, mentions: Sequence[_Mention]) -> bool:
    """Whether all other options appear only as what the first one is compared with."""
    second = next(m for m in mentions if m.option != first.option)
    between = set(words[first.end : second.start])
    if not between & (_COMPARATORS | _NEGATIONS) or between & {"or", "and"}:
        return False
    last = second
    for mention in mentions:
        if mention.start > last.start:
            gap = set(words[last.end : mention.start])
            if mention.option == first.option or not gap <= _CONNECTORS:
                return False
            last = mention
    return True
