"""``panoenv blind``: the blind ladder over a set of questions, and its ``blind_hard`` subset."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from panoenv_tasks.blind.cross_fitting import load_fit_items
from panoenv_tasks.blind.guessability import TAU, ids_hash
from panoenv_tasks.blind.ladder import LadderTable, ladder_table
from panoenv_tasks.items import CATEGORIES, QUESTION_TYPES
from panoenv_tasks.markdown import table
from panoenv_tasks.scoring import ProtocolName
from panoenv_tasks.sources import load_items
from panoenv_tasks.stats import figure, with_interval

_COLUMNS = ("total", *QUESTION_TYPES, *CATEGORIES, "blind_hard")


def blind(
    path: Annotated[Path | None, typer.Argument(help="The questions; default: $PANOENV_DATA.")] = None,
    split: Annotated[str, typer.Option(help="Their split.")] = "val",
    fit: Annotated[
        Path | None, typer.Option(help="Questions to fit on (train or val); default: the same, cross-fitted.")
    ] = None,
    fit_split: Annotated[str, typer.Option(help="The split of those.")] = "val",
    strict: Annotated[bool, typer.Option("--strict", help="Score with the strict protocol.")] = False,
    tau: Annotated[float, typer.Option(help="Largest blind advantage of a blind_hard question.")] = TAU,
    ids: Annotated[Path | None, typer.Option(help="Write the ids of the blind_hard questions here.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print everything, s(x) included, as JSON.")
    ] = False,
) -> None:
    """Say how much of a set of questions can be answered without the image."""
    fit_items = load_fit_items(fit, fit_split)
    protocol: ProtocolName = "strict" if strict else "paper"
    ladder = ladder_table(load_items(path, split), fit_items, protocol, tau)
    if ids:
        ids.write_text("".join(f"{name}\n" for name in ladder.hard_ids), encoding="utf-8")
    typer.echo(json.dumps(_as_dict(ladder), indent=2) if as_json else render(ladder))


def render(ladder: LadderTable, columns: Sequence[str] = _COLUMNS) -> str:
    """Return the tables as Markdown, in percent: shares, then what is left of them beyond lucky guesses."""
    present = [name for name in columns if name in ladder.chance]
    counts = next(iter(ladder.rungs.values()))
    rows: list[list[object]] = [
        ["questions", *(counts[name].n for name in present)],
        ["chance", *(figure(ladder.chance[name]) for name in present)],
    ]
    for rung, cells in ladder.rungs.items():
        _, *parts = present
        total = cells["total"]
        shares = [figure(cells[name].mean) for name in parts]
        rows.append([rung, with_interval(total.mean, total.lo, total.hi), *shares])
    beyond = [[rung, *(figure(ladder.corrected(rung, name)) for name in present)] for rung in ladder.rungs]
    everywhere, within = ("unknown" if auc is None else f"{auc:.2f}" for auc in ladder.ranking)
    return "\n\n".join(
        [
            table([ladder.protocol, *present], rows),
            table(["beyond chance", *present], beyond),
            f"s(x) ranks right before wrong with an AUC of {everywhere}, within one sub-category {within}.",
            f"blind_hard: {len(ladder.hard_ids)} questions, sha256 {ids_hash(ladder.hard_ids)}",
        ]
    )


def _as_dict(ladder: LadderTable) -> dict[str, Any]:
    return {
        "protocol": ladder.protocol,
        "rungs": {
            rung: {
                name: {
                    "n": e.n,
                    "acc": e.mean,
                    "se": e.se,
                    "lo": e.lo,
                    "hi": e.hi,
                    "beyond_chance": ladder.corrected(rung, name),
                }
                for name, e in cells.items()
            }
            for rung, cells in ladder.rungs.items()
        },
        "chance": ladder.chance,
        "auc": {"all": ladder.ranking[0], "within_subcategory": ladder.ranking[1]},
        "blind_hard": {"sha256": ids_hash(ladder.hard_ids), "ids": list(ladder.hard_ids)},
        "probabilities": ladder.probabilities,
    }
