"""``panoenv audit``: what a score owes to the image, and whether it survives a turn of the head."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from panoenv_tasks.audit import ModelRuns, audit_model, read_model_runs
from panoenv_tasks.audit.chart import draw_audit, file_name
from panoenv_tasks.audit.model_runs import item_of
from panoenv_tasks.audit.report import as_json, as_markdown
from panoenv_tasks.blind.cross_fitting import load_fit_items
from panoenv_tasks.figures import VECTOR
from panoenv_tasks.items import DataError, Item
from panoenv_tasks.scoring import PROTOCOL_NAMES, ProtocolName, version_of
from panoenv_tasks.whole_file import write_whole


def audit(
    results: Annotated[list[Path], typer.Argument(help="Folders of lmms-eval output, or sample files.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", help="Folder for audit.md, audit.json and a figure per model (PNG, PDF, SVG)."
        ),
    ] = None,
    protocol: Annotated[
        str, typer.Option(help="paper, strict or a version of one (strict@1): what counts as right.")
    ] = "strict",
    fit: Annotated[
        Path | None,
        typer.Option(help="Train or val questions on which blind answering is learned; needed on test."),
    ] = None,
    fit_split: Annotated[str, typer.Option(help="The split of those.")] = "val",
    as_data: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Compare a model's runs under several conditions: panoenv, panoenv_noimage, panoenv_rot90 and so on."""
    chosen = next((p for p in PROTOCOL_NAMES if p == protocol), None)
    if chosen is None:
        raise DataError(f"unknown protocol {protocol!r}; expected one of {', '.join(PROTOCOL_NAMES)}")
    fit_items = load_fit_items(fit, fit_split)
    models = read_model_runs(results, chosen)
    if not models:
        raise DataError(f"{results[0]}: no samples inside")
    blind = _blind(models, fit_items, chosen)
    audits = [audit_model(runs, blind.get(runs.dataset_sha256)) for runs in models]
    record = json.dumps(as_json(audits, version_of(chosen)), indent=2)
    tables = as_markdown(audits, version_of(chosen))
    typer.echo(record if as_data else tables)
    if output:
        output.mkdir(parents=True, exist_ok=True)
        write_whole(output / "audit.md", tables + "\n")
        write_whole(output / "audit.json", record + "\n")
        for audited in audits:
            draw_audit(audited, *(output / f"{file_name(audited)}{ending}" for ending in (".png", *VECTOR)))


def _blind(
    models: Sequence[ModelRuns], fit_items: list[Item] | None, protocol: ProtocolName
) -> dict[str, Mapping[str, float]]:
    """Return s(x) by question id for each dataset, never learned on the test split.

    A model whose questions have none gets a note.
    """
    from panoenv_tasks.blind.guessability import blind_probabilities

    questions: dict[str, dict[str, Item]] = {}
    for runs in models:
        if fit_items is None and runs.split == "test":
            runs.notes.append("blind adjusted was not measured: give train or val questions with --fit")
        elif "full" in runs.by_condition:
            asked = questions.setdefault(runs.dataset_sha256, {})
            for answer in runs.by_condition["full"].answers.values():
                asked.setdefault(answer.sample.id, item_of(answer.sample))
    chances: dict[str, Mapping[str, float]] = {}
    for dataset, items in questions.items():
        try:
            shares = blind_probabilities(list(items.values()), fit_items, protocol)
            chances[dataset] = dict(zip(items, shares, strict=True))
        except DataError as error:
            for runs in models:
                if runs.dataset_sha256 == dataset:
                    runs.notes.append(f"blind adjusted was not measured: {error}")
    return chances
