"""Markdown tables, for files and terminals, from cells that may hold anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

Align = Literal["l", "r", "c"]

_RULES: dict[str, str] = {"l": "---", "r": "---:", "c": ":---:"}
#: What starts markup inside a line. Left alone, so that a table stays readable in a terminal: an underscore
#: within a word, brackets that no link target follows, a "<" before a number, an "&" that names nothing.
_MARKUP = re.compile(r"[\\`*|~]|(?<![^\W_])_|_(?![^\W_])|\](?=[(\[:])|<(?=[A-Za-z/!?])|&(?=#|[A-Za-z])")


def table(
    header: Sequence[object], rows: Iterable[Sequence[object]], *, align: Sequence[Align] | str = ""
) -> str:
    """Return a Markdown table, without a line break at its end.

    Args:
        header: The columns' names.
        rows: One cell a column; ``str`` of it is shown and escaped, ``None`` is an empty cell.
        align: One letter a column: ``l``, ``r`` or ``c``; empty leaves it to the reader's program.

    Raises:
        ValueError: A row, or ``align``, has another number of columns than the header.
    """
    rules = [_RULES[letter] for letter in align] if align else ["---"] * len(header)
    lines = [list(map(_cell, header)), rules, *(list(map(_cell, row)) for row in rows)]
    if wrong := [line for line in lines if len(line) != len(header)]:
        raise ValueError(f"a table of {len(header)} columns cannot hold {wrong[0]}")
    first, rule, *rest = lines
    return "\n".join([_line(first), f"|{'|'.join(rule)}|", *map(_line, rest)])


def escape(text: str) -> str:
    """Return text that Markdown shows as it is, on one line; what cannot be printed is left out.

    For text outside tables: the cells of ``table`` are escaped already.
    """
    return _MARKUP.sub(r"\\\g<0>", one_line(text))


def one_line(text: str, longest: int | None = None) -> str:
    """Return text on one line without unprintable characters, cut at ``longest`` with an ellipsis."""
    flat = "".join(c for c in " ".join(text.split()) if c.isprintable())
    return flat if longest is None or len(flat) <= longest else f"{flat[: longest - 1]}…"


def _cell(value: object) -> str:
    return "" if value is None else escape(str(value))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
