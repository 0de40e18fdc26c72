"""What the page's first sentence, table and comparisons show, as JSON-ready data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from leaderboard.cells import table_cells
from leaderboard.comparisons import ALPHA, Group
from leaderboard.dataset import Role, baseline_codes
from leaderboard.questions import BUNDLED, check_condition
from leaderboard.rows import JudgeScore, Refusal, Row
from panoenv_tasks.markdown import one_line
from panoenv_tasks.scoring import PROTOCOLS, Protocol
from panoenv_tasks.stats import Estimate, Pairwise, t_quantile

GroupKey = tuple[str, str, str]
#: The project's own models that no picture helps: lines that every row is seen against.
FLOORS: tuple[Role, ...] = ("blind", "constant")
#: Rows in the page; the CSV and the JSON hold all.
MOST_SHOWN = 500
_LONGEST_NAME = 48


def table_data(
    rows: Sequence[Row],
    groups: Sequence[Group],
    refusals: Sequence[Refusal],
) -> dict[str, Any]:
    """Return rows, groups and cells. Shares are percent, rounded to what can be told apart."""
    rows = _shown(rows)
    sizes = Counter(row.group for row in rows if row.provenance != "reported")
    names = {row.group: row.split for row in rows}
    keys = sorted(sizes, key=lambda key: (_place(names[key]), key[1] != "full", -sizes[key]))
    compared = {group.key: group for group in groups}
    return {
        "cells": [
            {"key": c.key, "label": c.label, "kind": c.kind, "parent": c.parent} for c in table_cells()
        ],
        "groups": [_group(key, rows, compared.get(key)) for key in keys],
        "rows": [_row(row, keys.index(row.group) if row.group in keys else -1) for row in rows],
        "refusals": [str(refusal)[:500] for refusal in refusals],
    }


def _shown(rows: Sequence[Row]) -> list[Row]:
    """Return as many rows as a page can hold: those that may be ranked first, the better ones first."""
    if len(rows) <= MOST_SHOWN:
        return list(rows)
    worth = {id(row): (row.ranked, row.strict["acc"].mean if "acc" in row.strict else 1.0) for row in rows}
    kept = {id(row) for row in sorted(rows, key=lambda row: worth[id(row)], reverse=True)[:MOST_SHOWN]}
    return [row for row in rows if id(row) in kept]


def _group(key: GroupKey, rows: Sequence[Row], compared: Group | None) -> dict[str, Any]:
    members = [row for row in rows if row.group == key]
    first = members[0]
    return {
        "split": first.split,
        "condition": first.condition,
        "dataset": key[0],
        "prompts": first.setup.prompts,
        "headline": _headline(members, compared),
        "banner": _banner(first.split),
        "floor": _floor(first),
        "questions": max(row.counts.expected for row in members if row.counts),
        "panoramas": max(row.counts.panoramas for row in members if row.counts),
        "cannot_rank": compared.cannot_rank if compared else "",
        "ranked": list(compared.row_ids) if compared else [],
        "ranks": {p: compared.ranks(p) if compared else {} for p in PROTOCOLS},
        "detectable": {p: _percent(compared.detectable(p)) if compared else None for p in PROTOCOLS},
        "pairs": {
            p: _pairs(compared.pairs[p], compared.environments) if compared else None for p in PROTOCOLS
        },
    }


def _headline(rows: Sequence[Row], group: Group | None) -> str:
    """Return the page's first sentence about one group of rows, under the strict protocol.

    Who is best, by how much, over whom, and what of it needs the image.

    Args:
        rows: The group's rows, ranked or not.
        group: Their comparisons; None when none is ranked.
    """
    models = [row for row in rows if row.ranked and row.role == "model" and "acc" in row.strict]
    if not models or group is None:
        references = any(row.ranked and row.role != "model" for row in rows)
        return "Only reference models stand here so far." if references else "No model is ranked here yet."
    best, *others = sorted(models, key=lambda row: -row.strict["acc"].mean)
    over = [_lead(best, others[0], group)] if others else []
    over += [_above(best.above_blind.estimate.mean)] if best.above_blind else []
    score = f"{_name(best)} is best: {100 * best.strict['acc'].mean:.1f} % right"
    return f"{score}{', ' if over else ''}{' and '.join(over)}{_gain(best)}"


def _lead(best: Row, second: Row, group: Group) -> str:
    points = 100 * (best.strict["acc"].mean - second.strict["acc"].mean)
    if points < 0.05:
        return f"as many as {_name(second)}"
    return f"{points:.1f} points ahead of {_name(second)}{_told(best, second, group)}"


def _told(best: Row, second: Row, group: Group) -> str:
    if not group.can_rank:
        return f" (which {group.environments} environments are too few to test)"
    ids = group.row_ids
    if best.row_id not in ids or second.row_id not in ids:
        return ""
    pairs, a, b = group.pairs["strict"], ids.index(best.row_id), ids.index(second.row_id)
    adjusted = max(pairs.adjusted[a, b], pairs.adjusted[b, a])
    return "" if adjusted < ALPHA else " (which chance may explain)"


def _above(share: float) -> str:
    if share <= 0:
        return f"{-100 * share:.1f} behind answers from the question's text alone"
    return f"{100 * share:.1f} ahead of answers from the question's text alone"


def _gain(best: Row) -> str:
    if best.condition != "full":
        return "."
    if best.gain is None:
        return ". How much of it needs the image is not known: there is no run without."
    return f"; {100 * best.gain.estimate.mean:.1f} points are gone without the image."


def _name(row: Row) -> str:
    return one_line(row.model, _LONGEST_NAME)


def _place(split: str) -> int:
    """Return where a set of questions stands: the released ones first, the bundled ones last."""
    order = ("test", "val", "train")
    return order.index(split) if split in order else len(order) + (split in BUNDLED)


def _banner(split: str) -> str:
    if split in BUNDLED:
        return "Synthetic set: drawn panoramas that come with the software. It shows that all works."
    if split.startswith("own-") or split == "unchecked":
        return "Questions that nobody here knows: no row is ranked."
    return ""


def _floor(row: Row) -> dict[Role, dict[Protocol, float | None]]:
    """Return what is right without the image, in percent by role and protocol, worked out here."""
    dataset, condition = row.questions(), check_condition(row.condition)
    floor = {}
    for role in FLOORS:
        codes = baseline_codes(dataset, role, condition)
        floor[role] = {p: _percent(float(dataset.answers.correct(codes, p).mean())) for p in PROTOCOLS}
    return floor


def _pairs(pairs: Pairwise, environments: int) -> dict[str, Any]:
    reach = t_quantile(0.975, environments - 1) if environments > 1 else float("nan")
    return {
        "difference": _matrix(100 * pairs.difference, 2),
        "reach": _matrix(100 * reach * pairs.se, 2),
        "p": _matrix(pairs.p, 4),
        "adjusted": _matrix(pairs.adjusted, 4),
    }


def _matrix(values: npt.NDArray[np.float64], digits: int) -> list[list[float | None]]:
    rounded = values.round(digits).astype(object)
    rounded[np.isnan(values)] = None
    lines: list[list[float | None]] = rounded.tolist()
    return lines


def _row(row: Row, group: int) -> dict[str, Any]:
    counts, gain = row.counts, row.gain
    return {
        "id": row.row_id,
        "model": row.model,
        "role": row.role,
        "provenance": row.provenance,
        "group": group,
        "split": row.split,
        "condition": row.condition,
        "date": row.date,
        "ranked": row.ranked,
        "above": None if row.above_blind is None else _cell(row.above_blind.estimate),
        "flags": [flag.message for flag in row.flags],
        "params": row.card.params_b,
        "open": row.card.open_weights,
        "source": row.card.source_url if row.card.source_url.startswith("https://") else "",
        "paper": {key: _cell(share) for key, share in row.paper.items()},
        "strict": {key: _cell(share) for key, share in row.strict.items()},
        "checks": {key: _cell(share) for key, share in row.checks.items()},
        "format": _percent(row.format_rate),
        "q": _judged(row.q_score),
        "p": _judged(row.p_score),
        "read": None
        if row.acc_read is None
        else {
            "value": _cell(row.acc_read.estimate),
            "reader": row.acc_read.judge,
            "settled": row.acc_read.settled,
        },
        "gain": None
        if gain is None
        else {"value": _cell(gain.estimate), "p": None if gain.p is None else round(gain.p, 4)},
        "audit": {measure: _cell(share) for measure, share in row.audit.items()},
        "n": counts.n if counts else None,
        "expected": counts.expected if counts else None,
        "statuses": dict(counts.statuses) if counts else {},
        "facts": _facts(row),
    }


def _facts(row: Row) -> list[list[str]]:
    """Return label and text of everything known about how the run was made."""
    setup, card = row.setup, row.card
    pairs: list[tuple[str, object]] = [
        ("Date", row.date),
        ("Revision", card.revision),
        ("Parameters", f"{card.params_b:g} B" if card.params_b is not None else ""),
        ("Trained on", card.training_data),
        ("Submitted by", card.submitter),
        ("Harness", f"{setup.harness} {setup.harness_version}".strip()),
        ("Plugin", setup.plugin_version),
        ("Backend", setup.backend),
        ("Batch size", setup.batch_size),
        ("Pixels at most", f"{setup.max_pixels:,}" if setup.max_pixels else ""),
        ("Image", setup.image_size),
        ("Decoding", setup.decoding),
        ("Prompts", f"{setup.prompts} {setup.prompts_sha256[:12]}".strip()),
        ("Protocols", setup.protocols),
        ("Tokens in", f"{row.tokens_in:,}" if row.tokens_in is not None else ""),
        ("Tokens out", f"{row.tokens_out:,}" if row.tokens_out is not None else ""),
        ("Time", f"{row.seconds / 60:.1f} min" if row.seconds is not None else ""),
        ("Samples", f"{row.samples_path} {row.samples_sha256[:12]}".strip()),
        ("Source", card.source_url),
        ("Notes", card.notes),
    ]
    return [[label, str(value)] for label, value in pairs if value]


def _cell(share: Estimate) -> list[float | int | None]:
    """Return mean, lo and hi in percent, and the number of questions."""
    return [_percent(share.mean), _percent(share.lo), _percent(share.hi), share.n]


def _judged(score: JudgeScore | None) -> dict[str, Any] | None:
    if score is None:
        return None
    value = score.estimate
    return {
        "value": [_two(value.mean), _two(value.lo), _two(value.hi), value.n],
        "judge": score.judge,
        "as_submitted": score.as_submitted,
        "coverage": _percent(score.scored / score.asked) if score.asked else None,
    }


def _percent(share: float | None) -> float | None:
    return None if share is None or share != share else round(100 * share, 2)


def _two(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
