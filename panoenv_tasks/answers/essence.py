"""The part of a completion that its scores depend on: few answers are left of many texts."""

from __future__ import annotations

import re

from panoenv_tasks.answers.tags import first_answer, tagged_answers, untagged_answer

#: What is left of a text in which no protocol finds an answer.
NOTHING = "-\n--"
_PLAIN = re.compile(r"<Reasoning>[^<]*</Reasoning>\s*<Answer>([^<]*)</Answer>\s*")


def essence(text: str) -> str:
    """Return a short text that scores as ``text`` does: value, status, answer, under the newest protocols.

    The form (``has_valid_format``) is lost. A text whose answer cannot be cut out safely comes back whole.
    """
    # Most texts are just the two blocks, with no other tag anywhere: one match tells all.
    if plain := _PLAIN.fullmatch(text):
        return f"<Answer>{plain[1].strip()}</Answer>"
    if not text.strip():
        return ""
    first, tagged = first_answer(text), tagged_answers(text)
    if tagged:
        made = "".join([f"<Answer>{answer}</Answer>" for answer in tagged])
        return made if (first_answer(made), tagged_answers(made)) == (first, tagged) else text
    untagged = untagged_answer(text)
    made = NOTHING if untagged is None else f"Answer: {untagged}"
    same = (first_answer(made), tagged_answers(made), untagged_answer(made)) == (first, tagged, untagged)
    return made if same else text
