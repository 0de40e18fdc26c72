"""What makes a run unfit: a refusal raises, a doubt becomes a flag that carries its evidence."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from leaderboard.datasets import Dataset
from leaderboard.rows import Counts, Flag, Role
from leaderboard.samples import ImageRecord
from leaderboard.score import Codes
from leaderboard.sheets import AnswerSheet
from leaderboard.untrusted import plain_text
from panoenv_tasks.items import BOX_FRAME, DataError
from panoenv_tasks.perturb import Condition, image_kind
from panoenv_tasks.tasks.panoenv.names import SPLIT_SUFFIXES

#: Pixels of the panorama that the printed boxes refer to; below this the model sees less.
FULL_PIXELS = BOX_FRAME[0] * BOX_FRAME[1]
#: Above this share of unreadable answers a row says so.
UNPARSED_ABOVE = 0.02
#: Above this share of distances equal to the gold to the last digit, the gold was probably seen.
COPIED_ABOVE = 0.20
#: The same for distances within 1 % of the gold: an error of 2 % of the distance, which no model is near,
#: puts 38 % of the answers there.
NEARLY_COPIED_ABOVE = 0.50
#: With this many questions, and this share right, the answers are better than the data: its boxes and
#: golds have errors of their own.
ALL_RIGHT_FROM, ALL_RIGHT_ABOVE = 100, 0.99
#: What is said of a foreign run is cut there.
_LONGEST_TOLD = 200


@dataclass(frozen=True)
class Evidence:
    """What flags are decided on, beside the counts: all of it found in the run's own files."""

    split: str
    condition: Condition
    role: Role
    sheet: AnswerSheet
    dataset: Dataset
    codes: Codes
    has_results: bool
    same_protocols: bool
    accuracy: float | None
    today: date


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
    protocol: str, stored: npt.NDArray[np.float64], recomputed: npt.NDArray[np.float64]
) -> None:
    """Raise DataError when stored rewards are not what the texts give (NaN: no answer)."""
    wrong = (np.abs(stored - recomputed) > 1e-6) | (np.isnan(stored) != np.isnan(recomputed))
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


def flags_for(counts: Counts, evidence: Evidence, when: str) -> tuple[Flag, ...]:
    """Return everything a reader of the row should know.

    Args:
        counts: Of questions and readings.
        evidence: What else the run's files hold.
        when: The run's date, ``YYYYMMDD_HHMMSS``.
    """
    flags = [*_foreign(evidence), *_questions(counts, evidence), *_answers(counts, evidence)]
    if evidence.role == "model":
        flags += [*_gold(evidence), *_pictures(evidence)]
    if not evidence.has_results:
        flags.append(Flag("no_results_file", "no results file beside the samples"))
    if not evidence.same_protocols:
        flags.append(Flag("other_protocol", "scored again with newer protocols than it ran with"))
    if odd := _odd_date(when, evidence.today):
        flags.append(Flag("odd_date", odd))
    return tuple(flags)


def _foreign(evidence: Evidence) -> Iterator[Flag]:
    run = evidence.sheet.run
    if run.foreign is not None:
        told = f"made by {run.foreign.harness}; prompts {run.prompts}; picture {run.foreign.picture}"
        yield Flag("foreign", f"foreign, {plain_text(told, _LONGEST_TOLD)}")


def _questions(counts: Counts, evidence: Evidence) -> Iterator[Flag]:
    if counts.n < counts.expected:
        yield Flag("partial", f"partial: {counts.n} of {counts.expected} questions")
    if not evidence.dataset.verified:
        yield Flag("unchecked_questions", "questions could not be checked against the whole split")
    elif not evidence.dataset.known:
        yield Flag("unknown_dataset", f"not the released {evidence.split[:40]} questions")


def _answers(counts: Counts, evidence: Evidence) -> Iterator[Flag]:
    if counts.errors:
        yield Flag("requests_failed", f"{counts.errors} requests failed; run them again")
    if counts.unreadable > UNPARSED_ABOVE * counts.n:
        share = 100 * counts.unreadable / counts.n
        yield Flag("unparsed", f"{share:.1f} % of answers could not be read")


def _gold(evidence: Evidence) -> Iterator[Flag]:
    exact, near = evidence.dataset.answers.copied_shares(evidence.codes)
    if exact > COPIED_ABOVE:
        yield Flag("gold_copied", f"{100 * exact:.0f} % of distances equal the gold to the digit")
    elif near > NEARLY_COPIED_ABOVE:
        yield Flag("gold_copied", f"{100 * near:.0f} % of distances are within 1 % of the gold")
    accuracy, n = evidence.accuracy, len(evidence.sheet.answers)
    if accuracy is not None and accuracy > ALL_RIGHT_ABOVE and n >= ALL_RIGHT_FROM:
        yield Flag("all_right", f"{100 * accuracy:.1f} % right: the data has errors that nobody could guess")


def _pictures(evidence: Evidence) -> Iterator[Flag]:
    if (share := _confirmed(evidence.sheet)) is not None:
        yield Flag("restored", f"panoramas restored from drawings ({100 * share:.2f} % confirmed thrice)")
    if image_kind(evidence.condition) not in ("erp", "marked"):
        return
    sizes = [_pixels(image) for image in evidence.sheet.images]
    known = [size for size in sizes if size is not None]
    if len(known) < len(sizes):
        yield Flag("unknown_pixels", "not recorded how large a picture the model was shown")
    if known and min(known) < FULL_PIXELS:
        yield Flag("low_pixels", f"panorama shown with at most {min(known):,} of {FULL_PIXELS:,} px")


def _confirmed(sheet: AnswerSheet) -> float | None:
    """Return the mean share of pixels that three drawings confirm; None for raw panoramas."""
    shares = [
        (image.confirmed.three if image.confirmed else 0.0, count)
        for image, count in sheet.images.items()
        if image.source == "restored"
    ]
    total = sum(count for _, count in shares)
    return sum(share * count for share, count in shares) / total if total else None


def _pixels(image: ImageRecord) -> int | None:
    """Return the pixels of a picture as the model got it, as far as that was recorded."""
    sides = [image.width * image.height] if image.width and image.height else []
    limits = [image.max_pixels] if image.max_pixels else []
    return min(sides + limits, default=None)


def _odd_date(when: str, today: date) -> str:
    try:
        day = datetime.strptime(when[:8], "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return f"its files carry a date that no calendar has, {when[:8]}"
    return f"dated {day}, after today" if day > today + timedelta(days=1) else ""
