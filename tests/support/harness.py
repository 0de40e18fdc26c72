"""Run the real lmms-eval in processes of its own, as users start it, and read what it wrote."""

from __future__ import annotations

import atexit
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

Entry = Literal["lmms-eval", "torchrun"]

_BIN = Path(sys.executable).parent
_ENTRIES: dict[Entry, tuple[object, ...]] = {
    "lmms-eval": (_BIN / "lmms-eval",),
    "torchrun": (_BIN / "torchrun", "--standalone", "--nproc_per_node", 2, "-m", "lmms_eval"),
}
_FORKS = Path(__file__).with_name("harness_forks.py")
_DECODE_COUNTER = Path(__file__).with_name("decode_counter")
_ROOT = Path(__file__).resolve().parents[2]
#: How the lines about a group begin.
_SUMMARY = re.compile(r"panoenv: panoenv\w*: ")
#: What a user's shell may hold and a test must not depend on.
_FOREIGN = ("PANOENV_", "OPENAI_", "LMMS_", "HF_", "COV_", "PYTEST_")


@dataclass(frozen=True)
class Run:
    """What one command left behind; ``folder`` is its ``--output_path``."""

    code: int
    out: str
    err: str
    folder: Path

    @property
    def said(self) -> list[str]:
        """Our own lines on stderr, without the summary at its end."""
        ours = [line for line in self.err.splitlines() if line.startswith("panoenv: ")]
        return [line for line in ours if not _SUMMARY.match(line)]

    @property
    def summary(self) -> list[str]:
        """Our last lines on stderr: what each group came to."""
        lines = self.err.splitlines()
        starts = [n for n, line in enumerate(lines) if _SUMMARY.match(line)]
        return lines[starts[0] :] if starts else []

    @property
    def results(self) -> dict[str, Any]:
        files = list(self.folder.rglob("*_results.json"))
        assert len(files) == 1, f"{len(files)} results files\n{self.out[-3000:]}\n{self.err[-3000:]}"
        return dict(json.loads(files[0].read_text("utf-8")))

    @property
    def samples(self) -> dict[str, list[dict[str, Any]]]:
        """Rows of the samples files by task."""
        found = {}
        for file in sorted(self.folder.rglob("*_samples_*.jsonl")):
            lines = file.read_text("utf-8").splitlines()
            found[file.stem.partition("_samples_")[2]] = [json.loads(line) for line in lines]
        return found

    @property
    def records(self) -> list[dict[str, Any]]:
        """Our own record of every sample, whatever the task."""
        return [row["panoenv"] for rows in self.samples.values() for row in rows]

    @property
    def decodes(self) -> list[str]:
        """The file of each PNG decode, in order."""
        file = self.folder / "decodes"
        return file.read_text("utf-8").splitlines() if file.is_file() else []


def command(entry: Entry) -> list[object]:
    """Return how a user starts the harness."""
    return list(_ENTRIES[entry])


def run(
    folder: Path,
    *arguments: object,
    entry: Entry = "lmms-eval",
    env: Mapping[str, str] | None = None,
) -> Run:
    """Run one lmms-eval command with a clean environment; it works in ``folder``, which is made."""
    folder.mkdir(parents=True)
    return _finish([*_ENTRIES[entry], *arguments], folder, env or {})


def evaluate(folder: Path, model: str, tasks: str, *arguments: object, **options: Any) -> Run:
    """Run an evaluation that logs its samples into ``folder``; see ``run``."""
    chosen = ("--model", model, "--tasks", tasks, "--output_path", folder, "--log_samples")
    return run(folder, *chosen, *arguments, **options)


def evaluate_many(
    folder: Path, cases: Mapping[str, tuple[Sequence[object], Mapping[str, str]]], path: str = ""
) -> dict[str, Run]:
    """Run evaluations that log their samples, paying for the harness's imports once a session.

    Args:
        folder: Each case gets a folder of its own below it.
        cases: For each name, the arguments of ``lmms-eval`` and additional environment variables.
        path: More places of Python modules, for models that lmms-eval is to find.
    """
    forks, log = _forks(path)
    assert forks.stdin is not None
    assert forks.stdout is not None
    runs = {}
    for name, (arguments, env) in cases.items():
        place = folder / name
        place.mkdir(parents=True)
        command = [str(part) for part in (*arguments, "--output_path", place, "--log_samples")]
        case = {"folder": str(place), "arguments": command, "env": clean_env(place, env)}
        forks.stdin.write(json.dumps(case) + "\n")
        forks.stdin.flush()
        code = forks.stdout.readline()
        assert code, f"the process that forks is gone:\n{log.read_text('utf-8')[-3000:]}"
        out, err = ((place / stream).read_text("utf-8") for stream in ("out", "err"))
        runs[name] = Run(int(code), out, err, place)
    return runs


@cache
def _forks(path: str) -> tuple[subprocess.Popen[str], Path]:
    """A process that has imported the harness, and its log; it ends with this one, which holds its stdin."""
    home = Path(tempfile.mkdtemp(prefix="harness-forks-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    env = clean_env(home, {})
    log = home / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, _FORKS],
            env={**env, "PYTHONPATH": os.pathsep.join(filter(None, (path, env["PYTHONPATH"])))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
        )
    return process, log


def _finish(command: Sequence[object], folder: Path, env: Mapping[str, str]) -> Run:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=clean_env(folder, env),
        capture_output=True,
        text=True,
        timeout=900,
    )
    return Run(done.returncode, done.stdout, done.stderr, folder)


def clean_env(folder: Path, extra: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    return {
        **kept,
        "HF_HOME": str(folder / "hf"),
        "HF_HUB_OFFLINE": "1",
        "CUDA_VISIBLE_DEVICES": "",
        "OMP_NUM_THREADS": "1",
        # This checkout's packages, whichever one the environment was installed from.
        "PYTHONPATH": f"{_DECODE_COUNTER}{os.pathsep}{_ROOT}",
        "DECODES": str(folder / "decodes"),
        **extra,
    }
