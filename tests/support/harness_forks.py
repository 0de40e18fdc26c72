"""Imports lmms-eval once and runs each command line of a plan in a fork; see ``harness.evaluate_many``."""

from __future__ import annotations

import copy
import json
import os
import sys
from pathlib import Path
from typing import Any


def main(folder: Path) -> None:
    import lmms_eval.__main__  # noqa: F401
    from lmms_eval.cli import dispatch
    from lmms_eval.tasks import TaskManager

    _walk_once(TaskManager)
    codes = {}
    for name, case in json.loads((folder / "plan.json").read_text("utf-8")).items():
        child = os.fork()
        if not child:
            _become(folder / name, case)
            sys.exit(dispatch.main())
        codes[name] = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    (folder / "codes.json").write_text(json.dumps(codes), encoding="utf-8")


def _walk_once(manager: Any) -> None:
    """Read the harness's two thousand task files here, so that the forks need not."""
    read = manager._get_task_and_group
    known: dict[str, Any] = {}

    def remembered(self: Any, folder: str) -> Any:
        if folder not in known:
            known[folder] = read(self, folder)
        return copy.deepcopy(known[folder])

    manager._get_task_and_group = remembered
    manager()


def _become(folder: Path, case: dict[str, Any]) -> None:
    sys.argv = ["lmms-eval", *case["arguments"]]
    os.environ.update(case["env"])
    os.chdir(folder)
    for stream, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT), stream)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
