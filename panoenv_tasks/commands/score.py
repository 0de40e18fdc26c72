"""``panoenv score``: score saved outputs again, under both protocols, without a model."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from panoenv_tasks.items import METHODS, DataError, Method
from panoenv_tasks.pairs import Answered, BothRight, both_right, guess_of
from panoenv_tasks.records import Sample, read_samples
from panoenv_tasks.scoring import PROTOCOL_NAMES, PROTOCOLS, STATUSES, ProtocolName, Score, score_answer
from panoenv_tasks.taxonomy import recognise

#: How totals are broken down: the heading and the field of a sample.
BREAKDOWNS = ("question_type", "category", "subcategory", "method")


def score(
    files: Annotated[list[Path], typer.Argument(help="Sample files, or folders of lmms-eval output.")],
    protocol: Annotated[
        str, typer.Option(help="paper, strict, both, or a version of one (strict@1).")
    ] = "both",
    as_json: Annotated[bool, typer.Option("--json", help="Print the totals as JSON.")] = False,
) -> None:
    """Score saved outputs again and print totals by type, category, sub-category and method."""
    chosen = _protocols(protocol)
    samples = [sample for file in files for sample in read_samples(file)]
    if not samples:
        raise DataError(f"{files[0]}: no samples; expected one JSON object a line")
    totals = rescore(samples, chosen)
    typer.echo(json.dumps(totals, indent=2) if as_json else render(totals, chosen))


def rescore(samples: Sequence[Sample], protocols: Sequence[ProtocolName] = PROTOCOLS) -> dict[str, Any]:
    """Return totals of freshly computed scores.

    Returns:
        ``{"total": cell, "question_type": {name: cell}, ...}``; a cell holds ``n``, ``errors``, and per
        protocol ``acc`` (share correct among answers that came), ``reward`` (mean) and ``statuses``. Of
        twins also ``pairs``: per kind and protocol how often both answers are right; see ``pairs``.

    Raises:
        DataError: A sample has an unknown scoring method.
    """
    scored = [(sample, _scores(sample, protocols)) for sample in samples]
    totals: dict[str, Any] = {"total": _cell(scored, protocols)}
    for field in BREAKDOWNS:
        totals[field] = _by(scored, field, protocols)
    if any(sample.meta.get("pair") for sample, _ in scored):
        totals["pairs"] = _pairs(scored, protocols)
    return totals


def render(totals: Mapping[str, Any], protocols: Sequence[ProtocolName]) -> str:
    """Return the totals as Markdown tables."""
    heads = " | ".join(f"acc {p} | reward {p}" for p in protocols)
    rule = "|---" * (3 + 2 * len(protocols)) + "|"
    lines = [f"| all | n | errors | {heads} |", rule, _line("total", totals["total"], protocols)]
    for field in BREAKDOWNS:
        lines += ["", f"| {field} | n | errors | {heads} |", rule]
        lines += [_line(name or "(unknown)", cell, protocols) for name, cell in totals[field].items()]
    for protocol in protocols:
        counts = totals["total"][protocol]["statuses"]
        lines.append("")
        lines.append(f"statuses under {protocol}: {', '.join(f'{k} {v}' for k, v in counts.items())}")
    if "pairs" in totals:
        lines += ["", *_pair_lines(totals["pairs"], protocols)]
    return "\n".join(lines)


Scored = tuple[Sample, Mapping[ProtocolName, Score]]


def _protocols(name: str) -> Sequence[ProtocolName]:
    if name == "both":
        return PROTOCOLS
    chosen = [p for p in PROTOCOL_NAMES if p == name]
    if not chosen:
        raise DataError(f"unknown protocol {name!r}; expected both or one of {', '.join(PROTOCOL_NAMES)}")
    return chosen


def _scores(sample: Sample, protocols: Iterable[ProtocolName]) -> Mapping[ProtocolName, Score]:
    if sample.error:
        return {}
    if sample.method not in METHODS:
        known = ", ".join(METHODS)
        raise DataError(f"{sample.origin}: scoring method {sample.method!r}; expected one of {known}")
    method: Method = sample.method
    return {p: score_answer(method, sample.answer, sample.text, p, sample.question) for p in protocols}


def _by(scored: Sequence[Scored], field: str, protocols: Sequence[ProtocolName]) -> dict[str, Any]:
    groups: dict[str, list[Scored]] = {}
    for entry in scored:
        groups.setdefault(str(getattr(entry[0], field)), []).append(entry)
    return {name: _cell(groups[name], protocols) for name in sorted(groups)}


def _cell(scored: Sequence[Scored], protocols: Sequence[ProtocolName]) -> dict[str, Any]:
    cell: dict[str, Any] = {"n": len(scored), "errors": sum(bool(s.error) for s, _ in scored)}
    for protocol in protocols:
        scores = [found[protocol] for _, found in scored if protocol in found]
        cell[protocol] = {
            "acc": sum(s.correct for s in scores) / len(scores) if scores else None,
            "reward": sum(s.value for s in scores) / len(scores) if scores else None,
            "statuses": {k: n for k in STATUSES if (n := sum(s.status == k for s in scores))},
        }
    return cell


def _pairs(scored: Sequence[Scored], protocols: Sequence[ProtocolName]) -> dict[str, Any]:
    """Return per kind, and in total, the share of twins with both answers right, its interval and chance."""
    kinds = sorted({sample.subcategory for sample, _ in scored if sample.meta.get("pair")})
    table: dict[str, Any] = {}
    for kind in (None, *kinds):
        own = [entry for entry in scored if kind in (None, entry[0].subcategory)]
        cells = {p: found for p in protocols if (found := both_right(_answered(own, p))) is not None}
        if cells:
            table[kind or "total"] = {p: _pair_cell(found) for p, found in cells.items()}
    return table


def _answered(scored: Sequence[Scored], protocol: ProtocolName) -> list[Answered]:
    found = []
    for sample, scores in scored:
        if sample.meta.get("pair") and protocol in scores:
            wording = recognise(sample.question)
            guess = guess_of(sample.question_type, wording.options if wording else ())
            # Both questions of a pair are in one file.
            file = sample.origin.rpartition(":")[0]
            found.append(Answered(str(sample.meta["pair"]), scores[protocol].correct, guess, file))
    return found


def _pair_cell(found: BothRight) -> dict[str, Any]:
    share = found.share
    return {
        "pairs": share.n,
        "both_right": share.mean,
        "lo": share.lo,
        "hi": share.hi,
        "chance": found.chance,
        "alone": found.alone,
    }


def _pair_lines(table: Mapping[str, Any], protocols: Sequence[ProtocolName]) -> list[str]:
    heads = " | ".join(f"both right {p} | 95 %" for p in protocols)
    rows = []
    for kind, cells in table.items():
        first = next(iter(cells.values()))
        figures = []
        for protocol in protocols:
            cell = cells.get(protocol)
            if cell is None:
                figures += ["-", "-"]
                continue
            known = cell["lo"] is not None and cell["hi"] is not None
            reach = f"{100 * cell['lo']:.1f} to {100 * cell['hi']:.1f}" if known else "too few scenes"
            figures += [f"{100 * cell['both_right']:.1f}", reach]
        rows.append(f"| {kind} | {first['pairs']} | {100 * first['chance']:.1f} | {' | '.join(figures)} |")
    return [f"| twins | pairs | chance | {heads} |", "|---" * (3 + 2 * len(protocols)) + "|", *rows]


def _line(name: str, cell: Mapping[str, Any], protocols: Sequence[ProtocolName]) -> str:
    figures = []
    for protocol in protocols:
        for key in ("acc", "reward"):
            value = cell[protocol][key]
            figures.append("-" if value is None else f"{100 * value:.2f}")
    return f"| {name} | {cell['n']} | {cell['errors']} | {' | '.join(figures)} |"
