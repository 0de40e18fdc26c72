"""Writes the task files: a few lines each; what they share is included, metrics are made when loaded.

Run ``python -m panoenv_tasks.tasks.panoenv.generate`` after adding a condition; a test compares the
files with what this would write.
"""

from __future__ import annotations

from pathlib import Path

from panoenv_tasks.tasks.panoenv.names import Selection, groups, leaves

FOLDER = Path(__file__).parent
_REPORTED = "panoenv_tasks.tasks.panoenv.reported"


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
    return (
        "include: ../../_common\n"
        f"task: {leaf.name}\n"
        # The harness passes it on as the data set's config name, which tells process_docs the task.
        f"dataset_name: {leaf.name}\n"
        # Not in the included file: the harness's own list of tasks fails on a file without it.
        "output_type: generate_until\n"
        f"metric_list: !function {_REPORTED}.{_kind(leaf)}{leaf.category}\n"
    )


def _group(group: Selection) -> str:
    return (
        f"group: {group.name}\n"
        f"task: [{', '.join(leaf.name for leaf in leaves(group))}]\n"
        f"aggregate_metric_list: !function {_REPORTED}.{_kind(group)}group\n"
        "metadata: {version: 1}\n"
    )


def _kind(selection: Selection) -> str:
    return "paired_" if selection.paired else ""


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
