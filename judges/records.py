"""Verdicts: what a judge said about one answer, or why it said nothing, and their file form."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from panoenv_tasks.items import DataError
from panoenv_tasks.records import QUESTION_OF_SAMPLE, Sample, read_samples, sample_files
from panoenv_tasks.whole_file import write_whole

Status = Literal[
    "scored", "no_answer", "too_long", "model_error", "parse_error", "truncated", "request_error"
]
STATUSES: tuple[Status, ...] = get_args(Status)
#: Nothing to judge, or more than fits a prompt: the judged model's own failures, worth the lowest score.
#: ``model_error`` (its request failed) and all others are missing.
MODEL_FAILURES: tuple[Status, ...] = ("no_answer", "too_long")

_SAMPLE_FIELDS = (*QUESTION_OF_SAMPLE, "text")


@dataclass(frozen=True)
class Usage:
    """Tokens of one verdict, all its calls together; ``cached`` prompt tokens cost no prefill."""

    prompt: int = 0
    completion: int = 0
    cached: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.prompt + other.prompt,
            self.completion + other.completion,
            self.cached + other.cached,
        )


@dataclass(frozen=True)
class Verdict:
    """One judge's verdict on one answer.

    ``score`` is on the protocol's own scale and None unless ``status`` is ``scored``; ``reason`` then
    says in one line what went wrong. ``expected`` is the mean score under the judge's token
    probabilities, when the protocol asks for them. ``clean_score`` is the score after suspicious text
    was removed from the answer, when there was any. ``latency`` is in seconds, retries and queueing
    included; ``reused`` marks a verdict that cost nothing because it was already known.
    """

    status: Status
    score: float | None
    raw: str
    judge_id: str
    usage: Usage = Usage()
    expected: float | None = None
    clean_score: float | None = None
    flags: tuple[str, ...] = ()
    reason: str = ""
    finish_reason: str = ""
    attempts: int = 0
    latency: float = 0.0
    reused: bool = False


@dataclass(frozen=True)
class JudgedSample:
    """A sample with its verdict under one protocol (``name@version``)."""

    protocol: str
    sample: Sample
    verdict: Verdict


def cluster_of(sample: Sample) -> str:
    """Return the environment of a sample, by which errors are clustered.

    Samples that do not say where their picture was taken share one cluster: that gives no error at all
    rather than one that is too small.
    """
    return sample.environment or "(unknown)"


def verdict_to_dict(verdict: Verdict) -> dict[str, Any]:
    """Return the JSON form of a verdict."""
    return dataclasses.asdict(verdict)


def verdict_from_dict(row: Mapping[str, Any]) -> Verdict:
    """Read the JSON form of a verdict.

    Raises:
        ValueError: A field is missing, unknown, of the wrong type or contradicts another.
    """
    try:
        fields = dict(row)
        fields["usage"] = Usage(**fields["usage"])
        fields["flags"] = tuple(fields["flags"])
        verdict = Verdict(**fields)
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a verdict: {error}") from None
    if verdict.status not in STATUSES:
        raise ValueError(f"unknown status {verdict.status!r}")
    numbers = (verdict.score, verdict.expected, verdict.clean_score)
    if not all(n is None or type(n) in (int, float) for n in numbers):
        raise ValueError("score, expected and clean_score must be numbers or null")
    if (verdict.status == "scored") != (verdict.score is not None):
        raise ValueError(f"status {verdict.status!r} does not go with score {verdict.score!r}")
    return verdict


def write_verdicts(path: Path, judged: Sequence[JudgedSample]) -> None:
    """Write one JSON line a sample; the file appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = (
        {
            "protocol": entry.protocol,
            **{name: getattr(entry.sample, name) for name in _SAMPLE_FIELDS},
            "error": entry.sample.error,
            "verdict": verdict_to_dict(entry.verdict),
        }
        for entry in judged
    )
    write_whole(path, "".join(json.dumps(row) + "\n" for row in rows))


def read_verdicts(path: Path) -> list[JudgedSample]:
    """Read a file that ``write_verdicts`` wrote.

    Raises:
        DataError: The file is not there, or a row is not a judged sample.
    """
    if not path.is_file():
        raise DataError(f"{path}: no such file; expected the *.verdicts.jsonl of `panoenv judge score`")
    judged = []
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                row = json.loads(line)
                sample: dict[str, Any] = {n: str(row[n]) for n in (*_SAMPLE_FIELDS, "error")}
                judged.append(
                    JudgedSample(
                        protocol=str(row["protocol"]),
                        sample=Sample(**sample, origin=f"{path}:{number}"),
                        verdict=verdict_from_dict(row["verdict"]),
                    )
                )
            except (KeyError, TypeError, ValueError) as error:
                raise DataError(f"{path}:{number}: not a judged sample ({error})") from None
    return judged


def read_one_run(paths: Sequence[Path], condition: str = "") -> list[Sample]:
    """Read the samples of one run from files and folders.

    Args:
        paths: Sample files, or folders that hold them.
        condition: Only the samples that were asked under it; empty: all.

    Raises:
        DataError: There are none, or a sample occurs twice (two runs, or a run under two conditions).
    """
    files = dict.fromkeys(file for path in paths for file in sample_files(path))
    samples = [sample for file in files for sample in read_samples(file)]
    if not samples:
        raise DataError(f"{paths[0]}: no samples; expected one JSON object a line")
    there = ", ".join(sorted({sample.condition for sample in samples} - {""}))
    if condition:
        samples = [sample for sample in samples if sample.condition == condition]
        if not samples:
            raise DataError(
                f"{paths[0]}: no samples under the condition {condition!r}; there are: {there or 'none'}"
            )
    firsts: dict[str, Sample] = {}
    for sample in samples:
        first = firsts.setdefault(sample.id, sample)
        if first is sample:
            continue
        if first.condition != sample.condition:
            raise DataError(
                f"{paths[0]}: several conditions are there ({there}); choose one with --condition"
            )
        raise DataError(
            f"{sample.origin}: {sample.id} is also at {first.origin}; judge one run at a time: "
            "point at one model's folder or sample files"
        )
    return samples


def folder_beside(path: Path) -> Path:
    """Return the folder for what is judged from ``path``: ``FOLDER/judged`` or ``FILE.judged``."""
    return path / "judged" if path.is_dir() else path.with_suffix(".judged")


@dataclass(frozen=True)
class JudgedFiles:
    """The files of one protocol in a folder."""

    folder: Path
    protocol_id: str

    @property
    def verdicts(self) -> Path:
        """One judged sample a line; see ``records.read_verdicts``."""
        return self.folder / f"{self._name}.verdicts.jsonl"

    @property
    def totals(self) -> Path:
        """See ``totals.run_totals``."""
        return self.folder / f"{self._name}.totals.json"

    @property
    def store(self) -> Path:
        """Verdicts of all protocols by key; what a resumed run reads."""
        return self.folder / "store.jsonl"

    @property
    def _name(self) -> str:
        return re.sub(r"[^\w.+-]+", "_", self.protocol_id)

    def refuse_other_run(self, samples: Sequence[Sample]) -> None:
        """Raise before another run's verdicts would be overwritten.

        Raises:
            DataError: There are verdicts on other answers here.
        """
        if not self.verdicts.exists():
            return
        present = {(sample.id, sample.text) for sample in samples}
        if any((e.sample.id, e.sample.text) not in present for e in read_verdicts(self.verdicts)):
            raise DataError(f"{self.verdicts} holds verdicts on other answers; choose another --out")

    def save(self, judged: Sequence[JudgedSample], totals: dict[str, Any]) -> None:
        """Write verdicts and totals."""
        write_verdicts(self.verdicts, judged)
        self.totals.write_text(json.dumps(totals, indent=2) + "\n", encoding="utf-8")
