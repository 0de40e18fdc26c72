"""Where scorers read otherwise than a person would: the table of ``docs/reading.md``, as Markdown.

Run over the committed reading cases, or over another file of the same form given as argument.
"""

from __future__ import annotations

import json
import lzma
import sys
from collections import Counter
from pathlib import Path

from panoenv_tasks.scoring import ProtocolName, score_answer

CASES = Path(__file__).resolve().parents[1] / "tests" / "data" / "reading_cases.jsonl.xz"
PROTOCOLS: tuple[ProtocolName, ...] = ("paper@1", "strict@1", "strict@2")
KINDS = {
    "tf": "true/false",
    "mcq": "multiple choice",
    "distance": "distance",
    "count": "count",
    "relation": "relation",
}
GROUPS = (
    ("credited, must not be", False, "tagged"),
    ("refused, tagged", True, "tagged"),
    ("refused, untagged", True, "untagged"),
)


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else CASES
    raw = path.read_bytes()
    rows = [json.loads(line) for line in (lzma.decompress(raw) if path.suffix == ".xz" else raw).splitlines()]
    wrong: Counter[tuple[str, bool, str, str]] = Counter()
    seen: Counter[tuple[str, bool, str]] = Counter()
    for row in rows:
        for kind in (row["kind"], "all"):
            seen[kind, row["credit"], row["form"]] += 1
        for protocol in PROTOCOLS:
            found = score_answer(row["method"], row["expected"], row["text"], protocol, row["question"])
            for kind in (row["kind"], "all"):
                wrong[kind, row["credit"], row["form"], protocol] += found.correct is not row["credit"]
    print(f"| answers | kind | n | {' | '.join(PROTOCOLS)} |")
    print("|---" * (3 + len(PROTOCOLS)) + "|")
    for title, credit, form in GROUPS:
        for kind, name in {**KINDS, "all": "**all**"}.items():
            total = seen[kind, credit, form]
            shares = [
                f"{100 * wrong[kind, credit, form, p] / total:.1f}" if total else "-" for p in PROTOCOLS
            ]
            print(f"| {title} | {name} | {total} | {' | '.join(shares)} |")


if __name__ == "__main__":
    main()
