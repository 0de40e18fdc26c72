"""A page of pairs for people to try: two panoramas, one question, the answers folded away."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from panoenv_tasks.items import DataError, Item
from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.show import outlined

_COORDINATES = re.compile(r" \(boundingbox: [^)]*\)")
_QUALITY = 85
_HEAD = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Twins</title>
<style>
body { font: 17px/1.5 system-ui, sans-serif; max-width: 1536px; margin: 2rem auto; padding: 0 1rem }
figure { margin: 0 0 .75rem } img { width: 100%; display: block } figcaption { font-weight: 600 }
section { margin: 2.5rem 0; border-top: 1px solid #bbb }
</style>
<h1>Twins</h1>
<p>Each question is asked of two panoramas, in the same words. Its answers on the two differ. Answer both,
then open the answers. How well people do on these has not been measured.</p>
"""


def whole_pairs(items: Iterable[Item]) -> list[tuple[Item, Item]]:
    """Return the pairs of which both questions are there, in the order of the first."""
    found: dict[str, list[Item]] = {}
    for item in items:
        if item.pair:
            found.setdefault(item.pair, []).append(item)
    return [(pair[0], pair[1]) for pair in found.values() if len(pair) == 2]


def write_page(items: Sequence[Item], count: int, output: Path) -> list[tuple[Item, Item]]:
    """Write a page that needs no other file, with up to ``count`` pairs of as many kinds as there are.

    Which of a pair's panoramas comes first is left to chance, the same at every call.

    Returns:
        The pairs in the page's order.

    Raises:
        DataError: There are no pairs, or a panorama is missing or unreadable.
    """
    dice = Dice("page")
    chosen = _varied(dice.shuffled(whole_pairs(items)), count)
    if not chosen:
        raise DataError("no pairs among these questions; make some with `panoenv build twins`")
    ordered = [(one, other) if dice.chance(0.5) else (other, one) for one, other in chosen]
    sections = [_section(number, pair) for number, pair in enumerate(ordered, start=1)]
    output.write_text("".join([_HEAD, *sections, "</html>\n"]), encoding="utf-8")
    return ordered


def _varied(pairs: Sequence[tuple[Item, Item]], count: int) -> list[tuple[Item, Item]]:
    """Take one of each kind in turn."""
    turns: dict[str, int] = {}
    ranked: list[tuple[int, int, tuple[Item, Item]]] = []
    for pair in pairs:
        kind = pair[0].subcategory
        turns[kind] = turns.get(kind, 0) + 1
        ranked.append((turns[kind], len(ranked), pair))
    return [pair for _, _, pair in sorted(ranked, key=lambda entry: entry[:2])][:count]


def _section(number: int, pair: Sequence[Item]) -> str:
    question = escape(_COORDINATES.sub("", pair[0].question))
    options = ", ".join(pair[0].options)
    listed = f"<p>Options: {escape(options)}</p>" if options else ""
    figures = [
        f'<figure><figcaption>Panorama {letter}</figcaption><img alt="panorama {letter}" src="{_data(item)}">'
        "</figure>\n"
        for letter, item in zip("AB", pair, strict=True)
    ]
    answers = "; ".join(
        f"{letter}: <b>{escape(item.answer)}</b>" for letter, item in zip("AB", pair, strict=True)
    )
    return (
        f"<section><h2>{number}. {question}</h2>\n{listed}{''.join(figures)}"
        f"<details><summary>Answers</summary><p>{answers} ({escape(pair[0].subcategory)}, "
        f"{escape(pair[0].pair)})</p></details></section>\n"
    )


def _data(item: Item) -> str:
    buffer = io.BytesIO()
    outlined(item).save(buffer, "JPEG", quality=_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
