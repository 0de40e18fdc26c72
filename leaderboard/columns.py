"""A row as flat columns, and what each of them says. Shares are fractions, empty is unknown."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

import yaml

from leaderboard.cells import table_cells
from leaderboard.rows import AUDITED, JudgeScore, Row
from panoenv_tasks.items import CATEGORIES
from panoenv_tasks.scoring import STATUSES
from panoenv_tasks.stats import Estimate

Value = str | int | float | bool | None

_MEASURES: dict[str, str] = {
    "acc_read": "Right, with a reader for what the rules could not read (strict).",
    **{m: f"{m.replace('_', ' ').capitalize()}, see audit.md; strict protocol." for m in AUDITED},
}
_ENDS = {"_lo": "Lower end of its 95 % interval.", "_hi": "Upper end of its 95 % interval."}
_TOTALS = {
    "_se": "Its standard error, clustered by environment.",
    "_se_panorama": "The same, clustered by panorama.",
    "_se_environment": "The same, clustered by environment.",
    "_se_naive": "The same, as if answers were independent.",
    "_boot_lo": "Lower end of the bootstrap interval.",
    "_boot_hi": "Upper end of the bootstrap interval.",
}
_JUDGED = {
    "_score": "Mean judge score, 0 to 10.",
    "_judge_id": "The judge and its protocol.",
    "_n_scored": "Answers that got a verdict.",
    "_coverage": "Their share.",
}


def columns(row: Row) -> dict[str, Value]:
    """Return a row's values by column name, always the same columns in the same order."""
    flat: dict[str, Value] = {
        "row_id": row.row_id,
        "model": row.model,
        "revision": row.card.revision,
        "role": row.role,
        "provenance": row.provenance,
        "split": row.split,
        "condition": row.condition,
        "date": row.date,
        "checked": row.provenance != "reported" and not row.blocked,
        "warning": "; ".join(flag.message for flag in row.flags),
        "params_b": row.card.params_b,
        "open_weights": row.card.open_weights,
        "training_data": row.card.training_data,
        "submitter": row.card.submitter,
        "source_url": row.card.source_url,
        "notes": row.card.notes,
        "harness": row.setup.harness,
        "harness_version": row.setup.harness_version,
        "plugin_version": row.setup.plugin_version,
        "backend": row.setup.backend,
        "batch_size": row.setup.batch_size,
        "max_pixels": row.setup.max_pixels,
        "image_size": row.setup.image_size,
        "decoding": row.setup.decoding,
        "prompts": row.setup.prompts,
        "prompts_sha256": row.setup.prompts_sha256,
        "dataset_sha256": row.setup.dataset_sha256,
        "protocols": row.setup.protocols,
    }
    flat |= _counts(row)
    for suffix, protocol, shares in (("", "paper", row.paper), ("_strict", "strict", row.strict)):
        flat |= _total(suffix, protocol, shares, row.checks)
        for cell in table_cells()[1:]:
            flat |= _estimate(f"{cell.key}{suffix}", shares.get(cell.key))
        flat[f"macro_category{suffix}"] = _rounded(_macro(shares))
    flat |= _judged("q", row.q_score) | _judged("p", row.p_score) | _read(row.acc_read)
    return flat | {
        "tokens_in": row.tokens_in,
        "tokens_out": row.tokens_out,
        "seconds": row.seconds,
        "samples_sha256": row.samples_sha256,
        "samples_path": row.samples_path,
        **_estimate("multimodal_gain", row.gain.estimate if row.gain else None),
        **{k: v for measure in AUDITED for k, v in _estimate(measure, row.audit.get(measure)).items()},
        **_estimate("above_blind", row.above_blind.estimate if row.above_blind else None),
        "submission": row.submission,
        "panorama": row.setup.panorama,
        "replaces": "",
    }


def meaning(name: str) -> str:
    """Return what a column of ``results.csv`` says.

    Raises:
        KeyError: There is no such column.
    """
    texts = said_of()
    if name in texts["results"] or name in texts["summary"]:
        return texts["results"].get(name) or texts["summary"][name]
    if name.startswith("n_") and name.removeprefix("n_") in STATUSES:
        return f"Answers read as {name.removeprefix('n_').replace('_', ' ')} (strict)."
    for letter in "qp":
        for end, text in _JUDGED.items():
            if name == f"{letter}{end}":
                return text
    for end, text in (*_ENDS.items(), *_TOTALS.items()):
        if name.endswith(end) and (base := name.removesuffix(end)) not in _ENDS and _is_figure(base):
            return f"{base}: {text[0].lower()}{text[1:]}"
    if name in _MEASURES:
        return _MEASURES[name]
    return _share(name)


def _counts(row: Row) -> dict[str, Value]:
    counts = row.counts
    return {
        "n_expected": counts.expected if counts else None,
        "n": counts.n if counts else None,
        "n_panoramas": counts.panoramas if counts else None,
        "n_environments": counts.environments if counts else None,
        **{
            f"n_{status}": counts.statuses.get(status, 0) if counts else None
            for status in (*STATUSES, "error")
        },
        "format_rate": _rounded(row.format_rate),
    }


def _total(
    suffix: str, protocol: str, shares: Mapping[str, Estimate], checks: Mapping[str, Estimate]
) -> dict[str, Value]:
    name = f"acc{suffix}"
    total, boot = shares.get("acc"), checks.get(f"{protocol}_bootstrap")
    by_panorama = checks.get(f"{protocol}_panorama")
    naive = checks.get(f"{protocol}_naive")
    return {
        **_estimate(name, total),
        f"{name}_se": _rounded(total.se if total else None),
        f"{name}_se_panorama": _rounded(by_panorama.se if by_panorama else None),
        f"{name}_se_naive": _rounded(naive.se if naive else None),
        f"{name}_boot_lo": _rounded(boot.lo if boot else None),
        f"{name}_boot_hi": _rounded(boot.hi if boot else None),
    }


def _estimate(name: str, share: Estimate | None) -> dict[str, Value]:
    return {
        name: _rounded(share.mean if share else None),
        f"{name}_lo": _rounded(share.lo if share else None),
        f"{name}_hi": _rounded(share.hi if share else None),
    }


def _judged(letter: str, judged: JudgeScore | None) -> dict[str, Value]:
    return {
        **_estimate(f"{letter}_score", judged.estimate if judged else None),
        f"{letter}_judge_id": judged.judge if judged else "",
        f"{letter}_n_scored": judged.scored if judged else None,
        f"{letter}_coverage": _rounded(judged.scored / judged.asked) if judged else None,
    }


def _read(read: JudgeScore | None) -> dict[str, Value]:
    return {
        **_estimate("acc_read", read.estimate if read else None),
        "reader_id": read.judge if read else "",
        "n_read": read.settled if read else None,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _macro(cells: Mapping[str, Estimate]) -> float | None:
    """Return the plain mean over the five categories; None unless all are there."""
    means = [cells[c].mean for c in CATEGORIES if c in cells]
    return sum(means) / len(means) if len(means) == len(CATEGORIES) else None


def _is_figure(name: str) -> bool:
    try:
        with_ends = (*_MEASURES, "above_blind", "multimodal_gain", "q_score", "p_score")
        return name in with_ends or bool(_share(name))
    except KeyError:
        return False


def _share(name: str) -> str:
    base, protocol = (name.removesuffix("_strict"), "strict") if name.endswith("_strict") else (name, "paper")
    if base == "macro_category":
        return f"Plain mean over the five categories ({protocol})."
    labels = {cell.key: cell.label for cell in table_cells()}
    return f"Right, {labels[base]} ({protocol})."


@lru_cache(maxsize=1)
def said_of() -> dict[str, dict[str, str]]:
    """Return ``data/columns.yaml``: what each column says, by file and name."""
    text = resources.files("leaderboard").joinpath("data/columns.yaml").read_text("utf-8")
    content: dict[str, dict[str, str]] = yaml.safe_load(text)
    return content
