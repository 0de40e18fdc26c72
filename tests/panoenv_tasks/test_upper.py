"""Judges, training and leaderboard are PanoEnv's own, whatever else carries those names."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def decoys(tmp_path):
    """A folder with other people's packages of our names; importing one is seen at once."""
    for name in ("judges", "training", "leaderboard"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f"raise SystemExit('decoy {name} was imported')\n")
    return tmp_path


def run(*arguments, cwd, first_on_path=()):
    roots = [*map(str, first_on_path), str(ROOT), *(path for path in sys.path if path)]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(roots)}
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("command", ["judge", "train", "leaderboard"])
def test_commands_pass_by_a_folder_of_that_name(decoys, command):
    done = run("-m", "panoenv_tasks", command, "--help", cwd=decoys)
    assert done.returncode == 0, done.stderr
    assert f"panoenv_tasks {command}" in done.stdout


def test_commands_pass_by_an_installed_package_of_that_name(decoys, tmp_path_factory):
    done = run(
        "-m",
        "panoenv_tasks",
        "leaderboard",
        "--help",
        cwd=tmp_path_factory.mktemp("cwd"),
        first_on_path=[decoys],
    )
    assert done.returncode == 0, done.stderr
    assert "leaderboard" in done.stdout


def test_the_in_run_judge_is_ours(decoys):
    code = (
        "from panoenv_tasks import upper\n"
        "grade = upper.load('panoenv.graders', 'judge')\n"
        "print(grade.__code__.co_filename)"
    )
    done = run("-c", code, cwd=decoys)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).is_relative_to(ROOT / "judges")


def test_one_line_when_another_package_is_loaded_already(tmp_path):
    (tmp_path / "judges").mkdir()
    (tmp_path / "judges" / "__init__.py").write_text("")
    code = "import judges\nfrom panoenv_tasks import upper\nupper.load('panoenv.commands', 'judge')"
    done = run("-c", code, cwd=tmp_path)
    last = done.stderr.strip().splitlines()[-1]
    assert "another package named judges is loaded" in last
    assert str(tmp_path / "judges") in last
