"""Which questions a stage sees, and in which order: all epochs, shuffled and laid end to end."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from random import Random

from panoenv_tasks.items import Category, DataError, Item
from training.sections import Stage, WarmUp

_STRUCTURED = ("true_false", "multiple_choice")
#: What asks where a thing is, before how far or how large it is.
LOCALISATION: tuple[Category, ...] = ("view_source", "relative_position")


def schedule(items: Sequence[Item], stage: Stage, seed: int) -> list[Item]:
    """Return the stage's questions in training order, every epoch shuffled anew.

    A balanced stage alternates open-ended and structured questions, so that each optimizer step
    holds as many of one as of the other.

    Args:
        items: The questions of the split, in any order.
        stage: The stage.
        seed: Fixes the choice and the order.

    Raises:
        DataError: No question is left, there are too few for one step, or a balanced stage has fewer
            structured than open-ended questions.
    """
    # By id: the order of rows in a file says nothing, and must not decide what a resumed run sees.
    ordered = sorted(items, key=lambda item: item.id)
    groups = _choose(ordered, stage, Random(f"{seed} choice"))
    rows: list[Item] = []
    for epoch in range(stage.epochs):
        shuffled = [list(group) for group in groups]
        for number, group in enumerate(shuffled):
            Random(f"{seed} epoch {epoch} group {number}").shuffle(group)
        rows.extend(chain.from_iterable(zip(*shuffled, strict=True)))
    if len(rows) < stage.questions_per_step:
        raise DataError(
            f"{len(rows)} questions ({stage.questions}, {stage.epochs} epochs) are too few for one "
            f"step of {stage.questions_per_step}; lower global_batch or bring more data"
        )
    return rows


def warm_up_schedule(items: Sequence[Item], stage: WarmUp, seed: int) -> list[Item]:
    """Return the supervised stage's questions in training order: localisation first, then all.

    Args:
        items: The questions of the split, in any order.
        stage: The supervised stage.
        seed: Fixes the choice and the order.

    Raises:
        DataError: There are too few questions for one step, or none to localise by.
    """
    chosen = sorted(items, key=lambda item: item.id)
    Random(f"{seed} warm-up choice").shuffle(chosen)
    chosen = chosen[: stage.limit]
    first = [item for item in chosen if item.category in LOCALISATION]
    if stage.localisation_epochs and not first:
        raise DataError(
            f"no question of {' or '.join(LOCALISATION)} to begin with; give warm_up.localisation_epochs=0"
        )
    rows: list[Item] = []
    epochs = [first] * stage.localisation_epochs + [chosen] * stage.epochs
    for number, epoch in enumerate(epochs):
        shuffled = list(epoch)
        Random(f"{seed} warm-up epoch {number}").shuffle(shuffled)
        rows.extend(shuffled)
    if len(rows) < stage.global_batch:
        raise DataError(
            f"{len(rows)} questions are too few for one step of {stage.global_batch}; lower "
            "warm_up.global_batch or bring more data"
        )
    return rows


def _choose(items: Sequence[Item], stage: Stage, random: Random) -> list[list[Item]]:
    """Return equally long groups of questions that take turns in the order."""
    structured = [item for item in items if item.question_type in _STRUCTURED]
    open_ended = [item for item in items if item.question_type == "open_ended"]
    random.shuffle(structured)
    if stage.questions != "balanced":
        pools = {"all": list(items), "structured": structured, "open_ended": open_ended}
        pool = pools[stage.questions]
        random.shuffle(pool)
        return [_some(pool, stage.questions)[: stage.limit]]
    if stage.limit:
        random.shuffle(open_ended)
        open_ended = open_ended[: stage.limit // 2]
    if len(structured) < len(_some(open_ended, "open_ended")):
        raise DataError(
            f"a balanced stage takes as many structured as open-ended questions, and there are "
            f"{len(structured)} and {len(open_ended)}"
        )
    return [open_ended, structured[: len(open_ended)]]


def _some(pool: list[Item], kind: str) -> list[Item]:
    if not pool:
        raise DataError(f"the data hold no questions of the kind {kind!r}")
    return pool
