"""Ask a frame 25 questions: five of each category, every object in its turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from panoenv_tasks.geometry.words import VIEWS
from panoenv_tasks.placeholders import places
from panoenv_tasks.places import place_of
from panoenv_tasks.synthesis.choose import area, overlap
from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.objects import Object
from panoenv_tasks.synthesis.questions import (
    attributes,
    distances,
    environments,
    positions,
    views,
)
from panoenv_tasks.synthesis.questions.question import Case, Draft, Question
from panoenv_tasks.synthesis.questions.wording import render
from panoenv_tasks.synthesis.vocabulary import Rules
from panoenv_tasks.taxonomy import Template, subcategories, templates

FUNCTIONS: dict[str, Callable[[Case], Draft | None]] = {
    "primary_view": views.primary_view,
    "multi_view_visibility": views.multi_view_visibility,
    "seam_attribution": views.seam_attribution,
    "shared_visibility": views.shared_visibility,
    "multi_object_relationship": views.multi_object_relationship,
    "depth_compare": distances.depth_compare,
    "depth_binary": distances.depth_binary,
    "depth_similarity": distances.depth_similarity,
    "distance_description": distances.distance_description,
    "depth_triplet_farthest": distances.depth_triplet_farthest,
    "env_mcq": environments.env_mcq,
    "env_binary_judgement": environments.env_binary_judgement,
    "env_attribute": environments.env_attribute,
    "env_scene_judgement": environments.env_scene_judgement,
    "env_confusable_pair": environments.env_confusable_pair,
    "env_category_identification": environments.env_category_identification,
    "relpos_binary": positions.relpos_binary,
    "relpos_cardinal": positions.relpos_cardinal,
    "relpos_distance_straightline": positions.relpos_distance_straightline,
    "relpos_distance_components": positions.relpos_distance_components,
    "relpos_triplet_extreme": positions.relpos_triplet_extreme,
    "volume_comparison": attributes.volume_comparison,
    "volume_binary": attributes.volume_binary,
    "shape_flatness": attributes.shape_flatness,
    "shape_elongation": attributes.shape_elongation,
    "size_triplet_extreme": attributes.size_triplet_extreme,
}

#: Tries at a sub-category before it is left out of the frame, and how many of them hold out for the
#: answer that a coin chose, so that Yes and No (and one view and several) come about equally often.
_TRIES, _CHOOSY = 240, 160
#: How often an object of the top or bottom view is asked about, and how often a group has two of one label:
#: about as in the release's validation split (27, 61 and 12 %).
_POLAR = {"primary_view": 0.27, "seam_attribution": 0.6}
_ALIKE = 0.12
#: Two objects are not compared when one box holds this much of the other.
_INSIDE = 0.9


def ask(objects: Sequence[Object], environment: str, rules: Rules, dice: Dice) -> list[Question]:
    """Return the questions of a frame in random order, one for each sub-category that can be asked.

    That is 25: a place is either asked whether it is indoors or outdoors, or, when it is both, whether
    it is the place named. Fewer where something is not decidable or the environment is unknown.
    """
    asked: list[Question] = []
    used: dict[str, Counter[int]] = {category: Counter() for category in subcategories().values()}
    for subcategory, category in subcategories().items():
        question = _one(subcategory, objects, environment, rules, dice, used[category])
        if question is not None:
            used[category].update(question.objects)
            asked.append(question)
    return dice.shuffled(asked)


def _one(
    subcategory: str,
    objects: Sequence[Object],
    environment: str,
    rules: Rules,
    dice: Dice,
    used: Counter[int],
) -> Question | None:
    place, others = place_of(environment)
    sentences = [t for t in templates() if t.subcategory == subcategory and t.dialect == rules]
    template = dice.pick(sentences)
    wish = dice.chance(_POLAR.get(subcategory, 0.5))
    alike = rules == "ours" and dice.chance(_ALIKE)
    spare: Question | None = None
    for number, actors in enumerate(_actors(objects, _arity(template), used, dice, alike=alike)):
        case = Case(template, actors, rules, dice, place, others)
        draft = FUNCTIONS[subcategory](case)
        if draft is None:
            continue
        question = Question(
            text=render(template, case.boxes, draft),
            answer=draft.answer,
            template=template,
            options=draft.options,
            objects=tuple(one.number for one in actors),
        )
        if number >= _CHOOSY or _wished(draft.answer, wish, rules):
            return question
        spare = spare or question
    return spare


def _wished(answer: str, wish: bool, rules: Rules) -> bool:
    if answer in ("Yes", "No"):
        return (answer == "Yes") == wish
    if answer in VIEWS and rules == "ours":
        return (answer in ("Top", "Bottom")) == wish
    if "different view" in answer:
        return answer.startswith("1 ") == wish
    return True


def _arity(template: Template) -> int:
    return len({"a", "b", "c"} & set(places(template.text)))


def _actors(
    objects: Sequence[Object], count: int, used: Counter[int], dice: Dice, *, alike: bool
) -> Iterator[tuple[Object, ...]]:
    """Yield groups of objects, at first from those that this category has used least.

    With ``alike``, groups with two objects of one label come before all others.
    """
    if count == 0:
        yield ()
        return
    ranked = sorted(dice.shuffled(objects), key=lambda one: used[one.number])
    if alike and count > 1:
        yield from _alike(ranked, count, dice)
    for number in range(_TRIES):
        pool = ranked[: count + 1 + number // 6]
        group = tuple(dice.sample(pool, count))
        if len(group) == count and not nested(group):
            yield group


def _alike(ranked: Sequence[Object], count: int, dice: Dice) -> Iterator[tuple[Object, ...]]:
    pairs = [(a, b) for i, a in enumerate(ranked) for b in ranked[i + 1 :] if a.label == b.label]
    for pair in dice.sample(pairs, _CHOOSY // 4):
        others = [one for one in ranked if one.label != pair[0].label]
        group = tuple(dice.shuffled([*pair, *dice.sample(others, count - 2)]))
        if len(group) == count and not nested(group):
            yield group


def nested(group: Sequence[Object]) -> bool:
    """Whether the box of one object lies in that of another, so that two boxes look like one."""
    pairs = [(a, b) for i, a in enumerate(group) for b in group[i + 1 :]]
    return any(overlap(a, b) >= _INSIDE * min(area(a), area(b)) for a, b in pairs)
