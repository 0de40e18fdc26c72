"""What makes a run unfit: a refusal raises, a doubt becomes a flag that carries its evidence.

What these checks cannot find is listed in ``docs/leaderboard.md``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from leaderboard.comparisons import FEWEST_ERRORS
from leaderboard.dataset import MISSING, Codes, Dataset, Role, baseline_codes, shown_texts
from leaderboard.questions import check_condition
from leaderboard.rows import Counts, Flag
from leaderboard.runs import Run
from leaderboard.sample_lines import ImageRecord
from leaderboard.sheets import (
    HAS_BOXES,
    HAS_DISTANCE,
    HAS_QUESTION,
    AnswerSheet,
    input_digest,
)
from leaderboard.untrusted import plain_text
from panoenv_tasks.items import BOX_FRAME, DataError
from panoenv_tasks.perturb import WITHOUT_COORDINATES, Condition, image_kind
from panoenv_tasks.prompts import PromptPack, load_pack, render
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
#: Of the questions that the blind baseline answers wrong, the share that is answered wrong in just that way.
LIKE_BLIND = 0.70
#: Above this share of distances named in the prompt, the prompt gives them away.
_TOLD_ABOVE = 0.05
#: What is said of a foreign run is cut there.
_LONGEST_TOLD = 200


def check_images(images: Mapping[ImageRecord, int], condition: Condition, role: Role) -> None:
    """Raise DataError when a model was not shown what the condition says.

    Blind, constant and oracle answers come from text; what they were shown is of no account.
    """
    if role != "model":
        return
    sources = {image.source for image in images}
    if len(sources) > 1:
        shown = ", ".join(sorted(source or "none recorded" for source in sources))
        raise DataError(f"samples were made with different panoramas ({shown}); run again")
    wanted = image_kind(condition, "restored" if sources == {"restored"} else "erp")
    wrong = [(image.kind, count) for image, count in images.items() if image.kind != wanted]
    if wrong:
        number, kinds = sum(count for _, count in wrong), sorted({kind for kind, _ in wrong})
        raise DataError(
            f"condition {condition} asks for image kind {wanted}, but {number} samples "
            f"were made with {', '.join(kinds)}"
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
    places_of = {**sheet.tasks, f"panoenv{suffix}{condition}": np.arange(len(paper))}
    by_task = results.get("results")
    for task, places in places_of.items():
        entry = by_task.get(task) if isinstance(by_task, dict) else None
        answered = places[~np.isnan(paper[places])]
        if not isinstance(entry, dict) or not len(answered):
            continue
        for metric, correct in (("acc", paper), ("acc_strict", strict)):
            stored, value = entry.get(f"{metric},none"), float(correct[answered].mean())
            if isinstance(stored, int | float) and not math.isclose(stored, value, abs_tol=1e-4):
                raise DataError(
                    f"stored {metric} {stored:.4f} of {task} is not what its samples give "
                    f"({value:.4f}); the results file was altered"
                )


def sheet_flags(
    sheet: AnswerSheet, dataset: Dataset, codes: Codes, counts: Counts, role: Role
) -> Iterator[Flag]:
    """Yield what a reader should know of the questions, the answers and what was shown."""
    if (foreign := sheet.run.foreign) is not None:
        told = f"made by {foreign.harness}; prompts {sheet.run.prompts}; picture {foreign.picture}"
        yield Flag("foreign", f"foreign, {plain_text(told, _LONGEST_TOLD)}")
    if counts.n < counts.expected:
        yield Flag("partial", f"partial: {counts.n} of {counts.expected} questions")
    if not dataset.verified:
        yield Flag("unchecked_questions", "questions could not be checked against the whole split")
    elif not dataset.known:
        yield Flag("unknown_dataset", f"not the released {sheet.split[:40]} questions")
    if counts.errors:
        yield Flag("requests_failed", f"{counts.errors} requests failed; run them again")
    if counts.unreadable > UNPARSED_ABOVE * counts.n:
        share = 100 * counts.unreadable / counts.n
        yield Flag("unparsed", f"{share:.1f} % of answers could not be read")
    if role == "model":
        yield from _gold_flags(dataset, codes, counts)
        yield from _picture_flags(sheet)


def run_flags(run: Run, same_protocols: bool, today: date) -> Iterator[Flag]:
    """Yield what a reader should know of the files."""
    if not run.results:
        yield Flag("no_results_file", "no results file beside the samples")
    if not same_protocols:
        yield Flag("other_protocol", "scored again with newer protocols than it ran with")
    try:
        day = datetime.strptime(run.date[:8], "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        yield Flag("odd_date", f"its files carry a date that no calendar has, {run.date[:8]}")
    else:
        if day > today + timedelta(days=1):
            yield Flag("odd_date", f"dated {day}, after today")


def input_flags(sheet: AnswerSheet, dataset: Dataset, codes: Codes) -> Iterator[Flag]:
    """Hold the text that was put to a model to question and prompt."""
    condition, own_pack = check_condition(sheet.run.condition), _own_pack()
    hidden = condition in WITHOUT_COORDINATES
    size = sheet.run.boxes_in_pixels_of if condition == "seen" else None
    missing = sheet.inputs.count(None)
    if missing:
        yield Flag(
            "no_input", f"{missing} of {len(sheet.inputs)} samples do not say what the model was asked"
        )
    facts = sheet.input_facts[[text is not None for text in sheet.inputs]]
    told = float(((facts & HAS_DISTANCE) > 0).mean()) if len(facts) else 0.0
    if hidden and (n := int(((facts & HAS_BOXES) > 0).sum())):
        yield Flag("other_input", f"{n} prompts show coordinates, which {condition} hides")
    elif condition == "seen" and size is None:
        yield Flag("no_input", "not recorded what size of picture its boxes were printed for")
    elif size is not None and (other_sizes := _sizes_seen(sheet) - {size}):
        seen = " and ".join(f"{width}x{height}" for width, height in sorted(other_sizes))
        yield Flag("other_input", f"boxes printed in pixels of {size[0]}x{size[1]}, but seen at {seen}")
    elif not hidden and (n := int(((facts & HAS_QUESTION) == 0).sum())):
        yield Flag("other_input", f"{n} prompts do not hold the question word for word")
    elif told > _TOLD_ABOVE:
        yield Flag("other_input", f"{100 * told:.0f} % of the prompts name the gold distance")
    elif sheet.run.prompts_sha256 == own_pack.sha256:
        if (condition, size) not in dataset.inputs:
            with_image = not condition.startswith("noimage")
            texts = shown_texts(dataset.items, condition, size)
            dataset.inputs[condition, size] = [
                input_digest(render(item, own_pack, shown.text, with_image, shown.boxes))
                for item, shown in zip(dataset.items, texts, strict=True)
            ]
        expected = dataset.inputs[condition, size]
        places = np.flatnonzero(codes != MISSING)
        other = sum(put not in (None, expected[i]) for put, i in zip(sheet.inputs, places, strict=True))
        if other:
            yield Flag("other_input", f"{other} prompts are not those of {own_pack.id}")


def _sizes_seen(sheet: AnswerSheet) -> set[tuple[int, int]]:
    return {(image.seen.width, image.seen.height) for image in sheet.images if image.seen}


def blind_flags(dataset: Dataset, codes: Codes, condition: Condition) -> Iterator[Flag]:
    """Tell when a model's answers are those of the blind baseline."""
    if condition == "noimage_nobox":
        return
    blind = baseline_codes(dataset, "blind", condition)
    wrong = (dataset.answers.correct(blind, "strict") == 0) & (codes != MISSING)
    repeated = (dataset.answers.claims(codes) == dataset.answers.claims(blind))[wrong]
    if len(repeated) >= FEWEST_ERRORS and repeated.mean() > LIKE_BLIND:
        share = 100 * float(repeated.mean())
        yield Flag("like_blind", f"repeats {share:.0f} % of the {len(repeated)} errors of the blind baseline")


def _gold_flags(dataset: Dataset, codes: Codes, counts: Counts) -> Iterator[Flag]:
    exact, near = dataset.answers.copied_shares(codes)
    if exact > COPIED_ABOVE:
        yield Flag("gold_copied", f"{100 * exact:.0f} % of distances equal the gold to the digit")
    elif near > NEARLY_COPIED_ABOVE:
        yield Flag("gold_copied", f"{100 * near:.0f} % of distances are within 1 % of the gold")
    correct = dataset.answers.correct(codes, "strict")
    answered = correct[~np.isnan(correct)]
    if counts.n >= ALL_RIGHT_FROM and len(answered) and (share := answered.mean()) > ALL_RIGHT_ABOVE:
        yield Flag("all_right", f"{100 * share:.1f} % right: the data has errors that nobody could guess")


def _picture_flags(sheet: AnswerSheet) -> Iterator[Flag]:
    restored = [(image.confirmed, n) for image, n in sheet.images.items() if image.source == "restored"]
    if restored:
        thrice = sum((parts.three if parts else 0.0) * n for parts, n in restored)
        share = 100 * thrice / sum(n for _, n in restored)
        yield Flag("restored", f"panoramas restored from drawings ({share:.2f} % confirmed thrice)")
    if image_kind(check_condition(sheet.run.condition)) not in ("erp", "marked"):
        return
    sizes = [image.pixels for image in sheet.images if image.pixels is not None]
    if len(sizes) < len(sheet.images):
        yield Flag("unknown_pixels", "not recorded how large a picture the model was shown")
    if sizes and min(sizes) < FULL_PIXELS:
        yield Flag("low_pixels", f"panorama shown with at most {min(sizes):,} of {FULL_PIXELS:,} px")


@lru_cache(maxsize=1)
def _own_pack() -> PromptPack:
    return load_pack()
