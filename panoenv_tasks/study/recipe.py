"""A study as plain data: which model, on which questions, under which conditions, judged by whom."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from importlib import resources
from pathlib import Path
from typing import Any, Literal, TypeVar, cast, get_args

import yaml

from panoenv_tasks.items import DataError
from panoenv_tasks.perturb.conditions import CONDITIONS, Condition

Split = Literal["test", "val", "mini"]
Tier = Literal["quick", "standard", "full"]
TIERS: tuple[Tier, ...] = get_args(Tier)
T = TypeVar("T")


@dataclass(frozen=True)
class Model:
    """The model under study, in one of three ways.

    Attributes:
        lmms: A model name of lmms-eval, with ``args``.
        serve: A folder or hub name, served by vLLM on this machine while it is needed.
        url: An OpenAI-compatible server that is there already, with ``name``.
        name: The served model's name; for ``serve`` by default the folder's.
        args: lmms-eval's ``--model_args``.
        options: Further arguments of ``vllm serve``, tensor and data parallelism among them.
        python: A Python that has vLLM; null takes this one.
        gpus: Which GPUs it runs on, as ``CUDA_VISIBLE_DEVICES`` names them; empty takes all. Models that
            share none run side by side.
        launch: What stands in front of ``-m lmms_eval``, such as ``accelerate launch --num_processes 4``;
            empty takes this Python.
        seen: ``WIDTHxHEIGHT`` at which a served model sees a panorama, where its user knows it.
    """

    lmms: str | None = None
    serve: str | None = None
    url: str | None = None
    name: str | None = None
    args: Mapping[str, Any] | None = None
    options: Sequence[str] = ()
    python: str | None = None
    gpus: Sequence[str] = ()
    launch: Sequence[str] = ()
    seen: str | None = None


@dataclass(frozen=True)
class Judge:
    """A judge protocol and where its model is: served here, at a URL, or nowhere (``rules``).

    ``prompt`` is a prompt of one's own, or a clone of the paper's code, as in ``panoenv judge score``;
    ``gpus`` are as a model's.
    """

    protocol: str
    serve: str | None = None
    url: str | None = None
    prompt: str | None = None
    python: str | None = None
    gpus: Sequence[str] = ()
    options: Sequence[str] = ()


@dataclass(frozen=True)
class Study:
    """One study.

    Attributes:
        name: Shown on the page.
        model: The model.
        split: ``test``, ``val`` or ``mini``.
        data: Where the questions are; null means ``$PANOENV_DATA``, the hub snapshot or the bundled set.
        prompts: A prompt pack, as ``$PANOENV_PROMPTS``; null takes the project's own.
        conditions: Conditions of ``panoenv_tasks.perturb``; ``full`` is the base run.
        twins: Whether the bundled twins are asked too.
        judges: Judges of the base run's answers.
        reader: A judge that reads what the rules could not; null reads nothing.
        batch_size: Of lmms-eval.
        limit: Questions per task, for trying a study out; null asks all.
        paper_row: The published model that the base run is held to; null compares with none.
    """

    name: str
    model: Model
    split: Split
    data: str | None = None
    prompts: str | None = None
    conditions: tuple[Condition, ...] = ("full",)
    twins: bool = True
    judges: tuple[Judge, ...] = ()
    reader: Judge | None = None
    batch_size: int = 1
    limit: int | None = None
    paper_row: str | None = None


def read_study(file: Path) -> Study:
    """Read a study file.

    Raises:
        DataError: Not YAML, an unknown or missing key, or a value of the wrong kind; names the key.
    """
    try:
        table = yaml.safe_load(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise DataError(f"{file}: no such study; `panoenv study MODEL --tier quick` writes one") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DataError(f"{file}: cannot be read as YAML ({str(error).splitlines()[0]})") from None
    return parse_study(table, str(file))


def parse_study(table: Any, origin: str) -> Study:
    """Make a study of a mapping; see ``read_study``."""
    study = _record(Study, table, origin)
    judges = tuple(_judge(judge, f"{origin}: judges") for judge in _list(study.judges, origin, "judges"))
    study = replace(
        study,
        model=_model(study.model, origin),
        conditions=tuple(_list(study.conditions, origin, "conditions")),
        judges=judges,
        reader=None if study.reader is None else _judge(study.reader, f"{origin}: reader"),
    )
    if study.split not in get_args(Split):
        raise DataError(f"{origin}: split {study.split!r}; expected one of {', '.join(get_args(Split))}")
    for condition in study.conditions:
        if condition not in CONDITIONS:
            raise DataError(f"{origin}: condition {condition!r}; expected some of {', '.join(CONDITIONS)}")
    if "full" not in study.conditions:
        raise DataError(f"{origin}: conditions must hold full, which all others are compared with")
    for key in ("batch_size", "limit"):
        number = getattr(study, key)
        if number is not None and (not isinstance(number, int) or isinstance(number, bool) or number < 1):
            raise DataError(f"{origin}: {key} {number!r}; expected a whole number from 1 on")
    return study


def to_yaml(study: Study) -> str:
    """Return a study as YAML that ``read_study`` reads back; what is at its default is left out."""
    return yaml.safe_dump(plain(study), sort_keys=False, allow_unicode=True)


def plain(study: Study) -> dict[str, Any]:
    """Return a study as plain data, without what is at its default."""
    data: dict[str, Any] = json.loads(json.dumps(_without_defaults(study)))
    return data


def tier(name: Tier, model: str) -> Study:
    """Return the study of a tier for a model.

    Args:
        name: The tier.
        model: A folder or hub name to serve, ``URL#NAME``, or ``lmms:NAME,key=value,...``.

    Raises:
        DataError: The model is given in a form that cannot be read.
    """
    text = resources.files(__package__).joinpath("tiers", f"{name}.yaml").read_text(encoding="utf-8")
    table = yaml.safe_load(text)
    table["model"] = given(model)
    called = table["model"].get("name") or table["model"].get("lmms") or Path(model).name
    return parse_study({"name": f"{called} ({name})", **table}, f"tier {name}")


def given(model: str) -> dict[str, Any]:
    """Return what a model in one word says, as the keys of ``Model``; see ``tier``."""
    if model.startswith(("http://", "https://")):
        url, _, name = model.partition("#")
        if not name:
            raise DataError(f"{model}: expected URL#NAME, the name under which the server knows its model")
        return {"url": url, "name": name}
    if model.startswith("lmms:"):
        name, *pairs = model.removeprefix("lmms:").split(",")
        if not name or not all("=" in pair for pair in pairs):
            raise DataError(f"{model}: expected lmms:NAME,key=value,...")
        return {"lmms": name, "args": dict(pair.split("=", 1) for pair in pairs)}
    return {"serve": model}


def _model(value: Any, origin: str) -> Model:
    model = _record(Model, value, f"{origin}: model")
    ways = [way for way in ("lmms", "serve", "url") if getattr(model, way)]
    if len(ways) != 1:
        raise DataError(
            f"{origin}: model: expected one of lmms, serve and url; found {' and '.join(ways) or 'none'}"
        )
    _check_gpus(model.gpus, f"{origin}: model")
    if model.url and not model.name:
        raise DataError(f"{origin}: model: a url needs the name under which the server knows its model")
    for key, text in (model.args or {}).items():
        if "," in str(text) or "," in key:
            raise DataError(f"{origin}: model.args.{key}: lmms-eval cannot take a comma in {text!r}")
    return model


def _judge(value: Any, origin: str) -> Judge:
    judge = _record(Judge, value, origin)
    _check_gpus(judge.gpus, f"{origin}: {judge.protocol}")
    if judge.serve and judge.url:
        raise DataError(f"{origin}: {judge.protocol}: expected serve or url, not both")
    return judge


def _check_gpus(gpus: Any, origin: str) -> None:
    names = _list(gpus, origin, "gpus")
    if not all(isinstance(name, str) and name and "," not in name for name in names):
        raise DataError(f'{origin}: gpus: expected a list of texts, such as ["0", "1"]')


def _record(kind: type[T], table: Any, origin: str) -> T:
    """Fill a dataclass from a mapping whose keys are all its fields."""
    if isinstance(table, kind):
        return table
    if not isinstance(table, dict):
        raise DataError(f"{origin}: expected a mapping")
    known = {field.name: field for field in fields(cast(Any, kind))}
    if unknown := [key for key in table if key not in known]:
        raise DataError(f"{origin}: unknown key {unknown[0]!r}; there is {', '.join(known)}")
    try:
        return kind(**table)
    except TypeError:
        missing = [name for name in known if name not in table]
        raise DataError(f"{origin}: {missing[0]} is missing") from None


def _list(value: Any, origin: str, key: str) -> list[Any]:
    if not isinstance(value, (list, tuple)):
        raise DataError(f"{origin}: {key}: expected a list")
    return list(value)


def _without_defaults(record: Any) -> Any:
    if isinstance(record, tuple):
        return [_without_defaults(one) for one in record]
    if not hasattr(record, "__dataclass_fields__"):
        return record
    blank = {field.name: field.default for field in fields(record)}
    kept = {name: getattr(record, name) for name in blank if getattr(record, name) not in (blank[name], [])}
    return {name: _without_defaults(value) for name, value in kept.items()}
