"""Judge scores inside an lmms-eval run: one batched pass over all samples, at aggregation.

Set up by environment variables. ``PANOENV_JUDGE_URL`` switches it on; ``_MODEL``, ``_REVISION`` and
``_KEY`` (same prefix) describe the judge. ``PANOENV_JUDGE_Q_URL``, ``PANOENV_JUDGE_P_URL`` and so on
override them for one of the two scores. P is a judge of its own: it is asked only when ``..._P_URL`` (which
may be the same address) or ``..._P_MODEL`` names it. ``PANOENV_JUDGE_PROTOCOL`` is ``strict`` (default) or
``reference``; ``PANOENV_JUDGE_STORE`` is the store's file, by default in the
cache folder (``PANOENV_CACHE``).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from judges.built_in import load_protocol
from judges.client import Client
from judges.protocol import Protocol, counted_score
from judges.records import Verdict
from judges.run import ProgressBar, score_records
from judges.store import Store
from panoenv_tasks.cache import cache_folder
from panoenv_tasks.items import DataError
from panoenv_tasks.records import Sample

#: The metrics and the first part of their protocols' names.
_SCORES = {"q_score": ("Q", "qscore"), "p_score": ("P", "pscore")}


def grade(samples: Sequence[Sample]) -> Mapping[str, list[dict[str, Any]]]:
    """Return what the judges say about every sample, in order, under ``q_score`` and ``p_score``.

    Each verdict is a JSON object: ``judge`` (protocol and judge id), ``status``, ``score`` (None: not
    scored), ``counted`` (what it adds to the published mean; None: it is missing) and ``flags``. A score
    that nobody was asked for, or whose judge cannot be used, is left out. Never raises because of the
    judge: an outage costs the judge scores and leaves one line on stderr.
    """
    verdicts: dict[str, list[dict[str, Any]]] = {}
    for metric, (letter, family) in _SCORES.items():
        if not _is_asked_for(letter):
            continue
        try:
            verdicts[metric] = _judge(samples, metric, letter, family)
        except (DataError, OSError) as error:
            _say(f"no {metric} in this run: {error}")
    return verdicts


def _is_asked_for(letter: str) -> bool:
    """Whether a judge is set for a score. One address is one judge: it does not become the other silently."""
    own = ("URL", "MODEL") if letter == "P" else ("URL",)
    named = any(os.environ.get(f"PANOENV_JUDGE_{letter}_{name}") for name in own)
    return named or (letter == "Q" and bool(os.environ.get("PANOENV_JUDGE_URL")))


def _judge(samples: Sequence[Sample], metric: str, letter: str, family: str) -> list[dict[str, Any]]:
    url = _setting("URL", letter)
    if not url:
        raise DataError("PANOENV_JUDGE_URL is not set")
    protocol = load_protocol(f"{family}/{_setting('PROTOCOL', letter) or 'strict'}")
    client = Client(
        url,
        model=_setting("MODEL", letter),
        revision=_setting("REVISION", letter),
        api_key=_setting("KEY", letter) or "EMPTY",
    )
    with Store(_store_path()) as store, ProgressBar(protocol.id) as bar:
        verdicts = score_records(samples, protocol, client, store, bar.step)
    counted = [counted_score(protocol, verdict) for verdict in verdicts]
    _report(metric, protocol, verdicts, counted)
    return [
        {
            "judge": f"{protocol.id} by {verdict.judge_id}",
            "status": verdict.status,
            "score": verdict.score,
            "counted": value,
            "flags": list(verdict.flags),
        }
        for verdict, value in zip(verdicts, counted, strict=True)
    ]


def _setting(name: str, letter: str) -> str:
    general = os.environ.get(f"PANOENV_JUDGE_{name}", "")
    return os.environ.get(f"PANOENV_JUDGE_{letter}_{name}", general)


def _store_path() -> Path:
    return Path(os.environ.get("PANOENV_JUDGE_STORE") or cache_folder() / "judge-store.jsonl")


def _report(
    metric: str, protocol: Protocol, verdicts: Sequence[Verdict], counted: Sequence[float | None]
) -> None:
    missing = [verdict for verdict, value in zip(verdicts, counted, strict=True) if value is None]
    judge = verdicts[0].judge_id if verdicts else "nobody"
    first = f" (first not: {missing[0].status}, {missing[0].reason})" if missing else ""
    share = f"{len(verdicts) - len(missing)} of {len(verdicts)}"
    _say(f"{metric}: {share} under {protocol.id} by {judge}{first}")


def _say(line: str) -> None:
    print(f"panoenv: {line}", file=sys.stderr)
