"""What only the board's maintainer can say: their file ``board.yaml``.

Nothing in a submission can grant it a name, a known dataset or the word "reproduced".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from leaderboard.rows import Row
from panoenv_tasks.items import DataError

#: Shorter pieces of a hash of samples could be met by chance.
_SHORTEST_HASH = 12


@dataclass(frozen=True)
class Policy:
    """The maintainer's word. An entry means a submission by its folder, or a run by its ``samples_sha256``.

    Attributes:
        datasets: Name of each set of questions that may be ranked, by fingerprint, beyond the known ones.
        names: Which submission owns a model's name.
        reproduced: What the maintainer ran again.
        retracted: What was withdrawn, and why; the row stays, without a rank.
        superseded: Which run takes the place of an earlier run of the same model.
        cards_required: Whether a run without a card is refused.
    """

    datasets: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    reproduced: frozenset[str] = frozenset()
    retracted: Mapping[str, str] = field(default_factory=dict)
    superseded: Mapping[str, str] = field(default_factory=dict)
    cards_required: bool = False

    def is_reproduced(self, row: Row) -> bool:
        """Whether the maintainer ran it again."""
        return any(_means(entry, row) for entry in self.reproduced)

    def retraction(self, row: Row) -> str | None:
        """Return why a row was withdrawn; None: it was not."""
        return next((why for entry, why in self.retracted.items() if _means(entry, row)), None)

    def successor(self, row: Row) -> str | None:
        """Return the entry that takes a row's place; None: nothing does."""
        return next((by for entry, by in self.superseded.items() if _means(entry, row)), None)


def read_policy(file: Path) -> Policy:
    """Read a maintainer's file.

    Raises:
        DataError: It is not there, not a YAML mapping, or has an unknown or ill-typed key.
    """
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except (OSError, yaml.YAMLError, UnicodeError) as error:
        raise DataError(f"{file}: cannot be read ({str(error).splitlines()[0]})") from None
    known = {"datasets", "names", "reproduced", "retracted", "superseded", "cards_required"}
    if not isinstance(content, dict) or not content.keys() <= known:
        raise DataError(f"{file}: expected a mapping with keys out of {', '.join(sorted(known))}")
    named = _texts(file, content, "datasets")
    reproduced = content.get("reproduced") or []
    if not isinstance(reproduced, list) or not all(isinstance(entry, str) for entry in reproduced):
        raise DataError(f"{file}: reproduced: expected a list of submissions")
    if not isinstance(content.get("cards_required", False), bool):
        raise DataError(f"{file}: cards_required: expected true or false")
    return Policy(
        datasets={sha256: name for name, sha256 in named.items()},
        names=_texts(file, content, "names"),
        reproduced=frozenset(reproduced),
        retracted=_texts(file, content, "retracted"),
        superseded=_texts(file, content, "superseded"),
        cards_required=content.get("cards_required", False),
    )


def _texts(file: Path, content: Mapping[str, Any], key: str) -> dict[str, str]:
    entries = content.get(key) or {}
    if not isinstance(entries, dict) or not all(
        isinstance(k, str) and isinstance(v, str) for k, v in entries.items()
    ):
        raise DataError(f"{file}: {key}: expected a mapping from text to text; put numbers in quotes")
    return entries


def _means(entry: str, row: Row) -> bool:
    if row.submission and entry == row.submission:
        return True
    return len(entry) >= _SHORTEST_HASH and row.samples_sha256.startswith(entry)
