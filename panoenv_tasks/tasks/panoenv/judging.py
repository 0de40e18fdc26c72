"""The in-run judge: with ``PANOENV_JUDGE_URL`` set, one batch per task at aggregation time.

The judge lives in a package above this one and is reached through the entry-point group
``panoenv.graders``. An outage costs the judge scores of a run, never the run.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from panoenv_tasks import upper
from panoenv_tasks.records import sample_of
from panoenv_tasks.tasks.panoenv.metrics import Items, Pooled, mean

METRICS = ("q_score", "p_score")
URL = "PANOENV_JUDGE_URL"
ENTRY_POINTS = "panoenv.graders"


def judge_items(record: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the judge metrics' items of a record; none when no judge is set."""
    if not os.environ.get(URL):
        return {}
    item = {"record": json.dumps(record, ensure_ascii=False)}
    return dict.fromkeys(METRICS, item)


def q_score(items: Items) -> Pooled | str:
    """Aggregate one task's items to the mean Q-Score (0-10) over judged answers."""
    return _judged(items, "q_score")


def p_score(items: Items) -> Pooled | str:
    """Aggregate one task's items to the mean P-Score (0-10) over judged answers."""
    return _judged(items, "p_score")


def _judged(items: Items, metric: str) -> Pooled | str:
    records = tuple(item["record"] for item in items)
    scored = []
    for record, score in zip(map(json.loads, records), _grades(records)[metric], strict=True):
        panorama = f"{record['environment']}/{record['frame']}"
        scored.append({} if score is None else {"score": score, "panorama": panorama})
    return mean(scored)


@lru_cache(maxsize=16)
def _grades(records: tuple[str, ...]) -> Mapping[str, Sequence[float | None]]:
    """Ask the judge once for both scores of a task."""
    nothing: dict[str, Sequence[float | None]] = {name: [None] * len(records) for name in METRICS}
    try:
        grade = upper.load(ENTRY_POINTS, "judge")
        samples = [sample_of(json.loads(record), "in-run") for record in records]
        return {**nothing, **grade(samples)}
    except Exception as error:
        # Hours of inference are done by now; whatever ails the judge, they are kept.
        print(f"panoenv: no judge scores ({type(error).__name__}: {error})", file=sys.stderr)
        return nothing
