"""Benchmarks run on their own, hours long in all; here each at least finds what it is made of."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.scripts import load_script

BENCHMARKS = sorted((Path(__file__).resolve().parents[1] / "benchmarks").glob("*.py"))


@pytest.mark.parametrize("path", BENCHMARKS, ids=lambda path: path.stem)
def test_a_benchmark_finds_its_parts(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen: one asked for a function that had got another name, and nothing said so."""
    load_script(path, monkeypatch)
