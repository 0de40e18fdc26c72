"""Everything that touches the inside of lmms-eval 0.7.3, in one place: no documented interface.

| what is changed | why |
|---|---|
| ``TaskManager.initialize_tasks`` | our folder joins the index, behind built-in tasks and a user's own |
| ``TaskManager.match_tasks`` | data and pictures are looked at before the model is loaded |
| ``evaluator.evaluate`` | only there is the model at hand: what it sees goes into the samples |

A change that fails costs our tasks a service, never the harness its run; only a refusal
(``SystemExit``) passes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any

TASK_FOLDER = Path(__file__).parent / "panoenv"
#: Our models that need no picture, so that a set without panoramas can still be answered.
TEXT_ONLY = {"panoenv_blind": "Blind", "panoenv_constant": "Constant", "panoenv_oracle": "Oracle"}
_MARK = "_panoenv"


def manifests() -> list[Any]:
    """Return the descriptions by which lmms-eval finds our models."""
    from lmms_eval.models.registry_v2 import ModelManifest

    module = "panoenv_tasks.models.text_only"
    return [
        ModelManifest(model_id=name, chat_class_path=f"{module}.{class_name}")
        for name, class_name in TEXT_ONLY.items()
    ]


def adapt(tasks: ModuleType) -> None:
    """Change the task manager of ``lmms_eval.tasks``; a second call changes nothing.

    Raises:
        AttributeError: It is another lmms-eval, without what is changed here. Nothing is changed then.
    """
    manager = tasks.TaskManager
    if hasattr(manager.initialize_tasks, _MARK):
        return
    indexed, checked = _indexing_ours(manager.initialize_tasks), _checking_first(manager.match_tasks)
    manager.initialize_tasks, manager.match_tasks = indexed, checked


def _indexing_ours(initialize: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    @wraps(initialize)
    def initialize_tasks(self: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        index = initialize(self, *args, **kwargs)
        if kwargs.get("include_defaults", True):
            with _guard("tasks not registered"):
                for name, entry in self._get_task_and_group(str(TASK_FOLDER)).items():
                    index.setdefault(name, entry)
            with _guard("what the model sees is not recorded"):
                _watch_evaluate()
        return index

    setattr(initialize_tasks, _MARK, True)
    return initialize_tasks


def _checking_first(match: Callable[..., list[str]]) -> Callable[..., list[str]]:
    @wraps(match)
    def match_tasks(self: Any, task_list: Iterable[str]) -> list[str]:
        names = match(self, task_list)
        with _guard("data not checked"):
            from panoenv_tasks.tasks.panoenv.preflight import check

            # Without a model (`lmms-eval power`) nothing is looked at.
            check(names, needs_images=self.model_name not in (None, *TEXT_ONLY))
        return names

    return match_tasks


def _watch_evaluate() -> None:
    """Wrap ``evaluate`` once the evaluator is there; sub-commands that run no model never import it."""
    evaluator: Any = sys.modules.get("lmms_eval.evaluator")
    if evaluator is not None and not hasattr(evaluator.evaluate, _MARK):
        evaluator.evaluate = _watched(evaluator.evaluate)
        setattr(evaluator.evaluate, _MARK, True)


def _watched(evaluate: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(evaluate)
    def watched(*args: Any, **kwargs: Any) -> Any:
        model = kwargs.get("lm", args[0] if args else None)
        tasks = kwargs.get("task_dict", args[1] if len(args) > 1 else {})
        seen = None
        with _guard("what the model sees is not known"):
            from panoenv_tasks.tasks.panoenv import pixels

            seen = pixels.max_pixels(model)
            if os.environ.get("RANK", "0") == "0":
                pixels.warn(seen, _leaves(tasks))
        results = evaluate(*args, **kwargs)
        with _guard("what the model sees is not recorded"):
            for record in _records(results):
                record["image"]["max_pixels"] = seen
        return results

    return watched


def _leaves(tasks: Any) -> list[str]:
    """Return the names of all tasks in the harness's nested mapping, whose groups are objects."""
    if not isinstance(tasks, dict):
        return []
    return [
        name
        for key, value in tasks.items()
        for name in (_leaves(value) if isinstance(value, dict) else [str(key)])
    ]


def _records(results: Any) -> Iterator[dict[str, Any]]:
    """Yield our record of every logged sample; ranks other than the first have no results."""
    for samples in ((results or {}).get("samples") or {}).values():
        for sample in samples:
            if isinstance(sample.get("panoenv"), dict):
                yield sample["panoenv"]


@contextmanager
def _guard(what: str) -> Iterator[None]:
    """Turn a fault of ours into one line on stderr."""
    try:
        yield
    except Exception as error:
        print(f"panoenv: {what}: {type(error).__name__}: {error}", file=sys.stderr)
