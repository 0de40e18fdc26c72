"""A vLLM server for the time that steps need it, its identity checked."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from panoenv_tasks.items import DataError
from panoenv_tasks.study.steps import Served
from panoenv_tasks.vllm_server import count_gpus, find_installation, free_port, running_server, server_plan

#: What one replica of a model is spread over; the rest of the GPUs hold further replicas.
_SPREAD = ("--tensor-parallel-size", "-tp", "--pipeline-parallel-size", "-pp")


@dataclass(frozen=True)
class Running:
    """A server that answers: its address, ending in ``/v1``, and what was started."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def death(self) -> str:
        """How it ended, while it was needed; empty while it lives."""
        code = self.process.poll()
        return "" if code is None else f"the server ended with code {code} in the middle; see {self.log}"


@contextmanager
def serving(served: Served, log: Path, waiting: Callable[[float], None]) -> Iterator[Running]:
    """Serve a model on loopback; it is stopped in every way out.

    Args:
        served: What to serve, and how.
        log: Where the server's own words go.
        waiting: Called every half second with the seconds waited so far.

    Raises:
        DataError: There is no vLLM, the server ended, or serves something else; the message names the log.
    """
    gpus = len(served.gpus) or count_gpus()
    server = server_plan(
        served.model,
        find_installation(Path(served.python) if served.python else None),
        port=free_port(),
        gpus=replicas(served.options, gpus),
        extra=(*served.options, "--served-model-name", served.name),
    )
    if served.gpus:
        shown = {**server.environment, "CUDA_VISIBLE_DEVICES": ",".join(served.gpus)}
        server = replace(server, environment=shown)
    url = f"{server.url}/v1"
    with running_server(server, log, waiting=waiting) as process:
        names = served_names(url)
        if served.name not in names:
            raise DataError(
                f"{url} serves {', '.join(names) or 'nothing'}, expected {served.name}; see {log}"
            )
        yield Running(url, process, log)


def replicas(options: Sequence[str], gpus: int) -> int:
    """Return how many replicas fit on some GPUs when vLLM's options spread one over several."""
    count = 1
    for word, after in pairwise([*options, ""]):
        name, _, value = word.partition("=")
        if name in _SPREAD and (value or after).isdecimal():
            count *= int(value or after)
    return max(gpus // count, min(gpus, 1))


def served_names(url: str) -> list[str]:
    """Return the names of the models behind an address; none when nobody answers."""
    try:
        # A proxy set for the world cannot reach this machine's loopback interface.
        with build_opener(ProxyHandler({})).open(f"{url}/models", timeout=5.0) as reply:
            return [str(model.get("id")) for model in json.loads(reply.read(1 << 20))["data"]]
    except (URLError, OSError, ValueError, KeyError, TypeError, AttributeError):
        return []
