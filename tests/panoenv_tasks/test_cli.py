"""The command itself: its version and what an unknown command says."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import pytest
from support.command import run
from support.result_folders import guesser, made_up_items, write_run
from typer.main import get_command
from typer.testing import CliRunner

from panoenv_tasks.cli import HELP, app


def test_it_says_its_version():
    done = CliRunner().invoke(app, ["--version"])
    assert (done.exit_code, done.output) == (0, f"panoenv {version('panoenv')}\n")


def test_an_unknown_command_is_bad_input():
    done = CliRunner().invoke(app, ["sutdy"])
    assert done.exit_code == 2
    assert "sutdy" in done.output


def test_the_list_of_commands_is_of_those_there_are_and_loads_none():
    code = (
        "import sys\nfrom panoenv_tasks.cli import HELP, app\n"
        "try: app(['--help'])\nexcept SystemExit: pass\n"
        "loaded = {'numpy', 'PIL', 'panoenv_tasks.stats', 'judges.cli', 'training.cli'} & set(sys.modules)\n"
        "print('LOADED', sorted(loaded))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.splitlines()[-1] == "LOADED []"
    group = get_command(app)
    assert group.list_commands(None) == list(HELP)
    for name, text in HELP.items():
        assert f" {name} " in shown
        assert text[:40] in shown
        assert group.get_command(None, name).help


@pytest.mark.parametrize("command", [["leaderboard", "-o"], ["audit", "-o"], ["build", "twins"]])
def test_a_file_where_a_folder_is_wanted_is_one_line(capsys, tmp_path, command):
    items = made_up_items(2)
    write_run(tmp_path / "out", items, guesser(1, 1.0))
    (tmp_path / "taken").write_text("mine")
    name, *rest = command
    inputs = [] if name == "build" else [tmp_path / "out"]
    seen = run(capsys, name, *inputs, *rest, tmp_path / "taken")
    assert seen.code == 2
    assert seen.err.splitlines()[-1].startswith(f"panoenv: {tmp_path / 'taken'}")
    assert "Traceback" not in seen.err
    assert (tmp_path / "taken").read_text() == "mine"


@pytest.mark.parametrize(("command", "option"), [("leaderboard", "--board"), ("study", "--plan")])
def test_help_of_a_command_that_needs_no_second_name_has_its_options(capsys, command, option):
    seen = run(capsys, command, "--help")
    assert seen.code == 0
    assert option in seen.out
    assert "Commands" in seen.out
