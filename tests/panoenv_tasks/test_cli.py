"""The command itself: its version and what an unknown command says."""

from __future__ import annotations

from importlib.metadata import version

from typer.testing import CliRunner

from panoenv_tasks.cli import app


def test_it_says_its_version():
    done = CliRunner().invoke(app, ["--version"])
    assert (done.exit_code, done.output) == (0, f"panoenv {version('panoenv')}\n")


def test_an_unknown_command_is_bad_input():
    done = CliRunner().invoke(app, ["sutdy"])
    assert done.exit_code == 2
    assert "sutdy" in done.output
