"""Published figures as rows: shown beside ours, never ranked with them."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

from leaderboard.rows import Card, Judged, Row, Setup
from panoenv_tasks.stats import Estimate

SOURCE = "https://arxiv.org/abs/2602.21992"
_TYPES = {"tf": "true_false", "mcq": "multiple_choice", "oe": "open_ended"}


@lru_cache(maxsize=1)
def paper_results() -> dict[str, Any]:
    """Return ``data/paper_results.yaml``: the paper's tables, in percent (judges 0-10)."""
    text = resources.files("leaderboard").joinpath("data/paper_results.yaml").read_text("utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content


def reported_rows() -> list[Row]:
    """Return the paper's models (tables 2 and 3) as rows of the test split."""
    tables = paper_results()
    entries = [
        *((entry, "table 2", "none") for entry in tables["table_2_zero_shot"]),
        *((entry, "table 3", "panoenv_train") for entry in tables["table_3_trained"]),
    ]
    return [_row(*entry) for entry in entries if not entry[0]["model"].startswith("mean of")]


def _row(entry: dict[str, Any], table: str, training_data: str) -> Row:
    sizes = paper_results()["test_set"]
    counts = {"acc": sizes["n_released"]}
    counts |= {cell: sizes["question_types"][name] for cell, name in _TYPES.items()}
    shares = {"acc": entry.get("total"), **{cell: entry.get(cell) for cell in _TYPES}}
    identity = f"reported {SOURCE} {table} {entry['model']}"
    return Row(
        row_id=hashlib.sha256(identity.encode()).hexdigest()[:12],
        model=entry["model"],
        role="model",
        provenance="reported",
        split="test",
        condition="full",
        date="2026",
        setup=Setup(harness="the paper's own scripts", protocols="paper@1"),
        counts=None,
        paper={
            cell: Estimate(share / 100, None, None, None, counts[cell], 0)
            for cell, share in shares.items()
            if share is not None
        },
        q_score=_judged(entry.get("q_score"), "the paper's Q judge", counts["acc"]),
        p_score=_judged(entry.get("p_score"), "the paper's P judge", counts["acc"]),
        card=Card(
            training_data=training_data,
            source_url=SOURCE,
            notes=f"Lin and Zheng, CVPR 2026, {table}",
        ),
    )


def _judged(mean: float | None, judge: str, n: int) -> Judged | None:
    return None if mean is None else Judged(judge, Estimate(mean, None, None, None, n, 0), n, n)
