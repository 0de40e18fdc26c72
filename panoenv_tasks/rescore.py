"""Saved answers scored again: totals by kind of question, with intervals, and of twins in pairs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from panoenv_tasks.items import METHODS, DataError
from panoenv_tasks.pairs import Answered, BothRight, both_right, guess_of
from panoenv_tasks.records import Sample
from panoenv_tasks.scoring import PROTOCOLS, STATUSES, ProtocolName, Score, score_answer
from panoenv_tasks.stats import clustered_mean
from panoenv_tasks.taxonomy import recognise

#: How totals are broken down: the heading and the field of a sample.
BREAKDOWNS = ("question_type", "category", "subcategory", "method")

Scored = tuple[Sample, Mapping[ProtocolName, Score]]


def rescore(samples: Sequence[Sample], protocols: Sequence[ProtocolName] = PROTOCOLS) -> dict[str, Any]:
    """Return totals of freshly computed scores.

    Returns:
        ``{"total": cell, "question_type": {name: cell}, ...}``; a cell holds ``n``, ``errors``, and per
        protocol ``acc`` (share correct among answers that came), ``lo`` and ``hi`` (its 95 % interval,
        clustered by environment; None where there are too few), ``reward`` (mean) and ``statuses``. Of
        twins also ``pairs``: per kind and protocol how often both answers are right.

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


def score_sample(sample: Sample, protocol: ProtocolName, text: str | None = None) -> Score:
    """Return the exact score of a saved answer, or of another text in its place.

    Raises:
        DataError: The sample has an unknown scoring method.
    """
    if sample.method not in METHODS:
        known = ", ".join(METHODS)
        raise DataError(f"{sample.origin}: scoring method {sample.method!r}; expected one of {known}")
    said = sample.text if text is None else text
    return score_answer(sample.method, sample.answer, said, protocol, sample.question)


def _scores(sample: Sample, protocols: Iterable[ProtocolName]) -> Mapping[ProtocolName, Score]:
    return {} if sample.error else {protocol: score_sample(sample, protocol) for protocol in protocols}


def _by(scored: Sequence[Scored], field: str, protocols: Sequence[ProtocolName]) -> dict[str, Any]:
    groups: dict[str, list[Scored]] = {}
    for entry in scored:
        groups.setdefault(str(getattr(entry[0], field)), []).append(entry)
    return {name: _cell(groups[name], protocols) for name in sorted(groups)}


def _cell(scored: Sequence[Scored], protocols: Sequence[ProtocolName]) -> dict[str, Any]:
    cell: dict[str, Any] = {"n": len(scored), "errors": sum(bool(s.error) for s, _ in scored)}
    for protocol in protocols:
        scores = [by_protocol[protocol] for _, by_protocol in scored if protocol in by_protocol]
        places = [sample.environment for sample, by_protocol in scored if protocol in by_protocol]
        right = [float(score.correct) for score in scores]
        # Answers that do not say where they were asked cannot be clustered.
        acc = clustered_mean(right, places, "wilson") if all(places) else None
        cell[protocol] = {
            "acc": sum(right) / len(right) if right else None,
            "lo": acc.lo if acc else None,
            "hi": acc.hi if acc else None,
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
        cells = {p: pairs for p in protocols if (pairs := both_right(_answered(own, p))) is not None}
        if cells:
            table[kind or "total"] = {p: _pair_cell(pairs) for p, pairs in cells.items()}
    return table


def _answered(scored: Sequence[Scored], protocol: ProtocolName) -> list[Answered]:
    answers = []
    for sample, scores in scored:
        if sample.meta.get("pair") and protocol in scores:
            wording = recognise(sample.question)
            guess = guess_of(sample.question_type, wording.options if wording else ())
            # Both questions of a pair are in one file.
            file = sample.origin.rpartition(":")[0]
            answers.append(Answered(str(sample.meta["pair"]), scores[protocol].correct, guess, file))
    return answers


def _pair_cell(pairs: BothRight) -> dict[str, Any]:
    share = pairs.share
    return {
        "pairs": share.n,
        "both_right": share.mean,
        "lo": share.lo,
        "hi": share.hi,
        "chance": pairs.chance,
        "alone": pairs.alone,
    }
