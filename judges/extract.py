"""Which part of a model's text a judge gets to see."""

from __future__ import annotations

from panoenv_tasks.answers.tags import first_answer

#: An answer that holds one of these is called no answer by the released P-Score script.
REFUSALS = (
    "cannot",
    "not sure",
    "unclear",
    "don't know",
    "unable",
    "no answer",
    "not visible",
    "insufficient",
)


def tagged_or_all(text: str) -> str | None:
    """Return the first Answer tag's content, or the whole text without one; None when it is blank.

    The released Q-Score script does the same, but puts blank answers to its judge too.
    """
    answer = first_answer(text)
    return (text.strip() if answer is None else answer) or None


def tagged_unless_refused(text: str) -> str | None:
    """Return the first Answer tag's content as the released P-Score script does.

    None: no tag, or a refusal word in it, which that script scores 0 without asking; or blank.
    """
    answer = first_answer(text)
    if answer is None or any(word in answer.lower() for word in REFUSALS):
        return None
    return answer or None
