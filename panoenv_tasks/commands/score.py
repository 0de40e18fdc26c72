"""``panoenv score``: score saved outputs again, under both protocols, without a model."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from panoenv_tasks.foreign import foreign_records, is_foreign, name_of, read_about, save
from panoenv_tasks.items import DataError
from panoenv_tasks.markdown import table
from panoenv_tasks.records import Sample, model_of, read_samples, sample_files, sample_of
from panoenv_tasks.rescore import BREAKDOWNS, rescore
from panoenv_tasks.scoring import PROTOCOL_NAMES, PROTOCOLS, ProtocolName
from panoenv_tasks.stats import figure, interval

#: Characters of the date that begins the name of a sample file of lmms-eval.
_DATE = len("20260101_000000")


def score(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Sample files, lmms-eval folders, or others' predictions (JSONL, JSON, xlsx, tsv, csv)."
        ),
    ],
    protocol: Annotated[
        str, typer.Option(help="paper, strict, both, or a version of one (strict@1).")
    ] = "both",
    as_json: Annotated[bool, typer.Option("--json", help="Print the totals as JSON.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Leave with 1 when a request failed or a question is missing.")
    ] = False,
    data: Annotated[
        Path | None, typer.Option(help="Of others' predictions: the questions; default as in an evaluation.")
    ] = None,
    split: Annotated[str, typer.Option(help="Of others' predictions: which split they answer.")] = "test",
    about: Annotated[
        Path | None,
        typer.Option(
            help="Of others' predictions: YAML with model, harness, prompts, picture, source, asked."
        ),
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option("--save", help="Of others' predictions: folder for records that audit and board read."),
    ] = None,
) -> None:
    """Score saved outputs again: one table a run, by type, category, sub-category and method.

    A run is one model's answers to one split under one condition. With --json, one run is an object, and
    several are a list of them. What others published is marked as foreign wherever it is shown.
    """
    chosen = _protocols(protocol)
    theirs = [file for file in files if file.is_file() and is_foreign(file)]
    runs = saved_runs([file for file in files if file not in theirs])
    for file in theirs:
        runs |= _foreign_run(file, about, data, split, keep)
    if not runs:
        raise DataError(f"{files[0]}: no samples; expected one JSON object a line")
    totals = {name: rescore(samples, chosen) for name, samples in runs.items()}
    if as_json:
        told = [{"run": name, **own} for name, own in totals.items()]
        typer.echo(json.dumps(told[0] if len(told) == 1 else told, indent=2))
    else:
        if len(totals) > 1:
            typer.echo(_overview(totals, chosen) + "\n")
        parts = [f"## {name}\n\n{render(own, chosen)}" for name, own in totals.items()]
        typer.echo("\n\n".join(parts))
    if check:
        _verdict(runs)


def saved_runs(paths: Sequence[Path]) -> dict[str, list[Sample]]:
    """Read sample files and return the samples of each run, by a name that no other run has.

    Raises:
        DataError: A path or a row is not what it should be.
    """
    runs: dict[tuple[str, ...], list[Sample]] = {}
    for file in dict.fromkeys(file for path in paths for file in sample_files(path)):
        dated = "_samples_" in file.name
        made = (str(file.parent), file.name[:_DATE]) if dated else (str(file), "")
        model = model_of(file) if dated else file.name
        for sample in read_samples(file):
            split = sample.id.partition("/")[0] if sample.condition else ""
            runs.setdefault((model, split, sample.condition, *made), []).append(sample)
    return dict(zip(_names(list(runs)), runs.values(), strict=True))


def _foreign_run(
    file: Path, about: Path | None, data: Path | None, split: str, keep: Path | None
) -> dict[str, list[Sample]]:
    from panoenv_tasks.sources import load_items
    from panoenv_tasks.tasks.panoenv.docs import data_root

    told = read_about(file, about)
    records = list(foreign_records(file, told, load_items(data or data_root(split), split)))
    if keep is not None:
        place = save([record for _, record in records], file, told, keep)
        typer.echo(f"records: {place}", err=True)
    name = f"{name_of(told)}, {split}; prompts: {told.prompts}; picture: {told.picture}"
    return {name: [sample_of(record, origin) for origin, record in records]}


def render(totals: Mapping[str, Any], protocols: Sequence[ProtocolName]) -> str:
    """Return the totals of one run as Markdown tables."""
    heads = [part for p in protocols for part in (f"acc {p}", "95 %", f"reward {p}")]
    tables = [table(["all", "n", "errors", *heads], [_row("total", totals["total"], protocols)])]
    for field in BREAKDOWNS:
        rows = [_row(name or "(unknown)", cell, protocols) for name, cell in totals[field].items()]
        tables.append(table([field, "n", "errors", *heads], rows))
    for protocol in protocols:
        counts = totals["total"][protocol]["statuses"]
        tables.append(f"statuses under {protocol}: {', '.join(f'{k} {v}' for k, v in counts.items())}")
    if "pairs" in totals:
        tables.append(_pair_table(totals["pairs"], protocols))
    return "\n\n".join(tables)


def _verdict(runs: Mapping[str, Sequence[Sample]]) -> None:
    """Say in the last lines whether every run is whole; leave with 1 when one is not."""
    faults = [f"{name}: {fault}" for name, samples in runs.items() for fault in _faults(samples)]
    for fault in faults:
        typer.echo(f"panoenv: {fault}", err=True)
    if faults:
        raise typer.Exit(1)
    unknown = sum(_wanted(samples) is None for samples in runs.values())
    asked = (
        f"whether all questions were asked is not known of {unknown}" if unknown else "all questions asked"
    )
    typer.echo(f"panoenv: {len(runs)} run{'s' * (len(runs) > 1)}, no request failed, {asked}", err=True)


def _faults(samples: Sequence[Sample]) -> Iterator[str]:
    """Say what keeps a run from being whole; answers that do not come from our tasks say nothing of it."""
    failed = sum(bool(sample.error) for sample in samples)
    if failed:
        yield f"{failed:,} of {len(samples):,} requests failed"
    wanted = _wanted(samples)
    there = len({sample.id for sample in samples})
    if wanted is not None and there < wanted:
        yield f"{there:,} of {wanted:,} questions were asked"


def _wanted(samples: Sequence[Sample]) -> int | None:
    run = samples[0].meta.get("run")
    wanted = run.get("condition_items") if isinstance(run, dict) else None
    return wanted if isinstance(wanted, int) else None


def _overview(totals: Mapping[str, Any], protocols: Sequence[ProtocolName]) -> str:
    heads = [part for p in protocols for part in (f"acc {p}", "95 %")]
    rows = []
    for name, own in totals.items():
        cell = own["total"]
        figures = [part for p in protocols for part in (_percent(cell[p]["acc"]), _interval(cell[p]))]
        rows.append([name, cell["n"], cell["errors"], *figures])
    return table(["run", "n", "errors", *heads], rows)


def _protocols(name: str) -> Sequence[ProtocolName]:
    if name == "both":
        return PROTOCOLS
    chosen = [p for p in PROTOCOL_NAMES if p == name]
    if not chosen:
        raise DataError(f"unknown protocol {name!r}; expected both or one of {', '.join(PROTOCOL_NAMES)}")
    return chosen


def _names(keys: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Name runs by model, split and condition; by date and folder as well where that is not enough."""
    for *what, folder, date in keys:
        same = [key for key in keys if [*key[:3]] == what]
        same_day = [key for key in same if key[4] == date]
        parts = [*what, date if len(same) > 1 else "", folder if len(same_day) > 1 else ""]
        yield ", ".join(part for part in parts if part)


def _row(name: str, cell: Mapping[str, Any], protocols: Sequence[ProtocolName]) -> list[object]:
    figures: list[object] = []
    for protocol in protocols:
        own = cell[protocol]
        figures += [_percent(own["acc"]), _interval(own), _percent(own["reward"])]
    return [name, cell["n"], cell["errors"], *figures]


def _percent(share: float | None) -> str:
    return figure(share, 2) or "-"


def _interval(cell: Mapping[str, Any], none: str = "-") -> str:
    return interval(cell["lo"], cell["hi"]) or none


def _pair_table(pairs: Mapping[str, Any], protocols: Sequence[ProtocolName]) -> str:
    heads = [part for p in protocols for part in (f"both right {p}", "95 %")]
    rows = []
    for kind, cells in pairs.items():
        first = next(iter(cells.values()))
        figures: list[object] = []
        for protocol in protocols:
            cell = cells.get(protocol)
            if cell is None:
                figures += ["-", "-"]
            else:
                figures += [figure(cell["both_right"]), _interval(cell, "too few scenes")]
        rows.append([kind, first["pairs"], figure(first["chance"]), *figures])
    return table(["twins", "pairs", "chance", *heads], rows)
