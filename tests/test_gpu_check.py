"""`make gpu` runs where a GPU is; here the same steps run with a tiny model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "benchmarks" / "gpu_check.py"


@pytest.mark.slow
def test_the_gpu_check_runs_with_a_tiny_model(tmp_path: Path) -> None:
    out = tmp_path / "report.md"
    command = [sys.executable, str(SCRIPT), "--tiny", "-o", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    text = out.read_text("utf-8")
    assert "failed" not in text, text
    assert text.count("s a step") == 2
    assert "bit-identical" in text


@pytest.mark.gpu
def test_the_gpu_check_runs_at_full_size(tmp_path: Path) -> None:
    out = tmp_path / "report.md"
    subprocess.run([sys.executable, str(SCRIPT), "-o", str(out)], check=True)
    assert "failed" not in out.read_text("utf-8")
