"""The newest lmms-eval that can be had, under our adapter: it warns of a move before users meet it.

Only lmms-eval itself is fetched, into an environment of its own that borrows everything else from here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from support import harness
from support.result_folders import made_up_items
from support.small_tree import write_tree

pytestmark = [pytest.mark.network, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[3]
ITEMS = made_up_items(3)


@pytest.fixture(scope="module")
def newest(tmp_path_factory):
    """Return the Python of an environment with the newest release, and its version."""
    folder = tmp_path_factory.mktemp("newest") / "env"
    venv.create(folder, symlinks=True, with_pip=shutil.which("uv") is None)
    python = folder / "bin" / "python"
    install = ["uv", "pip", "install", "--python"] if shutil.which("uv") else [python, "-m", "pip", "install"]
    wanted = [python, "--no-deps", "lmms-eval"] if install[0] == "uv" else ["--no-deps", "lmms-eval"]
    done = subprocess.run([*install, *wanted], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"lmms-eval cannot be fetched: {done.stderr.strip().splitlines()[-1:]}")
    (site,) = folder.glob("lib/python*/site-packages")
    shutil.copy(ROOT / "panoenv_lmms.pth", site)
    borrowed = [str(ROOT), *(path for path in sys.path if path.endswith("site-packages"))]
    (site / "a_borrowed.pth").write_text("\n".join(borrowed) + "\n")
    (found,) = site.glob("lmms_eval-*.dist-info")
    return python, found.name.removeprefix("lmms_eval-").removesuffix(".dist-info")


def start(python, folder, *arguments, **env):
    folder.mkdir()
    return subprocess.run(
        [str(part) for part in (python, "-m", "lmms_eval", *arguments)],
        cwd=folder,
        env=harness.clean_env(folder, env) | {"PYTHONPATH": os.fspath(ROOT)},
        capture_output=True,
        text=True,
        timeout=500,
    )


def test_tasks_are_listed(newest, tmp_path):
    done = start(newest[0], tmp_path / "run", "tasks", "list")
    assert "panoenv_val_distance" in done.stdout
    assert "panoenv: " not in done.stderr


def test_a_run_is_checked_scored_and_summed_up(newest, tmp_path):
    python, version = newest
    tree = write_tree(tmp_path / "tree", ITEMS, size=None)
    out = tmp_path / "out"
    chosen = ("--model", "panoenv_oracle", "--tasks", "panoenv_val_noimage")
    command = (*chosen, "--output_path", out, "--log_samples", "--use_cache", tmp_path / "cache")
    done = start(python, tmp_path / "run", *command, PANOENV_DATA=str(tree))
    run = harness.Run(done.returncode, done.stdout, done.stderr, out)
    assert run.code == 0, run.err[-3000:]
    assert run.said == []
    assert len(run.records) == len(ITEMS)
    assert {record["run"]["versions"]["lmms-eval"] for record in run.records} == {version}
    assert run.results["results"]["panoenv_val_noimage"]["acc_strict,none"] == 1.0
    assert run.summary[0].startswith("panoenv: panoenv_val_noimage: val: 30 of the released 1,496")
    kept = list((tmp_path / "cache").glob("panoenv/answers-*.jsonl"))
    assert sum(len(file.read_text("utf-8").splitlines()) for file in kept) == len(ITEMS)


def test_bad_data_is_refused_before_the_model(newest, tmp_path):
    chosen = ("--model", "panoenv_oracle", "--tasks", "panoenv_val_noimage")
    done = start(newest[0], tmp_path / "run", *chosen, PANOENV_DATA=str(tmp_path / "gone"))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("panoenv: ")
