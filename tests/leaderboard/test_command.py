import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from leaderboard.cli import leaderboard
from panoenv_tasks.items import DataError


def command(*arguments):
    app = typer.Typer()
    app.command()(leaderboard)
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_writes_all_files_and_succeeds(run_folder, tmp_path):
    run_folder.add()
    result = command(run_folder.path, "-o", tmp_path / "out", "--verification", tmp_path / "v.md")
    assert result.exit_code == 0, result.output
    assert {p.name for p in (tmp_path / "out").iterdir() if p.name[0] != "."} == {
        "results.csv",
        "leaderboard.json",
        "leaderboard.md",
        "index.html",
    }
    assert "Published models" in (tmp_path / "v.md").read_text()
    assert result.output.startswith("1 rows (1 ranked), 0 refused")


def test_a_refusal_is_one_line_and_exit_code_2_and_the_rest_is_written(run_folder, tmp_path):
    run_folder.add("good", model="acme/Good")
    folder = run_folder.add("broken")
    next(folder.glob("*_distance.jsonl")).write_text("{")
    result = command(run_folder.path, "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert len([line for line in result.stderr.splitlines() if "refused broken" in line]) == 1
    assert "acme/Good" in (tmp_path / "out" / "results.csv").read_text()


def test_nothing_fit_writes_nothing(run_folder, tmp_path):
    folder = run_folder.add("broken")
    next(folder.glob("*_distance.jsonl")).write_text("{")
    result = command(run_folder.path, "-o", tmp_path / "out")
    assert isinstance(result.exception, DataError)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("module", ["leaderboard", "leaderboard.cli"])
def test_import_stays_light(module):
    heavy = "torch transformers trl lmms_eval vllm datasets scipy jinja2 PIL pandas polars".split()
    code = f"import sys, {module}; print([m for m in {heavy!r} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
