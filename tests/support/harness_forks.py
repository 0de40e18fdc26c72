"""Imports lmms-eval once and runs each command line it is given in a fork; see ``harness.evaluate_many``.

A request is a line of JSON on stdin, the answer a line with the exit code on stdout. It ends with its stdin.
"""

from __future__ import annotations

import copy
import gc
import json
import os
import sys
from typing import Any


def main() -> None:
    # Whatever is printed on the way is no answer.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    import lmms_eval.__main__  # noqa: F401
    from lmms_eval.cli import dispatch
    from lmms_eval.tasks import TaskManager

    _walk_once(TaskManager)
    # Else each fork looks through all that was imported here for garbage, and copies its pages.
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _become(json.loads(line))
            sys.exit(dispatch.main())
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), file=answers)


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


def _become(case: dict[str, Any]) -> None:
    sys.argv = ["lmms-eval", *case["arguments"]]
    os.environ.clear()
    os.environ.update(case["env"])
    os.chdir(case["folder"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for stream, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT), stream)


if __name__ == "__main__":
    main()
