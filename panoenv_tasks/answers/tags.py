"""The ``<Reasoning>...</Reasoning><Answer>...</Answer>`` envelope, read in linear time."""

from __future__ import annotations

import re

_OPEN = re.compile("<Answer>", re.IGNORECASE)
_CLOSE = re.compile("</Answer>", re.IGNORECASE)
_AFTER_REASONING = re.compile(r"\s*+<Answer>")


def first_answer(text: str) -> str | None:
    """Return the content of the first Answer tag, stripped; None when there is no complete tag."""
    opened = _OPEN.search(text)
    closed = _CLOSE.search(text, opened.end()) if opened else None
    return text[opened.end() : closed.start()].strip() if opened and closed else None


def all_answers(text: str) -> list[str]:
    """Return the contents of all Answer tags, in order, stripped."""
    found = []
    position = 0
    while opened := _OPEN.search(text, position):
        closed = _CLOSE.search(text, opened.end())
        if closed is None:
            break
        found.append(text[opened.end() : closed.start()].strip())
        position = closed.end()
    return found


def has_valid_format(text: str) -> bool:
    """Whether a Reasoning block is followed, after white space only, by an Answer block.

    Case-sensitive, anywhere in the text: the format reward of the released scorer.
    """
    opened = text.find("<Reasoning>")
    last_close = text.rfind("</Answer>")
    if opened < 0 or last_close < 0:
        return False
    position = text.find("</Reasoning>", opened)
    while position >= 0:
        answer = _AFTER_REASONING.match(text, position + len("</Reasoning>"))
        if answer and answer.end() <= last_close:
            return True
        position = text.find("</Reasoning>", position + 1)
    return False
