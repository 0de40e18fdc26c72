"""Where a text names a question's options: names become marks, so that a grammar sees only how they stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from panoenv_tasks.items import Box

_TOKEN = re.compile(r"[^\W_]+|[^\w\s]|_|\n")
_ARTICLE = re.compile(r"^(?:the|a|an)\s+", re.IGNORECASE)
_SEPARATORS = re.compile(r"[\W_]+")
_LONGEST_NAME = 8
_ALIASES = {"indoor": "indoors", "outdoor": "outdoors", "inside": "indoors", "outside": "outdoors"}
_VIEW_ALIASES = {
    "rear": "back",
    "behind": "back",
    "up": "top",
    "upper": "top",
    "upward": "top",
    "down": "bottom",
    "lower": "bottom",
    "downward": "bottom",
}


@dataclass(frozen=True)
class Marked:
    """``text`` in lower case with ``@i`` for option i, ``it`` for the question's other objects.

    ``loose`` is set when a name stands there that fits several options or, with its letter, none.
    """

    text: str
    loose: bool


def mark_options(text: str, options: Sequence[str], others: Sequence[Box] = ()) -> Marked:
    """Replace every name of an option or of another object of the question."""
    names = _names(tuple(options))
    objects = {squash(box.name) for box in others} | {squash(box.label) for box in others}
    tokens = [(m[0], m.start(), m.end()) for m in _TOKEN.finditer(text)]
    made: list[str] = []
    loose, at = False, 0
    while at < len(tokens):
        mark, length, vague = _name_at(tokens, at, names, objects)
        loose = loose or vague
        if length:
            made.append(mark)
            at += length
        else:
            word = tokens[at][0].lower()
            glued = at > 0 and tokens[at - 1][2] == tokens[at][1] and word in ("-", "'")
            made.append(word if word != "@" else "(at)")
            if glued:
                made[-1] = f"\0{made[-1]}"
            at += 1
    joined = " ".join(made).replace(" \0", "")
    # "isn't", "stick-like": what follows a glued sign is one word with it.
    return Marked(re.sub(r"(?<=\w)(['-]) (?=\w)", r"\1", joined).replace("\0", ""), loose)


def squash(name: str) -> str:
    """Return a name's letters and digits in lower case, without its article."""
    return _SEPARATORS.sub("", _ARTICLE.sub("", name.strip())).casefold()


@lru_cache(maxsize=4096)
def _names(options: tuple[str, ...]) -> dict[str, set[int]]:
    """Return option indices by squashed name; a lettered option also answers to its bare label."""
    names: dict[str, set[int]] = {}
    for index, option in enumerate(options):
        full = squash(option)
        names.setdefault(full, set()).add(index)
        if (label := re.fullmatch(r"(.+) [A-Z]", option.strip())) is not None:
            bare = squash(label[1])
            names.setdefault(bare, set()).add(index)
    # The same option listed twice is one option.
    first: dict[str, int] = {}
    for index, option in enumerate(options):
        first.setdefault(squash(option), index)
    canonical = [first[squash(option)] for option in options]
    return {name: {canonical[i] for i in indices} for name, indices in names.items()}


def _name_at(
    tokens: Sequence[tuple[str, int, int]],
    at: int,
    names: dict[str, set[int]],
    objects: set[str],
) -> tuple[str, int, bool]:
    """Return the mark for the longest name that starts at a token, its length in tokens, if it is vague."""
    key, ends = "", []
    for end in range(at, min(len(tokens), at + 2 * _LONGEST_NAME)):
        token = tokens[end][0]
        if token[0].isalnum():
            key += token.casefold()
            ends.append((key, end + 1))
        elif token not in "-_" or end == at:
            break
    for key, end in reversed(ends):
        plain = key if key in names else _alias(key, names)
        if plain in names:
            following = tokens[end][0] if end < len(tokens) else ""
            opened = (
                following in ("(", '"', "'")
                and end + 2 < len(tokens)
                and tokens[end + 2][0] in (")", '"', "'")
            )
            following = tokens[end + 1][0] if opened else following
            letter = following if len(following) == 1 and following.isalpha() else ""
            if letter and (letter.isupper() or opened) and letter != "I":
                exact = names.get(plain + letter.casefold())
                if exact is None:
                    return "", 0, letter.isupper()
                return f"@{min(exact)}", end + (3 if opened else 1) - at, len(exact) > 1
            indices = names[plain]
            return f"@{min(indices)}", end - at, len(indices) > 1
        if key in objects:
            return "it", end - at, False
    return "", 0, False


def _alias(key: str, names: dict[str, set[int]]) -> str:
    if "top" in names and "bottom" in names:
        return _VIEW_ALIASES.get(key, key)
    return _ALIASES.get(key, key)
