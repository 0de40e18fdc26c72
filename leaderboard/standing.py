"""What a row may call itself and whether it may be ranked: names, several runs of one model, the maintainer.

A name belongs to one submission. Several runs of one model are one entry, the one that came first; the
others are listed beside it and never take its place unless the maintainer says so: no best of several.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from leaderboard.baselines import ROLES
from leaderboard.policy import Policy
from leaderboard.rows import Flag, Refusal, Row
from leaderboard.untrusted import alphabets, look_alike

#: Alphabets whose letters are easily taken for one another.
_CONFUSABLE = {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}
_RESERVED = {look_alike(name) for name in ROLES}


@dataclass(frozen=True)
class History:
    """What an earlier board settled.

    Attributes:
        owners: The submission that a model's name belongs to, by ``look_alike`` name.
        order: When each run came in: a number by its ``samples_sha256``.
    """

    owners: Mapping[str, str] = field(default_factory=dict)
    order: Mapping[str, int] = field(default_factory=dict)


def with_standing(rows: Sequence[Row], policy: Policy, history: History) -> tuple[list[Row], list[Refusal]]:
    """Return the rows that may be shown, flagged and with their provenance, and refusals of the others.

    Args:
        rows: Recomputed rows, in the order found.
        policy: The maintainer's word.
        history: What an earlier board settled.
    """
    new = len(history.order)
    earliest = sorted(rows, key=lambda r: (history.order.get(r.samples_sha256, new), r.date))
    owners = {**history.owners, **{look_alike(name): owner for name, owner in policy.names.items()}}
    for row in earliest:
        if row.role == "model":
            owners.setdefault(look_alike(row.model), row.submission)
    refusals, shown = [], []
    for row in rows:
        if problem := _problem(row, owners, policy):
            refusals.append(
                Refusal(f"{row.samples_path} ({row.split}, {row.condition})", problem, row.submission)
            )
        else:
            shown.append(_with_the_maintainers_word(row, policy))
    return _one_entry_each(
        shown, {row.samples_sha256: place for place, row in reversed([*enumerate(earliest)])}, policy
    ), refusals


def _problem(row: Row, owners: Mapping[str, str], policy: Policy) -> str:
    if policy.cards_required and not row.submission:
        return "no submission.yaml; this board shows only submissions with a card"
    if row.role != "model":
        return ""
    name = look_alike(row.model)
    if name in _RESERVED:
        return f"{row.model[:60]!r} reads like one of this project's own models; take another name"
    if len(mixed := alphabets(row.model) & _CONFUSABLE) > 1:
        return f"its name mixes letters of {' and '.join(sorted(mixed))}; write it in one alphabet"
    if owners[name] != row.submission:
        owner = owners[name] or "the runs without a card"
        return (
            f"the name {row.model[:60]!r} belongs to {owner[:60]}; take another name, or put the runs of "
            "one model under one folder with a submission.yaml"
        )
    return ""


def _with_the_maintainers_word(row: Row, policy: Policy) -> Row:
    flags = list(row.flags)
    if (why := policy.retraction(row)) is not None:
        flags.append(Flag("retracted", f"retracted: {why}"))
    if (by := policy.successor(row)) is not None:
        flags.append(Flag("superseded", f"superseded by {by}"))
    provenance = "reproduced" if policy.is_reproduced(row) else row.provenance
    return replace(row, flags=tuple(flags), provenance=provenance)


def _one_entry_each(rows: Sequence[Row], place: Mapping[str, int], policy: Policy) -> list[Row]:
    """Flag all runs of a model but one, per set of questions, condition and prompts."""
    runs: dict[tuple[str, ...], list[Row]] = {}
    for row in sorted(rows, key=lambda r: place[r.samples_sha256]):
        if row.role == "model" and not row.blocked:
            runs.setdefault(_entry(row), []).append(row)
    successors = set(policy.superseded.values())
    entries = {
        key: next((r for r in several if _is_one_of(r, successors)), several[0])
        for key, several in runs.items()
    }
    return [
        row
        if row.role != "model" or row.blocked or entries[_entry(row)] is row
        else replace(row, flags=(*row.flags, _another(row, entries[_entry(row)], runs[_entry(row)])))
        for row in rows
    ]


def _entry(row: Row) -> tuple[str, ...]:
    model = look_alike(row.model)
    return row.submission, model, row.card.revision, *row.group, row.setup.panorama


def _is_one_of(row: Row, entries: set[str]) -> bool:
    return row.submission in entries or any(
        row.samples_sha256.startswith(entry) for entry in entries if entry
    )


def _another(row: Row, entry: Row, runs: Sequence[Row]) -> Flag:
    totals = ", ".join(f"{100 * r.strict['acc'].mean:.1f}" for r in runs if "acc" in r.strict)
    return Flag(
        "another_run", f"one of {len(runs)} runs of this model ({totals}); the one of {entry.date} counts"
    )
