"""What lmms-eval pays to index our task files: as they are, against every metric spelled out in each.

The second way is how the files were written before they named their metric lists; it is made here from
the same lists, in a temporary folder. Both are read by lmms-eval's own indexing; CPU seconds.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Any

from panoenv_tasks.plugin import task_dir
from panoenv_tasks.tasks.panoenv import reported
from panoenv_tasks.tasks.panoenv.generate import files
from panoenv_tasks.tasks.panoenv.names import by_name

ROUNDS = 3


def main() -> None:
    from lmms_eval.tasks import TaskManager

    os.environ["PANOENV_METRICS"] = "all"
    manager = TaskManager(include_defaults=False)
    with tempfile.TemporaryDirectory() as scratch:
        spelled = write_spelled_out(Path(scratch))
        spelled_seconds = min(seconds(manager, scratch) for _ in range(ROUNDS))
        own_seconds = min(seconds(manager, task_dir()) for _ in range(ROUNDS))
    lines = sum(text.count("\n") for text in files().values())
    print(f"{len(files())} files; CPU seconds, best of {ROUNDS}")
    print(f"spelled out: {spelled:6} lines, {spelled_seconds:.3f} s")
    print(f"as they are: {lines:6} lines, {own_seconds:.3f} s")
    print(
        f"ratio: {spelled / lines:.1f} times fewer lines, {spelled_seconds / own_seconds:.1f} times less time"
    )


def seconds(manager: Any, folder: str) -> float:
    start = time.process_time()
    found = manager._get_task_and_group(folder)
    assert set(found) == set(by_name()), "a task is missing"
    return time.process_time() - start


def write_spelled_out(folder: Path) -> int:
    """Write all task files with their metric lists in full; return their lines."""
    (folder / "_common").write_text(Path(task_dir(), "_common").read_text("utf-8"), encoding="utf-8")
    total = 0
    for name, text in files().items():
        lines = []
        for line in text.splitlines():
            key, _, value = line.partition(": !function ")
            lines += [line] if not value else [f"{key}:", *spelled_out(value.rpartition(".")[2])]
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        total += len(lines)
    return total


def spelled_out(name: str) -> list[str]:
    lines = []
    for entry in getattr(reported, name):
        function = entry["aggregation"]
        lines += [f"  - metric: {entry['metric']}"]
        lines += [f"    aggregation: !function {function.__module__}.{function.__qualname__}"]
        if "higher_is_better" in entry:
            lines += [f"    higher_is_better: {str(entry['higher_is_better']).lower()}"]
    return lines


if __name__ == "__main__":
    main()
