"""`make gpu` runs where a GPU is; here the same rows are measured with a tiny model."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from support.scripts import load_script

SCRIPT = Path(__file__).resolve().parents[1] / "benchmarks" / "gpu_check.py"


@pytest.fixture
def gpu_check(monkeypatch: pytest.MonkeyPatch) -> Any:
    return load_script(SCRIPT, monkeypatch)


@pytest.mark.slow
def test_the_gpu_check_runs_with_a_tiny_model(tmp_path: Path) -> None:
    out = tmp_path / "report.md"
    command = [sys.executable, str(SCRIPT), "--tiny", "-o", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    text = out.read_text("utf-8")
    assert "failed" not in text, text
    assert "14 modules, 65,536 trainable" in text
    assert text.count("tokens/s, prompts included") == 7
    assert text.count("; ratio ") == 2, "pictures once, and flash attention"
    assert "bit-identical" in text
    assert "the package flash_attn | not measured: flash_attn is not installed" in text


def test_only_what_is_asked_for_is_measured_and_the_new_comes_first(gpu_check: Any, tmp_path: Path) -> None:
    bench = gpu_check.Bench(tmp_path, tmp_path, [], tiny=True, deadline=0.0)
    asked = [name for name, _ in gpu_check.rows(bench, ["recipe", "flash", "resume"])]
    assert asked[:3] == ["machine", "model", "resumed after one of two small steps"]
    assert [name.rpartition(", ")[2] for name in asked[3:6]] == [
        "torch's flash attention on",
        "torch's flash attention off",
        "the package flash_attn",
    ]
    assert asked[6].startswith("a step of recipe structured")
    assert len(asked) == 7


def test_rows_are_written_as_they_come_and_a_failure_is_one_of_them(gpu_check: Any, tmp_path: Path) -> None:
    out = tmp_path / "report.md"

    def second() -> str:
        assert "| first | 1 s |" in out.read_text("utf-8"), "written before the next row begins"
        raise ValueError("no\nroom")

    gpu_check.measure(
        [("first", lambda: "1 s"), ("second", second), ("third", lambda: "3 s")], out, float("inf")
    )
    assert out.read_text("utf-8").splitlines()[-3:] == [
        "| first | 1 s |",
        "| second | failed: ValueError: no room |",
        "| third | 3 s |",
    ]


def test_no_row_begins_when_the_time_is_over(gpu_check: Any, tmp_path: Path) -> None:
    out = tmp_path / "report.md"
    gpu_check.measure([("late", lambda: pytest.fail("begun"))], out, time.monotonic() - 1)
    assert "| late | not measured: the time was over |" in out.read_text("utf-8")


@pytest.mark.gpu
def test_the_gpu_check_runs_at_full_size(tmp_path: Path) -> None:
    out = tmp_path / "report.md"
    subprocess.run([sys.executable, str(SCRIPT), "-o", str(out)], check=True)
    assert "failed" not in out.read_text("utf-8")
