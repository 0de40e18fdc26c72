"""An evaluation of our tasks: refused early where it cannot be right, watched, and summed up at its end."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any

from panoenv_tasks.tasks.adapter.guard import guard
from panoenv_tasks.tasks.adapter.requests import Requests
from panoenv_tasks.tasks.adapter.run_end import RUNS
from panoenv_tasks.tasks.adapter.samples import logged_samples, name_failures, note_seen, our_tasks, watching

#: The attribute by which a function of the harness is known to be wrapped already.
MARK = "_panoenv"

Size = tuple[int, int]


def watch_evaluator() -> None:
    """Wrap the evaluator once it is there; sub-commands that run no model never import it."""
    evaluator: Any = sys.modules.get("lmms_eval.evaluator")
    if evaluator is None or hasattr(evaluator.evaluate, MARK):
        return
    evaluate, simple = _watched(evaluator.evaluate), _zero_shot(evaluator.simple_evaluate)
    setattr(evaluate, MARK, True)
    evaluator.evaluate, evaluator.simple_evaluate = evaluate, simple


def _zero_shot(simple_evaluate: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(simple_evaluate)
    def checked(*args: Any, **kwargs: Any) -> Any:
        with guard("number of examples not checked"):
            from panoenv_tasks.tasks.panoenv.preflight import refuse_examples

            refuse_examples(kwargs.get("tasks") or (), kwargs.get("num_fewshot"))
        return simple_evaluate(*args, **kwargs)

    return checked


def _watched(evaluate: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(evaluate)
    def watched(*args: Any, **kwargs: Any) -> Any:
        model = kwargs.get("lm", args[0] if args else None)
        ours: Mapping[str, Any] = {}
        with guard("our tasks were not found"):
            ours = our_tasks(kwargs.get("task_dict", args[1] if len(args) > 1 else {}))
        if not ours:
            return evaluate(*args, **kwargs)
        from panoenv_tasks.tasks.panoenv import judging

        limit = _checked_limit(model, ours)
        requests = Requests(kwargs.get("response_cache"), ours)
        with watching(model) as sizes, judging.judged_once() as said:
            results = evaluate(*args, **{**kwargs, "log_samples": True, "response_cache": requests})
        samples = list(logged_samples(results, ours))
        with guard("no verdicts in the samples"):
            judging.complete(samples, said)
        _conclude(samples, limit, sizes)
        if not kwargs.get("log_samples", True) and results:
            results.pop("samples", None)
        return results

    return watched


def _checked_limit(model: Any, ours: Mapping[str, Any]) -> int | None:
    """Return at most how many pixels the model sees; None when that is not known.

    Raises:
        SystemExit: A task is to show examples before its question.
    """
    limit = None
    with guard("what the model sees is not known"):
        from panoenv_tasks.tasks.panoenv import preflight, seen

        for name, task in ours.items():
            preflight.refuse_examples([name], task.get_config("num_fewshot"))
        limit = seen.max_pixels(model)
        if os.environ.get("RANK", "0") == "0":
            seen.warn(limit, ours)
    return limit


def _conclude(samples: Sequence[dict[str, Any]], limit: int | None, sizes: Iterable[Size]) -> None:
    """Write into the samples what is known only after a run, and have its summary said at the end."""
    records = [sample["panoenv"] for sample in samples]
    with guard("what failed is not named"):
        name_failures(samples)
    with guard("what the model saw is not recorded"):
        note_seen(records, limit, sizes)
    with guard("no summary"):
        from panoenv_tasks.tasks.panoenv.summary import nothing_answered, summary

        RUNS.finish(summary(records), failed=nothing_answered(records))
