"""The rewards: plain TRL reward functions over the benchmark's own scorer.

TRL calls them with the dataset's columns as keyword lists. The columns ``method``, ``answer``,
``question`` and ``protocol`` say how a row is scored; a row that lacks what it takes gets None, which
TRL leaves out of the sum. No function raises, whatever it is given.
"""

from __future__ import annotations

import importlib
from collections.abc import Collection, Sequence
from typing import Any

from panoenv_tasks.answers.tags import has_valid_format
from panoenv_tasks.items import METHODS, DataError
from panoenv_tasks.scoring import PROTOCOL_NAMES, ProtocolName, Score, score_answer

#: What training scores with where a row names no protocol.
DEFAULT_PROTOCOL: ProtocolName = "strict"


def accuracy_reward(completions: Sequence[Any], **columns: Any) -> list[float | None]:
    """Score each completion against its row's gold answer.

    Args:
        completions: Texts, or conversations whose last message is the model's.
        **columns: Lists as long as ``completions``. Where TRL passes ``log_metric`` and ``log_extra``,
            the mean per ``category`` and ``question_type`` goes into the metrics, and the gold answer
            and the reading's status into the table of completions.

    Returns:
        The accuracy reward in [0, 1] per completion; None where the row cannot be scored.
    """
    scores = [_score(columns, index, _text(text)) for index, text in enumerate(completions)]
    if callable(log_metric := columns.get("log_metric")):
        for index, score in enumerate(scores):
            for column in ("category", "question_type"):
                kind = _at(columns, column, index)
                if score is not None and isinstance(kind, str):
                    log_metric(f"accuracy/{kind}", score.value)
    if callable(log_extra := columns.get("log_extra")):
        for column in ("item", "question_type"):
            log_extra(column, [str(_at(columns, column, n) or "") for n in range(len(scores))])
        log_extra("expected", [str(_at(columns, "answer", n) or "") for n in range(len(scores))])
        log_extra("status", [score.status if score else "" for score in scores])
    return [None if score is None else score.value for score in scores]


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


def user_function(path: str, key: str = "rewards.functions") -> Any:
    """Import a function of the user's own, by ``package.module.function``; ``key`` is where it is named.

    Raises:
        DataError: There is no such module, or nothing callable of that name in it.
    """
    module, _, name = path.rpartition(".")
    try:
        function = getattr(importlib.import_module(module), name, None)
    except ImportError as error:
        raise DataError(f"{key}: {path} cannot be imported ({error}); is its folder on PYTHONPATH?") from None
    if not callable(function):
        raise DataError(f"{key}: {module} has no function {name}")
    return function


def _score(columns: dict[str, Any], index: int, text: str | None) -> Score | None:
    method, answer = _at(columns, "method", index), _at(columns, "answer", index)
    question, protocol = _at(columns, "question", index), _at(columns, "protocol", index)
    protocol = DEFAULT_PROTOCOL if protocol is None else protocol
    if text is None or method not in METHODS or not isinstance(answer, str):
        return None
    if protocol not in PROTOCOL_NAMES:
        return None
    asked = question if isinstance(question, str) else None
    return score_answer(method, answer, text, protocol, asked)


def _at(columns: dict[str, Any], name: str, index: int) -> Any:
    column = columns.get(name)
    if isinstance(column, (list, tuple)) and index < len(column):
        return column[index]
    return None


def _text(completion: Any) -> str | None:
    if isinstance(completion, list) and completion and isinstance(completion[-1], dict):
        completion = completion[-1].get("content")
    return completion if isinstance(completion, str) else None
