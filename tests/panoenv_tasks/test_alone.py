"""One process at a time in an output folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from panoenv_tasks.alone import alone
from panoenv_tasks.items import DataError


def test_a_second_process_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    out = tmp_path / "made" / "out"
    program = (
        "import sys; from pathlib import Path; from panoenv_tasks.alone import alone\n"
        "with alone(Path(sys.argv[1]), 'baking', 'eat'): print('in', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(out)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "in\n"
        with (
            pytest.raises(DataError, match="out: another baking is at work there; wait for it or eat"),
            alone(out, "baking", "eat"),
        ):
            pass
        other.kill()
    with alone(out, "baking", "eat"):
        assert (out / ".lock").is_file()


def test_a_failure_inside_is_told_as_it_is_and_lets_the_folder_go(tmp_path: Path) -> None:
    with pytest.raises(TimeoutError, match="inside"), alone(tmp_path, "baking", "eat"):
        raise TimeoutError("inside")
    with alone(tmp_path, "baking", "eat"):
        pass
