"""The five categories and 26 sub-categories, and how a question's wording tells them apart.

The released annotations carry no category; every row is recognised from its sentence, exactly, by the
patterns of ``taxonomy.yaml``. An unknown sentence is ``None``, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from panoenv_tasks.geometry.words import DIRECTIONS, EXTREMES, VIEWS, Direction, Extreme
from panoenv_tasks.items import (
    CATEGORIES,
    QUESTION_FIELDS,
    Box,
    Category,
    ImageKind,
    Item,
    Method,
    QuestionType,
)
from panoenv_tasks.placeholders import split

Asks = Literal[
    "",
    "a_in_view_of_b",
    "b_in_view_of_a",
    "same_primary",
    "adjacent",
    "shared",
    "larger",
    "smaller",
    "horizontal",
    "vertical",
]
Dialect = Literal["released", "ours"]

_OBJECT = (
    r"(?:[Tt]he )?(?P<{0}>[^()\[\]\n]{{1,80}}) "
    r"\(boundingbox: \[(?P<{0}1>\d{{1,5}}), (?P<{0}2>\d{{1,5}}), "
    r"(?P<{0}3>\d{{1,5}}), (?P<{0}4>\d{{1,5}})\]\)"
)
_SLOTS = {
    **{name: _OBJECT.format(name) for name in "abc"},
    "env": r"(?P<env>\w{1,60})",
    "options": r"(?P<options>\w{1,60}(?:(?:, | or | and )\w{1,60}){1,5})",
    "direction": f"(?P<direction>{'|'.join(DIRECTIONS)})",
    "extreme": f"(?P<extreme>{'|'.join(EXTREMES)})",
    "thing": r"(?P<thing>[^()\[\]\n\"]{1,80})",
}
_COUNTING = {"multi_view_visibility", "instance_count"}
_DISTANCE = {
    "distance_description",
    "relpos_distance_straightline",
    "relpos_distance_components",
}


@dataclass(frozen=True)
class Template:
    """One sentence pattern of a sub-category; see ``taxonomy.yaml`` for the places in ``text``."""

    text: str
    subcategory: str
    category: Category
    question_type: QuestionType
    dialect: Dialect
    asks: Asks = ""
    direction: Direction | None = None
    extreme: Extreme | None = None


@dataclass(frozen=True)
class Wording:
    """What a recognised question says.

    ``objects`` are in the order of the template's {a}, {b}, {c}; ``options`` are the answers a
    multiple-choice question offers, spelled as gold answers spell them; ``environment`` is the name
    a true/false environment question proposes; ``thing`` the label that a question asks to count.
    """

    template: Template
    objects: tuple[Box, ...]
    options: tuple[str, ...]
    direction: Direction | None
    extreme: Extreme | None
    environment: str | None
    thing: str | None = None

    @property
    def subcategory(self) -> str:  # noqa: D102
        return self.template.subcategory

    @property
    def category(self) -> Category:  # noqa: D102
        return self.template.category

    @property
    def question_type(self) -> QuestionType:  # noqa: D102
        return self.template.question_type

    @property
    def asks(self) -> Asks:  # noqa: D102
        return self.template.asks


@lru_cache(maxsize=1)
def templates() -> tuple[Template, ...]:
    """Return every wording of the released kinds of question, in file order."""
    return _read("taxonomy.yaml")


@lru_cache(maxsize=1)
def extra_templates() -> tuple[Template, ...]:
    """Return every wording of the kinds that the release does not have, in file order."""
    return _read("taxonomy_extra.yaml")


def _read(name: str) -> tuple[Template, ...]:
    text = resources.files("panoenv_tasks").joinpath(name).read_text(encoding="utf-8")
    table: dict[str, Any] = yaml.safe_load(text)
    templates = []
    for category in CATEGORIES:
        for subcategory, entry in table.get(category, {}).items():
            for dialect in get_args(Dialect):
                for raw in entry.get(dialect, ()):
                    fields = {"text": raw} if isinstance(raw, str) else raw
                    templates.append(
                        Template(
                            subcategory=subcategory,
                            category=category,
                            question_type=entry["question_type"],
                            dialect=dialect,
                            **fields,
                        )
                    )
    return tuple(templates)


@lru_cache(maxsize=1)
def subcategories() -> dict[str, Category]:
    """Return the 26 sub-categories, each with its category, in a fixed order."""
    return {t.subcategory: t.category for t in templates()}


@lru_cache(maxsize=1)
def extra_subcategories() -> dict[str, Category]:
    """Return the sub-categories that the release does not have, each with its category."""
    return {t.subcategory: t.category for t in extra_templates()}


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[str, re.Pattern[str], Template], ...]:
    compiled = []
    for template in (*templates(), *extra_templates()):
        parts = split(template.text)
        literal_then_slot = [
            _SLOTS[part] if index % 2 else re.escape(part) for index, part in enumerate(parts)
        ]
        compiled.append((parts[0], re.compile("".join(literal_then_slot)), template))
    return tuple(compiled)


@lru_cache(maxsize=32768)
def recognise(question: str) -> Wording | None:
    """Return what a question says, or None when its wording is not one of the known sentences."""
    text = question.strip()
    for prefix, pattern, template in _patterns():
        if text.startswith(prefix) and (match := pattern.fullmatch(text)):
            return _wording(template, match)
    return None


def method_for(subcategory: str, answer: str) -> Method:
    """Return the scoring method that the release assigns to a sub-category.

    A relation whose only word is "below" carries ``default`` in the release (2 rows of 4,487), every
    other relation ``spatial``.
    """
    if subcategory == "relpos_cardinal":
        return "default" if re.search(r" is below ", answer) else "spatial"
    if subcategory in _COUNTING:
        return "counting"
    if subcategory in _DISTANCE:
        return "distance"
    kinds: dict[str, Method] = {"true_false": "yes_no", "multiple_choice": "mcq"}
    by_name = {t.subcategory: t.question_type for t in (*templates(), *extra_templates())}
    return kinds.get(by_name.get(subcategory, ""), "default")


def item_from(
    fields: Mapping[str, Any],
    *,
    image: Path | None = None,
    image_kind: ImageKind = "none",
    origin: str = "",
) -> Item:
    """Return the item that a record's ``QUESTION_FIELDS``, and ``pair`` where it has one, state.

    Boxes and options are read from the question; one whose wording is not known has neither.
    """
    wording = recognise(fields["question"])
    boxes = wording.objects if wording else ()
    return Item(
        **{name: fields[name] for name in QUESTION_FIELDS},
        boxes=boxes,
        options=wording.options if wording else (),
        image=image,
        image_kind=image_kind,
        touches_seam=any(box.touches_seam for box in boxes),
        origin=origin,
        pair=str(fields.get("pair") or ""),
    )


def _wording(template: Template, match: re.Match[str]) -> Wording:
    groups = match.groupdict()
    objects = tuple(_box(groups, slot) for slot in "abc" if groups.get(slot))
    return Wording(
        template=template,
        objects=objects,
        options=_options(template, groups.get("options"), objects),
        direction=template.direction or groups.get("direction"),  # type: ignore[arg-type]
        extreme=template.extreme or groups.get("extreme"),  # type: ignore[arg-type]
        environment=groups.get("env"),
        thing=groups.get("thing"),
    )


def _box(groups: dict[str, str | None], slot: str) -> Box:
    label, letter = str(groups[slot]), ""
    if len(label) > 2 and label[-2] == " " and label[-1] in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        label, letter = label[:-2], label[-1]
    x1, y1, x2, y2 = (int(str(groups[f"{slot}{n}"])) for n in (1, 2, 3, 4))
    return Box(label, letter, x1, y1, x2, y2)


def _options(template: Template, listed: str | None, objects: tuple[Box, ...]) -> tuple[str, ...]:
    if template.question_type != "multiple_choice":
        return ()
    if listed is not None:
        return tuple(re.split(r", | or | and ", listed))
    if template.category == "view_source":
        return VIEWS
    if template.subcategory == "env_attribute":
        return ("Indoors", "Outdoors")
    return tuple(box.answer_name for box in objects)
