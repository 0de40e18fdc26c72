"""A vLLM server for the time that steps need it: started, waited for, its identity checked, stopped."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from panoenv_tasks.items import DataError
from panoenv_tasks.study.processes import end, start
from panoenv_tasks.study.steps import PANOENV, Served

HOST = "127.0.0.1"
_START_UP, _POLL = 1800.0, 1.0


@contextmanager
def serving(served: Served, log: Path, waiting: Callable[[float], None]) -> Iterator[str]:
    """Serve a model on loopback and yield its address, ending in ``/v1``; it is stopped in every way out.

    Args:
        served: What to serve, and how.
        log: Where the server's own words go.
        waiting: Called every second with the seconds waited so far.

    Raises:
        DataError: The server ended, or serves something else; the message names the log.
    """
    port = free_port()
    command = [*PANOENV, "judge", "serve", served.model, "--port", str(port)]
    command += ["--python", served.python] if served.python else []
    command += [*served.options, "--served-model-name", served.name]
    with log.open("ab") as words:
        process = start(command, {}, words)
        try:
            url = f"http://{HOST}:{port}/v1"
            _wait(process, url, served, log, waiting)
            yield url
        finally:
            end(process)


def free_port() -> int:
    """Return a port on loopback that nobody listens on."""
    with socket.socket() as one:
        one.bind((HOST, 0))
        return int(one.getsockname()[1])


def _wait(
    process: subprocess.Popen[bytes], url: str, served: Served, log: Path, waiting: Callable[[float], None]
) -> None:
    began = time.monotonic()
    while time.monotonic() - began < _START_UP:
        if process.poll() is not None:
            raise DataError(f"the server for {served.model} ended with code {process.returncode}; see {log}")
        names = served_names(url)
        if names is not None:
            if served.name not in names:
                raise DataError(
                    f"{url} serves {', '.join(names) or 'nothing'}, expected {served.name}; see {log}"
                )
            return
        waiting(time.monotonic() - began)
        time.sleep(_POLL)
    raise DataError(f"the server for {served.model} was not ready after {_START_UP:.0f} s; see {log}")


def served_names(url: str) -> list[str] | None:
    """Return the names of the models behind an address; None while nobody answers."""
    try:
        # A proxy set for the world cannot reach this machine's loopback interface.
        with build_opener(ProxyHandler({})).open(f"{url}/models", timeout=5.0) as reply:
            return [str(model.get("id")) for model in json.loads(reply.read(1 << 20))["data"]]
    except (URLError, OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def open_log(file: Path) -> IO[bytes]:
    """Open a step's log to append to."""
    file.parent.mkdir(parents=True, exist_ok=True)
    return file.open("ab")
