"""What the page of a study says of a board's row."""

from __future__ import annotations

import csv

from panoenv_tasks.study.page import write_page
from panoenv_tasks.study.recipe import Model, Study


def test_every_answer_is_counted_somewhere(tmp_path):
    """Seen: 80 unread, 117 answered, 2 ambiguous of 200, and nothing said of the one without a tag."""
    counts = {
        "answered": 117,
        "untagged": 5,
        "no_answer_tag": 1,
        "empty": 2,
        "ambiguous": 3,
        "unparsed": 71,
        "error": 1,
    }
    row = {"model": "m", "split": "mini", "condition": "full", "provenance": "unverified", "n": "200"}
    row |= {"acc_strict": "0.3", "acc_strict_lo": "0.2", "acc_strict_hi": "0.4"}
    row |= {f"n_{name}": str(count) for name, count in counts.items()}
    (tmp_path / "board").mkdir()
    with (tmp_path / "board" / "results.csv").open("w", newline="") as file:
        lines = csv.DictWriter(file, list(row))
        lines.writeheader()
        lines.writerow(row)
    write_page(Study(name="m", model=Model(lmms="panoenv_blind"), split="mini"), tmp_path, [])
    said = next(
        line for line in (tmp_path / "report.md").read_text().splitlines() if line.startswith("| answers")
    )
    assert said == (
        "| answers | 117 answered, 5 untagged, 1 no answer tag, 2 empty, 3 ambiguous, 71 unparsed, 1 error |"
    )
