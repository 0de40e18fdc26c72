"""Everything that touches the inside of lmms-eval 0.7.3, in one place: no documented interface.

| what is changed | why |
|---|---|
| ``TaskManager.initialize_tasks`` | our folder joins the index, behind built-in tasks and a user's own |
| ``TaskManager.match_tasks`` | data and pictures are looked at before the model is loaded |
| ``evaluator.simple_evaluate`` | examples before the question are refused before the model is loaded |
| ``evaluator.evaluate`` | only there are model and answers at hand: what the model saw, what failed |
| the ``response_cache`` that ``evaluate`` is given | answers are kept as they come, pictures count |
| ``sys.exit``, in the command's process | the harness ends a failed run of our tasks with code 0 |

A change that fails costs our tasks a service, never the harness its run; only a refusal
(``SystemExit``) passes.
"""

from __future__ import annotations

import atexit
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
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


class _Runs:
    """The runs of our tasks in the command's process: what to say at its end, and with which code to leave.

    Used from Python, a run says what it has to say at once, and the process leaves as it likes.
    """

    def __init__(self) -> None:
        self.unfinished = 0
        self.lines: list[str] = []
        self._watches = False

    def watch_exit(self) -> None:
        """Have a say when the process ends. Early: the script looks ``sys.exit`` up before its work."""
        if not self._watches:
            self._watches = True
            atexit.register(self._say)
            sys.exit = self._exit_after(sys.exit)

    def begin(self) -> None:
        """Count a run that ``finish`` has to take back."""
        if _is_command():
            self.unfinished += 1

    def finish(self, lines: Sequence[str], *, failed: bool) -> None:
        """Take the lines about a run; ``failed`` says that it has no result."""
        self.lines += lines
        if not _is_command():
            self._say()
        elif not failed:
            self.unfinished = max(0, self.unfinished - 1)

    def _say(self) -> None:
        print("".join(f"{line}\n" for line in self.lines), end="", file=sys.stderr)
        self.lines.clear()

    def _exit_after(self, leave: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(leave)
        def exit(code: Any = None) -> Any:
            if self.unfinished and not code:
                self.lines.append("panoenv: a run of our tasks has no result, see above; exit code 1")
                leave(1)
            leave(code)

        return exit


#: One process has one exit.
RUNS = _Runs()


def _indexing_ours(initialize: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    @wraps(initialize)
    def initialize_tasks(self: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        index = initialize(self, *args, **kwargs)
        if kwargs.get("include_defaults", True):
            with _guard("tasks not registered"):
                for name, entry in self._get_task_and_group(str(TASK_FOLDER)).items():
                    index.setdefault(name, entry)
            with _guard("what the model sees is not recorded"):
                _watch_evaluator()
        return index

    setattr(initialize_tasks, _MARK, True)
    return initialize_tasks


def _checking_first(match: Callable[..., list[str]]) -> Callable[..., list[str]]:
    @wraps(match)
    def match_tasks(self: Any, task_list: Iterable[str]) -> list[str]:
        wanted = list(task_list)
        names = match(self, wanted)
        with _guard("data not checked"):
            from panoenv_tasks.tasks.panoenv.preflight import check, refuse_unknown

            refuse_unknown(wanted, names)
            # Without a model (`lmms-eval power`) nothing is looked at.
            ours = check(names, needs_images=self.model_name not in (None, *TEXT_ONLY))
            if ours and self.model_name is not None:
                RUNS.begin()
        return names

    return match_tasks


def _watch_evaluator() -> None:
    """Wrap the evaluator once it is there; sub-commands that run no model never import it."""
    evaluator: Any = sys.modules.get("lmms_eval.evaluator")
    if evaluator is None or hasattr(evaluator.evaluate, _MARK):
        return
    evaluate, simple = _watched(evaluator.evaluate), _zero_shot(evaluator.simple_evaluate)
    setattr(evaluate, _MARK, True)
    evaluator.evaluate, evaluator.simple_evaluate = evaluate, simple


def _zero_shot(simple_evaluate: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(simple_evaluate)
    def checked(*args: Any, **kwargs: Any) -> Any:
        with _guard("number of examples not checked"):
            from panoenv_tasks.tasks.panoenv.preflight import refuse_examples

            refuse_examples(kwargs.get("tasks") or (), kwargs.get("num_fewshot"))
        return simple_evaluate(*args, **kwargs)

    return checked


def _watched(evaluate: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(evaluate)
    def watched(*args: Any, **kwargs: Any) -> Any:
        model = kwargs.get("lm", args[0] if args else None)
        ours: Mapping[str, Any] = {}
        with _guard("our tasks were not found"):
            ours = _ours(kwargs.get("task_dict", args[1] if len(args) > 1 else {}))
        if not ours:
            return evaluate(*args, **kwargs)
        kept = kwargs.get("log_samples", True)
        limit = None
        with _guard("what the model sees is not known"):
            from panoenv_tasks.tasks.panoenv import preflight, seen

            for name, task in ours.items():
                preflight.refuse_examples([name], task.get_config("num_fewshot"))
            limit = seen.max_pixels(model)
            if _is_first_rank():
                seen.warn(limit, ours)
        from panoenv_tasks.tasks.panoenv import judging

        requests = _Requests(kwargs.get("response_cache"), ours)
        with _watching(model) as sizes, judging.judged_once() as said:
            results = evaluate(*args, **{**kwargs, "log_samples": True, "response_cache": requests})
        samples = list(_samples(results, ours))
        records = [sample["panoenv"] for sample in samples]
        with _guard("no verdicts in the samples"):
            judging.complete(samples, said)
        with _guard("what failed is not named"):
            _name_failures(samples)
        with _guard("what the model saw is not recorded"):
            _note_seen(records, limit, sizes)
        with _guard("no summary"):
            from panoenv_tasks.tasks.panoenv.summary import nothing_answered, summary

            RUNS.finish(summary(records), failed=nothing_answered(records))
        if not kept and results:
            results.pop("samples", None)
        return results

    return watched


class _Requests:
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
        with _guard("answers are not kept as they come"):
            prepared = self._open(model, requests)
        if prepared is None:
            return self._ask(model, kind, requests)
        from panoenv_tasks.tasks.panoenv.resume import in_portions

        store, keys = prepared
        found = {number: store.get(key) for number, (key, _) in keys.items()}
        rest = [request for request in requests if found[id(request)] is None]

        def keep(request: Any, reply: Any) -> None:
            with _guard("an answer was not kept"):
                store.add(*keys[id(request)], getattr(reply, "text", reply))

        if hasattr(model, "maybe_forward_with_tool"):
            with _one_by_one(model, keep):
                replies = list(getattr(model, kind)(rest)) if rest else []
        else:
            replies = in_portions(getattr(model, kind), rest, keep, batch=_batch(model))
        store.close()
        new = {id(request): reply for request, reply in zip(rest, replies, strict=True)}
        return [found[id(request)] or new[id(request)] for request in requests]

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
        known = sum(store.get(key) is not None for key, _ in keys.values())
        if known:
            print(f"panoenv: {known:,} of {len(keys):,} answers are kept in {store.folder}", file=sys.stderr)
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


@contextmanager
def _watching(model: Any) -> Iterator[set[tuple[int, int]]]:
    """Collect the sizes of pictures that reach the model; one that cannot be watched runs all the same."""
    from contextlib import ExitStack

    from panoenv_tasks.tasks.panoenv.seen import watching

    with ExitStack() as stack:
        sizes: set[tuple[int, int]] = set()
        with _guard("what the model sees is not watched"):
            sizes = stack.enter_context(watching(model))
        yield sizes


def _note_seen(
    records: Iterable[dict[str, Any]], limit: int | None, sizes: Iterable[tuple[int, int]]
) -> None:
    from panoenv_tasks.tasks.panoenv.seen import size_seen

    for record in records:
        image = record["image"]
        shown = None if image["kind"] == "none" else (image["width"], image["height"])
        size = size_seen(shown, sizes)
        image["max_pixels"] = limit
        image["seen"] = None if size is None else {"width": size[0], "height": size[1]}


def _ours(tasks: Any) -> dict[str, Any]:
    """Return our tasks in the harness's nested mapping, whose groups are objects."""
    from panoenv_tasks.tasks.panoenv.names import by_name

    known = by_name()

    def leaves(nested: Any) -> Iterator[tuple[str, Any]]:
        for key, value in nested.items():
            if isinstance(value, dict):
                yield from leaves(value)
            elif key in known:
                yield key, value

    return dict(leaves(tasks)) if isinstance(tasks, dict) else {}


def _samples(results: Any, ours: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield every logged sample with a record of ours; ranks other than the first have no results."""
    samples = (results or {}).get("samples") or {}
    for name in ours:
        for sample in samples.get(name, ()):
            if isinstance(sample.get("panoenv"), dict):
                yield sample


def _name_failures(samples: Iterable[dict[str, Any]]) -> None:
    """Write failed requests as our record tells them: the harness's text may name local files."""
    for sample in samples:
        if error := sample["panoenv"].get("error"):
            sample["resps"], sample["filtered_resps"] = [[error]], [error]


def _is_command() -> bool:
    """Whether this process is the harness's command, not a program of the user's."""
    return "lmms_eval.__main__" in sys.modules


def _is_first_rank() -> bool:
    return os.environ.get("RANK", "0") == "0"


@contextmanager
def _guard(what: str) -> Iterator[None]:
    """Turn a fault of ours into one line on stderr."""
    try:
        yield
    except Exception as error:
        print(f"panoenv: {what}: {type(error).__name__}: {error}", file=sys.stderr)
