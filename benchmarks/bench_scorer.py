"""Answers scored per second under both protocols, and what remembering the questions' wordings is worth.

``strict`` reads options and objects from the question. Training scores many answers to one question, so
each wording is recognised once and remembered; the other side recognises it anew for every answer.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from panoenv_tasks import Item, load_items, score
from panoenv_tasks.blind import answer
from panoenv_tasks.scoring import Protocol
from panoenv_tasks.tasks.panoenv.docs import data_root
from panoenv_tasks.taxonomy import recognise

VAL = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "panoenv_val.jsonl"
ROUNDS = 3


def main() -> None:
    items = load_items(VAL, "val") if VAL.is_file() else load_items(data_root("mini"), "mini")
    texts = [answer(item) for item in items]
    print(f"{len(items)} questions of {items[0].split}, answers of the blind model, {ROUNDS} rounds")
    paper = rate(items, texts, "paper")
    strict = rate(items, texts, "strict")
    anew = rate(items, texts, "strict", forget=True)
    print(f"paper:                              {paper:9,.0f} answers/s")
    print(f"strict:                             {strict:9,.0f} answers/s")
    print(f"strict, wording recognised anew:    {anew:9,.0f} answers/s")
    print(
        f"ratio: {strict / anew:.1f} times faster with wordings remembered; paper/strict {paper / strict:.1f}"
    )


def rate(items: Sequence[Item], texts: Sequence[str], protocol: Protocol, *, forget: bool = False) -> float:
    """Return answers per CPU second, best of ``ROUNDS``."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        for item, text in zip(items, texts, strict=True):
            if forget:
                recognise.cache_clear()
            score(item, text, protocol)
        best = min(best, time.process_time() - start)
    return len(items) / best


if __name__ == "__main__":
    main()
