"""Child processes that never outlive their parent, with all that they started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO

#: Seconds between asking a process to end and making it.
_GRACE = 20.0
_LOOPBACK = "127.0.0.1,localhost"


def start(
    command: Sequence[str], environment: Mapping[str, str], log: IO[bytes] | None
) -> subprocess.Popen[bytes]:
    """Start a command in a process group of its own, its words going to a log (None: to this process's).

    The group keeps a Ctrl-C on the terminal from reaching it before its parent knows.
    """
    # A proxy set for the world cannot reach this machine's loopback interface, where our servers are.
    direct = ",".join(filter(None, (os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), _LOOPBACK)))
    return subprocess.Popen(
        command,
        env={**os.environ, "NO_PROXY": direct, "no_proxy": direct, **environment},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT if log else None,
        start_new_session=sys.platform != "win32",
    )


def end(process: subprocess.Popen[bytes], grace: float = _GRACE) -> None:
    """End a process and all that it started; returns when they are gone.

    Asked first, made to after ``grace`` seconds. Whoever has left the family but not the process group (a
    server's engine whose server is dead already) is ended too.
    """
    import psutil

    family = []
    with suppress(psutil.NoSuchProcess):
        parent = psutil.Process(process.pid)
        family = [*parent.children(recursive=True), parent]
    for member in family:
        with suppress(psutil.NoSuchProcess):
            member.terminate()
    _, alive = psutil.wait_procs(family, timeout=grace)
    for member in alive:
        with suppress(psutil.NoSuchProcess):
            member.kill()
    if sys.platform != "win32":
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    psutil.wait_procs(alive, timeout=grace)
    process.wait()
