"""``panoenv_blind``, ``panoenv_constant`` and ``panoenv_oracle`` as lmms-eval models."""

from __future__ import annotations

from typing import Any

import torch
from lmms_eval.api.instance import Instance
from lmms_eval.api.model import lmms

from panoenv_tasks.blind import answer, constant_answer
from panoenv_tasks.items import Item
from panoenv_tasks.tasks.panoenv.docs import item_of


class _TextOnly(lmms):  # type: ignore[misc]
    """A model that answers an item without weights; the same class serves chat and simple tasks."""

    is_simple = False

    def __init__(self, batch_size: int = 1, device: str = "cpu", **unknown: Any) -> None:
        super().__init__()
        unknown.pop("max_batch_size", None)
        if unknown:
            raise ValueError(f"{type(self).__name__} takes no arguments, got {', '.join(unknown)}")
        self.batch_size = int(batch_size)
        # lmms-eval reads the device of every model when it gathers results from several processes.
        self.device = torch.device(device)

    def reply(self, item: Item) -> str:
        """Return the raw completion for one item."""
        raise NotImplementedError

    def generate_until(self, requests: list[Instance]) -> list[str]:
        """Answer requests in their order."""
        replies = []
        for request in requests:
            *_, doc_id, task, split = request.args
            replies.append(self.reply(item_of(self.task_dict[task][split][doc_id])))
        return replies

    def loglikelihood(self, requests: list[Instance]) -> list[tuple[float, bool]]:
        """Not defined for a model without probabilities."""
        raise NotImplementedError("panoenv's text-only models only generate")

    def generate_until_multi_round(self, requests: list[Instance]) -> list[str]:
        """Not defined: PanoEnv-QA has single questions."""
        raise NotImplementedError("panoenv's text-only models answer single questions")


class Blind(_TextOnly):
    """Closed-form geometry on the question's text: the floor that every table shows."""

    def reply(self, item: Item) -> str:  # noqa: D102
        return answer(item)


class Constant(_TextOnly):
    """One fixed answer per kind of question."""

    def reply(self, item: Item) -> str:  # noqa: D102
        return constant_answer(item)


class Oracle(_TextOnly):
    """The gold answer: a run that does not reach 100 % under ``strict`` has a fault in the harness."""

    def reply(self, item: Item) -> str:  # noqa: D102
        return f"<Reasoning>This is the gold answer.</Reasoning><Answer>{item.answer}</Answer>"
