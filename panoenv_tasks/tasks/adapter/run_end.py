"""How a run of our tasks ends: what is said after the harness's own tables, and the code it leaves with."""

from __future__ import annotations

import atexit
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any


class Runs:
    """The runs of our tasks in the command's process: what to say at its end, and with which code to leave.

    Used from Python, a run says what it has to say at once, and the process leaves as it likes.
    """

    def __init__(self) -> None:
        self.unfinished = 0
        self.lines: list[str] = []
        self._watches = False

    def watch_exit(self) -> None:
        """Have a say when the process ends. Early: the script looks ``sys.exit`` up before its work."""
        if not self._watches:
            self._watches = True
            atexit.register(self._say)
            sys.exit = self._exit_after(sys.exit)

    def begin(self) -> None:
        """Count a run that ``finish`` has to take back."""
        if _is_command():
            self.unfinished += 1

    def finish(self, lines: Sequence[str], *, failed: bool) -> None:
        """Take the lines about a run; ``failed`` says that it has no result."""
        self.lines += lines
        if not _is_command():
            self._say()
        elif not failed:
            self.unfinished = max(0, self.unfinished - 1)

    def _say(self) -> None:
        print("".join(f"{line}\n" for line in self.lines), end="", file=sys.stderr)
        self.lines.clear()

    def _exit_after(self, leave: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(leave)
        def exit(code: Any = None) -> Any:
            if self.unfinished and not code:
                self.lines.append("panoenv: a run of our tasks has no result, see above; exit code 1")
                leave(1)
            leave(code)

        return exit


#: One process has one exit.
RUNS = Runs()


def _is_command() -> bool:
    """Whether this process is the harness's command, not a program of the user's."""
    return "lmms_eval.__main__" in sys.modules
