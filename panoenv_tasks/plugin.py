"""How lmms-eval 0.7.3 finds our tasks and models without a flag.

lmms-eval has an entry-point group for models but none for tasks, and ``LMMS_EVAL_PLUGINS`` is read after
its task index is built. So our model entry point also hooks the task index: when ``lmms_eval.tasks`` is
imported, ``TaskManager`` is wrapped to add our folder behind everything else (built-in tasks and a user's
``--include_path`` win). ``panoenv_lmms.pth`` does the same for the sub-commands that never load models.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any

TASK_FOLDER = Path(__file__).parent / "tasks" / "panoenv"
#: Our models that need no picture, so that a set without panoramas can still be answered.
TEXT_ONLY = {"panoenv_blind": "Blind", "panoenv_constant": "Constant", "panoenv_oracle": "Oracle"}
_TARGET = "lmms_eval.tasks"
_MARK = "_panoenv"


def task_dir() -> str:
    """Return the folder of our task files, for ``--include_path``."""
    return str(TASK_FOLDER)


def model_manifests() -> list[Any]:
    """Entry point of the group ``lmms_eval.models``; also hooks the task index. Never raises."""
    install()
    from lmms_eval.models.registry_v2 import ModelManifest

    module = "panoenv_tasks.models.text_only"
    return [
        ModelManifest(model_id=name, chat_class_path=f"{module}.{class_name}")
        for name, class_name in TEXT_ONLY.items()
    ]


def install() -> None:
    """Hook the task index now, or when lmms-eval imports it. Idempotent."""
    module = sys.modules.get(_TARGET)
    if module is not None and hasattr(module, "TaskManager"):
        _patch(module)
    elif not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder(importlib.abc.MetaPathFinder):
    """Waits for one import, patches the module once it is executed, and leaves."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != _TARGET:
            return None
        sys.meta_path.remove(self)
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def exec_module(module: ModuleType) -> None:
                execute(module)
                _patch(module)

            spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def _patch(module: ModuleType) -> None:
    manager = module.TaskManager
    if not hasattr(manager.initialize_tasks, _MARK):
        manager.initialize_tasks = _with_our_tasks(manager.initialize_tasks)
        manager.match_tasks = _with_preflight(manager.match_tasks)


def _with_our_tasks(initialize: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    @wraps(initialize)
    def initialize_tasks(self: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        index = initialize(self, *args, **kwargs)
        if kwargs.get("include_defaults", True):
            # A fault of ours must not take the harness's other two thousand tasks down.
            try:
                for name, entry in self._get_task_and_group(str(TASK_FOLDER)).items():
                    index.setdefault(name, entry)
                _watch_evaluate()
            except Exception as error:
                print(f"panoenv: tasks not registered: {error}", file=sys.stderr)
        return index

    setattr(initialize_tasks, _MARK, True)
    return initialize_tasks


def _with_preflight(match: Callable[..., list[str]]) -> Callable[..., list[str]]:
    """Check data and images when tasks are chosen: the model is loaded before the documents are."""

    @wraps(match)
    def match_tasks(self: Any, task_list: Iterable[str]) -> list[str]:
        names = match(self, task_list)
        from panoenv_tasks.tasks.panoenv.preflight import check

        # Without a model (`lmms-eval power`) nothing is looked at.
        check(names, needs_images=self.model_name not in (None, *TEXT_ONLY))
        return names

    return match_tasks


def _watch_evaluate() -> None:
    """Wrap ``evaluate`` once the evaluator is there: only there is the model at hand."""
    evaluator: Any = sys.modules.get("lmms_eval.evaluator")
    if evaluator is not None and not hasattr(evaluator.evaluate, _MARK):
        from panoenv_tasks.tasks.panoenv.pixels import recording_pixels

        evaluator.evaluate = recording_pixels(evaluator.evaluate)
        setattr(evaluator.evaluate, _MARK, True)
