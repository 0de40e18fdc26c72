"""Turning one's head: the same question after the panorama is rolled around its edge.

Rolling the picture to the right by a quarter of its width is what a camera sees that was turned to the
left by 90 degrees: what was ahead is now to the right, what was right is behind. Cube faces and direction
words change places with it, and everything else about the answers stays: distances, sizes, numbers of
views, environments. That holds for quarter turns. Between them faces and axes fall elsewhere, and only
questions about distances, heights and the environment keep their answers.
"""

from __future__ import annotations

import re
from dataclasses import replace

from panoenv_tasks.answers.choices import read_choice
from panoenv_tasks.answers.relations import read_relation
from panoenv_tasks.geometry.turning import roll_of, turn_box, turn_signs, turn_word
from panoenv_tasks.geometry.words import VIEWS, relation_sentence
from panoenv_tasks.items import DataError, Item
from panoenv_tasks.perturb.wording import with_boxes
from panoenv_tasks.placeholders import fill, split
from panoenv_tasks.taxonomy import Template, Wording, recognise, templates

_NAMES_A_VIEW = ("primary_view", "seam_attribution")
#: Centres and distances keep their answers at any angle: the builders measure them without regard to the
#: heading. Sizes do not, since the release measures them along the camera's axes.
_KEEP_AT_ANY_ANGLE = ("distance", "environment")
_DISTANCES_APART = ("relpos_distance_straightline", "relpos_distance_components")
_UPRIGHT = ("above", "below", "highest", "lowest")


def turn(item: Item, degrees: int) -> Item | None:
    """Return the item as it reads in the rolled picture, with its gold answer.

    The id stays, so that a question and its turned twins can be compared.

    Returns:
        None where the turned question has no certain answer: a box touches the picture's edge before or
        after (the object is cut there, or its hidden half would join it), or the angle is not a quarter
        turn and the answer depends on faces, axes or sizes.

    Raises:
        DataError: The question's wording is unknown, or its gold answer cannot be read.
        ValueError: See ``roll_of``.
    """
    roll, wording = roll_of(degrees), _known(item)
    if degrees % 90 and not _keeps_its_answer(wording):
        return None
    boxes = [turn_box(box, roll) for box in wording.objects]
    if any(box.touches_seam or box.x1 > box.x2 for box in (*wording.objects, *boxes)):
        return None
    quarters = degrees // 90
    question = _turn_words(with_boxes(item.question, lambda box: turn_box(box, roll)), wording, quarters)
    turned = replace(item, question=question, answer=_turn_answer(item, wording, quarters))
    return replace(turned, boxes=_known(turned).objects)


def _keeps_its_answer(wording: Wording) -> bool:
    return (
        wording.category in _KEEP_AT_ANY_ANGLE
        or wording.subcategory in _DISTANCES_APART
        or wording.direction in _UPRIGHT
        or wording.extreme in _UPRIGHT
    )


def _turn_words(question: str, wording: Wording, quarters: int) -> str:
    """Say the question with its direction or extreme turned; the objects stay as they are printed."""
    if wording.direction is None and wording.extreme is None:
        return question
    old = wording.template
    pattern = "".join(_slot(p) if n % 2 else re.escape(p) for n, p in enumerate(split(old.text)))
    said = re.fullmatch(pattern, question)
    assert said is not None, question
    words = {place: turn_word(text, quarters) for place, text in said.groupdict().items()}
    return fill(_turned_template(old, quarters).text, words)


def _slot(place: str) -> str:
    return rf"(?P<{place}>.+?\]\))" if place in "abc" else rf"(?P<{place}>\w+)"


def _turned_template(template: Template, quarters: int) -> Template:
    """Return the sentence of the turned direction, where every direction has its own."""
    if template.direction is None:
        return template
    like = (template.subcategory, template.dialect, turn_word(template.direction, quarters))
    return next(other for other in templates() if (other.subcategory, other.dialect, other.direction) == like)


def _turn_answer(item: Item, wording: Wording, quarters: int) -> str:
    if wording.subcategory in _NAMES_A_VIEW:
        view = read_choice(item.answer, VIEWS)
        if isinstance(view, str):
            raise DataError(f"{item.origin or item.id}: gold answer {item.answer!r}; expected a view")
        return turn_word(VIEWS[view], quarters)
    if wording.subcategory == "relpos_cardinal":
        relation = read_relation(item.answer, [box.name for box in wording.objects])
        if 0 in relation.signs.values() or bool(relation.signs) == relation.similar:
            raise DataError(f"{item.origin or item.id}: gold answer {item.answer!r}; expected a relation")
        signs = turn_signs(relation.signs, quarters)
        return relation_sentence(wording.objects, signs)
    return item.answer


def _known(item: Item) -> Wording:
    wording = recognise(item.question)
    if wording is None:
        raise DataError(
            f"{item.origin or item.id}: unknown wording; expected one of the sentences of taxonomy.yaml"
        )
    return wording
