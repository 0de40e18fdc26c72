"""Saved samples as answers that pair up: one model, one set of questions, several conditions."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from panoenv_tasks.audit.meaning import Meaning, meaning
from panoenv_tasks.items import METHODS, QUESTION_FIELDS, DataError, Item, Method
from panoenv_tasks.perturb import CONDITIONS, TURNS, Condition, image_kind
from panoenv_tasks.records import Sample, model_of, read_samples, sample_files
from panoenv_tasks.scoring import ProtocolName, score_answer
from panoenv_tasks.taxonomy import item_from, recognise

#: Characters of the date at the head of lmms-eval's file names.
_DATE = len("20261122_101500")
#: Model, split, and the hashes and names that make two runs comparable; the fields of ``ModelRuns``.
Key = tuple[str, str, str, str, str]


@dataclass(frozen=True)
class ScoredAnswer:
    """One scored answer; ``hit`` is None for a failed request, ``meaning`` for an unreadable text."""

    sample: Sample
    hit: float | None
    meaning: Meaning | None


@dataclass
class ConditionSamples:
    """What a model answered under one condition.

    Attributes:
        answers: By question id; of several runs the latest.
        repeats: The latest but one answer to the same question, shown the same way, where there is one.
        left_out: Questions that the condition cannot show.
        image_kinds: What sort of pictures were shown.
        settings: Model arguments and pixel limits of the runs.
        greedy: Whether every run is recorded as decoding greedily: the same input, the same answer.
    """

    answers: dict[str, ScoredAnswer] = field(default_factory=dict)
    repeats: dict[str, ScoredAnswer] = field(default_factory=dict)
    left_out: int = 0
    image_kinds: set[str] = field(default_factory=set)
    settings: set[str] = field(default_factory=set)
    greedy: bool = True


@dataclass(frozen=True)
class ModelRuns:
    """One model on one set of questions with one set of prompts: all that may be compared.

    ``notes`` tells a reader what was odd about the runs; ``protocol`` is what made a hit.
    """

    model: str
    split: str
    dataset_sha256: str
    prompts: str
    prompts_sha256: str
    by_condition: dict[Condition, ConditionSamples] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    protocol: ProtocolName = "strict"


@dataclass(frozen=True)
class _RunSettings:
    """What the results file beside the samples says of a run."""

    model: str
    arguments: str
    greedy: bool


def read_model_runs(paths: Iterable[Path], protocol: ProtocolName = "strict") -> list[ModelRuns]:
    """Read saved samples and sort them by model, questions, prompts and condition.

    Every text is scored again; stored scores are not trusted. Runs of one condition add up. Where two
    answered the same question the later run counts, and the earlier one is its repeat.

    Args:
        paths: Sample files, or folders of lmms-eval output.
        protocol: What makes a hit.

    Raises:
        DataError: There are no samples, or a sample does not say how it was made.
    """
    models: dict[Key, ModelRuns] = {}
    files = dict.fromkeys(file for path in paths for file in _ours(Path(path)))
    # lmms-eval begins file names with the date: in this order later runs come later.
    for file in sorted(files, key=lambda file: (file.name[:_DATE], str(file))):
        settings = _settings_of(file)
        again = Counter[Key]()
        seen: set[str] = set()
        for sample in read_samples(file):
            if sample.id in seen:
                raise DataError(f"{sample.origin}: second answer to {sample.id!r} in one run")
            seen.add(sample.id)
            run = _run_of(sample)
            key = (
                settings.model,
                sample.id.partition("/")[0],
                str(run["dataset_sha256"]),
                str(run["prompts"]),
                str(run["prompts_sha256"]),
            )
            runs = models.setdefault(key, ModelRuns(*key, protocol=protocol))
            again[key] += _add(runs, sample, settings, protocol)
        for made, count in again.items():
            if count:
                models[made].notes.append(
                    f"{count} answers replaced by those of a later run, {file.name}; they are its repeat"
                )
    for runs in models.values():
        runs.notes.extend(_differences(runs))
    return [models[key] for key in sorted(models)]


def _ours(path: Path) -> list[Path]:
    """Return the sample files of our tasks; other benchmarks may have written to the same folder."""
    files = [file for file in sample_files(path) if file == path or "_samples_panoenv" in file.name]
    if not files:
        raise DataError(f"{path}: no *_samples_panoenv*.jsonl inside; run panoenv tasks with --log_samples")
    return files


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
        "method": sample_method(sample),
    }
    return item_from({**fields, **read}, origin=sample.origin)


def _settings_of(file: Path) -> _RunSettings:
    """Return what the results file beside the samples says; without one, decoding is unknown."""
    try:
        read = json.loads(file.with_name(f"{file.name[:_DATE]}_results.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        read = {}
    results = _mapping(read)
    config = _mapping(results.get("config"))
    arguments = str(config.get("model_args") or "")
    return _RunSettings(model_of(file), arguments, bool(results) and _greedy(results, config))


def _greedy(results: Mapping[str, Any], config: Mapping[str, Any]) -> bool:
    """Whether answers were decoded greedily: our tasks ask for it unless ``--gen_kwargs`` says no."""
    asked = [_mapping(task).get("generation_kwargs") for task in _mapping(results.get("configs")).values()]
    spoken = " ".join(json.dumps(kwargs) for kwargs in (*asked, config.get("gen_kwargs")) if kwargs)
    warm = any(float(value) > 0 for value in re.findall(r"temperature\W+([0-9.]*[0-9])", spoken))
    return not warm and not re.search(r"do_sample\W+true", spoken, re.IGNORECASE)


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


def _add(runs: ModelRuns, sample: Sample, settings: _RunSettings, protocol: ProtocolName) -> bool:
    """Add one answer and say whether it replaces an earlier one."""
    run = sample.meta["run"]
    condition: Condition = run["condition"]
    samples = runs.by_condition.setdefault(condition, ConditionSamples())
    image = _mapping(sample.meta.get("image"))
    samples.image_kinds.add(str(image.get("kind", "none")))
    restored = ", restored panoramas" if image.get("panorama") == "restored" else ""
    samples.greedy &= settings.greedy
    samples.settings.add(
        f"{settings.arguments or 'no arguments'}, max_pixels {image.get('max_pixels')}{restored}"
    )
    left_out = run.get("condition_left_out")
    samples.left_out = left_out if isinstance(left_out, int) else 0
    replaced = sample.id in samples.answers
    if replaced:
        samples.repeats[sample.id] = samples.answers[sample.id]
    samples.answers[sample.id] = _answer(sample, TURNS.get(condition, 0), protocol)
    return replaced


def _differences(runs: ModelRuns) -> Iterator[str]:
    settings = {setting for samples in runs.by_condition.values() for setting in samples.settings}
    if len(settings) > 1:
        yield f"the runs differ in settings ({'; '.join(sorted(settings))}): differences may come from there"
    blank = [
        condition
        for condition, samples in runs.by_condition.items()
        if image_kind(condition) != "none" and "none" in samples.image_kinds
    ]
    if blank:
        yield f"no panorama was shown under {', '.join(blank)}: only a text-only model can run like that"


def _answer(sample: Sample, degrees: int, protocol: ProtocolName) -> ScoredAnswer:
    if sample.error:
        return ScoredAnswer(sample, None, None)
    method = sample_method(sample)
    score = score_answer(method, sample.answer, sample.text, protocol, sample.question)
    claim = meaning(method, sample.question, sample.text, degrees)
    return ScoredAnswer(sample, float(score.correct), claim)


def sample_method(sample: Sample) -> Method:
    """Return the scoring method that a sample names.

    Raises:
        DataError: There is no such method.
    """
    for method in METHODS:
        if method == sample.method:
            return method
    raise DataError(
        f"{sample.origin}: scoring method {sample.method!r}; expected one of {', '.join(METHODS)}"
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
