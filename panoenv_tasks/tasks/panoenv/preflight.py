"""Looking at the data of the chosen tasks before a model is loaded."""

from __future__ import annotations

from collections.abc import Iterable

from panoenv_tasks.items import DataError
from panoenv_tasks.tasks.panoenv import docs
from panoenv_tasks.tasks.panoenv.names import by_name
from panoenv_tasks.tasks.panoenv.reported import shown


def check(names: Iterable[object], *, needs_images: bool) -> None:
    """Load the documents of our tasks among ``names``; exit with one line when that fails.

    Args:
        names: Chosen tasks and groups, of whatever benchmark; an inline config is a dict.
        needs_images: False for a model that never looks; a set without panoramas is then fine.
    """
    known = by_name()
    ours = [known[name] for name in names if isinstance(name, str) and name in known]
    try:
        for selection in ours:
            shown(selection.category)
            docs.rows(selection)
            if needs_images:
                docs.require_images(selection)
    except DataError as error:
        raise SystemExit(f"panoenv: {error}") from None
