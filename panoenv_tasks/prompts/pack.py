"""Reading a prompt pack, and rendering an item with it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from panoenv_tasks.items import QUESTION_TYPES, Category, DataError, Item, QuestionType
from panoenv_tasks.placeholders import fill, places
from panoenv_tasks.prompts.released import released_templates

#: Kinds of question per category; an open-ended one is named after its scoring method.
KINDS: dict[Category, tuple[str, ...]] = {
    "view_source": ("true_false", "multiple_choice", "counting"),
    "distance": ("true_false", "multiple_choice", "distance"),
    "environment": ("true_false", "multiple_choice"),
    "relative_position": ("true_false", "multiple_choice", "distance", "spatial"),
    "attribute_comparison": ("true_false", "multiple_choice"),
}
#: What stands before the folder of a clone of the paper's released code.
RELEASED = "released:"
Templates = Mapping[str, Mapping[str, str]]
#: What a pack without words of its own for it says before a question that is asked without a picture: a
#: prompt that speaks of a picture earns refusals, and "No picture was provided" is read as "No".
_NO_PICTURE = "No picture is shown with this question. Give your best guess; do not decline to answer.\n"


@dataclass(frozen=True)
class PromptPack:
    """Templates by category and kind, with the identity that goes into results.

    ``sha256`` is over the file's bytes (of released texts: over these); two packs with one name and
    different words differ in it.
    ``without_image`` are the templates of the conditions that show no picture. ``boxes`` is the part of the
    templates that says what a box's numbers mean, ``panorama`` the one that says what the picture is; empty
    where a pack has none.
    """

    name: str
    version: str
    sha256: str
    templates: Templates
    without_image: Templates
    boxes: str = ""
    panorama: str = ""

    @property
    def id(self) -> str:
        """``name@version``."""
        return f"{self.name}@{self.version}"


def load_pack(path: str | Path | None = None) -> PromptPack:
    """Load a prompt pack.

    Args:
        path: A YAML file; ``released:FOLDER`` for the paper's own texts in a clone of its released code; None
            for the pack that comes with the project.

    Raises:
        DataError: The file is missing or not YAML, or lacks a template or a place; the message names it.
    """
    if path is None:
        text = resources.files(__package__).joinpath("default.yaml").read_text(encoding="utf-8")
        return _parse(text, "prompts/default.yaml")
    if str(path).startswith(RELEASED):
        return _released(Path(str(path).removeprefix(RELEASED)).expanduser())
    file = Path(path).expanduser()
    try:
        return _parse(file.read_text(encoding="utf-8"), str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file}: cannot read the prompt pack ({error})") from None


def active_pack() -> PromptPack:
    """Return the pack that ``$PANOENV_PROMPTS`` names, else the project's own; see ``load_pack``."""
    return _cached(os.environ.get("PANOENV_PROMPTS") or None)


def render(
    item: Item,
    pack: PromptPack | None = None,
    question: str | None = None,
    with_image: bool = True,
    boxes: str = "",
    panorama: str = "",
) -> str:
    """Return the user text for an item.

    Args:
        item: The question.
        pack: The templates; None takes the active pack.
        question: The question as shown, where a condition changes it; None takes the item's own.
        with_image: Whether the condition shows a picture; if not, the text says so and asks for a guess.
        boxes: What a box's numbers mean where they are not pixels of the picture shown. It stands in the
            place of the pack's own words for that, or before the question where it has none.
        panorama: What the pictures are where they are not one panorama; it stands as ``boxes`` does.
    """
    chosen = pack or active_pack()
    templates = chosen.templates if with_image else chosen.without_image
    template = templates[item.category][kind_of(item)]
    shown = item.question if question is None else question
    for usual, words in ((chosen.boxes, boxes), (chosen.panorama, panorama)):
        if words and usual and usual in template:
            template = template.replace(usual, words)
        elif words:
            shown = f"{words} {shown}"
    return _fill(template, {"question": shown, "options": ", ".join(item.options)})


def kind_of(item: Item) -> str:
    """Return the template key of an item: its question type, or its method when open-ended."""
    if item.question_type != "open_ended":
        return item.question_type
    return "spatial" if item.method == "default" else item.method


@lru_cache(maxsize=4)
def _cached(path: str | None) -> PromptPack:
    return load_pack(path)


def _fill(template: str, values: Mapping[str, str]) -> str:
    # One pass: braces inside a question are text, never places.
    return fill(template, {name: f"{{{name}}}" for name in places(template)} | dict(values))


def _parse(text: str, origin: str) -> PromptPack:
    try:
        raw: Any = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise DataError(f"{origin}: not YAML ({str(error).splitlines()[0]})") from None
    if not isinstance(raw, dict) or not isinstance(raw.get("templates"), dict):
        raise DataError(f"{origin}: expected a mapping with name, version and templates")
    parts, other = (
        {str(k): str(v) for k, v in (raw.get(n) or {}).items()} for n in ("parts", "without_image")
    )
    if unknown := other.keys() - parts.keys():
        raise DataError(f"{origin}: without_image names {sorted(unknown)[0]!r}, which is none of its parts")
    templates = _templates(raw, parts, origin)
    return PromptPack(
        name=str(raw.get("name") or Path(origin).stem),
        version=str(raw.get("version") or "0"),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        templates=templates,
        without_image=_templates(raw, parts | other, origin) if other else _told_first(templates),
        boxes=parts.get("boxes", ""),
        panorama=parts.get("panorama", ""),
    )


def _released(clone: Path) -> PromptPack:
    """Make a pack of the released texts; its hash is over them, as the file holds much else."""
    texts = released_templates(clone)
    templates: Templates = {
        category: {kind: texts[_type_of(kind)] for kind in kinds} for category, kinds in KINDS.items()
    }
    sha256 = hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()
    return PromptPack("released", sha256[:8], sha256, templates, _told_first(templates))


def _type_of(kind: str) -> QuestionType:
    return next((question_type for question_type in QUESTION_TYPES if question_type == kind), "open_ended")


def _templates(raw: dict[str, Any], parts: Mapping[str, str], origin: str) -> Templates:
    return {
        category: {kind: _template(raw, category, kind, parts, origin) for kind in kinds}
        for category, kinds in KINDS.items()
    }


def _told_first(templates: Templates) -> Templates:
    return {
        category: {kind: _NO_PICTURE + text for kind, text in kinds.items()}
        for category, kinds in templates.items()
    }


def _template(raw: dict[str, Any], category: str, kind: str, parts: Mapping[str, str], origin: str) -> str:
    template = (raw["templates"].get(category) or {}).get(kind)
    where = f"{origin}: template {category}.{kind}"
    if not isinstance(template, str):
        raise DataError(f"{where} is missing; every pack needs all of prompts/default.yaml's")
    for place in places(template):
        if place not in parts and place not in ("question", "options"):
            raise DataError(f"{where} names {{{place}}}, which is neither a part nor a place")
    if "{question}" not in template:
        raise DataError(f"{where} has no {{question}}")
    return _fill(template, parts)
