"""What is refused before a model is loaded, with one line."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from panoenv_tasks.items import DataError
from panoenv_tasks.perturb import seen_size
from panoenv_tasks.tasks.panoenv import docs
from panoenv_tasks.tasks.panoenv.names import Selection, by_name
from panoenv_tasks.tasks.panoenv.reported import shown


def check(names: Iterable[object], *, needs_images: bool) -> list[Selection]:
    """Load the documents of our tasks among ``names``; exit with one line when that fails.

    Args:
        names: Chosen tasks and groups, of whatever benchmark; an inline config is a dict.
        needs_images: False for a model that never looks; a set without panoramas is then fine.
    """
    selections = by_name()
    ours = [selections[name] for name in names if isinstance(name, str) and name in selections]
    try:
        for selection in ours:
            shown(selection.category)
            docs.rows(selection)
            if needs_images:
                docs.require_images(selection)
        if ours:
            seen_size()
    except DataError as error:
        raise SystemExit(f"panoenv: {error}") from None
    return ours


def refuse_unknown(wanted: Iterable[str], names: Iterable[object]) -> None:
    """Exit with one line when a name that can only be ours is not among the tasks' names."""
    names = list(names)
    for name in wanted:
        if name.startswith("panoenv") and not {"*", "/", "."} & set(name) and name not in names:
            close = get_close_matches(name, by_name(), n=3)
            hint = f"; did you mean {' or '.join(close)}?" if close else ""
            raise SystemExit(f"panoenv: no task {name}{hint} (`lmms-eval tasks list` has all of them)")


def refuse_examples(names: Iterable[object], examples: int | None) -> None:
    """Exit with one line when our tasks are to be asked after solved examples: they have none to give."""
    selections = by_name()
    ours = next((name for name in names if isinstance(name, str) and name in selections), None)
    if ours and examples:
        raise SystemExit(
            f"panoenv: {ours} is asked without examples, as in the paper; leave out --num_fewshot {examples}"
        )
