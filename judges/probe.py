"""Bias probes: the same answers in another form, to which a judge should give the same scores.

``verbosity`` adds a sentence that says nothing, ``paraphrase`` wraps the answer in a plain sentence, ``swap``
exchanges answer and reference (agreement is symmetric), ``repeat`` asks the very same again.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from judges.client import Client
from judges.protocol import Protocol
from judges.run import score_records
from judges.store import Store
from panoenv_tasks.answers.tags import first_answer
from panoenv_tasks.items import DataError
from panoenv_tasks.markdown import table
from panoenv_tasks.records import Sample

_EMPTY_SENTENCE = "This can be seen when one looks carefully at the whole panorama and all that is in it."


def _plain(sample: Sample, answer: str) -> Sample:
    return replace(sample, text=f"<Answer>{answer}</Answer>")


def _verbosity(sample: Sample, answer: str) -> Sample:
    return _plain(sample, f"{answer.rstrip('.')}. {_EMPTY_SENTENCE}")


def _paraphrase(sample: Sample, answer: str) -> Sample:
    return _plain(sample, f"I would say that the answer is: {answer.rstrip('.')}.")


def _swap(sample: Sample, answer: str) -> Sample:
    return replace(_plain(sample, sample.answer), answer=answer)


PROBES: dict[str, Callable[[Sample, str], Sample]] = {
    "verbosity": _verbosity,
    "paraphrase": _paraphrase,
    "swap": _swap,
    "repeat": _plain,
}


def probe_judge(
    samples: Sequence[Sample],
    protocol: Protocol,
    client: Client | None,
    store: Store,
    limit: int = 100,
) -> dict[str, Any]:
    """Return how far each probe moves the scores, ready for JSON.

    ``{"protocol", "judge_id", "probes": {name: {"n", "shift", "distance", "moved"}}}``: answers scored both
    times, mean of probe minus plain, mean absolute difference, and how many scores differ.

    Args:
        samples: Of one run; those with an answer in a tag of at most 200 characters take part.
        protocol: See ``built_in.load_protocol``.
        client: The judge; None for a protocol that asks no model.
        store: Remembers all but ``repeat``, which is asked again each time.
        limit: Samples to take, drawn at random, always the same.

    Raises:
        DataError: No sample has an answer to probe with; and see ``run.score_records``.
    """
    usable = [(s, answer) for s in samples if (answer := first_answer(s.text)) and len(answer) <= 200]
    if not usable:
        raise DataError("no sample has an answer of at most 200 characters in an Answer tag to probe with")
    chosen = random.Random(0).sample(usable, min(limit, len(usable)))
    plain = score_records([_plain(*pair) for pair in chosen], protocol, client, store)
    probes = {}
    for name, change in PROBES.items():
        remembered = Store() if name == "repeat" else store
        probed = score_records([change(*pair) for pair in chosen], protocol, client, remembered)
        pairs = [
            (before.score, after.score)
            for before, after in zip(plain, probed, strict=True)
            if before.score is not None and after.score is not None
        ]
        n = len(pairs)
        probes[name] = {
            "n": n,
            "shift": sum(after - before for before, after in pairs) / n if n else None,
            "distance": sum(abs(after - before) for before, after in pairs) / n if n else None,
            "moved": sum(after != before for before, after in pairs),
        }
    return {"protocol": protocol.id, "judge_id": plain[0].judge_id, "probes": probes}


def probes_markdown(report: dict[str, Any]) -> str:
    """Return the report as a Markdown table."""
    rows = [
        (
            name,
            cell["n"],
            cell["moved"],
            *("-" if cell[f] is None else f"{cell[f]:+.2f}" for f in ("shift", "distance")),
        )
        for name, cell in report["probes"].items()
    ]
    header = ("probe", "answers", "scores moved", "mean shift", "mean distance")
    return f"{report['protocol']} by {report['judge_id']}\n\n{table(header, rows)}"
