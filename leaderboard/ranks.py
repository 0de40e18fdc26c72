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
from panoenv_tasks.stats.comparisons import EXACT_CLUSTERS, FLIPS

ALPHA = 0.05
#: Rows of a group that are held against each other, the best ones: the work and the page grow with the
#: square of their number.
MOST_COMPARED = 100


@dataclass(frozen=True)
class Group:
    """The ranked rows that share dataset, condition and prompts, and their comparisons.

    ``pairs`` has one row and column per entry of ``row_ids``, per protocol. ``left_out`` rows were too
    many to be compared.
    """

    key: tuple[str, str, str]
    split: str
    row_ids: tuple[str, ...]
    environments: int
    pairs: Mapping[Protocol, Pairwise]
    left_out: int = 0

    @property
    def can_rank(self) -> bool:
        """Whether some outcome could put one row significantly ahead of another.

        The smallest p of a sign-flip test over few environments is large, and Holm's correction over a row's
        comparisons makes it larger: arithmetic then leaves every row on rank 1, whatever the answers.
        """
        return len(self.row_ids) < 2 or self.environments >= self.environments_needed

    @property
    def environments_needed(self) -> int:
        """The fewest environments on which that many rows could be told apart."""
        rivals = max(1, len(self.row_ids) - 1)
        for count in range(1, EXACT_CLUSTERS + 1):
            if rivals * 2 / 2**count < ALPHA:
                return count
        return EXACT_CLUSTERS + 1 if rivals / (1 + FLIPS) < ALPHA else 10**9

    @property
    def cannot_rank(self) -> str:
        """Why the rows have no ranks, or which have none, in words; empty when all have theirs."""
        if not self.can_rank:
            return (
                f"{self.environments} environments cannot rank {len(self.row_ids)} rows: "
                "no test could tell two of them apart, whatever they answer; "
                f"{self.environments_needed} would be needed."
            )
        ranked = len(self.row_ids)
        return f"The {ranked} best rows are ranked, {self.left_out} are not." if self.left_out else ""

    def ranks(self, protocol: Protocol) -> dict[str, int]:
        """Return each row's rank: 1 + the number of rows significantly better; empty if none can be."""
        if not self.can_rank:
            return {}
        return dict(zip(self.row_ids, self.pairs[protocol].ranks(ALPHA), strict=True))

    def detectable(self, protocol: Protocol) -> float | None:
        """Return the difference that a typical pair would need to be told apart (80 % power)."""
        errors = self.pairs[protocol].se
        known = errors[~np.isnan(errors) & (errors > 0)]
        if not len(known):
            return None
        return minimal_detectable_difference(float(np.median(known)), self.environments)


def compare(rows: Sequence[Row]) -> list[Group]:
    """Compare the ranked rows of every group, reported ones aside; groups in the order of their first row."""
    grouped: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        if row.ranked:
            grouped.setdefault(row.group, []).append(row)
    groups = []
    for key, ranked in grouped.items():
        best = set(sorted(range(len(ranked)), key=lambda i: -ranked[i].strict["acc"].mean)[:MOST_COMPARED])
        members = [row for place, row in enumerate(ranked) if place in best]
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
        groups.append(Group(key, members[0].split, ids, environments, pairs, len(ranked) - len(members)))
    return groups
