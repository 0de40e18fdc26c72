"""Run the ``panoenv`` command in this process and see what a user would see."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from panoenv_tasks import cli


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> Outcome:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["panoenv", *map(str, arguments)])
        try:
            cli.main()
            code: object = 0
        except SystemExit as stopped:
            code = stopped.code
    seen = capsys.readouterr()
    return Outcome(code if isinstance(code, int) else 0 if code is None else 1, seen.out, seen.err)
