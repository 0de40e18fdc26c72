"""The hook costs nothing outside lmms-eval, waits for one import inside it, and never stops a program."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from panoenv_tasks import plugin

ROOT = Path(__file__).resolve().parents[3]
REPORT = """
import sys
if "panoenv_tasks.plugin" in sys.modules or "install" in sys.argv:
    from panoenv_tasks.plugin import _Finder, install
    [install() for _ in range(3 * ("install" in sys.argv))]
    print("waiting", sum(isinstance(finder, _Finder) for finder in sys.meta_path), end=" ")
print(sorted({"panoenv_tasks", "lmms_eval", "torch", "numpy"} & sys.modules.keys()))
"""
HOOKED = "waiting 1 ['panoenv_tasks']"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """An environment of its own, which holds the start-up line and the way to this checkout's packages."""
    folder = tmp_path_factory.mktemp("start")
    venv.create(folder / "env", symlinks=True)
    (site,) = (folder / "env").glob("lib/python*/site-packages")
    shutil.copy(ROOT / "panoenv_lmms.pth", site)
    paths = [str(ROOT), *(p for p in sys.path if p.endswith("site-packages"))]
    (site / "a_paths.pth").write_text("\n".join(paths) + "\n")
    for name in ("tool.py", "lmms-eval", "lmms_eval.py", "my_lmms_notes.py"):
        (folder / name).write_text(REPORT)
    (folder / "work").mkdir()
    (folder / "work" / "lmms_eval.py").write_text(REPORT)
    return folder


@pytest.fixture
def python(place):
    def run(*arguments):
        command = [str(place / "env" / "bin" / "python"), *(a.replace("HERE", str(place)) for a in arguments)]
        return subprocess.run(command, cwd=place / "work", capture_output=True, text=True, timeout=60, env={})

    return run


@pytest.mark.parametrize(
    "program",
    [
        ("HERE/lmms-eval", "--model", "x"),
        ("-u", "HERE/lmms-eval", "--model", "x"),
        ("-X", "dev", "-W", "ignore", "HERE/lmms-eval"),
        ("-m", "lmms_eval", "--model", "x"),
        ("-u", "-m", "lmms_eval"),
        ("HERE/lmms_eval.py",),
        ("HERE/tool.py", "launch", "--cpu", "-m", "lmms_eval", "--tasks", "panoenv"),
    ],
)
def test_lmms_eval_gets_the_hook_and_no_heavy_import(python, program):
    done = python(*program)
    assert (done.stdout.strip(), done.stderr) == (HOOKED, "")


@pytest.mark.parametrize(
    "program",
    [
        ("HERE/tool.py", "anything"),
        ("HERE/tool.py", "lmms-eval"),
        ("HERE/tool.py", "/home/me/lmms-eval", "--model", "lmms"),
        ("HERE/my_lmms_notes.py",),
        ("-c", f"x = 'lmms-eval'{REPORT}"),
    ],
)
def test_nothing_is_imported_in_other_programs(python, program):
    done = python(*program)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_hooking_again_changes_nothing(python):
    assert python("HERE/lmms-eval", "install").stdout.strip() == HOOKED
    assert python("HERE/tool.py", "install").stdout.strip() == HOOKED


def test_a_broken_installation_is_one_line_and_the_program_runs(python, place):
    (site,) = (place / "env").glob("lib/python*/site-packages")
    broken = site / "panoenv_tasks"
    broken.mkdir()
    (broken / "__init__.py").write_text("raise RuntimeError('half removed')")
    try:
        done = python("HERE/lmms-eval")
    finally:
        shutil.rmtree(broken)
    assert done.stdout.strip() == "[]"
    # Where lib64 is a link to lib, Python reads every start-up line twice.
    assert set(done.stderr.splitlines()) == {"panoenv: tasks not registered at start-up: half removed"}


def test_another_lmms_eval_is_left_alone_and_told_so(capsys):
    """A release without what we change: no exception, nothing half changed, the way out named."""
    other = ModuleType("lmms_eval.tasks")
    other.TaskManager = type("TaskManager", (), {"initialize_tasks": lambda self: {"mme": 1}})
    before = other.TaskManager.initialize_tasks
    plugin._adapt(other)
    assert other.TaskManager.initialize_tasks is before
    said = capsys.readouterr().err
    assert said.startswith("panoenv: tasks not registered: ")
    assert said.count("\n") == 1
    assert f"--include_path {plugin.task_dir()}" in said


def test_models_that_cannot_be_described_cost_only_themselves(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "lmms_eval.models.registry_v2", SimpleNamespace())
    monkeypatch.setattr(plugin, "install", lambda: None)
    assert plugin.model_manifests() == []
    assert capsys.readouterr().err.startswith("panoenv: models not registered: ")
