"""Open the leaderboard page in Chromium with 5 and with 50 models of 2,991 questions each.

Prints the time until the table stands and until everything is drawn, from the start of loading the file, best
of three; then the ratio of 50 models to 5. Needs Chromium and playwright.

    python benchmarks/bench_leaderboard_page.py
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT), str(ROOT / "tests")]

from bench_leaderboard_collect import write_runs  # noqa: E402
from support.chromium import chromium  # noqa: E402
from support.result_folders import as_many_as_released  # noqa: E402

from leaderboard.board import gather  # noqa: E402
from leaderboard.publish import publish  # noqa: E402

MARKS = """() => new Promise((done) => {
  const look = () => document.documentElement.dataset.ready
    ? done(["table", "all"].map((name) => performance.getEntriesByName(name)[0].startTime))
    : setTimeout(look, 5);
  look();
})"""


def opened(new_page: Any, file: Path) -> list[float]:
    """Return milliseconds to the table and to the whole page, best of three."""
    found = []
    for _ in range(3):
        page = new_page(viewport={"width": 1360, "height": 900})
        page.goto(file.as_uri())
        found.append(page.evaluate(MARKS))
        page.close()
    return [min(values) for values in zip(*found, strict=True)]


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch, chromium() as new_page:
        times = {}
        for models in (5, 50):
            folder, output = Path(scratch, f"runs{models}"), Path(scratch, f"out{models}")
            write_runs(folder, models, as_many_as_released())
            page = publish(gather([folder]), [], {}, output)["page"]
            times[models] = opened(new_page, page)
            table, whole = times[models]
            size = page.stat().st_size / 1e6
            print(f"{models:3d} models, {size:.1f} MB: table after {table:.0f} ms, all after {whole:.0f} ms")
        print(f"50 models / 5 models: {times[50][1] / times[5][1]:.1f}")


if __name__ == "__main__":
    main()
