"""Put objects, names and options into the places of a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from panoenv_tasks.items import Box
from panoenv_tasks.placeholders import fill
from panoenv_tasks.synthesis.questions.question import Draft
from panoenv_tasks.taxonomy import Template


def render(template: Template, boxes: Sequence[Box], draft: Draft) -> str:
    """Return the question's text."""
    filled = {slot: _phrase(box) for slot, box in zip("abc", boxes, strict=False)}
    filled["env"] = draft.environment
    filled["options"] = _listed(draft.options, template)
    filled["direction"] = draft.direction or ""
    filled["extreme"] = draft.extreme or ""
    return fill(template.text, filled)


def _phrase(box: Box) -> str:
    return f"{box.phrase} (boundingbox: [{box.x1}, {box.y1}, {box.x2}, {box.y2}])"


def _listed(options: Sequence[str], template: Template) -> str:
    if not options:
        return ""
    if len(options) > 2 and template.dialect == "released":
        return ", ".join(options)
    return f"{', '.join(options[:-1])} or {options[-1]}"
