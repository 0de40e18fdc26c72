"""``panoenv demo`` from end to end, as a newcomer runs it."""

from __future__ import annotations

import csv
import re
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "panoenv_tasks", "demo", "-o", str(folder)]
    return folder, subprocess.run(command, capture_output=True, text=True, check=False)


def test_it_ends_well_with_the_three_rows_in_order(demo):
    _, done = demo
    assert done.returncode == 0, done.stdout + done.stderr
    strict = dict(re.findall(r"\| (panoenv_\w+) \| 200 \| [\d.]+ \| ([\d.]+) \|", done.stdout))
    assert set(strict) == {"panoenv_constant", "panoenv_blind", "panoenv_oracle"}
    assert float(strict["panoenv_constant"]) < float(strict["panoenv_blind"]) < 100
    assert float(strict["panoenv_oracle"]) == 100


def test_it_leaves_a_leaderboard(demo):
    folder, _ = demo
    with (folder / "leaderboard" / "results.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["model"]: row for row in csv.DictReader(file)}
    assert rows["panoenv_oracle"]["n"] == "200"
    assert rows["panoenv_oracle"]["checked"] == "true"
    page = (folder / "leaderboard" / "index.html").read_text(encoding="utf-8")
    assert len(page) > 10_000
    # Two of the three have a rank, so the page must not say that none has.
    assert "Only reference models stand here so far." in page
