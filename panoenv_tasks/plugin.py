"""How we get into lmms-eval 0.7.3 without a flag; what we change once inside is in ``tasks/adapter``.

lmms-eval has an entry-point group for models but none for tasks, and ``LMMS_EVAL_PLUGINS`` is read after
its task index is built. So our model entry point also waits for ``lmms_eval.tasks`` to be imported and
hands it to the adapter. ``panoenv_lmms.pth`` does the same for the sub-commands that never load models.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from panoenv_tasks.tasks import adapter

_TARGET = "lmms_eval.tasks"


def task_dir() -> str:
    """Return the folder of our task files, for ``--include_path``."""
    return str(adapter.TASK_FOLDER)


def model_manifests() -> list[Any]:
    """Entry point of the group ``lmms_eval.models``; also hooks the task index. Never raises.

    An exception here would cost the user every other package's models, so it costs only ours.
    """
    try:
        install()
        return adapter.manifests()
    except Exception as error:
        _say(f"models not registered: {error}")
        return []


def install() -> None:
    """Hook the task index now, or when lmms-eval imports it. Idempotent."""
    adapter.RUNS.watch_exit()
    module = sys.modules.get(_TARGET)
    if module is not None and hasattr(module, "TaskManager"):
        _adapt(module)
    elif not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder(importlib.abc.MetaPathFinder):
    """Waits for one import, adapts the module once it is executed, and leaves."""

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
                _adapt(module)

            spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def _adapt(module: ModuleType) -> None:
    # The harness lives without us: another release of it may lack what the adapter changes.
    try:
        adapter.adapt(module)
    except Exception as error:
        _say(f"tasks not registered: {error}; --include_path {task_dir()} has them")


def _say(line: str) -> None:
    print(f"panoenv: {line}", file=sys.stderr)
