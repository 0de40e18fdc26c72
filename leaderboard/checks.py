"""What makes a run unfit: refusals raise, doubts become flags."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from leaderboard.datasets import Dataset, released_fingerprints
from leaderboard.rows import Counts, Flag, Role
from leaderboard.samples import ImageRecord
from leaderboard.sheets import AnswerSheet
from panoenv_tasks.items import DataError
from panoenv_tasks.perturb import Condition, image_kind
from panoenv_tasks.tasks.panoenv.names import SPLIT_SUFFIXES

#: Pixels of the panorama that the printed boxes refer to; below this the model sees less.
FULL_PIXELS = 2560 * 1280
#: Above this share of unreadable answers a row says so.
UNPARSED_ABOVE = 0.02
#: Above this share of distances equal to the gold to the last digit, the gold was probably seen.
COPIED_ABOVE = 0.20


def check_images(images: Mapping[ImageRecord, int], condition: Condition, role: Role) -> None:
    """Raise DataError when a model was not shown what the condition says.

    Blind, constant and oracle answers come from text; what they were shown is of no account.
    """
    if role != "model":
        return
    sources = {image.source for image in images}
    if len(sources) > 1:
        raise DataError(
            f"samples were made with different panoramas ({', '.join(sorted(sources))}); run again"
        )
    wanted = image_kind(condition, "restored" if sources == {"restored"} else "erp")
    wrong = {image.kind: count for image, count in images.items() if image.kind != wanted}
    if wrong:
        raise DataError(
            f"condition {condition} asks for image kind {wanted}, but {sum(wrong.values())} samples "
            f"were made with {', '.join(sorted(wrong))}"
        )


def check_stored_scores(
    protocol: str, stored: npt.NDArray[np.float64], found: npt.NDArray[np.float64]
) -> None:
    """Raise DataError when stored rewards are not what the texts give (NaN: no answer)."""
    wrong = (np.abs(stored - found) > 1e-6) | (np.isnan(stored) != np.isnan(found))
    if wrong.any():
        raise DataError(
            f"{int(wrong.sum())} stored {protocol} scores are not what the texts give; "
            "the samples were altered"
        )


def check_stored_totals(
    results: Mapping[str, Any],
    sheet: AnswerSheet,
    paper: npt.NDArray[np.float64],
    strict: npt.NDArray[np.float64],
) -> None:
    """Raise DataError when a stored accuracy, of a task or of their group, is not what the samples give.

    Args:
        results: The parsed results file; nothing is checked of tasks that it lacks.
        sheet: The answers.
        paper: Per answer 1 right, 0 wrong, NaN nothing to score, under the paper protocol; shape (n,).
        strict: The same under the strict protocol.
    """
    suffix = next((s for name, s in SPLIT_SUFFIXES.items() if name == sheet.split), "")
    condition = "" if sheet.run.condition == "full" else f"_{sheet.run.condition}"
    chosen = {**sheet.tasks, f"panoenv{suffix}{condition}": np.arange(len(paper))}
    for task, places in chosen.items():
        answered = places[~np.isnan(paper[places])]
        if len(answered):
            _check_total(results, task, "acc", float(paper[answered].mean()))
            _check_total(results, task, "acc_strict", float(strict[answered].mean()))


def _check_total(results: Mapping[str, Any], task: str, metric: str, value: float) -> None:
    entry = results.get("results", {})
    entry = entry.get(task, {}) if isinstance(entry, dict) else {}
    stored = entry.get(f"{metric},none") if isinstance(entry, dict) else None
    if isinstance(stored, int | float) and not math.isclose(stored, value, abs_tol=1e-4):
        raise DataError(
            f"stored {metric} {stored:.4f} of {task} is not what its samples give "
            f"({value:.4f}); the results file was altered"
        )


def flags_for(
    dataset: Dataset,
    split: str,
    counts: Counts,
    role: Role,
    copied: float,
    max_pixels: int | None,
    confirmed: float | None,
    has_results: bool,
    same_protocols: bool,
) -> tuple[Flag, ...]:
    """Return everything a reader of the row should know."""
    flags = []
    if counts.n < counts.expected:
        flags.append(Flag("partial", f"partial: {counts.n} of {counts.expected} questions"))
    if not dataset.verified:
        flags.append(Flag("unverified", "questions could not be checked against the whole split"))
    elif released_fingerprints().get(split, dataset.sha256) != dataset.sha256:
        flags.append(Flag("other_dataset", f"not the released {split} questions"))
    if counts.errors:
        flags.append(Flag("requests_failed", f"{counts.errors} requests failed; run them again"))
    if counts.unreadable > UNPARSED_ABOVE * counts.n:
        share = 100 * counts.unreadable / counts.n
        flags.append(Flag("unparsed", f"{share:.1f} % of answers could not be read"))
    if copied > COPIED_ABOVE and role == "model":
        flags.append(Flag("gold_copied", f"{100 * copied:.0f} % of distances equal the gold to the digit"))
    if max_pixels is not None and max_pixels < FULL_PIXELS and role == "model":
        flags.append(Flag("low_pixels", f"panorama shown with at most {max_pixels:,} of {FULL_PIXELS:,} px"))
    if confirmed is not None and role == "model":
        share = 100 * confirmed
        flags.append(Flag("restored", f"panoramas restored from drawings ({share:.2f} % confirmed thrice)"))
    if not has_results:
        flags.append(Flag("no_results_file", "no results file beside the samples"))
    if not same_protocols:
        flags.append(Flag("other_protocol", "scored again with newer protocols than it ran with"))
    return tuple(flags)
