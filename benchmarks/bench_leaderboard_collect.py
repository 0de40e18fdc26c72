"""Collect 200 runs of the test split's size (598,200 samples) to CSV, JSON, Markdown and HTML.

Against the obvious Python on 20 of the runs, which reads one line after another (``json.loads``), scores
each text under both protocols with the public scorer, compares with the stored scores, keeps one list per
cell, verifies the fingerprint, takes the same clustered means and writes a CSV line per run; then it compares
every two runs with ``paired_difference``, which the ranks need. It writes no page. Ours does all of it, with
one process per core, in fresh processes; every figure of the 20 runs must be the same on both sides.

The first ratio is that of reading, checking, scoring and estimating per sample; ours on 200 runs. The second
sets *all* of our work against only that part of the other side. The third is the whole job of both sides on
the same 20 runs. The fourth extends the obvious side to 200 runs: samples grow linearly, pairs with the
square up to the 100 rows that a board compares. Imports are part of ours, from compiled files, and not of
the other side.

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

from row_by_row import Kept, pair_by_pair, row_by_row  # noqa: E402
from support.result_folders import DATE, as_many_as_released, guesser, sample, tagged, write_run  # noqa: E402

from panoenv_tasks.answers.tags import first_answer  # noqa: E402
from panoenv_tasks.items import CATEGORIES, Item, fingerprint  # noqa: E402

MARK = "@reasoning@"


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


def known_questions(folder: Path) -> str:
    """The fingerprint that a run records."""
    with next(folder.glob("*_samples_*")).open() as lines:
        return str(json.loads(next(lines))["panoenv"]["run"]["dataset_sha256"])


def check_same(kept: Kept, output: Path) -> None:
    """Stop unless our files hold the figures that the obvious side found."""
    with (output / "results.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == len(kept.figures)
    compared = 0
    for row, figures in zip(rows, kept.figures, strict=True):
        for name, found in figures.items():
            for column, value in ((name, found.mean), (f"{name}_lo", found.lo), (f"{name}_hi", found.hi)):
                if column in row:
                    compared += 1
                    assert value is not None, name
                    # A t interval is cut at 0 and 1 in the file; no run here comes near.
                    assert abs(float(row[column]) - value) < 1e-6, (row["model"], column, value)
    groups = json.loads((output / "leaderboard.json").read_text())["comparisons"]
    assert len(groups) == 1
    for (protocol, a, b), p in kept.p.items():
        compared += 1
        assert abs(groups[0]["pairs"][protocol]["p"][a][b] - p) < 1e-4, (protocol, a, b, p)
    print(f"{compared} figures are the same on both sides")


def ours(folders: list[Path], output: Path) -> dict[str, float]:
    """Time all of our work; ``read_`` is the part up to checked rows, what the other side reads for."""
    started = time.perf_counter(), cpu_seconds()
    from leaderboard.board import cores, gather
    from leaderboard.publish import publish
    from leaderboard.standing import Policy

    # The maintainer of this board knows the made-up questions; unknown ones would not be ranked.
    board = gather(folders, cores(), policy=Policy(datasets={known_questions(folders[0]): "val"}))
    if board.refusals:
        raise SystemExit(f"unexpected refusal: {board.refusals[0]}")
    rows = time.perf_counter() - started[0], cpu_seconds() - started[1]
    publish(board, [], {}, output)
    return {
        "read_seconds": rows[0],
        "read_cpu_seconds": rows[1],
        "seconds": time.perf_counter() - started[0],
        "cpu_seconds": cpu_seconds() - started[1],
        "done": sum(row.counts.n for row in board.rows if row.counts),
        "peak": peak(),
    }


def cpu_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def timed(work: Callable[[], int]) -> dict[str, float]:
    """Time a piece of work that returns how many things it did."""
    wall, cpu = time.perf_counter(), cpu_seconds()
    done = work()
    return {
        "seconds": time.perf_counter() - wall,
        "cpu_seconds": cpu_seconds() - cpu,
        "done": done,
    }


def peak() -> float:
    """Return the most memory that this process has held, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def report(name: str, found: dict[str, float], more: str = "") -> None:
    each, cpu = (1e6 * found[key] / found["done"] for key in ("seconds", "cpu_seconds"))
    print(f"{name:24s} {found['seconds']:7.2f} s, each {each:7.1f} us ({cpu:.1f} of CPU){more}", flush=True)


def ours_afresh(folder: Path, runs: int, step: int, output: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--one", str(folder), str(runs), str(step), str(output)]
    # An installed package is compiled when it is used the second time, whatever this shell says.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env["PYTHONPYCACHEPREFIX"] = str(output.parent / "compiled")
    done = subprocess.run(command, check=True, capture_output=True, env=env)
    found: dict[str, float] = json.loads(done.stdout)
    page = (output / "index.html").stat().st_size / 1e6
    report(f"ours, {runs} runs", found, f"; peak {found['peak']:.0f} MB, page {page:.1f} MB")
    return found


def main(runs: int = 200) -> None:
    import scipy.special  # noqa: F401  (else the first estimate would pay for it)

    from leaderboard.board import cores
    from leaderboard.comparisons import MOST_COMPARED

    # No board compares more than the best 100 rows, so neither side is held to more.
    few, most = min(20, runs), min(MOST_COMPARED, runs)
    with tempfile.TemporaryDirectory() as scratch:
        folder, output = Path(scratch, "runs"), Path(scratch, "out")
        items = as_many_as_released("val")
        write_runs(folder, runs, items)
        output.mkdir()
        size = sum(f.stat().st_size for f in folder.rglob("*")) / 1e9
        print(f"{runs} runs x {len(items)} samples, {size:.2f} GB, {cores()} cores", flush=True)
        for part in (runs // 4, runs // 2):
            ours_afresh(folder, part, 1, output / str(part))
        whole = ours_afresh(folder, runs, 1, output / "whole")
        same = ours_afresh(folder, few, runs // few, output / "same")

        kept = Kept()
        chosen = sorted(folder.iterdir())[:: runs // few][:few]
        reading = timed(lambda: row_by_row(chosen, output, kept))
        report(f"row by row, {few} runs", reading)
        pairing = timed(lambda: pair_by_pair(kept))
        report(f"pair by pair, {few} runs", pairing)
        check_same(kept, output / "same")
        print(f"{'':34s}{'wall':>8s}{'CPU':>8s}")
        ratios: dict[str, list[float]] = {}
        for name in ("seconds", "cpu_seconds"):
            obvious = reading[name] / reading["done"] * whole["done"]
            pairs = pairing[name] / pairing["done"] * most * (most - 1) / 2
            for what, ratio in (
                ("reading only / reading only", obvious / whole[f"read_{name}"]),
                ("reading only / all of ours", obvious / whole[name]),
                (f"whole job, the same {few} runs", (reading[name] + pairing[name]) / same[name]),
                (f"whole job, {runs} runs (extended)", (obvious + pairs) / whole[name]),
            ):
                ratios.setdefault(what, []).append(ratio)
        for what, (wall, cpu) in ratios.items():
            print(f"{what:34s}{wall:8.1f}{cpu:8.1f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        where, count, step, out = Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), Path(sys.argv[5])
        some = sorted(where.iterdir())[::step][:count]
        print(json.dumps(ours(some, out)))
    else:
        main(*map(int, sys.argv[1:2]))
