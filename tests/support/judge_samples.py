"""Samples for judge tests: made up, or real validation questions with answers made from their golds."""

from __future__ import annotations

import json
from pathlib import Path

from support.shared import shared_rows

from panoenv_tasks.records import Sample


def sample_of(
    text: str,
    gold: str = "Yes",
    *,
    method: str = "yes_no",
    question: str = "Is the crate closer than the barrel?",
    name: str = "one",
    environment: str = "Nowhere",
    frame: str = "P000_000000",
    error: str = "",
) -> Sample:
    """A made-up sample; ``text`` is what the model wrote."""
    types = {"yes_no": "true_false", "mcq": "multiple_choice"}
    return Sample(
        id=name,
        environment=environment,
        frame=frame,
        question=question,
        question_type=types.get(method, "open_ended"),
        category="distance",
        subcategory="",
        method=method,
        answer=gold,
        text=text,
        error=error,
    )


def val_outputs(count: int, path: Path) -> Path:
    """Write validation questions in the released form; half of the answers are right.

    Every second answer is the gold, the others are the gold of the next row.
    """
    rows = shared_rows("panoenv_val.jsonl")
    chosen = rows[:: len(rows) // count][:count]
    with path.open("w", encoding="utf-8") as out:
        for index, row in enumerate(chosen):
            other = chosen[(index + 1) % len(chosen)]
            answer = (row if index % 2 else other)["expected_answer"]
            text = f"<Reasoning>Seen.</Reasoning><Answer>{answer}</Answer>"
            out.write(json.dumps({**row, "model_output": text}) + "\n")
    return path
