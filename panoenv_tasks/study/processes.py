"""Child processes that never outlive the study, with all that they started."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import IO

#: Seconds between asking a process to end and making it.
_GRACE = 20.0
_LOOPBACK = "127.0.0.1,localhost"


def start(command: Sequence[str], environment: Mapping[str, str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start a command in a process group of its own, its words going to a log.

    The group keeps a Ctrl-C on the terminal from reaching it before the study knows.
    """
    # A proxy set for the world cannot reach this machine's loopback interface, where a study serves.
    direct = ",".join(filter(None, (os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), _LOOPBACK)))
    return subprocess.Popen(
        command,
        env={**os.environ, "NO_PROXY": direct, "no_proxy": direct, **environment},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=sys.platform != "win32",
    )


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process and all its descendants: asked first, made to after a while."""
    import psutil

    try:
        parent = psutil.Process(process.pid)
        family = [*parent.children(recursive=True), parent]
    except psutil.NoSuchProcess:
        process.wait()
        return
    for member in family:
        _signal(member.terminate)
    _, alive = psutil.wait_procs(family, timeout=_GRACE)
    for member in alive:
        _signal(member.kill)
    psutil.wait_procs(alive, timeout=_GRACE)
    process.wait()


def _signal(send: Callable[[], None]) -> None:
    import psutil

    with suppress(psutil.NoSuchProcess):
        send()
