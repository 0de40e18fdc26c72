"""Requests for answers: those of our tasks are kept as they come and found again by an interrupted run."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from panoenv_tasks.tasks.adapter.guard import guard


class Requests:
    """Stands where the harness expects its response cache: all requests for answers pass here."""

    def __init__(self, cache: Any, ours: Iterable[str]) -> None:
        self._cache = cache
        self._ours = frozenset(ours)

    def execute(self, model: Any, kind: str, requests: list[Any]) -> list[Any]:
        """Return one answer a request, in order; a reply without text is a failed request."""
        from panoenv_tasks.tasks.panoenv.record import NO_TEXT

        kept = [index for index, request in enumerate(requests) if self._keeps(kind, request)]
        others = [index for index in range(len(requests)) if index not in set(kept)]
        replies: list[Any] = [None] * len(requests)
        for chosen, ask in ((others, self._ask), (kept, self._ask_the_rest)):
            if chosen:
                answers = ask(model, kind, [requests[index] for index in chosen])
                for index, answer in zip(chosen, answers, strict=True):
                    replies[index] = answer
        for index, request in enumerate(requests):
            if request.task_name in self._ours and getattr(replies[index], "text", replies[index]) is None:
                replies[index] = NO_TEXT
        return replies

    def _keeps(self, kind: str, request: Any) -> bool:
        if self._cache is None or kind != "generate_until" or request.task_name not in self._ours:
            return False
        from lmms_eval.caching.response_cache import is_deterministic

        return bool(is_deterministic(kind, _settings(request)))

    def _ask(self, model: Any, kind: str, requests: list[Any]) -> list[Any]:
        if self._cache is not None:
            return list(self._cache.execute(model, kind, requests))
        return list(getattr(model, kind)(requests))

    def _ask_the_rest(self, model: Any, kind: str, requests: list[Any]) -> list[Any]:
        """Answer from what an earlier run kept, and keep every new answer as it comes."""
        prepared = None
        with guard("answers are not kept as they come"):
            prepared = self._open(model, requests)
        if prepared is None:
            return self._ask(model, kind, requests)
        from panoenv_tasks.tasks.panoenv.resume import in_portions

        store, keys = prepared
        kept = {number: store.get(key) for number, (key, _) in keys.items()}
        rest = [request for request in requests if kept[id(request)] is None]

        def keep(request: Any, reply: Any) -> None:
            with guard("an answer was not kept"):
                store.add(*keys[id(request)], getattr(reply, "text", reply))

        if hasattr(model, "maybe_forward_with_tool"):
            with _one_by_one(model, keep):
                replies = list(getattr(model, kind)(rest)) if rest else []
        else:
            replies = in_portions(getattr(model, kind), rest, keep, batch=_batch(model))
        store.close()
        new = {id(request): reply for request, reply in zip(rest, replies, strict=True)}
        return [kept[id(request)] or new[id(request)] for request in requests]

    def _open(self, model: Any, requests: Iterable[Any]) -> tuple[Any, dict[int, tuple[str, str]]]:
        """Return the kept answers, and the key and question of every request."""
        from panoenv_tasks.tasks.panoenv.resume import AnswerStore, answer_key, model_identity

        stated = str(self._cache.model_fingerprint)
        with suppress(ValueError):
            stated = model_identity(stated, json.loads(stated.partition("|")[2]))
        store = AnswerStore(Path(self._cache._cache_root) / "panoenv")
        keys = {}
        for request in requests:
            text, *_, number, task, split = request.args
            doc = model.task_dict[task][split][number]
            # Before anything is asked: some wrappers add to a request's settings.
            keys[id(request)] = (answer_key(doc, text, _settings(request), stated), str(doc["id"]))
        kept = sum(store.get(key) is not None for key, _ in keys.values())
        if kept:
            print(f"panoenv: {kept:,} of {len(keys):,} answers are kept in {store.folder}", file=sys.stderr)
        return store, keys


@contextmanager
def _one_by_one(model: Any, keep: Callable[[Any, Any], None]) -> Iterator[None]:
    """Have ``async_openai`` hand over every answer as it comes; it returns them all at once."""
    forward = model.maybe_forward_with_tool

    async def forward_and_keep(request: Any, number: int) -> Any:
        reply = await forward(request, number)
        keep(request, reply[0])
        return reply

    model.maybe_forward_with_tool = forward_and_keep
    try:
        yield
    finally:
        del model.maybe_forward_with_tool


def _settings(request: Any) -> Mapping[str, Any]:
    """Return a request's generation settings: the only mapping among its arguments."""
    return next((dict(value) for value in request.args if isinstance(value, dict)), {})


def _batch(model: Any) -> int:
    """Return how many questions a wrapper takes at a time."""
    for name in ("num_concurrent", "batch_size_per_gpu", "batch_size"):
        value = getattr(model, name, None)
        if isinstance(value, int | str) and str(value).isdigit():
            return int(value)
    return 1
