"""Cheap detectors: what a run was really asked, and whose answers its answers are.

Each finding is a flag with its evidence. What they cannot find is listed in ``docs/leaderboard.md``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from leaderboard.baselines import baseline_codes, shown_texts
from leaderboard.checks import Evidence
from leaderboard.datasets import Dataset
from leaderboard.rows import Flag, Row
from leaderboard.score import MISSING, Codes
from leaderboard.sheets import HAS_BOXES, HAS_DISTANCE, HAS_QUESTION, input_digest
from panoenv_tasks.perturb import COORDINATES, WITHOUT_COORDINATES, Condition
from panoenv_tasks.prompts import PromptPack, load_pack, render

#: Of the questions that another answers wrong, the share that is answered wrong in just that way. Two
#: models of equal skill agree on about half of their errors when answers are Yes or No, on fewer otherwise.
LIKE_BLIND, LIKE_ANOTHER = 0.70, 0.90
#: With fewer errors to agree on, agreement says nothing.
FEWEST_ERRORS = 20
#: Rows of one group that are held against each other, and questions looked at: the work is quadratic.
MOST_ROWS, MOST_QUESTIONS = 300, 600
#: Above this share of distances named in the prompt, the prompt gives them away.
_TOLD_ABOVE = 0.05


def input_flags(evidence: Evidence, prompts_sha256: str) -> Iterator[Flag]:
    """Hold the text that was put to the model to question and prompt."""
    sheet = evidence.sheet
    if evidence.role != "model":
        return
    missing = sheet.inputs.count(None)
    if missing:
        yield Flag(
            "no_input", f"{missing} of {len(sheet.inputs)} samples do not say what the model was asked"
        )
    facts = sheet.input_facts[[text is not None for text in sheet.inputs]]
    hidden, renumbered = evidence.condition in WITHOUT_COORDINATES, evidence.condition in COORDINATES
    told = float(((facts & HAS_DISTANCE) > 0).mean()) if len(facts) else 0.0
    if hidden and (n := int(((facts & HAS_BOXES) > 0).sum())):
        yield Flag("other_input", f"{n} prompts show coordinates, which {evidence.condition} hides")
    # In other coordinates the question's own words are there, its numbers are not.
    elif not hidden and not renumbered and (n := int(((facts & HAS_QUESTION) == 0).sum())):
        yield Flag("other_input", f"{n} prompts do not hold the question word for word")
    elif told > _TOLD_ABOVE:
        yield Flag("other_input", f"{100 * told:.0f} % of the prompts name the gold distance")
    # Which size the picture was seen at is not known here.
    elif prompts_sha256 == _own_pack().sha256 and evidence.condition != "seen":
        expected = _inputs(evidence.dataset, evidence.condition)
        places = np.flatnonzero(evidence.codes != MISSING)
        other = sum(a not in (None, expected[i]) for a, i in zip(sheet.inputs, places, strict=True))
        if other:
            yield Flag("other_input", f"{other} prompts are not those of {_own_pack().id}")


def blind_flags(evidence: Evidence) -> Iterator[Flag]:
    """Tell when a model's answers are those of the blind baseline."""
    if evidence.role != "model" or evidence.condition == "noimage_nobox":
        return
    blind = baseline_codes(evidence.dataset, "blind", evidence.condition)
    share, errors = _shared_errors(evidence.codes, blind, evidence.dataset)
    if errors >= FEWEST_ERRORS and share > LIKE_BLIND:
        yield Flag("like_blind", f"repeats {100 * share:.0f} % of the {errors} errors of the blind baseline")


def with_look_alikes(rows: Sequence[Row], order: Mapping[str, int]) -> list[Row]:
    """Flag rows whose answers are those of another submission's row that came before them.

    Args:
        rows: Recomputed rows.
        order: When runs came in, see ``History``; the others came after these, in the order of ``rows``.
    """
    grouped: dict[tuple[str, ...], list[int]] = {}
    came = sorted(range(len(rows)), key=lambda place: order.get(rows[place].samples_sha256, len(order)))
    for place in came:
        row = rows[place]
        if row.role == "model":
            grouped.setdefault((row.setup.dataset_sha256, row.condition), []).append(place)
    marked = list(rows)
    for places in grouped.values():
        for place, flag in _look_alikes([rows[p] for p in places[:MOST_ROWS]]).items():
            row = marked[places[place]]
            marked[places[place]] = replace(row, flags=(*row.flags, flag))
    return marked


def _look_alikes(rows: Sequence[Row]) -> Mapping[int, Flag]:
    """Return a flag by the place of each row that repeats the errors of an earlier one."""
    dataset = rows[0].questions()
    same = [place for place, row in enumerate(rows) if row.questions() is dataset]
    chosen = np.linspace(0, len(dataset.items) - 1, min(MOST_QUESTIONS, len(dataset.items))).astype(int)
    codes = np.stack([dataset.answers.claims(rows[place].answer_codes())[chosen] for place in same])
    wrong = np.stack([rows[place].correct("strict")[chosen] == 0 for place in same])
    flags: dict[int, Flag] = {}
    for later in range(1, len(same)):
        errors = wrong[:later].sum(axis=1)
        equal = ((codes[:later] == codes[later]) & wrong[:later]).sum(axis=1)
        shares = np.where(errors >= FEWEST_ERRORS, equal / np.maximum(errors, 1), 0.0)
        for earlier in np.argsort(-shares):
            if shares[earlier] <= LIKE_ANOTHER:
                break
            row, other = rows[same[later]], rows[same[earlier]]
            if row.submission != other.submission:
                share = f"{100 * shares[earlier]:.0f} %"
                message = f"repeats {share} of {errors[earlier]} errors of {other.model[:60]}"
                flags[same[later]] = Flag("like_another", message)
                break
    return flags


def _shared_errors(codes: Codes, other: Codes, dataset: Dataset) -> tuple[float, int]:
    """Return how many of the other's errors are repeated, as a share, and their number."""
    wrong: npt.NDArray[np.bool_] = (dataset.answers.correct(other, "strict") == 0) & (codes != MISSING)
    errors = int(wrong.sum())
    claims = dataset.answers.claims
    return (float((claims(codes) == claims(other))[wrong].mean()) if errors else 0.0), errors


@lru_cache(maxsize=1)
def _own_pack() -> PromptPack:
    return load_pack()


def _inputs(dataset: Dataset, condition: Condition) -> list[bytes]:
    """Return the digest of each prompt that the project's own pack makes of a dataset's questions."""
    if condition not in dataset.inputs:
        shown = shown_texts(dataset.items, condition)
        with_image = not condition.startswith("noimage")
        dataset.inputs[condition] = [
            input_digest(render(item, _own_pack(), one.text, with_image, one.boxes))
            for item, one in zip(dataset.items, shown, strict=True)
        ]
    return dataset.inputs[condition]
