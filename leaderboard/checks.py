"""What makes a run unfit: refusals raise, doubts become flags."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from leaderboard.manifest import Manifest, released_fingerprints
from leaderboard.rows import Counts, Flag, Role
from leaderboard.samples import ImageRecord, Record, question_key
from panoenv_tasks.items import CATEGORIES, METHODS, QUESTION_TYPES, DataError, Item
from panoenv_tasks.perturb import CONDITIONS, Condition, image_kind
from panoenv_tasks.taxonomy import recognise, subcategories

#: Pixels of the panorama that the printed boxes refer to; below this the model sees less.
FULL_PIXELS = 2560 * 1280
#: Above this share of unreadable answers a row says so.
UNPARSED_ABOVE = 0.02
#: Above this share of distances equal to the gold to the last digit, the gold was probably seen.
COPIED_ABOVE = 0.20


def check_condition(name: str) -> Condition:
    """Return the condition of that name.

    Raises:
        DataError: There is none; what it showed cannot be known.
    """
    if name not in CONDITIONS:
        raise DataError(f"unknown condition {name[:40]!r}; expected one of {', '.join(CONDITIONS)}")
    return name


def check_images(images: Mapping[ImageRecord, int], condition: Condition, role: Role) -> None:
    """Raise DataError when a model was not shown what the condition says.

    Blind, constant and oracle answers come from text; what they were shown is of no account.
    """
    if role != "model":
        return
    wanted = image_kind(condition)
    wrong = {image.kind: count for image, count in images.items() if image.kind != wanted}
    if wrong:
        raise DataError(
            f"condition {condition} asks for image kind {wanted}, but {sum(wrong.values())} samples "
            f"were made with {', '.join(sorted(wrong))}"
        )


def check_questions(items: tuple[Item, ...]) -> None:
    """Raise DataError for a question that contradicts its own id, wording or vocabulary."""
    known = subcategories()
    for item in items:
        wording = recognise(item.question)
        problem = (
            "its id names another place"
            if not item.id.startswith(f"{item.split}/{item.environment}/{item.frame}/")
            else "unknown question type, method or category"
            if item.question_type not in QUESTION_TYPES
            or item.method not in METHODS
            or item.category not in CATEGORIES
            or known.get(item.subcategory) != item.category
            else "its wording is of another sub-category"
            if wording and wording.subcategory != item.subcategory
            else ""
        )
        if problem:
            raise DataError(f"question {item.id[:80]}: {problem}; the samples were altered")


def check_against(records: Sequence[Record], manifest: Manifest) -> None:
    """Raise DataError unless each question is in the manifest, word for word."""
    keys = [question_key(record) for record in records]
    if keys != manifest.keys and not set(keys) <= set(manifest.keys):
        raise DataError(
            f"questions or gold answers differ from dataset {manifest.dataset[:12]}; the samples were altered"
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
    results: Mapping[str, Any], task: str, paper: float | None, strict: float | None
) -> None:
    """Raise DataError when a task's stored accuracy is not the mean over its samples.

    Args:
        results: The parsed results file; nothing is checked when it lacks the task.
        task: Task name.
        paper: Recomputed accuracy under the paper protocol; None when nothing could be scored.
        strict: The same under the strict protocol.
    """
    entry = results.get("results", {})
    entry = entry.get(task, {}) if isinstance(entry, dict) else {}
    for metric, value in (("acc", paper), ("acc_strict", strict)):
        stored = entry.get(f"{metric},none") if isinstance(entry, dict) else None
        if value is None or not isinstance(stored, int | float):
            continue
        if not math.isclose(stored, value, abs_tol=1e-4):
            raise DataError(
                f"stored {metric} {stored:.4f} of {task} is not what its samples give "
                f"({value:.4f}); the results file was altered"
            )


def doubts(
    manifest: Manifest,
    split: str,
    counts: Counts,
    role: Role,
    copied: float,
    max_pixels: int | None,
    has_results: bool,
    same_protocols: bool,
) -> tuple[Flag, ...]:
    """Return everything a reader of the row should know."""
    found = []
    if counts.n < counts.expected:
        found.append(Flag("partial", f"partial: {counts.n} of {counts.expected} questions"))
    if not manifest.verified:
        found.append(Flag("unverified", "questions could not be checked against the whole split"))
    elif released_fingerprints().get(split, manifest.dataset) != manifest.dataset:
        found.append(Flag("other_dataset", f"not the released {split} questions"))
    if counts.errors:
        found.append(Flag("requests_failed", f"{counts.errors} requests failed; run them again"))
    if counts.unreadable > UNPARSED_ABOVE * counts.n:
        share = 100 * counts.unreadable / counts.n
        found.append(Flag("unparsed", f"{share:.1f} % of answers could not be read"))
    if copied > COPIED_ABOVE and role == "model":
        found.append(Flag("gold_copied", f"{100 * copied:.0f} % of distances equal the gold to the digit"))
    if max_pixels is not None and max_pixels < FULL_PIXELS and role == "model":
        found.append(Flag("low_pixels", f"panorama shown with at most {max_pixels:,} of {FULL_PIXELS:,} px"))
    if not has_results:
        found.append(Flag("no_results_file", "no results file beside the samples"))
    if not same_protocols:
        found.append(Flag("other_protocol", "scored again with newer protocols than it ran with"))
    return tuple(found)
