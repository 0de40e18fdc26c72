"""Options that several judge commands share, each written once."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from judges.client import Client
from judges.protocol import Dialect
from panoenv_tasks.items import DataError

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@dataclass(frozen=True)
class JudgeOptions:
    """Options of every command that asks a judge: where it is, and how hard it may be asked."""

    urls: Annotated[
        list[str] | None,
        typer.Option("--url", envvar="PANOENV_JUDGE_URL", help="The judge server; repeat for several."),
    ] = None
    model: Annotated[str, typer.Option(envvar="PANOENV_JUDGE_MODEL", help="Served name.")] = ""
    revision: Annotated[
        str, typer.Option(envvar="PANOENV_JUDGE_REVISION", help="Its revision, for the record.")
    ] = ""
    server: Annotated[
        Dialect, typer.Option(help="vllm; json or plain: what other OpenAI-compatible servers can do.")
    ] = "vllm"
    store: Annotated[Path | None, typer.Option(help="Verdict store; default: in the folder.")] = None
    in_flight: Annotated[int, typer.Option(min=1, help="Questions asked at a time, of each server.")] = 32
    deadline: Annotated[float, typer.Option(min=1, help="Seconds a question may take.")] = 600.0
    patience: Annotated[float, typer.Option(min=0, help="Seconds to wait for a server that is down.")] = 300.0

    def client(self, protocol: str) -> Client:
        """Return the client of the judge that ``protocol`` asks.

        Raises:
            DataError: No server is given, or a mistyped one; said before anything is read.
        """
        if not self.urls:
            raise DataError(f"{protocol} asks a model: give --url, or start one with `panoenv judge serve`")
        key = os.environ.get("PANOENV_JUDGE_KEY", "EMPTY")
        urls = ",".join(self.urls)
        client = Client(urls, self.model, self.revision, key, self.in_flight, self.deadline, self.patience)
        assert client.urls
        return client


@dataclass(frozen=True)
class ResultOptions:
    """Options of every command that writes verdicts: where to, and when they are too few."""

    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder; default: beside the samples.")] = (
        None
    )
    min_coverage: Annotated[float, typer.Option(min=0, max=1, help="Fail below this share.")] = 0.99
    allow_partial: Annotated[bool, typer.Option("--allow-partial", help="Never fail on coverage.")] = False
    as_json: AsJson = False


def spread_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command, instead of each argument that is a dataclass of options, these options one by one."""
    hints = get_type_hints(command, include_extras=True)
    groups = {name: kind for name, kind in hints.items() if is_dataclass(kind) and isinstance(kind, type)}
    options = {name: get_type_hints(kind, include_extras=True) for name, kind in groups.items()}
    shared = [
        Parameter(
            field.name, Parameter.KEYWORD_ONLY, default=field.default, annotation=options[name][field.name]
        )
        for name, kind in groups.items()
        for field in fields(kind)
    ]
    own = [
        parameter.replace(kind=Parameter.KEYWORD_ONLY, annotation=hints[parameter.name])
        for parameter in signature(command).parameters.values()
        if parameter.name not in groups
    ]

    @wraps(command)
    def spread(**values: Any) -> None:
        built = {name: kind(**{o: values.pop(o) for o in options[name]}) for name, kind in groups.items()}
        command(**values, **built)

    spread.__signature__ = Signature([*own, *shared])  # type: ignore[attr-defined]
    spread.__annotations__ = {parameter.name: parameter.annotation for parameter in (*own, *shared)}
    return spread
