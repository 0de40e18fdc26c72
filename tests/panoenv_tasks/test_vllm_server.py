from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from judges.cli import app
from panoenv_tasks import vllm_server
from panoenv_tasks.items import DataError
from panoenv_tasks.processes import end
from panoenv_tasks.vllm_server import Installation, Server, free_port

GPU = Installation(Path("/opt/env/bin/python"), cpu=False)
CPU = Installation(Path("/opt/env/bin/python"), cpu=True)


def test_a_gpu_machine_gets_vllm_serve_with_a_replica_a_gpu() -> None:
    server = vllm_server.server_plan(
        "qwen", GPU, port=8021, gpus=4, revision="a09a354", extra=["--max-num-seqs", "64"]
    )
    assert server.command[:3] == ("/opt/env/bin/vllm", "serve", "Qwen/Qwen2.5-7B-Instruct")
    line = " ".join(server.command)
    for part in (
        "--host 127.0.0.1 --port 8021",
        "--served-model-name qwen2.5-7b-instruct",
        "--data-parallel-size 4",
        "--revision a09a354",
        "--max-model-len 4096",
        "--generation-config vllm",
        "--enable-prompt-tokens-details",
    ):
        assert part in line
    assert "tensor-parallel" not in line
    assert line.endswith("--max-num-seqs 64")
    assert server.environment == {}


def test_one_gpu_needs_no_replicas_and_none_is_refused() -> None:
    assert "--data-parallel-size" not in vllm_server.server_plan("prometheus", GPU, port=1).command
    with pytest.raises(DataError, match="use the CPU build"):
        vllm_server.server_plan("qwen", GPU, port=1, gpus=0)


def test_the_cpu_build_is_started_as_a_module(tmp_path: Path) -> None:
    server = vllm_server.server_plan(str(tmp_path), CPU, port=8021, gpus=0)
    assert server.command[:3] == ("/opt/env/bin/python", "-m", "vllm.entrypoints.openai.api_server")
    assert "--enforce-eager" in server.command
    assert server.environment == {"VLLM_CPU_KVCACHE_SPACE": "1", "HF_HUB_OFFLINE": "1"}
    assert server.url == "http://127.0.0.1:8021"


@pytest.mark.parametrize(
    ("flags", "dtype"),
    [
        ("flags\t\t: fpu avx avx2 fma", "float32"),
        ("flags\t\t: fpu avx512f avx512_bf16 amx_tile", "bfloat16"),
        ("Features\t: fp asimd sve bf16 i8mm", "bfloat16"),
    ],
)
def test_a_processor_without_bfloat16_does_not_emulate_it(tmp_path: Path, flags: str, dtype: str) -> None:
    file = tmp_path / "cpuinfo"
    file.write_text(f"model name\t: bf16-like\n{flags}\n")
    assert vllm_server.cpu_dtype(file) == dtype
    assert vllm_server.cpu_dtype(tmp_path / "none") == "bfloat16"


def test_only_the_cpu_build_asks_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vllm_server, "cpu_dtype", lambda: "float32")
    for installation, dtype in ((CPU, "float32"), (GPU, "bfloat16")):
        command = vllm_server.server_plan("qwen", installation, port=1).command
        assert command[command.index("--dtype") + 1] == dtype


def _fake_environment(folder: Path, package: str) -> Path:
    """A Python that reports one installed package."""
    python = folder / "python"
    python.write_text(f"#!/bin/sh\necho {package}\n")
    python.chmod(0o755)
    return python


@pytest.mark.parametrize(("package", "cpu"), [("vllm", False), ("vllm-cpu", True)])
def test_which_build_it_is(tmp_path: Path, package: str, cpu: bool) -> None:
    python = _fake_environment(tmp_path, package)
    assert vllm_server.find_installation(python) == Installation(python, cpu)


def test_no_vllm_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(vllm_server, "CPU_PYTHONS", (Path(".venv-vllm/bin/python"),))
    with pytest.raises(DataError, match=r"no vLLM in .*make vllm"):
        vllm_server.find_installation(_fake_environment(tmp_path, ""))
    with pytest.raises(DataError, match="no vLLM"):
        vllm_server.find_installation(tmp_path / "nothing")


def test_the_checkouts_build_is_found_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = tmp_path / "checkout" / ".venv-vllm" / "bin"
    checkout.mkdir(parents=True)
    python = _fake_environment(checkout, "vllm-cpu")
    nothing = _fake_environment(tmp_path, "")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "executable", str(nothing))
    monkeypatch.setattr(vllm_server, "CPU_PYTHONS", (vllm_server.CPU_PYTHONS[0], python))
    assert vllm_server.find_installation() == Installation(python, cpu=True)
    assert vllm_server.CPU_PYTHONS[0] == Path(".venv-vllm/bin/python")


@pytest.mark.parametrize(("visible", "count"), [("", 0), ("-1", 0), ("0", 1), ("0,3", 2)])
def test_visible_gpus(monkeypatch: pytest.MonkeyPatch, visible: str, count: int) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert vllm_server.count_gpus() == count


# Stands for vLLM: a child of its own, health after half a second, and deaf to SIGTERM when asked to be.
_SERVER = """
import http.server, signal, subprocess, sys, time
if "deaf" in sys.argv: signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(0.5)
if "fails" in sys.argv: sys.exit(3)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self): self.send_response(200); self.send_header("content-length", "0"); self.end_headers()
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def _server(*words: str) -> Server:
    port = free_port()
    return Server("fake", (sys.executable, "-c", _SERVER, str(port), *words), {}, port)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not (state.exists() and state.read_text().split(")")[-1].split()[0] == "Z")


@pytest.mark.parametrize("words", [(), ("deaf",)])
def test_a_server_and_its_children_are_gone_afterwards(tmp_path: Path, words: tuple[str, ...]) -> None:
    log = tmp_path / "log"
    with vllm_server.running_server(_server(*words), log) as process:
        child = int(log.read_text().splitlines()[-1])
        assert _alive(child)
        if words:
            end(process, grace=0.5)
    assert process.poll() is not None
    time.sleep(0.1)
    assert not _alive(child)


def test_an_engine_does_not_outlive_a_server_that_is_dead(tmp_path: Path) -> None:
    """The server alone is killed; what it started is in its group and no longer its child."""
    log = tmp_path / "log"
    with vllm_server.running_server(_server(), log) as process:
        child = int(log.read_text().splitlines()[-1])
        process.kill()
        process.wait()
        assert _alive(child)
    time.sleep(0.1)
    assert not _alive(child)


def test_a_server_that_ends_early_is_reported(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with (
        pytest.raises(DataError, match=f"ended with code 3 before it was ready; see {log}"),
        vllm_server.running_server(_server("fails"), log),
    ):
        pass
    assert log.read_text().startswith(f"$ {sys.executable} -c ")


def test_a_taken_port_is_not_mistaken_for_ours(tmp_path: Path) -> None:
    server = _server()
    log = tmp_path / "log"
    with (
        vllm_server.running_server(server, log),
        pytest.raises(DataError, match=f"port {server.port} is taken"),
        vllm_server.running_server(server, log),
    ):
        pass


def test_the_printed_line_is_the_command(tmp_path: Path) -> None:
    python = _fake_environment(tmp_path, "vllm-cpu")
    result = CliRunner().invoke(
        app, ["serve", "org/model", "--python", str(python), "--dry-run", "--seed", "7"]
    )
    assert result.exit_code == 0, result.output
    assert f"{python} -m vllm.entrypoints.openai.api_server --model org/model" in result.output
    assert result.output.strip().endswith("--seed 7")


def test_importing_the_command_line_is_light() -> None:
    heavy = "{'openai', 'torch', 'vllm', 'transformers', 'matplotlib', 'lmms_eval', 'sklearn'}"
    code = f"import sys, judges, judges.cli, judges.grader; print(sorted({heavy} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
