"""Real vLLM servers (the CPU build) for tests.

    url = start(model_dir)                       # once a session for the plain settings, then shared
    with own_server(model_dir, "--max-num-seqs", "4") as server: ...     # one to break: .url, .process

Both skip the test when ``.venv-vllm`` is not there. Shared servers are stopped at the session's end.
"""

from __future__ import annotations

import atexit
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.small_lm import VLLM_PYTHON

from panoenv_tasks.vllm_server import Installation, free_port, running_server, server_plan

_PATIENCE = 900.0
_SHARED: dict[tuple[Path, tuple[str, ...]], str] = {}
_STACK = ExitStack()
atexit.register(_STACK.close)


@dataclass(frozen=True)
class LiveServer:
    """Its base address, and its process, which leads a group of its own."""

    url: str
    process: subprocess.Popen[bytes]


def start(model_dir: Path, *extra: str) -> str:
    """The base address of a server that all tests of this session share."""
    key = (model_dir, extra)
    if key not in _SHARED:
        _SHARED[key] = _STACK.enter_context(own_server(model_dir, *extra)).url
    return _SHARED[key]


@contextmanager
def own_server(model_dir: Path, *extra: str, port: int | None = None) -> Iterator[LiveServer]:
    """A server of one's own, in its own process group, stopped at the end."""
    import pytest

    if not VLLM_PYTHON.is_file():
        pytest.skip("no .venv-vllm; run `make vllm`")
    installation = Installation(VLLM_PYTHON, cpu=True)
    server = server_plan(str(model_dir), installation, port=port or free_port(), extra=extra)
    with tempfile.NamedTemporaryFile(prefix="vllm-", suffix=".log") as log:
        try:
            with running_server(server, Path(log.name), _PATIENCE) as process:
                yield LiveServer(server.url, process)
        except BaseException:
            print(Path(log.name).read_text(errors="replace")[-4000:])
            raise
