"""The rewards: plain TRL reward functions over the benchmark's own scorer.

TRL calls them with the dataset's columns as keyword lists. The columns ``method``, ``answer``,
``question`` and ``protocol`` say how a row is scored; a row that lacks what it takes gets None, which
TRL leaves out of the sum. No function raises, whatever it is given.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from panoenv_tasks.answers.tags import has_valid_format
from panoenv_tasks.items import METHODS
from panoenv_tasks.scoring import PROTOCOLS, Protocol, score_answer

#: What training scores with where a row names no protocol.
DEFAULT_PROTOCOL: Protocol = "strict"


def accuracy_reward(completions: Sequence[Any], **columns: Any) -> list[float | None]:
    """Score each completion against its row's gold answer.

    Args:
        completions: Texts, or conversations whose last message is the model's.
        **columns: Lists as long as ``completions``. ``category`` and ``question_type`` are optional
            and only used for TRL's ``log_metric``.

    Returns:
        The accuracy reward in [0, 1] per completion; None where the row cannot be scored.
    """
    rewards = []
    log = columns.get("log_metric")
    for index, completion in enumerate(completions):
        reward = _accuracy(
            _at(columns, "method", index),
            _at(columns, "answer", index),
            _text(completion),
            _at(columns, "protocol", index),
            _at(columns, "question", index),
        )
        rewards.append(reward)
        if callable(log) and reward is not None:
            for column in ("category", "question_type"):
                if isinstance(kind := _at(columns, column, index), str):
                    log(f"accuracy/{kind}", reward)
    return rewards


def format_reward(completions: Sequence[Any], **columns: Any) -> list[float | None]:
    """Return 1 per completion in the form ``<Reasoning>..</Reasoning><Answer>..</Answer>``, else 0.

    Args:
        completions: Texts, or conversations whose last message is the model's.
        **columns: Not used.

    Returns:
        1.0 or 0.0 per completion; None where there is no text.
    """
    texts = map(_text, completions)
    return [None if text is None else float(has_valid_format(text)) for text in texts]


def image_tokens(completions: Sequence[Any], *, token_ids: Collection[int], **columns: Any) -> list[float]:
    """Count image placeholder tokens in each completion: watched with weight 0, should stay at 0.

    Args:
        completions: Taken for their number.
        token_ids: Ids of the image and video placeholders.
        **columns: TRL's ``completion_ids``, one list of ids per completion.
    """
    ids = columns.get("completion_ids") or [[]] * len(completions)
    return [float(sum(token in token_ids for token in row)) for row in ids]


def _accuracy(method: Any, answer: Any, text: str | None, protocol: Any, question: Any) -> float | None:
    if text is None or method not in METHODS or not isinstance(answer, str):
        return None
    chosen = DEFAULT_PROTOCOL if protocol is None else protocol
    if chosen not in PROTOCOLS:
        return None
    return score_answer(method, answer, text, chosen, question if isinstance(question, str) else None).value


def _at(columns: dict[str, Any], name: str, index: int) -> Any:
    column = columns.get(name)
    if isinstance(column, (list, tuple)) and index < len(column):
        return column[index]
    return None


def _text(completion: Any) -> str | None:
    if isinstance(completion, list) and completion and isinstance(completion[-1], dict):
        completion = completion[-1].get("content")
    return completion if isinstance(completion, str) else None
