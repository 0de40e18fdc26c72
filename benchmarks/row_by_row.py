"""The obvious leaderboard: one sample after another, one pair of runs after another, by public functions."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

from panoenv_tasks.audit.model_runs import item_of
from panoenv_tasks.items import Item, fingerprint
from panoenv_tasks.records import read_samples
from panoenv_tasks.scoring import PROTOCOLS, score_answer
from panoenv_tasks.stats import Estimate, clustered_mean, paired_difference

TYPES = {"true_false": "tf", "multiple_choice": "mcq", "open_ended": "oe"}

Columns = dict[tuple[str, str], tuple[list[float], list[str]]]


@dataclass
class Kept:
    """What the obvious side found: per run answers by cell and estimates by CSV column; p by pair."""

    columns: list[Columns] = field(default_factory=list)
    figures: list[dict[str, Estimate]] = field(default_factory=list)
    p: dict[tuple[str, int, int], float] = field(default_factory=dict)


def row_by_row(folders: list[Path], output: Path, kept: Kept) -> int:
    """Check and score one sample after another; returns their number."""
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
                        values, environments = cells.setdefault((protocol, key), ([], []))
                        values.append(float(score.correct))
                        environments.append(one.environment)
                statuses[score.status] += 1
            if wrong or len({i.id for i in items}) < len(items):
                raise SystemExit(f"{folder}: altered samples")
            if fingerprint(items) != one.meta["run"]["dataset_sha256"]:
                raise SystemExit(f"{folder}: other questions")
            figures: dict[str, Estimate | None] = {}
            for (protocol, key), (values, environments) in sorted(cells.items()):
                name = TYPES.get(key, key) + ("_strict" if protocol == "strict" else "")
                figures[name] = clustered_mean(values, environments, "wilson")
                if key == "acc":
                    figures[f"{name}_boot"] = clustered_mean(values, environments, "bootstrap")
                    panoramas = [item.panorama for item in items]
                    figures[f"{name}_panorama"] = clustered_mean(values, panoramas, "wilson")
                    figures[f"{name}_naive"] = clustered_mean(values, list(range(len(values))), "wilson")
            found = {name: estimate for name, estimate in figures.items() if estimate}
            kept.columns.append(cells)
            kept.figures.append(found)
            shown = [number for e in found.values() for number in (e.mean, e.lo, e.hi)]
            writer.writerow([folder.name, digest.hexdigest(), *statuses.items(), *shown])
    return read


def pair_by_pair(kept: Kept) -> int:
    """Compare every two runs under both protocols; returns the number of pairs."""
    pairs = list(combinations(range(len(kept.columns)), 2))
    for protocol in PROTOCOLS:
        for a, b in pairs:
            values, environments = kept.columns[a][protocol, "acc"]
            found = paired_difference(values, kept.columns[b][protocol, "acc"][0], environments)
            if found is not None and found.p is not None:
                kept.p[protocol, a, b] = found.p
    return len(pairs)
