"""Writes the task files: every group and task is a dozen lines that differ only in their names.

Run ``python -m panoenv_tasks.tasks.panoenv.generate`` after adding a condition or a metric; a test
compares the files with what this would write.
"""

from __future__ import annotations

from pathlib import Path

from panoenv_tasks.tasks.panoenv.judging import METRICS
from panoenv_tasks.tasks.panoenv.metrics import COUNTS, names
from panoenv_tasks.tasks.panoenv.names import Selection, groups, leaves

FOLDER = Path(__file__).parent
_PACKAGE = "panoenv_tasks.tasks.panoenv"


def files() -> dict[str, str]:
    """Return the text of every task file by its path relative to this folder."""
    written = {}
    for group in groups():
        folder = f"{group.split}/{group.condition}"
        written[f"{folder}/{group.name}.yaml"] = _group(group)
        for leaf in leaves(group):
            written[f"{folder}/{leaf.name}.yaml"] = _leaf(leaf)
    return written


def _leaf(leaf: Selection) -> str:
    lines = [
        "include: ../../_common",
        f"task: {leaf.name}",
        # The harness passes it on as the data set's config name, which tells process_docs the task.
        f"dataset_name: {leaf.name}",
        "output_type: generate_until",
        "metadata:",
        "  version: 1",
        "metric_list:",
    ]
    for name in METRICS:
        lines += _metric(name, f"{_PACKAGE}.judging.{name}", "true")
    for name in names(leaf.category):
        better = "false" if name.endswith("_se") or name in COUNTS[1:] else "true"
        lines += _metric(name, f"{_PACKAGE}.metrics.{_aggregation(name)}", better)
    return "\n".join(lines) + "\n"


def _metric(name: str, function: str, better: str) -> list[str]:
    return [
        f"  - metric: {name}",
        f"    aggregation: !function {function}",
        f"    higher_is_better: {better}",
    ]


def _group(group: Selection) -> str:
    lines = [f"group: {group.name}", "task:"]
    lines += [f"  - {leaf.name}" for leaf in leaves(group)]
    lines.append("aggregate_metric_list:")
    for name in (*METRICS, *names(None)):
        lines += [
            f"  - metric: {name}",
            f"    aggregation: !function {_PACKAGE}.metrics.pooled",
        ]
    lines += ["metadata:", "  version: 1"]
    return "\n".join(lines) + "\n"


def _aggregation(name: str) -> str:
    if name.endswith("_se"):
        return "standard_error"
    return "total" if name in COUNTS else "mean"


def main() -> None:
    """Write all files, and remove task files that nothing writes any more."""
    wanted = files()
    for old in FOLDER.rglob("*.yaml"):
        if str(old.relative_to(FOLDER)) not in wanted:
            old.unlink()
    for name, text in wanted.items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
