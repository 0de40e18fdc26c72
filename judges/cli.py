"""``panoenv judge``: serve a judge, score saved samples with it, report agreement."""

from __future__ import annotations

import json
import os
import shlex
import signal
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer

from judges import serve
from judges.client import Client
from judges.protocol import RulesProtocol, load_protocol
from judges.records import JudgedFiles, JudgedSample, folder_beside, read_one_run, read_verdicts
from judges.report import agreement_markdown, agreement_report, draw_agreement
from judges.run import ProgressBar, score_records
from judges.store import Store
from judges.totals import run_totals, totals_markdown
from panoenv_tasks.items import DataError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Judge scores: serve a judge with vLLM, score saved samples, compare judges.",
)

_PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}


@app.command("serve", context_settings=_PASS_ON)
def serve_command(
    context: typer.Context,
    model: Annotated[str, typer.Argument(help="qwen, prometheus, a repository name or a folder.")],
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 8021,
    gpus: Annotated[int | None, typer.Option(help="Replicas, one a GPU; default: all GPUs.")] = None,
    revision: Annotated[str, typer.Option(help="Commit of the repository.")] = "",
    max_model_len: Annotated[int | None, typer.Option(help="Tokens of prompt and reply.")] = None,
    python: Annotated[Path | None, typer.Option(help="A Python that has vLLM.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the command and stop.")] = False,
) -> None:
    """Serve a judge on this machine until interrupted. Further arguments go to vLLM as they are."""
    server = serve.server_plan(
        model,
        serve.find_installation(python),
        port=port,
        gpus=serve.count_gpus() if gpus is None else gpus,
        revision=revision,
        max_model_len=max_model_len,
        extra=context.args,
    )
    shown = [f"{name}={value}" for name, value in server.environment.items()]
    typer.echo(shlex.join([*shown, *server.command]))
    if dry_run:
        return
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with serve.running_server(server) as process:
            typer.echo(f"judge ready at {server.url}")
            code = process.wait()
        raise DataError(f"the judge server ended by itself with code {code}")
    except KeyboardInterrupt:
        typer.echo("judge stopped")


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@app.command("score")
def score_command(
    context: typer.Context,
    samples: Annotated[list[Path], typer.Argument(help="Saved samples of one run: files or folders.")],
    protocol: Annotated[str, typer.Option(help="name or name@version; rules needs no server.")] = "rules",
    urls: Annotated[
        list[str] | None,
        typer.Option("--url", envvar="PANOENV_JUDGE_URL", help="The judge server; repeat for several."),
    ] = None,
    model: Annotated[str, typer.Option(envvar="PANOENV_JUDGE_MODEL", help="Served name.")] = "",
    revision: Annotated[
        str, typer.Option(envvar="PANOENV_JUDGE_REVISION", help="Its revision, for the record.")
    ] = "",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder; default: beside the samples.")
    ] = None,
    store: Annotated[Path | None, typer.Option(help="Verdict store; default: in the folder.")] = None,
    prompt: Annotated[Path | None, typer.Option(help="A prompt file of your own (YAML).")] = None,
    max_tokens: Annotated[int | None, typer.Option(help="Another cap on replies.")] = None,
    in_flight: Annotated[int, typer.Option(min=1, help="Questions asked at a time, of each server.")] = 32,
    deadline: Annotated[float, typer.Option(min=1, help="Seconds a question may take.")] = 600.0,
    patience: Annotated[
        float, typer.Option(min=0, help="Seconds to wait for a server that is down.")
    ] = 300.0,
    min_coverage: Annotated[float, typer.Option(min=0, max=1, help="Fail below this share.")] = 0.99,
    allow_partial: Annotated[bool, typer.Option("--allow-partial", help="Never fail on coverage.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the totals as JSON.")] = False,
) -> None:
    """Score saved samples. What is killed goes on where it stopped when run again.

    Writes PROTOCOL.verdicts.jsonl and PROTOCOL.totals.json. Exit code 1: coverage too low.
    """
    chosen = load_protocol(protocol, prompt, max_tokens)
    asks = not isinstance(chosen, RulesProtocol)
    url = ",".join(urls or [])
    if asks and not url:
        raise DataError(f"{protocol} asks a model: give --url, or start one with `panoenv judge serve`")
    source = context.get_parameter_source("urls")
    if not asks and source is not None and source.name == "COMMANDLINE":
        raise DataError(f"{protocol} asks no model; name a --protocol that does, such as qscore/strict")
    records = read_one_run(samples)
    files = JudgedFiles(out or folder_beside(samples[0]), chosen.id)
    files.refuse_other_run(records)
    key = os.environ.get("PANOENV_JUDGE_KEY", "EMPTY")
    client = Client(url, model, revision, key, in_flight, deadline, patience) if asks else None
    path = (store or files.store) if asks else None
    try:
        with Store(path) as opened, ProgressBar(chosen.id) as bar:
            verdicts = score_records(records, chosen, client, opened, bar.step)
    except KeyboardInterrupt:
        typer.echo(f"stopped; what was judged is kept in {path}: run again to go on", err=True)
        raise typer.Exit(130) from None
    judged = [JudgedSample(chosen.id, r, v) for r, v in zip(records, verdicts, strict=True)]
    totals = run_totals(judged, chosen)
    files.save(judged, totals)
    typer.echo(json.dumps(totals, indent=2) if as_json else totals_markdown(totals))
    coverage = totals["total"]["coverage"]
    if coverage < min_coverage and not allow_partial:
        typer.echo(
            f"panoenv: coverage {coverage:.1%} is below {min_coverage:.1%} ({_counts(totals)});"
            f" {_advice(totals)}, or accept it with --allow-partial",
            err=True,
        )
        raise typer.Exit(1)


def _advice(totals: dict[str, Any]) -> str:
    """What helps against missing scores: another model run, or another judge run, or both."""
    statuses = totals["total"]["statuses"]
    unanswered = statuses.get("model_error", 0)
    judge_failed = sum(statuses.get(name, 0) for name in ("parse_error", "truncated", "request_error"))
    advice = ["run again to retry what the judge failed on"] if judge_failed else []
    if unanswered:
        advice.append(f"{unanswered} requests to the model failed: evaluate it again")
    return "; ".join(advice)


def _counts(totals: dict[str, Any]) -> str:
    return ", ".join(f"{status} {count}" for status, count in totals["total"]["statuses"].items())


@app.command("report")
def report_command(
    verdicts: Annotated[list[Path], typer.Argument(help="*.verdicts.jsonl of `panoenv judge score`.")],
    figure: Annotated[Path | None, typer.Option("--plot", help="Also draw it, as PNG, SVG or PDF.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Compare judges with the exact scorer and with each other, on one run's samples."""
    agreement = agreement_report(dict(zip(_names(verdicts), map(read_verdicts, verdicts), strict=True)))
    if figure is not None:
        draw_agreement(agreement, figure)
    typer.echo(json.dumps(agreement, indent=2) if as_json else agreement_markdown(agreement))


def _names(paths: list[Path]) -> list[str]:
    """Short names of verdict files; whole paths where short ones would clash."""
    short = [path.name.removesuffix(".verdicts.jsonl") for path in paths]
    return short if len(set(short)) == len(short) else [str(path) for path in paths]
