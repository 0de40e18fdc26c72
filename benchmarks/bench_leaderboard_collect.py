"""Collect 200 runs of the test split's size (598,200 samples) to CSV and HTML.

Against the obvious Python that finds out the same, on 20 of the runs. It reads one line after another with
``panoenv_tasks.records``, scores each text under both protocols, compares with the stored scores, keeps one
list per cell, verifies the fingerprint, takes the same clustered means and writes a CSV line per run; then it
compares every two runs with ``paired_difference``, which the ranks need. It writes no page, JSON or Markdown.
Ours does all of it. Two ratios: reading and scoring against all of our work on all runs (per sample), and the
whole job of both sides on the same 20 runs. Ours reads with one process per core, in fresh processes.

    python benchmarks/bench_leaderboard_collect.py [RUNS]
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.result_folders import DATE, guesser, item, made_up_items, sample, tagged, write_run  # noqa: E402

from panoenv_tasks.answers.tags import first_answer  # noqa: E402
from panoenv_tasks.items import CATEGORIES, Item, fingerprint  # noqa: E402
from panoenv_tasks.records import Sample, read_samples  # noqa: E402
from panoenv_tasks.scoring import PROTOCOLS, score_answer  # noqa: E402
from panoenv_tasks.stats import clustered_mean, paired_difference  # noqa: E402
from panoenv_tasks.taxonomy import recognise  # noqa: E402

PANORAMAS, QUESTIONS = 120, 2991
MARK = "@reasoning@"
ITEM_FIELDS = "id environment frame question question_type category subcategory method answer".split()


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


Columns = dict[tuple[str, str], tuple[list[float], list[str]]]


def row_by_row(folders: list[Path], output: Path, kept: list[Columns]) -> int:
    """Check and score one sample after another; returns their number, and appends lists to ``kept``."""
    read = 0
    with (output / "row_by_row.csv").open("w", newline="") as out:
        writer = csv.writer(out)
        for folder in folders:
            items: list[Item] = []
            wrong = 0
            digest = hashlib.sha256()
            statuses: Counter[str] = Counter()
            cells: Columns = {}
            for one in read_samples(folder):
                read += 1
                items.append(item_of(one))
                digest.update(f"{one.id}{one.text}{one.error}".encode())
                for protocol in PROTOCOLS:
                    score = score_answer(one.method, one.answer, one.text, protocol, one.question)
                    wrong += abs(score.value - one.meta[protocol]) > 1e-6
                    for key in ("acc", one.question_type, one.category, one.subcategory):
                        values, panoramas = cells.setdefault((protocol, key), ([], []))
                        values.append(float(score.correct))
                        panoramas.append(one.panorama)
                statuses[score.status] += 1
            if wrong or len({i.id for i in items}) < len(items):
                raise SystemExit(f"{folder}: altered samples")
            if fingerprint(items) != one.meta["run"]["dataset_sha256"]:
                raise SystemExit(f"{folder}: other questions")
            figures = []
            for (_, key), (values, panoramas) in sorted(cells.items()):
                found = [clustered_mean(values, panoramas, "wilson")]
                if key == "acc":
                    found.append(clustered_mean(values, panoramas))
                    found.append(clustered_mean(values, [name.split("/")[0] for name in panoramas]))
                    found.append(clustered_mean(values, list(range(len(values)))))
                    found.append(clustered_mean(values, panoramas, "bootstrap"))
                figures += [number for e in found if e for number in (e.mean, e.lo, e.hi)]
            kept.append(cells)
            writer.writerow([folder.name, digest.hexdigest(), *statuses.items(), *figures])
    return read


def pair_by_pair(kept: list[Columns]) -> int:
    """Compare every two runs under both protocols; returns the number of pairs."""
    pairs = 0
    for one, other in combinations(kept, 2):
        for protocol in PROTOCOLS:
            values, panoramas = one[protocol, "acc"]
            paired_difference(values, other[protocol, "acc"][0], panoramas)
        pairs += 1
    return pairs


def item_of(one: Sample) -> Item:
    """The sample's question as an item, with its boxes, as the fingerprint wants it."""
    wording = recognise(one.question)
    boxes = wording.objects if wording else ()
    return Item(
        **{name: getattr(one, name) for name in ITEM_FIELDS},
        split=one.meta["split"],
        boxes=boxes,
        options=wording.options if wording else (),
        image=None,
        image_kind="none",
        touches_seam=any(box.touches_seam for box in boxes),
    )


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


def timed(work: Callable[[], int]) -> dict[str, float]:
    """Time a piece of work that returns how many things it did."""
    wall, cpu = time.perf_counter(), cpu_seconds()
    done = work()
    return {
        "seconds": time.perf_counter() - wall,
        "cpu_seconds": cpu_seconds() - cpu,
        "done": done,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def report(name: str, found: dict[str, float], more: str = "") -> None:
    each, cpu = (1e6 * found[key] / found["done"] for key in ("seconds", "cpu_seconds"))
    print(f"{name:24s} {found['seconds']:7.2f} s, each {each:7.1f} us ({cpu:.1f} of CPU){more}", flush=True)


def ours_afresh(folder: Path, runs: int, step: int, output: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--one", str(folder), str(runs), str(step), str(output)]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    page = (output / "index.html").stat().st_size / 1e6
    report(f"ours, {runs} runs", found, f"; peak {found['peak']:.0f} MB, page {page:.1f} MB")
    return found


def main(runs: int = 200) -> None:
    few = min(20, runs)
    with tempfile.TemporaryDirectory() as scratch:
        folder, output = Path(scratch, "runs"), Path(scratch, "out")
        items = test_sized_items()
        write_runs(folder, runs, items)
        output.mkdir()
        size = sum(f.stat().st_size for f in folder.rglob("*")) / 1e9
        print(f"{runs} runs x {len(items)} samples, {size:.2f} GB, {os.cpu_count()} cores", flush=True)
        for part in (runs // 4, runs // 2):
            ours_afresh(folder, part, 1, output / str(part))
        whole = ours_afresh(folder, runs, 1, output / "whole")
        same = ours_afresh(folder, few, runs // few, output / "same")

        kept: list[Columns] = []
        chosen = sorted(folder.iterdir())[:: runs // few][:few]
        reading = timed(lambda: row_by_row(chosen, output, kept))
        report(f"row by row, {few} runs", reading)
        pairing = timed(lambda: pair_by_pair(kept))
        report(f"pair by pair, {few} runs", pairing)
        for name in ("seconds", "cpu_seconds"):
            read = (reading[name] / reading["done"]) / (whole[name] / whole["done"])
            job = (reading[name] + pairing[name]) / same[name]
            print(f"{name}: reading row by row / all of ours {read:.1f}; whole job on {few} runs {job:.1f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        where, count, step, out = Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), Path(sys.argv[5])
        some = sorted(where.iterdir())[::step][:count]
        print(json.dumps(timed(lambda: ours(some, out))))
    else:
        main(*map(int, sys.argv[1:2]))
