"""What a row may call itself and whether it may be ranked: names, several runs of one model, the maintainer.

A name belongs to one submission. Several runs of one model are one entry, the one that came first; the
others are listed beside it and never take its place unless the maintainer says so: no best of several.
Nothing in a submission can grant it a name, a known dataset or the word "reproduced": only the maintainer's
file ``board.yaml`` can.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from leaderboard.dataset import ROLES
from leaderboard.rows import Flag, Refusal, Row
from leaderboard.untrusted import alphabets, look_alike
from panoenv_tasks.items import DataError

#: Shorter pieces of a hash of samples could be met by chance.
_SHORTEST_HASH = 12
#: Alphabets whose letters are easily taken for one another.
_CONFUSABLE = {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}
_RESERVED = {look_alike(name) for name in ROLES}


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


def read_policy(file: Path) -> Policy:
    """Read a maintainer's file.

    Raises:
        DataError: It is not there, not a YAML mapping, or has an unknown or ill-typed key.
    """
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except (OSError, yaml.YAMLError, UnicodeError) as error:
        raise DataError(f"{file}: cannot be read ({str(error).splitlines()[0]})") from None
    keys = {"datasets", "names", "reproduced", "retracted", "superseded", "cards_required"}
    if not isinstance(content, dict) or not content.keys() <= keys:
        raise DataError(f"{file}: expected a mapping with keys out of {', '.join(sorted(keys))}")
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
    withdrawn = [why for entry, why in policy.retracted.items() if _means(entry, row)]
    successors = [by for entry, by in policy.superseded.items() if _means(entry, row)]
    reproduced = any(_means(entry, row) for entry in policy.reproduced)
    flags = [
        *row.flags,
        *(Flag("retracted", f"retracted: {why}") for why in withdrawn[:1]),
        *(Flag("superseded", f"superseded by {by}") for by in successors[:1]),
    ]
    return replace(row, flags=tuple(flags), provenance="reproduced" if reproduced else row.provenance)


def _one_entry_each(rows: Sequence[Row], place: Mapping[str, int], policy: Policy) -> list[Row]:
    """Flag all runs of a model but one, per set of questions, condition and prompts."""
    runs: dict[tuple[str, ...], list[Row]] = {}
    for row in sorted(rows, key=lambda r: place[r.samples_sha256]):
        if row.role == "model" and not row.blocked:
            runs.setdefault(_entry(row), []).append(row)
    successors = set(policy.superseded.values())
    entries = {}
    for key, several in runs.items():
        named = (row for row in several if any(_means(entry, row) for entry in successors))
        entries[key] = next(named, several[0])

    def with_flag(row: Row) -> Row:
        if row.role != "model" or row.blocked or entries[_entry(row)] is row:
            return row
        return replace(row, flags=(*row.flags, _another(row, entries[_entry(row)], runs[_entry(row)])))

    return [with_flag(row) for row in rows]


def _entry(row: Row) -> tuple[str, ...]:
    model = look_alike(row.model)
    return row.submission, model, row.card.revision, *row.group, row.setup.panorama


def _another(row: Row, entry: Row, runs: Sequence[Row]) -> Flag:
    totals = ", ".join(f"{100 * r.strict['acc'].mean:.1f}" for r in runs if "acc" in r.strict)
    return Flag(
        "another_run", f"one of {len(runs)} runs of this model ({totals}); the one of {entry.date} counts"
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
