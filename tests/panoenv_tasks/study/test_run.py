"""Studies as users run them: killed, failing, changed, shared. Real lmms-eval, a model without weights."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from filelock import FileLock

ROOT = Path(__file__).resolve().parents[3]
SMALL = """
name: small
model: {lmms: MODEL}
split: mini
conditions: CONDITIONS
twins: false
judges: [{protocol: rules}]
limit: 2
"""


def command(file):
    return [sys.executable, "-m", "panoenv_tasks", "study", str(file)]


def study_file(folder, model="panoenv_oracle", conditions="[full, noimage]"):
    file = folder / "small.yaml"
    file.write_text(SMALL.replace("MODEL", model).replace("CONDITIONS", conditions), encoding="utf-8")
    return file


def run(file):
    return subprocess.run(command(file), capture_output=True, text=True, check=False)


def steps_said(done):
    lines = [line.split() for line in done.stdout.splitlines()]
    return {line[1]: line[0] for line in lines if line and line[0] in ("done", "kept", "failed", "skipped")}


def interrupt_during(file, step, how):
    """Start the study, and signal it while ``step`` is at work; returns what it printed and its children."""
    process = subprocess.Popen(command(file), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    log = file.with_suffix("") / "logs" / f"{step}.log"
    deadline = time.monotonic() + 300
    while not log.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1.0)
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(how)
    out, err = process.communicate(timeout=120)
    return process.returncode, out + err, children


def alive(processes):
    return [one for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.slow
def test_killed_twice_it_repeats_nothing_and_ends_with_a_page(tmp_path):
    file = study_file(tmp_path)
    out = tmp_path / "small"
    code, said, children = interrupt_during(file, "ask-full", signal.SIGTERM)
    assert code == 130
    assert "interrupted; what is finished is kept" in said
    assert children
    assert not alive(children), "a step outlived its study"
    code, _, children = interrupt_during(file, "ask-noimage", signal.SIGKILL)
    assert code == -signal.SIGKILL
    for orphan in alive(children):
        orphan.kill()
    before = {path: path.stat().st_mtime_ns for path in (out / "ask-full").iterdir()}
    # As if it had been killed just after a step's results were in their place.
    (out / ".ask-full-999999999-x1.scratch" / "work").mkdir(parents=True)
    (out / ".ask-full-999999999-x1.scratch" / ".panoenv-scratch").touch()
    done = run(file)
    assert done.returncode == 0, done.stdout + done.stderr
    assert steps_said(done) == {
        "ask-full": "kept",
        "ask-noimage": "done",
        "judge-1-rules": "done",
        "audit": "done",
        "board": "done",
    }
    assert {path: path.stat().st_mtime_ns for path in (out / "ask-full").iterdir()} == before
    assert not list(out.glob(".*.scratch"))
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "no row, since limit: 2 asks only some questions" in page
    assert "rules@" in page
    # Nothing is left to do; a result that was changed is made anew. What read the same before is kept.
    assert set(steps_said(run(file)).values()) == {"kept"}
    (verdicts,) = (out / "judge-1-rules").glob("*.verdicts.jsonl")
    verdicts.write_text(verdicts.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert steps_said(run(file)) == {
        "ask-full": "kept",
        "ask-noimage": "kept",
        "judge-1-rules": "done",
        "audit": "kept",
        "board": "kept",
    }


@pytest.mark.slow
def test_a_model_that_does_not_load_names_its_log_and_stops_what_needs_it(tmp_path):
    done = run(study_file(tmp_path, "no_such_model", "[full]"))
    assert done.returncode == 1
    assert steps_said(done) == {
        "ask-full": "failed",
        "judge-1-rules": "skipped",
        "audit": "skipped",
        "board": "skipped",
    }
    assert f"see {tmp_path / 'small' / 'logs' / 'ask-full.log'}" in done.stdout
    assert "logs/ask-full.log" in (tmp_path / "small" / "report.html").read_text(encoding="utf-8")


def test_a_changed_study_and_a_second_one_are_refused(tmp_path):
    file = study_file(tmp_path)
    out = tmp_path / "small"
    out.mkdir()
    with FileLock(out / ".lock"):
        done = run(file)
    assert done.returncode == 2
    assert "another study is at work there" in done.stderr
    (out / "study.json").write_text(json.dumps({"study": {"name": "other"}, "done": {}}), encoding="utf-8")
    done = run(file)
    assert done.returncode == 2
    assert "holds a study with another" in done.stderr


def test_the_plan_runs_nothing(tmp_path):
    done = subprocess.run(
        [*command(study_file(tmp_path)), "--plan"], capture_output=True, text=True, check=True
    )
    assert "small: 5 steps" in done.stdout
    assert not (tmp_path / "small").exists()


def test_a_model_and_a_tier_write_the_file_first(tmp_path):
    words = [*command("lmms:panoenv_blind"), "--tier", "quick", "--plan", "-o", str(tmp_path / "mine")]
    done = subprocess.run(
        words, capture_output=True, text=True, check=False, env={**os.environ, "NO_COLOR": "1"}
    )
    assert done.returncode == 0, done.stderr
    assert "panoenv_blind (quick)" in (tmp_path / "mine.yaml").read_text(encoding="utf-8")


def test_a_full_disk_is_one_line(tmp_path):
    """A limit on the size of files stands for the disk: writing fails with EFBIG instead of ENOSPC."""
    file = study_file(tmp_path, "no_such_model")
    limit = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (100,) * 2); "
    code = (
        f"{limit} sys.argv = ['panoenv', 'study', {str(file)!r}]; from panoenv_tasks.cli import main; main()"
    )
    full = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert full.returncode == 2, full.stdout + full.stderr
    said = [line for line in full.stderr.splitlines() if line.startswith("panoenv:")]
    assert said == [
        f"panoenv: {tmp_path / 'small'}: the disk is full; free some room and run the same command again: "
        "what is finished is kept"
    ]
    assert "Traceback" not in full.stderr


def servers_of(study):
    """The vLLM servers that a study runs, by the GPUs that each was given."""
    found = {}
    with contextlib.suppress(psutil.Error):
        for process in psutil.Process(study.pid).children():
            if "vllm.entrypoints.openai.api_server" in process.cmdline():
                found[process.environ().get("CUDA_VISIBLE_DEVICES")] = process
    return found


@pytest.mark.vllm
@pytest.mark.timeout(1800)
def test_servers_stand_side_by_side_and_one_that_dies_costs_one_step(tmp_path, tmp_path_factory):
    from support.tiny_vlm import make_tiny_qwen2_5_vl

    model = make_tiny_qwen2_5_vl(tmp_path_factory.mktemp("served") / "tiny")
    python = ROOT / ".venv-vllm" / "bin" / "python"
    if not python.exists():
        pytest.skip("no .venv-vllm; run `make vllm`")
    place = f"serve: {model}, python: {python}, options: [--max-model-len, '8192']"
    file = tmp_path / "served.yaml"
    file.write_text(
        f"name: served\nmodel: {{{place}, gpus: ['0']}}\nsplit: mini\nconditions: [full, noimage]\n"
        f"judges: [{{protocol: qscore/strict, {place}, gpus: ['1']}}]\ntwins: false\nlimit: 1\n",
        encoding="utf-8",
    )
    study = subprocess.Popen(command(file), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    while len(alive_now := servers_of(study)) < 2 and study.poll() is None:
        time.sleep(0.2)
    # The model answers under another condition while its judge begins.
    assert set(alive_now) == {"0", "1"}
    assert (tmp_path / "served" / "ask-full").is_dir()
    while not (tmp_path / "served" / "logs" / "ask-noimage.log").exists() and study.poll() is None:
        time.sleep(0.05)
    alive_now["0"].kill()
    said, _ = study.communicate()
    logs = "\n".join(log.read_text("utf-8")[-1500:] for log in (tmp_path / "served" / "logs").glob("*.log"))
    assert study.returncode == 1, said + logs
    states = {line.split()[1]: line.split()[0] for line in said.splitlines() if line}
    assert states["ask-full"] == states["judge-1-qscore"] == states["audit"] == "done", said + logs
    assert states["ask-noimage"] == "failed"
    assert (
        f"the server ended with code -9 in the middle; see {tmp_path}/served/logs/server-tiny-0.log" in said
    )
    # The same command again: only what is missing, and what rests on it.
    done = run(file)
    assert done.returncode == 0, done.stdout + done.stderr
    again = steps_said(done)
    assert (again["ask-full"], again["ask-noimage"], again["judge-1-qscore"]) == ("kept", "done", "kept")
    left = [p for p in psutil.process_iter(["cmdline"]) if str(model) in " ".join(p.info["cmdline"] or [])]
    assert left == []


@pytest.mark.vllm
def test_a_folder_that_is_no_model_names_the_servers_log(tmp_path):
    python = ROOT / ".venv-vllm" / "bin" / "python"
    if not python.exists():
        pytest.skip("no .venv-vllm; run `make vllm`")
    (tmp_path / "empty").mkdir()
    file = tmp_path / "served.yaml"
    file.write_text(
        f"name: served\nmodel: {{serve: {tmp_path / 'empty'}, python: {python}}}\nsplit: mini\n"
        "twins: false\n",
        encoding="utf-8",
    )
    done = run(file)
    assert done.returncode == 1
    assert "ended with code 1 before it was ready; see " in done.stdout
    assert "logs/server-empty.log" in done.stdout
