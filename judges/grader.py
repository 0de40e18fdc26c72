"""Judge scores inside an lmms-eval run: one batched pass over all samples, at aggregation.

Set up by environment variables. ``PANOENV_JUDGE_URL`` switches it on; ``_MODEL``, ``_REVISION`` and
``_KEY`` (same prefix) describe the judge. ``PANOENV_JUDGE_Q_URL``, ``PANOENV_JUDGE_P_URL`` and so on
override them for one of the two scores. ``PANOENV_JUDGE_PROTOCOL`` is ``strict`` (default) or
``reference``; ``PANOENV_JUDGE_STORE`` is the store's file, by default in the
cache folder (``PANOENV_CACHE``).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from judges.client import Client
from judges.protocol import load_protocol
from judges.records import Verdict
from judges.run import score_records
from judges.store import Store
from panoenv_tasks.cache import cache_folder
from panoenv_tasks.items import DataError
from panoenv_tasks.records import Sample

#: The metrics and the first part of their protocols' names.
_SCORES = {"q_score": ("Q", "qscore"), "p_score": ("P", "pscore")}


def grade(samples: Sequence[Sample]) -> Mapping[str, list[float | None]]:
    """Return ``q_score`` and ``p_score`` (0-10) of every sample, in order; None: not scored.

    Never raises because of the judge: an outage costs the judge scores and leaves one line on stderr.
    """
    found: dict[str, list[float | None]] = {}
    for metric, (letter, family) in _SCORES.items():
        try:
            verdicts = _judge(samples, letter, family)
        except (DataError, OSError) as error:
            _say(f"no {metric} in this run: {error}")
            found[metric] = [None] * len(samples)
            continue
        found[metric] = [verdict.score for verdict in verdicts]
        _report(metric, verdicts)
    return found


def _judge(samples: Sequence[Sample], letter: str, family: str) -> list[Verdict]:
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
    with Store(_store_path()) as store:
        return score_records(samples, protocol, client, store)


def _setting(name: str, letter: str) -> str:
    general = os.environ.get(f"PANOENV_JUDGE_{name}", "")
    return os.environ.get(f"PANOENV_JUDGE_{letter}_{name}", general)


def _store_path() -> Path:
    return Path(os.environ.get("PANOENV_JUDGE_STORE") or cache_folder() / "judge-store.jsonl")


def _report(metric: str, verdicts: Sequence[Verdict]) -> None:
    unscored = [verdict for verdict in verdicts if verdict.score is None]
    judge = verdicts[0].judge_id if verdicts else "nobody"
    first = f" (first not: {unscored[0].status}, {unscored[0].reason})" if unscored else ""
    _say(f"{metric}: {len(verdicts) - len(unscored)} of {len(verdicts)} scored by {judge}{first}")


def _say(line: str) -> None:
    print(f"panoenv: {line}", file=sys.stderr)
