"""Saved samples as answers that pair up: one model, one set of questions, several conditions."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from panoenv_tasks.audit.meaning import Meaning, meaning
from panoenv_tasks.items import METHODS, QUESTION_FIELDS, DataError, Item, Method
from panoenv_tasks.perturb import CONDITIONS, TURNS, Condition, image_kind
from panoenv_tasks.records import Sample, read_samples, sample_files
from panoenv_tasks.scoring import ProtocolName, score_answer
from panoenv_tasks.taxonomy import item_from, recognise

#: Characters of the date at the head of lmms-eval's file names.
_DATE = len("20261122_101500")
#: Model, split, and the hashes and names that make two runs comparable; the fields of ``Subject``.
Key = tuple[str, str, str, str, str]


@dataclass(frozen=True)
class Answer:
    """One scored answer; ``hit`` is None for a failed request, ``meaning`` for an unreadable text."""

    sample: Sample
    hit: float | None
    meaning: Meaning | None


@dataclass
class Shown:
    """What a model answered under one condition.

    Attributes:
        answers: By question id.
        left_out: Questions that the condition cannot show.
        image_kinds: What sort of pictures were shown.
        settings: Model arguments and pixel limits of the runs.
    """

    answers: dict[str, Answer] = field(default_factory=dict)
    left_out: int = 0
    image_kinds: set[str] = field(default_factory=set)
    settings: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Subject:
    """One model on one set of questions with one set of prompts: all that may be compared.

    ``notes`` tells a reader what was odd about the runs.
    """

    model: str
    split: str
    dataset_sha256: str
    prompts: str
    prompts_sha256: str
    shown: dict[Condition, Shown] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read_subjects(paths: Iterable[Path], protocol: ProtocolName = "paper") -> list[Subject]:
    """Read saved samples and sort them by model, questions, prompts and condition.

    Every text is scored again; stored scores are not trusted. Runs of one condition add up, and where two
    answered the same question the later run counts.

    Args:
        paths: Sample files, or folders of lmms-eval output.
        protocol: What makes a hit.

    Raises:
        DataError: There are no samples, or a sample does not say how it was made.
    """
    subjects: dict[Key, Subject] = {}
    files = dict.fromkeys(file for path in paths for file in _ours(Path(path)))
    # lmms-eval begins file names with the date: in this order later runs come later.
    for file in sorted(files, key=lambda file: (file.name[:_DATE], str(file))):
        model, arguments = _model_of(file)
        again = Counter[Key]()
        seen: set[str] = set()
        for sample in read_samples(file):
            if sample.id in seen:
                raise DataError(f"{sample.origin}: second answer to {sample.id!r} in one run")
            seen.add(sample.id)
            run = _run_of(sample)
            key = (
                model,
                sample.id.partition("/")[0],
                str(run["dataset_sha256"]),
                str(run["prompts"]),
                str(run["prompts_sha256"]),
            )
            subject = subjects.setdefault(key, Subject(*key))
            again[key] += _add(subject, sample, arguments, protocol)
        for made, count in again.items():
            if count:
                subjects[made].notes.append(f"{count} answers replaced by those of a later run, {file.name}")
    for subject in subjects.values():
        subject.notes.extend(_differences(subject))
    return [subjects[key] for key in sorted(subjects)]


def _ours(path: Path) -> list[Path]:
    """Return the sample files of our tasks; other benchmarks may have written to the same folder."""
    found = [file for file in sample_files(path) if file == path or "_samples_panoenv" in file.name]
    if not found:
        raise DataError(f"{path}: no *_samples_panoenv*.jsonl inside; run panoenv tasks with --log_samples")
    return found


def item_of(sample: Sample) -> Item:
    """Return the question of a sample as an item, without its image."""
    wording = recognise(sample.question)
    if wording is None:
        raise DataError(f"{sample.origin}: unknown wording; the samples are of another version")
    fields = {name: getattr(sample, name) for name in QUESTION_FIELDS if name != "split"}
    read = {
        "split": sample.id.partition("/")[0],
        "question_type": wording.question_type,
        "category": wording.category,
        "subcategory": wording.subcategory,
        "method": _method(sample),
    }
    return item_from({**fields, **read}, origin=sample.origin)


def _model_of(file: Path) -> tuple[str, str]:
    """Return the model's name and arguments, from the results file beside the samples.

    Where lmms-eval found no name in the arguments, the arguments are part of the name: two servers behind
    one wrapper are two models. Without a results file the name is the folder's.
    """
    try:
        found = json.loads(file.with_name(f"{file.name[:_DATE]}_results.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = {}
    results = _mapping(found)
    config = _mapping(results.get("config"))
    arguments = str(config.get("model_args") or "")
    wrapper = f"{config.get('model') or ''} {arguments}".strip()
    return str(results.get("model_name") or wrapper or file.parent.name), arguments


def _run_of(sample: Sample) -> Mapping[str, Any]:
    run = sample.meta.get("run")
    needed = ("condition", "dataset_sha256", "prompts", "prompts_sha256")
    if not isinstance(run, dict) or not all(isinstance(run.get(name), str) for name in needed):
        raise DataError(
            f"{sample.origin}: no record of how the answer was made; audits need lmms-eval's samples "
            "of the panoenv tasks (--log_samples)"
        )
    if run["condition"] not in CONDITIONS:
        known = ", ".join(CONDITIONS)
        raise DataError(f"{sample.origin}: unknown condition {run['condition']!r}; expected one of {known}")
    return run


def _add(subject: Subject, sample: Sample, arguments: str, protocol: ProtocolName) -> bool:
    """Add one answer and say whether it replaces an earlier one."""
    run = sample.meta["run"]
    condition: Condition = run["condition"]
    shown = subject.shown.setdefault(condition, Shown())
    image = _mapping(sample.meta.get("image"))
    shown.image_kinds.add(str(image.get("kind", "none")))
    restored = ", restored panoramas" if image.get("panorama") == "restored" else ""
    shown.settings.add(f"{arguments or 'no arguments'}, max_pixels {image.get('max_pixels')}{restored}")
    left_out = run.get("condition_left_out")
    shown.left_out = left_out if isinstance(left_out, int) else 0
    replaced = sample.id in shown.answers
    shown.answers[sample.id] = _answer(sample, TURNS.get(condition, 0), protocol)
    return replaced


def _differences(subject: Subject) -> Iterator[str]:
    settings = {setting for shown in subject.shown.values() for setting in shown.settings}
    if len(settings) > 1:
        yield f"the runs differ in settings ({'; '.join(sorted(settings))}): differences may come from there"
    blank = [
        condition
        for condition, shown in subject.shown.items()
        if image_kind(condition) != "none" and "none" in shown.image_kinds
    ]
    if blank:
        yield f"no panorama was shown under {', '.join(blank)}: only a text-only model can run like that"


def _answer(sample: Sample, degrees: int, protocol: ProtocolName) -> Answer:
    if sample.error:
        return Answer(sample, None, None)
    method = _method(sample)
    score = score_answer(method, sample.answer, sample.text, protocol, sample.question)
    claim = meaning(method, sample.answer, sample.question, sample.text, degrees)
    return Answer(sample, float(score.correct), claim)


def _method(sample: Sample) -> Method:
    for method in METHODS:
        if method == sample.method:
            return method
    raise DataError(
        f"{sample.origin}: scoring method {sample.method!r}; expected one of {', '.join(METHODS)}"
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
