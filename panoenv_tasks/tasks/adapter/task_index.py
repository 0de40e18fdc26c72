"""The task index and the choice of tasks: ours are found, and data is looked at before a model loads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any

from panoenv_tasks.tasks.adapter.evaluation import MARK, watch_evaluator
from panoenv_tasks.tasks.adapter.guard import guard
from panoenv_tasks.tasks.adapter.models import TEXT_ONLY
from panoenv_tasks.tasks.adapter.run_end import RUNS

TASK_FOLDER = Path(__file__).parents[1] / "panoenv"


def adapt(tasks: ModuleType) -> None:
    """Change the task manager of ``lmms_eval.tasks``; a second call changes nothing.

    Raises:
        AttributeError: It is another lmms-eval, without what is changed here. Nothing is changed then.
    """
    manager = tasks.TaskManager
    if hasattr(manager.initialize_tasks, MARK):
        return
    indexed, checked = _indexing_ours(manager.initialize_tasks), _checking_first(manager.match_tasks)
    manager.initialize_tasks, manager.match_tasks = indexed, checked


def _indexing_ours(initialize: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    @wraps(initialize)
    def initialize_tasks(self: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        index = initialize(self, *args, **kwargs)
        if kwargs.get("include_defaults", True):
            with guard("tasks not registered"):
                for name, entry in self._get_task_and_group(str(TASK_FOLDER)).items():
                    index.setdefault(name, entry)
            with guard("what the model sees is not recorded"):
                watch_evaluator()
        return index

    setattr(initialize_tasks, MARK, True)
    return initialize_tasks


def _checking_first(match: Callable[..., list[str]]) -> Callable[..., list[str]]:
    @wraps(match)
    def match_tasks(self: Any, task_list: Iterable[str]) -> list[str]:
        wanted = list(task_list)
        names = match(self, wanted)
        with guard("data not checked"):
            from panoenv_tasks.tasks.panoenv.preflight import check, refuse_unknown

            refuse_unknown(wanted, names)
            # Without a model (`lmms-eval power`) nothing is looked at.
            ours = check(names, needs_images=self.model_name not in (None, *TEXT_ONLY))
            if ours and self.model_name is not None:
                RUNS.begin()
        return names

    return match_tasks
