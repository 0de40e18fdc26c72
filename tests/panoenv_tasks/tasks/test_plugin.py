"""The hook costs nothing outside lmms-eval and waits for one import inside it."""

from __future__ import annotations

import subprocess
import sys

import pytest

REPORT = """
import sys
if "panoenv_tasks.plugin" in sys.modules or "install" in sys.argv:
    from panoenv_tasks.plugin import _Finder, install
    [install() for _ in range(3 * ("install" in sys.argv))]
    print("waiting", sum(isinstance(finder, _Finder) for finder in sys.meta_path), end=" ")
print(sorted({"panoenv_tasks", "lmms_eval", "torch", "numpy"} & sys.modules.keys()))
"""


@pytest.fixture
def python(tmp_path):
    script = tmp_path / "report.py"
    script.write_text(REPORT)

    def run(*arguments):
        command = [sys.executable, str(script), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()

    return run


def test_nothing_is_imported_in_other_programs(python):
    assert python("anything") == "[]"


def test_an_lmms_command_gets_the_hook_and_no_heavy_import(python):
    assert python("lmms-eval") == "waiting 1 ['panoenv_tasks']"


def test_hooking_again_changes_nothing(python):
    assert python("lmms-eval", "install") == python("install") == "waiting 1 ['panoenv_tasks']"
