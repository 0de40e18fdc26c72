"""Where the exact rules and a judge disagree: a page for a person to settle, and what the labels say.

The page shows disagreements and, as a control, some answers on which both agree; it keeps the labels in
the browser and saves them as a file. From the labels follow the error rates of judge and rules and the
corrected share of right answers: each of the four cells (rules right or wrong, judge high or low) is a
stratum, of which a random part was labelled.
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from judges.built_in import base_protocol
from judges.protocol import counted_score
from judges.records import JudgedSample, cluster_of
from panoenv_tasks.items import BOX_FRAME, DataError
from panoenv_tasks.records import Sample
from panoenv_tasks.rescore import score_sample
from panoenv_tasks.stats import ClusterTotals, column_totals, estimate
from panoenv_tasks.taxonomy import recognise

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Cell = Literal["right, judged low", "wrong, judged high", "right, judged high", "wrong, judged low"]
CELLS: tuple[Cell, ...] = get_args(Cell)
DISAGREEMENTS = CELLS[:2]
Label = Literal["right", "wrong", "unclear"]
LABELS: tuple[Label, ...] = get_args(Label)
#: From this share of a judge's scale on an answer counts as called right (8 of 10).
HIGH = 0.8
_WIDTH = 960


@dataclass(frozen=True)
class QueueItem:
    """One answer to look at, the cell that it is in, and what judge and rules made of it."""

    judged: JudgedSample
    cell: Cell
    rule_value: float
    score: float


def sort_into_cells(judged: Sequence[JudgedSample]) -> dict[Cell, list[QueueItem]]:
    """Return all answers that the judge did not fail on by what rules and judge say of them.

    Raises:
        DataError: There are none, or a sample's scoring method is unknown.
    """
    if not judged:
        raise DataError("no judged samples; expected the *.verdicts.jsonl of `panoenv judge score`")
    cells: dict[Cell, list[QueueItem]] = {cell: [] for cell in CELLS}
    protocol = base_protocol(judged[0].protocol)
    low, high = protocol.scale
    for entry in judged:
        score = counted_score(protocol, entry.verdict)
        if score is None or entry.sample.error:
            continue
        by_rules = score_sample(entry.sample, "strict")
        called_right = (score - low) / (high - low) >= HIGH
        rule, judge = ("right" if by_rules.correct else "wrong"), ("high" if called_right else "low")
        cell = next(cell for cell in CELLS if cell == f"{rule}, judged {judge}")
        cells[cell].append(QueueItem(entry, cell, by_rules.value, score))
    return cells


def draw_queue(cells: Mapping[Cell, Sequence[QueueItem]], limit: int, control: int) -> list[QueueItem]:
    """Return up to ``limit`` disagreements and ``control`` agreements, drawn at random, always the same."""
    generator = random.Random(0)
    disagreements = [item for cell in DISAGREEMENTS for item in cells[cell]]
    agreements = [item for cell in CELLS[2:] for item in cells[cell]]
    chosen = generator.sample(disagreements, min(limit, len(disagreements)))
    chosen += generator.sample(agreements, min(control, len(agreements)))
    # Mixed, so that nobody can tell from the place what rules and judge said.
    generator.shuffle(chosen)
    return chosen


def queue_page(items: Sequence[QueueItem], pictures: Path | None = None) -> str:
    """Return the page, one HTML file that loads nothing.

    Args:
        items: From ``draw_queue``.
        pictures: Folder with ``ENVIRONMENT/FRAME/`` panoramas; None: no pictures.
    """
    script = resources.files("judges").joinpath("disagreements.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    name = items[0].judged.verdict.judge_id + " " + items[0].judged.protocol if items else "nothing to settle"
    key = hashlib.sha256(json.dumps([_key(item) for item in items]).encode()).hexdigest()[:16]
    body = "\n".join(_entry(item, pictures) for item in items)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width"><title>Disagreements</title><style>
body {{ font: 16px/1.5 system-ui; max-width: 60rem; margin: 1rem auto; padding: 0 1rem }}
article {{ border-top: 1px solid #888; padding: 1rem 0 }} img {{ max-width: 100% }}
pre {{ white-space: pre-wrap; background: #8882; padding: .5rem; max-height: 20rem; overflow: auto }}
fieldset {{ border: 0; padding: 0 }} label {{ margin-right: 1.5rem }}
header {{ position: sticky; top: 0; background: Canvas; padding: .5rem 0 }}
</style></head><body data-queue="{key}"><header><h1>Is the answer right?</h1>
<p>{html.escape(name)}. <output id="done"></output> of {len(items)} settled; kept in this browser.
<button id="save">Save labels.json</button></p></header>
{body}
<script>{script}</script></body></html>
"""


def _key(item: QueueItem) -> tuple[str, str]:
    return item.judged.sample.id, _text_hash(item.judged.sample)


def _text_hash(sample: Sample) -> str:
    return hashlib.sha256(sample.text.encode("utf-8", "replace")).hexdigest()[:12]


def _entry(item: QueueItem, pictures: Path | None) -> str:
    sample, verdict = item.judged.sample, item.judged.verdict
    identity, text_hash = (html.escape(part, quote=True) for part in _key(item))
    picture = _picture(sample, pictures) if pictures else ""
    image = f'<img alt="the panorama, with the boxes of the question" src="{picture}">' if picture else ""
    said = html.escape(verdict.raw[-300:])
    choices = "".join(
        f'<label><input type="radio" name="{identity}" value="{label}"> {label}</label>' for label in LABELS
    )
    return f"""<article data-id="{identity}" data-text="{text_hash}">{image}
<p><b>{html.escape(sample.question)}</b></p><p>Gold answer: <b>{html.escape(sample.answer)}</b></p>
<pre>{html.escape(sample.text[-2000:])}</pre><fieldset>{choices}</fieldset>
<details><summary>What rules and judge say</summary>
<p>Rules: {item.rule_value:.2f} of 1. Judge: {item.score:g} ({said})</p></details></article>"""


def _picture(sample: Sample, pictures: Path) -> str:
    """Return a small copy with the question's boxes, as a data address; empty when there is none."""
    from PIL import Image, ImageDraw

    root = pictures.resolve()
    folder = (root / sample.environment / sample.frame).resolve()
    if not sample.frame or not folder.is_relative_to(root) or not folder.is_dir():
        return ""
    files = sorted(p for p in folder.iterdir() if p.suffix.lower() in (".png", ".jpg", ".jpeg"))
    chosen = next((p for p in files if p.stem.startswith("rgb")), files[0] if files else None)
    if chosen is None or not chosen.resolve().is_relative_to(root):
        return ""
    try:
        with Image.open(chosen) as opened:
            small = opened.convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError):
        return ""
    small.thumbnail((_WIDTH, _WIDTH))
    pen = ImageDraw.Draw(small)
    wording = recognise(sample.question)
    for number, box in enumerate(wording.objects if wording else ()):
        factor = small.width / BOX_FRAME[0]
        for rectangle in box.rectangles:
            corners = [int(value * factor) for value in rectangle]
            pen.rectangle(corners, outline=("#ff3030", "#30a0ff", "#30d030")[number % 3], width=3)
    stored = io.BytesIO()
    small.save(stored, "JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(stored.getvalue()).decode()


def read_labels(path: Path) -> dict[tuple[str, str], Label]:
    """Read what the page saved: labels by sample id and hash of the answer.

    Raises:
        DataError: It is no labels file.
    """
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["labels"]
        labels = {(str(row["id"]), str(row["text"])): row["label"] for row in rows}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path}: not the labels.json that the page saves ({error})") from None
    if wrong := next((label for label in labels.values() if label not in LABELS), None):
        raise DataError(f"{path}: label {wrong!r}; expected one of {', '.join(LABELS)}")
    return labels


def labelled_rates(judged: Sequence[JudgedSample], labels: Mapping[tuple[str, str], Label]) -> dict[str, Any]:
    """Return error rates and the corrected share of right answers, ready for JSON.

    ``{"cells": {cell: {"n", "labelled", "right", "unclear"}}, "judge": {"false_accepts": rate,
    "false_refusals": rate}, "rules": {...}, "share_right": rate}``; a rate holds ``value``, ``lo`` and ``hi``
    (its 95 % interval, clustered by environment; None where there are too few). Everything but ``cells`` is
    None while a cell has answers and no label. ``false_accepts``: share of the wrong answers that are called
    right.

    The cells are strata of which a random part was labelled (Cochran 1977, two-phase sampling): an answer
    counts as right by its cell's share, and a labelled one also by its own difference from that share, as
    often as it stands for others. So the intervals hold both what labelling a part leaves open and that
    environments differ.

    Raises:
        DataError: No label is about these answers.
    """
    cells = sort_into_cells(judged)
    given = {cell: [labels.get(_key(item)) for item in items] for cell, items in cells.items()}
    counts = {
        cell: {
            "n": len(own),
            "labelled": own.count("right") + own.count("wrong"),
            "right": own.count("right"),
            "unclear": own.count("unclear"),
        }
        for cell, own in given.items()
    }
    if not any(count["labelled"] for count in counts.values()):
        raise DataError("no label is about these answers; was the page made from another run?")
    if any(count["n"] and not count["labelled"] for count in counts.values()):
        return {"cells": counts, "judge": None, "rules": None, "share_right": None}
    places, right, judge, rules = [], [], [], []
    for cell, items in cells.items():
        count = counts[cell]
        share, stands_for = count["right"] / (count["labelled"] or 1), count["n"] / (count["labelled"] or 1)
        for item, label in zip(items, given[cell], strict=True):
            own = stands_for * ((label == "right") - share) if label in ("right", "wrong") else 0.0
            places.append(cluster_of(item.judged.sample))
            right.append(share + own)
            judge.append(cell.endswith("judged high"))
            rules.append(cell.startswith("right"))
    rightness = np.array(right)
    return {
        "cells": counts,
        "judge": _error_rates(np.array(judge), rightness, places),
        "rules": _error_rates(np.array(rules), rightness, places),
        "share_right": _ratio(rightness, np.ones(len(right)), places),
    }


def _error_rates(accepted: Bools, right: Floats, places: Sequence[str]) -> dict[str, Any]:
    """Return the error rates of whoever calls the ``accepted`` answers right."""
    return {
        "false_accepts": _ratio(accepted * (1 - right), 1 - right, places),
        "false_refusals": _ratio(~accepted * right, right, places),
    }


def _ratio(parts: Floats, wholes: Floats, places: Sequence[str]) -> dict[str, float | None] | None:
    """Return the sum of ``parts`` over that of ``wholes`` with its interval; None without wholes."""
    if wholes.sum() < 1e-9:
        return None
    totals, _ = column_totals(np.stack([parts, wholes], axis=1), places)
    ratio = estimate(ClusterTotals(totals[:, 0], totals[:, 1]), "wilson")
    return {"value": ratio.mean, "lo": ratio.lo, "hi": ratio.hi}
