"""The samples that the harness logs: which are ours, and what is noted in their records after a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from panoenv_tasks.tasks.adapter.guard import guard


@contextmanager
def watching(model: Any) -> Iterator[set[tuple[int, int]]]:
    """Collect the sizes of pictures that reach the model; one that cannot be watched runs all the same."""
    with ExitStack() as stack:
        sizes: set[tuple[int, int]] = set()
        with guard("what the model sees is not watched"):
            from panoenv_tasks.tasks.panoenv import seen

            sizes = stack.enter_context(seen.watching(model))
        yield sizes


def note_seen(records: Iterable[dict[str, Any]], limit: int | None, sizes: Iterable[tuple[int, int]]) -> None:
    """Write into every record how large a picture the model saw, and its limit; None is not known."""
    from panoenv_tasks.tasks.panoenv.seen import size_seen

    for record in records:
        image = record["image"]
        shown = None if image["kind"] == "none" else (image["width"], image["height"])
        size = size_seen(shown, sizes)
        image["max_pixels"] = limit
        image["seen"] = None if size is None else {"width": size[0], "height": size[1]}


def our_tasks(tasks: Any) -> dict[str, Any]:
    """Return our tasks in the harness's nested mapping, whose groups are objects."""
    from panoenv_tasks.tasks.panoenv.names import by_name

    names = by_name()

    def leaves(nested: Any) -> Iterator[tuple[str, Any]]:
        for key, value in nested.items():
            if isinstance(value, dict):
                yield from leaves(value)
            elif key in names:
                yield key, value

    return dict(leaves(tasks)) if isinstance(tasks, dict) else {}


def logged_samples(results: Any, ours: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield every logged sample with a record of ours; ranks other than the first have no results."""
    samples = (results or {}).get("samples") or {}
    for name in ours:
        for sample in samples.get(name, ()):
            if isinstance(sample.get("panoenv"), dict):
                yield sample


def name_failures(samples: Iterable[dict[str, Any]]) -> None:
    """Write failed requests as our record tells them: the harness's text may name local files."""
    for sample in samples:
        if error := sample["panoenv"].get("error"):
            sample["resps"], sample["filtered_resps"] = [[error]], [error]
