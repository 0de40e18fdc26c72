"""What a reader adds to the exact rules and what it breaks, on the given reading cases.

Each case says whether its answer must be credited. Two samples are put to ``reader@1``: of the answers that
the rules leave unparsed (there a credit is gained or lost by reading), and of right answers, whether the
rules can read them or not (there every credit that is missing is a misreading). A 135M reader hardly
understands the question: it shows that the path works, and its figures are no measure of a 7B reader.

    python benchmarks/bench_judge_reader.py [MODEL_FOLDER_OR_URL] [CASES_PER_KIND]
"""

from __future__ import annotations

import json
import random
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.small_lm import small_lm  # noqa: E402
from support.vllm_server import start  # noqa: E402

from judges import Client, Verdict  # noqa: E402
from judges.reading import ask_reader  # noqa: E402
from panoenv_tasks.records import Sample  # noqa: E402
from panoenv_tasks.scoring import CORRECT_FROM, VERSIONS, score_answer  # noqa: E402

CASES = ROOT.parent / "shared" / "data" / "reading_cases.jsonl"


def main() -> None:
    """Measure and print."""
    target = sys.argv[1] if len(sys.argv) > 1 else ""
    per_kind = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    rows = [json.loads(line) for line in CASES.open(encoding="utf-8")]
    residue = [row for row in rows if _by_rules(row).status == "unparsed"]
    right = [row for row in rows if row["credit"]]
    client = Client(target if target.startswith("http") else start(Path(target) if target else small_lm()))
    print(f"{len(rows)} cases, rules {VERSIONS['strict']}")
    _measure("What the rules leave unparsed", residue, per_kind, client)
    _measure(
        "Right answers, put to the reader whether the rules can read them or not", right, per_kind, client
    )


def _measure(title: str, rows: Sequence[dict[str, Any]], per_kind: int, client: Client) -> None:
    chosen = _drawn(rows, per_kind)
    readings, unasked = ask_reader([_sample(i, row) for i, row in enumerate(chosen)], client)
    print(f"\n{title}: {len(rows)}, {len(chosen)} of them read by {unasked.judge_id}\n")
    head = "kind, must be credited | cases | read | credited | read as nothing | failed"
    print(f"| {head} |\n" + "|---" * 6 + "|")
    groups: dict[tuple[str, bool], list[Verdict]] = defaultdict(list)
    for row, reading in zip(chosen, readings, strict=True):
        groups[row["kind"], row["credit"]].append(reading or unasked)
    for (kind, credit), members in sorted(groups.items()):
        total = sum(row["kind"] == kind and row["credit"] == credit for row in rows)
        credited = sum((v.score or 0) >= CORRECT_FROM for v in members)
        nothing = sum("nothing" in v.flags for v in members)
        failed = sum(v.score is None for v in members)
        wanted = "yes" if credit else "no"
        print(f"| {kind}, {wanted} | {total} | {len(members)} | {credited} | {nothing} | {failed} |")


def _by_rules(row: dict[str, Any]) -> Any:
    return score_answer(row["method"], row["expected"], row["text"], "strict", row["question"])


def _drawn(rows: Sequence[dict[str, Any]], per_kind: int) -> list[dict[str, Any]]:
    """Up to ``per_kind`` cases of each kind and credit, the same ones every time."""
    groups: dict[tuple[str, bool], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["kind"], row["credit"]].append(row)
    generator = random.Random(0)
    return [
        row
        for key in sorted(groups)
        for row in generator.sample(groups[key], min(per_kind, len(groups[key])))
    ]


def _sample(index: int, row: dict[str, Any]) -> Sample:
    environment, frame = row["item"].split("/")[1:3]
    types = {"yes_no": "true_false", "mcq": "multiple_choice"}
    return Sample(
        id=f"{index}",
        environment=environment,
        frame=frame,
        question=row["question"],
        question_type=types.get(row["method"], "open_ended"),
        category="",
        subcategory="",
        method=row["method"],
        answer=row["expected"],
        text=row["text"],
    )


if __name__ == "__main__":
    main()
