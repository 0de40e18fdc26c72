"""A row as flat, ordered columns: the schema of the CSV. Shares are fractions, empty is unknown."""

from __future__ import annotations

from collections.abc import Mapping

from leaderboard.cells import table_cells
from leaderboard.rows import AUDITED, JudgeScore, Row
from panoenv_tasks.items import CATEGORIES
from panoenv_tasks.scoring import STATUSES
from panoenv_tasks.stats import Estimate

Value = str | int | float | bool | None


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
    for suffix, protocol, found in (("", "paper", row.paper), ("_strict", "strict", row.strict)):
        flat |= _total(suffix, protocol, found, row.checks)
        for cell in table_cells()[1:]:
            flat |= _estimate(f"{cell.key}{suffix}", found.get(cell.key))
        flat[f"macro_category{suffix}"] = _rounded(_macro(found))
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
    suffix: str, protocol: str, found: Mapping[str, Estimate], checks: Mapping[str, Estimate]
) -> dict[str, Value]:
    name = f"acc{suffix}"
    total, boot = found.get("acc"), checks.get(f"{protocol}_bootstrap")
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


def _estimate(name: str, found: Estimate | None) -> dict[str, Value]:
    return {
        name: _rounded(found.mean if found else None),
        f"{name}_lo": _rounded(found.lo if found else None),
        f"{name}_hi": _rounded(found.hi if found else None),
    }


def _judged(letter: str, judged: JudgeScore | None) -> dict[str, Value]:
    found = judged.estimate if judged else None
    return {
        **_estimate(f"{letter}_score", found),
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
