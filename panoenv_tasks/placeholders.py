"""Texts with places, written ``{name}``: question wordings and prompts.

A place is a word in braces; every other brace is text. There is no escape and no format language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from panoenv_tasks.items import DataError

_PLACE = re.compile(r"\{(\w+)\}")


def fill(template: str, values: Mapping[str, str]) -> str:
    """Return the text with every place filled, in one pass: braces inside a value stay text.

    To fill some places now and the others later, give those as themselves: ``{"question": "{question}"}``.

    Raises:
        DataError: A place has no value.
    """

    def value(place: re.Match[str]) -> str:
        if place[1] not in values:
            known = ", ".join(f"{{{name}}}" for name in values) or "none"
            raise DataError(f"unknown place {place[0]} in {template!r}; expected one of {known}")
        return values[place[1]]

    return _PLACE.sub(value, template)


def places(template: str) -> list[str]:
    """Return the names of a text's places, in order, repeated as they repeat."""
    return _PLACE.findall(template)


def split(template: str) -> list[str]:
    """Return text and names by turns: ``"How far is {a}?"`` gives ``["How far is ", "a", "?"]``."""
    return _PLACE.split(template)
