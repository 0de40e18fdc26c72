"""Answers scored per second: every protocol beside the paper's rules written the obvious way.

``strict`` reads options and objects from the question. Training scores many answers to one question, so
each wording is recognised once and remembered; the last line shows what that is worth.
"""

from __future__ import annotations

import json
import lzma
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from plain_scorer import reward

from panoenv_tasks.items import Method
from panoenv_tasks.scoring import ProtocolName, score_answer
from panoenv_tasks.taxonomy import recognise

DATA = Path(__file__).resolve().parents[1] / "tests" / "data"
ROUNDS = 3
Row = tuple[Method, str, str, str | None]


def main() -> None:
    cases = [(r["method"], r["expected"], r["text"], r["question"]) for r in _rows("reading_cases.jsonl")]
    vectors = _rows("scoring_vectors.jsonl")
    agreed = sum(
        abs(reward(v["method"], v["expected"], v["completion"]) - v["accuracy"]) < 1e-6 for v in vectors
    )
    print(f"{len(cases)} answers in many wordings, best of {ROUNDS} rounds, CPU time")
    print(f"the obvious scorer agrees with {agreed} of {len(vectors)} golden vectors")
    obvious = rate(cases, lambda m, g, t, _: reward(m, g, t))
    print(f"obvious:                          {obvious:9,.0f} answers/s")
    ratios = []
    for protocol in ("paper@1", "strict@1", "strict@2"):
        found = rate(cases, _with(protocol))
        ratios.append(f"{protocol} {found / obvious:.2f}")
        print(f"{protocol + ':':10}                        {found:9,.0f} answers/s")
    anew = rate(cases, _with("strict@2"), before=recognise.cache_clear)
    print(f"strict@2, wording recognised anew:{anew:9,.0f} answers/s")
    print(f"ratio to the obvious scorer: {', '.join(ratios)}")


def rate(cases: list[Row], score: Callable[..., Any], before: Callable[[], None] = lambda: None) -> float:
    """Return answers per CPU second."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        for case in cases:
            before()
            score(*case)
        best = min(best, time.process_time() - start)
    return len(cases) / best


def _with(protocol: ProtocolName) -> Callable[..., Any]:
    return lambda method, gold, text, question: score_answer(method, gold, text, protocol, question)


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lzma.decompress((DATA / f"{name}.xz").read_bytes()).splitlines()]


if __name__ == "__main__":
    main()
