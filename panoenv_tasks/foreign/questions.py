"""Which question a row of a prediction file answers: found by id, or by wording and place; never guessed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from panoenv_tasks.foreign.tables import Row, read_rows
from panoenv_tasks.items import DataError, Item

#: The columns that name a question, in the order they are looked at.
_NAMES = ("id", "question_id", "index")
#: Where an environment and a frame stand next to each other: paths, and ids such as ``Rome::P000_000500::7``.
_PLACES = ("id", "image", "image_path", "index")
_BETWEEN = re.compile(r"[\\/:]+")


class Questions:
    """The questions of one split, to be found by what a row says of them."""

    def __init__(self, items: Sequence[Item], asked: Path | None = None) -> None:
        """Index questions.

        Args:
            items: The questions.
            asked: What was asked, by id or index, where predictions do not repeat it; see ``About``.

        Raises:
            DataError: ``asked`` cannot be read, or names something twice.
        """
        self._by_id = {item.id: item for item in items}
        self._places = {item.panorama for item in items}
        self._worded: dict[str, list[Item]] = defaultdict(list)
        for item in items:
            self._worded[_plain(item.question)].append(item)
        self._asked = {} if asked is None else dict(_named(asked))

    def find(self, row: Row, origin: str) -> tuple[Item, Row]:
        """Return the question that a row answers, and the row with what ``asked`` adds to it.

        Raises:
            DataError: There is no such question, or several.
        """
        names = [row[name] for name in _NAMES if row.get(name)]
        for name in names:
            if name in self._by_id:
                return self._by_id[name], row
        asked = next((self._asked[name] for name in names if name in self._asked), {})
        row = {**asked, **{key: cell for key, cell in row.items() if cell or key not in asked}}
        question = _plain(row.get("question", ""))
        if not question:
            raise DataError(
                f"{origin}: {names[0] if names else 'the row'!r} names no question of this data; give the "
                "file that was asked from (`asked:` in the YAML beside the predictions), or another --split"
            )
        same_words = self._worded.get(question, [])
        places = self._places_in(row)
        here = [item for item in same_words if not places or item.panorama in places]
        if len(here) == 1:
            return here[0], row
        shown = question if len(question) <= 80 else f"{question[:80]}..."
        if not here:
            raise DataError(f"{origin}: {shown!r} is no question of this data; another --data or --split?")
        raise DataError(
            f"{origin}: {shown!r} is asked on {len(here)} panoramas; expected an image path or id that holds "
            "environment and frame"
        )

    def _places_in(self, row: Row) -> set[str]:
        parts = [_BETWEEN.split(row.get(name, "")) for name in _PLACES]
        pairs = {f"{a}/{b}" for words in parts for a, b in pairwise(words)}
        return pairs & self._places


def _named(asked: Path) -> Iterator[tuple[str, Row]]:
    seen: set[str] = set()
    for origin, row in read_rows(asked):
        name = next((row[name] for name in _NAMES if row.get(name)), "")
        if not name or not row.get("question"):
            raise DataError(f"{origin}: expected an id or index, and a question")
        if name in seen:
            raise DataError(f"{origin}: {name!r} stands there twice")
        seen.add(name)
        yield name, row


def _plain(question: str) -> str:
    return " ".join(question.removeprefix("<image>").split())
