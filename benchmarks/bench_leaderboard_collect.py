"""Collect 200 runs of the test split's size (598,200 samples) to CSV and HTML.

Against the obvious row-by-row Python: read every line with ``json``, score its text under both protocols,
keep lists, take the same clustered means, write a CSV line per run. It writes no page, does no checks and no
comparisons; ours does all of that in its time. Both sides run in this process on the same files. The
row-by-row side gets every tenth run and is compared per sample. Growth is measured in fresh processes.

    python benchmarks/bench_leaderboard_collect.py [RUNS]
"""

from __future__ import annotations

import csv
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.result_folders import DATE, guesser, item, made_up_items, sample, tagged, write_run  # noqa: E402

from panoenv_tasks.answers.tags import first_answer  # noqa: E402
from panoenv_tasks.items import CATEGORIES, Item, fingerprint  # noqa: E402
from panoenv_tasks.scoring import score_answer  # noqa: E402
from panoenv_tasks.stats import clustered_mean  # noqa: E402

PANORAMAS, QUESTIONS = 120, 2991
MARK = "@reasoning@"


def test_sized_items() -> list[Item]:
    """Made-up questions in the number and mixture of the test split."""
    items: list[Item] = []
    for copy in range(3):
        for base in made_up_items(PANORAMAS, "val"):
            question = base.question.replace("the lamp", f"the lamp {'ABC'[copy]}")
            if question != base.question or copy == 0:
                items.append(item(base.environment, base.frame, question, base.answer))
    return items[:QUESTIONS]


class Lines:
    """Sample lines by item and answer, serialised once; only the reasoning differs between runs."""

    def __init__(self, items: list[Item]) -> None:
        self._dataset = {
            "condition_items": len(items),
            "dataset_sha256": fingerprint(items),
            "dataset_items": len(items),
        }
        self._parts: dict[tuple[str, str], list[str]] = {}

    def line(self, item: Item, answer: str, reasoning: str) -> str:
        """One line of a sample file."""
        key = (item.id, answer)
        if key not in self._parts:
            row = sample(item, tagged(answer, MARK), self._dataset)
            self._parts[key] = json.dumps(row, ensure_ascii=False).split(MARK)
        return reasoning.join(self._parts[key])


def write_runs(folder: Path, runs: int, items: list[Item]) -> None:
    lines = Lines(items)
    words = "the box lies left of the centre and its lower edge is near so the range is short".split()
    for number in range(runs):
        rng = random.Random(number)
        answer = guesser(number, 0.3 + 0.4 * number / runs)
        target = folder / f"run{number:03d}"
        write_run(target, items[:1], answer, model=f"acme/Model-{number:03d}")
        for old in target.glob("*_samples_*"):
            old.unlink()
        results = json.loads((target / f"{DATE}_results.json").read_text())
        (target / f"{DATE}_results.json").write_text(json.dumps({**results, "results": {}}))
        for category in CATEGORIES:
            with (target / f"{DATE}_samples_panoenv_val_{category}.jsonl").open("w") as out:
                for one in items:
                    if one.category == category:
                        said = first_answer(answer(one)) or ""
                        reasoning = " ".join(rng.choices(words, k=40))
                        out.write(lines.line(one, said, reasoning) + "\n")


def row_by_row(folders: list[Path], output: Path) -> int:
    """The obvious way; returns the number of samples."""
    read = 0
    with (output / "row_by_row.csv").open("w", newline="") as out:
        writer = csv.writer(out)
        for folder in folders:
            cells: dict[tuple[str, str], tuple[list[float], list[str]]] = {}
            for file in sorted(folder.glob("*_samples_*.jsonl")):
                for line in file.open(encoding="utf-8"):
                    record = json.loads(line)["panoenv"]
                    read += 1
                    names = ("acc", record["question_type"], record["category"], record["subcategory"])
                    for protocol in ("paper", "strict"):
                        score = score_answer(
                            record["method"], record["answer"], record["text"], protocol, record["question"]
                        )
                        for name in names:
                            values, panoramas = cells.setdefault((protocol, name), ([], []))
                            values.append(float(score.correct))
                            panoramas.append(f"{record['environment']}/{record['frame']}")
            estimates = [clustered_mean(*cells[key]) for key in sorted(cells)]
            writer.writerow([folder.name, *(e.mean for e in estimates if e)])
    return read


def ours(folders: list[Path], output: Path) -> int:
    from leaderboard.board import gather
    from leaderboard.publish import publish

    board = gather(folders, processes=os.cpu_count() or 1)
    if board.refusals:
        raise SystemExit(f"unexpected refusal: {board.refusals[0]}")
    publish(board, [], {}, output)
    return sum(row.counts.n for row in board.rows if row.counts)


def cpu_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def timed(work: Callable[[list[Path], Path], int], folders: list[Path], output: Path) -> dict[str, float]:
    output.mkdir(parents=True, exist_ok=True)
    wall, cpu = time.perf_counter(), cpu_seconds()
    samples = work(folders, output)
    return {
        "seconds": time.perf_counter() - wall,
        "wall": 1e6 * (time.perf_counter() - wall) / samples,
        "cpu": 1e6 * (cpu_seconds() - cpu) / samples,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def report(name: str, runs: int, found: dict[str, float], more: str = "") -> None:
    print(
        f"{name:10s} {runs:4d} runs {found['seconds']:7.2f} s; per sample {found['wall']:6.1f} us, "
        f"{found['cpu']:6.1f} us of CPU{more}",
        flush=True,
    )


def main(runs: int = 200) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder, output = Path(scratch, "runs"), Path(scratch, "out")
        items = test_sized_items()
        write_runs(folder, runs, items)
        size = sum(f.stat().st_size for f in folder.rglob("*")) / 1e9
        print(f"{runs} runs x {len(items)} samples, {size:.2f} GB, {os.cpu_count()} cores", flush=True)
        for part in (runs // 4, runs // 2, runs):
            command = [sys.executable, __file__, "--one", str(folder), str(part), str(output / str(part))]
            found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
            page = (output / str(part) / "index.html").stat().st_size / 1e6
            report("ours", part, found, f"; peak {found['peak']:.0f} MB, page {page:.1f} MB")
        chosen = sorted(folder.iterdir())[:: max(1, runs // 20)]
        naive = timed(row_by_row, chosen, output)
        report("row by row", len(chosen), naive)
        print(f"row by row / ours: {naive['wall'] / found['wall']:.1f} in time, ", end="")
        print(f"{naive['cpu'] / found['cpu']:.1f} in CPU time")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(
            json.dumps(
                timed(ours, sorted(Path(sys.argv[2]).iterdir())[: int(sys.argv[3])], Path(sys.argv[4]))
            )
        )
    else:
        main(*map(int, sys.argv[1:2]))
