"""A vLLM server for the time that steps need it, its identity checked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from panoenv_tasks.items import DataError
from panoenv_tasks.study.steps import Served
from panoenv_tasks.vllm_server import count_gpus, find_installation, free_port, running_server, server_plan


@contextmanager
def serving(served: Served, log: Path, waiting: Callable[[float], None]) -> Iterator[str]:
    """Serve a model on loopback and yield its address, ending in ``/v1``; it is stopped in every way out.

    Args:
        served: What to serve, and how.
        log: Where the server's own words go.
        waiting: Called every half second with the seconds waited so far.

    Raises:
        DataError: There is no vLLM, the server ended, or serves something else; the message names the log.
    """
    server = server_plan(
        served.model,
        find_installation(Path(served.python) if served.python else None),
        port=free_port(),
        gpus=count_gpus(),
        extra=(*served.options, "--served-model-name", served.name),
    )
    url = f"{server.url}/v1"
    with running_server(server, log, waiting=waiting):
        names = served_names(url)
        if served.name not in names:
            raise DataError(
                f"{url} serves {', '.join(names) or 'nothing'}, expected {served.name}; see {log}"
            )
        yield url


def served_names(url: str) -> list[str]:
    """Return the names of the models behind an address; none when nobody answers."""
    try:
        # A proxy set for the world cannot reach this machine's loopback interface.
        with build_opener(ProxyHandler({})).open(f"{url}/models", timeout=5.0) as reply:
            return [str(model.get("id")) for model in json.loads(reply.read(1 << 20))["data"]]
    except (URLError, OSError, ValueError, KeyError, TypeError, AttributeError):
        return []
