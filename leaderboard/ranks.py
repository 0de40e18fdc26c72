"""Rows against rows: pairwise tests and ranks inside a group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from leaderboard.rows import Row
from panoenv_tasks.scoring import PROTOCOLS, Protocol
from panoenv_tasks.stats import (
    Pairwise,
    minimal_detectable_difference,
    pairwise,
)


@dataclass(frozen=True)
class Group:
    """The ranked rows that share dataset, condition and prompts, and their comparisons.

    ``pairs`` has one row and column per entry of ``row_ids``, per protocol.
    """

    key: tuple[str, str, str]
    split: str
    row_ids: tuple[str, ...]
    environments: int
    pairs: Mapping[Protocol, Pairwise]

    def ranks(self, protocol: Protocol) -> dict[str, int]:
        """Return each row's rank: 1 + the number of rows significantly better."""
        return dict(zip(self.row_ids, self.pairs[protocol].ranks(), strict=True))

    def detectable(self, protocol: Protocol) -> float | None:
        """Return the difference that a typical pair would need to be told apart (80 % power)."""
        errors = self.pairs[protocol].se
        known = errors[~np.isnan(errors) & (errors > 0)]
        if not len(known):
            return None
        return minimal_detectable_difference(float(np.median(known)), self.environments)


def compare(rows: Sequence[Row]) -> list[Group]:
    """Compare all ranked rows of every group, reported ones aside; groups in the order of their first row."""
    grouped: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        if row.ranked:
            grouped.setdefault(row.group, []).append(row)
    groups = []
    for key, members in grouped.items():
        dataset = members[0].questions()
        pairs = {
            protocol: pairwise(
                np.stack([row.correct(protocol) for row in members], axis=1),
                dataset.environments,
            )
            for protocol in PROTOCOLS
        }
        ids = tuple(row.row_id for row in members)
        environments = len(np.unique(dataset.environments))
        groups.append(Group(key, members[0].split, ids, environments, pairs))
    return groups
