"""A plain ``pip install`` of the wheel works: no constraints, another folder, other people's packages.

Needs a package index; ``make test-install`` runs it. What an index serves changes under us, so this test and
not a pinned environment says whether a newcomer's first command works today.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.network, pytest.mark.slow, pytest.mark.timeout(1800)]

ROOT = Path(__file__).resolve().parents[1]
UV = Path(sys.executable).with_name("uv")
NAMES = ("judges", "training", "leaderboard")
DECOY = "raise SystemExit('another distribution was imported')\n"


def run(command, cwd, **env):
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONSAFEPATH")}
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env={**kept, **env}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The ``bin`` folder of a clean environment: our wheel, and after it a distribution of the same names."""
    folder = tmp_path_factory.mktemp("install")
    decoy = folder / "decoy"
    for name in NAMES:
        (decoy / name).mkdir(parents=True)
        (decoy / name / "__init__.py").write_text(DECOY)
    (decoy / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        '[project]\nname = "decoy-of-panoenv"\nversion = "1"\n'
        f"[tool.hatch.build.targets.wheel]\npackages = {list(NAMES)}\n"
    )
    run([UV, "build", "--wheel", "--out-dir", folder / "dist", ROOT], folder)
    run([UV, "venv", "--python", sys.executable, folder / "venv"], folder)
    (wheel,) = (folder / "dist").glob("*.whl")
    python = folder / "venv" / "bin" / "python"
    run([UV, "pip", "install", "--python", python, f"{wheel}[judge,site,train]"], folder)
    run([UV, "pip", "install", "--python", python, decoy], folder)
    yield python.parent
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def elsewhere(tmp_path):
    """A working folder that holds packages of our names, too."""
    for name in NAMES:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(DECOY)
    return tmp_path


ENTRIES = {
    "lmms-eval": ["lmms-eval"],
    "python -m": ["python", "-m", "lmms_eval"],
    "accelerate": ["accelerate", "launch", "--cpu", "--num_processes", "1", "-m", "lmms_eval"],
    "torchrun": ["torchrun", "--standalone", "--nproc_per_node", "1", "-m", "lmms_eval"],
}


@pytest.mark.parametrize("entry", ENTRIES)
def test_the_main_job_by_name_from_another_folder(installed, elsewhere, entry):
    program, *rest = ENTRIES[entry]
    job = ["--model", "panoenv_oracle", "--tasks", "panoenv_mini", "--output_path", "out", "--log_samples"]
    run([installed / program, *rest, *job], elsewhere, HF_HUB_OFFLINE="1")
    (results,) = (elsewhere / "out").rglob("*_results.json")
    assert json.loads(results.read_text("utf-8"))["results"]["panoenv_mini"]["acc,none"] == 1.0
    totals = json.loads(run([installed / "panoenv", "judge", "score", "out", "--json"], elsewhere))
    assert totals["total"]["mean"] == 10.0
    board = run([installed / "panoenv", "leaderboard", "out", "-o", "board"], elsewhere)
    assert "board" in board
    assert "panoenv_oracle" in (elsewhere / "board" / "results.csv").read_text("utf-8")
