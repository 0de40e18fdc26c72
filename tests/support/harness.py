"""Run the real lmms-eval in processes of its own, as users start it, and read what it wrote."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Entry = Literal["lmms-eval", "python -m", "accelerate", "torchrun"]

_BIN = Path(sys.executable).parent
_ENTRIES: dict[Entry, tuple[object, ...]] = {
    "lmms-eval": (_BIN / "lmms-eval",),
    "python -m": (sys.executable, "-m", "lmms_eval"),
    "accelerate": (_BIN / "accelerate", "launch", "--cpu", "--num_processes", 1, "-m", "lmms_eval"),
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
    folder: Path,
    cases: Mapping[str, tuple[Sequence[object], Mapping[str, str]]],
    env: Mapping[str, str] | None = None,
) -> dict[str, Run]:
    """Run several evaluations that log their samples, paying for the harness's imports only once.

    Args:
        folder: Each case gets a folder of its own below it.
        cases: For each name, the arguments of ``lmms-eval`` and additional environment variables.
        env: Environment variables of them all, from the start of the process.
    """
    folder.mkdir(parents=True)
    plan = {}
    for name, (arguments, own) in cases.items():
        (folder / name).mkdir()
        logged = ("--output_path", folder / name, "--log_samples")
        counted = {"DECODES": str(folder / name / "decodes")}
        plan[name] = {"arguments": [str(a) for a in (*arguments, *logged)], "env": {**counted, **own}}
    (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    parent = _finish([sys.executable, _FORKS, folder], folder, env or {})
    assert parent.code == 0, parent.err
    codes = json.loads((folder / "codes.json").read_text("utf-8"))
    return {
        name: Run(
            codes[name], *((folder / name / f).read_text("utf-8") for f in ("out", "err")), folder / name
        )
        for name in plan
    }


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
