"""Questions in the same words on two panoramas, with answers of which neither passes for the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import permutations

from panoenv_tasks.geometry.words import EXTREMES
from panoenv_tasks.items import Box
from panoenv_tasks.placeholders import places
from panoenv_tasks.scoring import PROTOCOLS, ProtocolName, score_answer
from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.objects import Object
from panoenv_tasks.synthesis.questions import Question
from panoenv_tasks.synthesis.questions.ask import FUNCTIONS, nested
from panoenv_tasks.synthesis.questions.question import Case, Draft, named_boxes
from panoenv_tasks.synthesis.questions.wording import render
from panoenv_tasks.taxonomy import Template, method_for, recognise, templates

#: What changes when one thing comes nearer.
MEASURED = (
    "distance_description",
    "depth_compare",
    "depth_binary",
    "depth_similarity",
    "depth_triplet_farthest",
    "relpos_binary",
    "relpos_distance_straightline",
    "relpos_distance_components",
    "relpos_triplet_extreme",
    "volume_comparison",
    "volume_binary",
    "size_triplet_extreme",
)
#: What changes when the camera turns. Printed boxes turn with it and give the answer away, so these are
#: asked with the objects marked in the picture and without coordinates.
TURNED = ("primary_view", "seam_attribution", "relpos_binary", "relpos_triplet_extreme")
_TRIES = 400
#: Pixels by which a box may differ between two ways to take a panorama.
_SLACK = 3


@dataclass(frozen=True)
class Pair:
    """One question on two panoramas.

    Its text is the same on both, printed boxes included, or for ``TURNED`` kinds the same but for them.
    """

    first: Question
    second: Question


def find_pairs(
    first: Sequence[Object],
    second: Sequence[Object],
    subcategories: Sequence[str],
    dice: Dice,
    about: int | None = None,
) -> list[Pair]:
    """Return at most one pair for each sub-category.

    Args:
        first: The objects of one panorama that questions may be about.
        second: Those of the other; equal numbers are the same thing.
        subcategories: The kinds of question to try.
        dice: Decides wordings and objects.
        about: The number of the object that must take part and whose box must be the same on both; None:
            any objects, and boxes may differ.
    """
    others = {one.number: one for one in second}
    both = [(one, others[one.number]) for one in first if one.number in others]
    if about is not None:
        both = [(one, other) for one, other in both if one.box == other.box]
    found = []
    for subcategory in subcategories:
        for template, actors in _cases(subcategory, both, about, dice):
            pair = _asked(template, actors, dice)
            if pair is not None:
                found.append(pair)
                break
    return found


def answer_again(text: str, objects: Sequence[Object]) -> str | None:
    """Return the gold answer of a written question from objects that were measured anew.

    The question is read as anyone would read it: its sentence by the taxonomy, its objects by their
    labels and boxes. None when a box fits no object, or the answer is not decidable.
    """
    wording = recognise(text)
    if wording is None:
        return None
    actors = [_shown_by(box, objects) for box in wording.objects]
    known = [one for one in actors if one is not None]
    if len(known) < len(actors):
        return None
    draft = _draft(replace(wording.template, extreme=wording.extreme), known)
    return draft.answer if draft else None


def _shown_by(box: Box, objects: Sequence[Object]) -> Object | None:
    wanted = (box.x1, box.y1, box.x2, box.y2)

    def off(one: Object) -> int:
        return max(abs(a - b) for a, b in zip(one.box, wanted, strict=True))

    same = [one for one in objects if one.label == box.label and off(one) <= _SLACK]
    return min(same, key=off) if same else None


def tells_apart(subcategory: str, text: str, one: str, other: str) -> bool:
    """Whether each of two answers is wrong where the other is right, under both protocols."""
    return not any(
        accepted(subcategory, text, gold, said, protocol)
        for gold, said in ((one, other), (other, one))
        for protocol in PROTOCOLS
    )


def accepted(subcategory: str, text: str, gold: str, said: str, protocol: ProtocolName = "strict") -> bool:
    """Whether an answer passes for the gold one."""
    return score_answer(
        method_for(subcategory, gold), gold, f"<Answer>{said}</Answer>", protocol, text
    ).correct


def _cases(
    subcategory: str, both: Sequence[tuple[Object, Object]], about: int | None, dice: Dice
) -> Iterator[tuple[Template, list[tuple[Object, Object]]]]:
    """Yield sentences with objects for their places, in random order."""
    sentences = [t for t in templates() if t.subcategory == subcategory and t.dialect == "ours"]
    count = len({"a", "b", "c"} & set(places(sentences[0].text)))
    groups = [
        group
        for group in permutations(both, count)
        if about is None or any(one.number == about for one, _ in group)
    ]
    for group in dice.sample(groups, _TRIES):
        if not nested([one for one, _ in group]) and not nested([other for _, other in group]):
            yield dice.pick(sentences), list(group)


def _asked(template: Template, actors: Sequence[tuple[Object, Object]], dice: Dice) -> Pair | None:
    if template.subcategory == "relpos_triplet_extreme":
        template = replace(template, extreme=dice.pick(EXTREMES))
    questions = []
    for side in (0, 1):
        chosen = [pair[side] for pair in actors]
        draft = _draft(template, chosen)
        if draft is None:
            return None
        text = render(template, named_boxes(chosen, "ours"), draft)
        numbers = tuple(one.number for one in chosen)
        questions.append(Question(text, draft.answer, template, draft.options, numbers))
    first, second = questions
    apart = tells_apart(template.subcategory, first.text, first.answer, second.answer)
    return Pair(first, second) if apart else None


def _draft(template: Template, actors: Sequence[Object]) -> Draft | None:
    """Ask; the template must leave nothing to chance."""
    case = Case(template, tuple(actors), "ours", Dice(), place=None, others={})
    return FUNCTIONS[template.subcategory](case)
