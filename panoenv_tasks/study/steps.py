"""A study as steps: the project's own commands, what each needs, and what each leaves behind."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from panoenv_tasks.items import DataError
from panoenv_tasks.study.recipe import Judge, Model, Study

PANOENV = (sys.executable, "-m", "panoenv_tasks")
#: Stand in a step's arguments for what is only known when it runs.
WORK, URL = "{work}", "{url}"


@dataclass(frozen=True)
class Served:
    """A model that a step needs behind vLLM: what to serve, and how."""

    model: str
    name: str
    python: str | None
    options: tuple[str, ...]
    gpus: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """One command of a study.

    Attributes:
        name: Also its folder in the study's output.
        command: The words of the command. ``{work}`` is the folder that it writes into, ``{url}`` the address
            of the server that it needs.
        needs: Steps whose results it reads; it runs when they are done.
        environment: Variables that are set for it.
        served: The model that must be served while it runs.
        expects: Patterns of files that it must leave; some commands end with 0 without a result.
        optional_needs: Steps that are waited for and whose failure does not keep this one from running.
        gpus: The GPUs that it, or its server, runs on; empty means all, None that it needs none.
    """

    name: str
    command: tuple[str, ...]
    needs: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    served: Served | None = None
    expects: tuple[str, ...] = ()
    optional_needs: tuple[str, ...] = ()
    gpus: tuple[str, ...] | None = None


def steps_of(study: Study, out: Path) -> list[Step]:
    """Return a study's steps in an order in which they can run.

    Args:
        study: The study.
        out: Its output folder; steps read one another's results there.
    """
    environment = _environment(study)
    asked = [f"ask-{condition}" for condition in study.conditions]
    steps = [] if study.split == "mini" else [Step("data", _data(study), expects=())]
    first = tuple(step.name for step in steps)
    for name, condition in zip(asked, study.conditions, strict=True):
        task = _task(study.split, condition)
        steps.append(_ask(study, out, name, task, environment, first))
    if study.twins:
        steps.append(_ask(study, out, "ask-twins", "panoenv_mini_twins", environment, first))
        asked.append("ask-twins")
    results = str(out / "ask-full")
    judged = []
    for number, judge in enumerate(study.judges, start=1):
        name = f"judge-{number}-{judge.protocol.partition('/')[0].partition('@')[0]}"
        steps.append(_judge(judge, name, results, out, "score"))
        judged.append(name)
    if study.reader:
        steps.append(_judge(study.reader, "reader", results, out, "read"))
        judged.append("reader")
    every = [str(out / name) for name in asked]
    rest = tuple(name for name in (*asked, *judged) if name != "ask-full")
    audit = ("audit", *every, "-o", WORK)
    board = ("leaderboard", *every, *(str(out / name) for name in judged), "-o", WORK)
    data = ("--data", study.data) if study.data else ()
    if study.paper_row:
        board += ("--verification", f"{WORK}/verification.md")
    steps += [
        Step("audit", (*PANOENV, *audit), ("ask-full",), environment, None, ("audit.json",), rest),
        Step("board", (*PANOENV, *board, *data), ("ask-full",), environment, None, ("results.csv",), rest),
    ]
    return steps


def existing(step: Step, out: Path) -> tuple[str, ...]:
    """Return a step's command without the result folders of steps that failed."""
    folders = {str(out / name) for name in step.optional_needs}
    return tuple(word for word in step.command if word not in folders or Path(word).is_dir())


def _ask(
    study: Study, out: Path, name: str, task: str, environment: Mapping[str, str], needs: tuple[str, ...]
) -> Step:
    model = study.model
    called, arguments = _harness_model(model)
    launch = tuple(model.launch) or (sys.executable,)
    words = ["-m", "lmms_eval", "--model", called, "--model_args", arguments, "--tasks", task]
    words += ["--batch_size", str(study.batch_size), "--output_path", WORK, "--log_samples"]
    # Shared by all steps of the study: a question that was answered before a kill is not asked again.
    words += ["--use_cache", str(out / "answers")]
    if study.limit:
        words += ["--limit", str(study.limit)]
    served = None
    if model.serve:
        options = tuple(map(str, model.options))
        served = Served(model.serve, served_name(model), model.python, options, tuple(model.gpus))
    elif model.gpus:
        environment = {**environment, "CUDA_VISIBLE_DEVICES": ",".join(model.gpus)}
    return Step(
        name,
        (*launch, *words),
        needs,
        environment,
        served,
        ("**/*_results.json", "**/*_samples_*.jsonl"),
        gpus=None if model.url else tuple(model.gpus),
    )


def _harness_model(model: Model) -> tuple[str, str]:
    extra = dict(model.args or {})
    if model.lmms:
        return model.lmms, _pairs(extra)
    address = URL if model.serve else f"{str(model.url).rstrip('/').removesuffix('/v1')}/v1"
    return "async_openai", _pairs({"model": served_name(model), "base_url": address, **extra})


def served_name(model: Model) -> str:
    """Return the name under which a model is served."""
    if model.name:
        return model.name
    if not model.serve:
        raise DataError("model: it is not served and has no name")
    return _name_of(model.serve)


def _name_of(served: str) -> str:
    # A folder's place is nobody's business: the name goes into records.
    return Path(served).name if Path(served).exists() else served


def _pairs(arguments: Mapping[str, object]) -> str:
    return ",".join(f"{key}={value}" for key, value in arguments.items())


def _judge(judge: Judge, name: str, results: str, out: Path, verb: str) -> Step:
    words = [*PANOENV, "judge", verb, results, "--out", WORK, "--store", str(out / "judge-store.jsonl")]
    if verb == "score":
        words += ["--protocol", judge.protocol]
        words += ["--prompt", judge.prompt] if judge.prompt else []
    served = None
    if judge.serve:
        options = tuple(map(str, judge.options))
        called = _name_of(judge.serve)
        served = Served(judge.serve, called, judge.python, options, tuple(judge.gpus))
        words += ["--url", URL.removesuffix("/v1")]
    elif judge.url:
        words += ["--url", judge.url]
    gpus = served.gpus if served else None
    return Step(name, tuple(words), ("ask-full",), {}, served, ("*.verdicts.jsonl",), gpus=gpus)


def _data(study: Study) -> tuple[str, ...]:
    return (*PANOENV, "data", "check", *([study.data] if study.data else []))


def _task(split: str, condition: str) -> str:
    base = "panoenv" if split == "test" else f"panoenv_{split}"
    return base if condition == "full" else f"{base}_{condition}"


def _environment(study: Study) -> dict[str, str]:
    # Every server of a study is on this machine or needs no key; the client insists on one.
    variables = {"OPENAI_API_KEY": "EMPTY"} if not study.model.lmms else {}
    for name, value in (
        ("PANOENV_DATA", study.data),
        ("PANOENV_PROMPTS", study.prompts),
        ("PANOENV_SEEN", study.model.seen),
    ):
        if value:
            variables[name] = value
    return variables


def lanes_of(steps: Sequence[Step]) -> list[list[Step]]:
    """Return steps as lanes that may run side by side, each in order: no two lanes share a GPU.

    The first lane holds what needs no GPU. Where all GPUs are shared there is one lane.
    """
    wanted = list(dict.fromkeys(step.gpus for step in steps if step.gpus is not None))
    apart: list[set[str]] = []
    for gpus in map(set, wanted):
        shared = [own for own in apart if own & gpus]
        apart = [*(own for own in apart if own not in shared), gpus.union(*shared)]
    if () in wanted or len(apart) < 2:
        return [list(steps)]
    lanes = [[s for s in steps if s.gpus is not None and own >= set(s.gpus)] for own in apart]
    return [[step for step in steps if step.gpus is None], *lanes]


def servers(steps: Sequence[Step]) -> list[Served]:
    """Return the distinct models that steps need served, in the order of first use."""
    return list(dict.fromkeys(step.served for step in steps if step.served))
