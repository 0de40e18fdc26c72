"""``panoenv judge``: serve a judge, score saved samples with it, report agreement."""

from __future__ import annotations

import json
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer

from judges.agreement_figure import draw_agreement
from judges.built_in import load_protocol
from judges.disagreements import (
    draw_queue,
    labelled_rates,
    queue_page,
    read_labels,
    sort_into_cells,
)
from judges.options import AsJson, JudgeOptions, ResultOptions, spread_options
from judges.probe import probe_judge, probes_markdown
from judges.protocol import RulesProtocol
from judges.reading import (
    READER,
    read_samples_with,
    reading_markdown,
    reading_protocol_id,
    reading_totals,
)
from judges.records import (
    STATUSES,
    JudgedFiles,
    JudgedSample,
    folder_beside,
    read_one_run,
    read_verdicts,
)
from judges.report import agreement_markdown, agreement_report
from judges.run import ProgressBar, score_records
from judges.store import Store
from judges.totals import run_totals, totals_markdown
from panoenv_tasks.items import DataError
from panoenv_tasks.vllm_server import count_gpus, find_installation, running_server, server_plan

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
    server = server_plan(
        model,
        find_installation(python),
        port=port,
        gpus=count_gpus() if gpus is None else gpus,
        revision=revision,
        max_model_len=max_model_len,
        extra=context.args,
    )
    typer.echo(server.shown)
    if dry_run:
        return
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with running_server(server) as process:
            typer.echo(f"judge ready at {server.url}")
            code = process.wait()
        raise DataError(f"the judge server ended by itself with code {code}")
    except KeyboardInterrupt:
        typer.echo("judge stopped")


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


_Samples = Annotated[list[Path], typer.Argument(help="Saved samples of one run: files or folders.")]
_Condition = Annotated[
    str, typer.Option(help="Of several conditions in a folder the one to judge: full, noimage, ...")
]


@app.command("score")
@spread_options
def score_command(
    context: typer.Context,
    samples: _Samples,
    judge: JudgeOptions,
    results: ResultOptions,
    protocol: Annotated[str, typer.Option(help="name or name@version; rules needs no server.")] = "rules",
    prompt: Annotated[
        Path | None,
        typer.Option(help="Your own (YAML), a clone of the released code, or prometheus-eval."),
    ] = None,
    max_tokens: Annotated[int | None, typer.Option(help="Another cap on replies.")] = None,
    condition: _Condition = "",
) -> None:
    """Score saved samples. What is killed goes on where it stopped when run again.

    Writes PROTOCOL.verdicts.jsonl and PROTOCOL.totals.json. Exit code 1: coverage too low.
    """
    chosen = load_protocol(protocol, prompt, max_tokens, judge.server)
    if chosen.metric == "acc_read":
        raise DataError(f"{protocol} reads answers and gives no score of its own: use `panoenv judge read`")
    asks = not isinstance(chosen, RulesProtocol)
    source = context.get_parameter_source("urls")
    if not asks and source is not None and source.name == "COMMANDLINE":
        raise DataError(f"{protocol} asks no model; name a --protocol that does, such as qscore/strict")
    client = judge.client(protocol) if asks else None
    records = read_one_run(samples, condition)
    files = JudgedFiles(results.out or folder_beside(samples[0]), chosen.id)
    files.refuse_other_run(records)
    with _kept_in((judge.store or files.store) if asks else None) as store, ProgressBar(chosen.id) as bar:
        verdicts = score_records(records, chosen, client, store, bar.step)
    judged = [JudgedSample(chosen.id, r, v) for r, v in zip(records, verdicts, strict=True)]
    _save(files, judged, run_totals(judged, chosen), totals_markdown, results)


@app.command("read")
@spread_options
def read_command(
    samples: _Samples, judge: JudgeOptions, results: ResultOptions, condition: _Condition = ""
) -> None:
    """Let a model read the answers that the exact rules cannot; the rules score what it reads.

    The reader never sees the gold answers. Writes READER.verdicts.jsonl and READER.totals.json, with the
    accuracy by rules alone and with the reader.
    """
    client = judge.client(READER)
    records = read_one_run(samples, condition)
    name = reading_protocol_id(judge.server)
    files = JudgedFiles(results.out or folder_beside(samples[0]), name)
    files.refuse_other_run(records)
    with _kept_in(judge.store or files.store) as store, ProgressBar(name) as bar:
        verdicts = read_samples_with(records, client, store, bar.step, judge.server)
    judged = [JudgedSample(name, r, v) for r, v in zip(records, verdicts, strict=True)]
    _save(files, judged, reading_totals(judged), reading_markdown, results)


@app.command("probe")
@spread_options
def probe_command(
    samples: _Samples,
    judge: JudgeOptions,
    protocol: Annotated[str, typer.Option(help="name or name@version.")] = "qscore/strict",
    limit: Annotated[int, typer.Option(min=1, help="Answers to probe with.")] = 100,
    condition: _Condition = "",
    as_json: AsJson = False,
) -> None:
    """Look for a judge's biases: longer and reworded answers, answer and reference swapped, asked again."""
    chosen = load_protocol(protocol, dialect=judge.server)
    asks = not isinstance(chosen, RulesProtocol)
    client = judge.client(protocol) if asks else None
    records = read_one_run(samples, condition)
    path = judge.store or folder_beside(samples[0]) / "store.jsonl"
    with _kept_in(path if asks else None) as store:
        report = probe_judge(records, chosen, client, store, limit)
    typer.echo(json.dumps(report, indent=2) if as_json else probes_markdown(report))


def _save(
    files: JudgedFiles,
    judged: Sequence[JudgedSample],
    totals: dict[str, Any],
    markdown: Callable[[dict[str, Any]], str],
    results: ResultOptions,
) -> None:
    """Write and print what was judged; too little of it is an error."""
    files.save(judged, totals)
    typer.echo(json.dumps(totals, indent=2) if results.as_json else markdown(totals))
    if not results.allow_partial:
        _demand_coverage(totals, Counter(entry.verdict.status for entry in judged), results.min_coverage)


@contextmanager
def _kept_in(path: Path | None) -> Iterator[Store]:
    """Open a store; an interruption, be it by SIGTERM, says where the verdicts are."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        with Store(path) as opened:
            yield opened
    except KeyboardInterrupt:
        typer.echo(f"stopped; what was judged is kept in {path}: run again to go on", err=True)
        raise typer.Exit(130) from None
    finally:
        signal.signal(signal.SIGTERM, before)


def _demand_coverage(totals: dict[str, Any], statuses: Mapping[str, int], wanted: float) -> None:
    coverage = totals["total"]["coverage"]
    if coverage < wanted:
        counts = ", ".join(f"{status} {statuses[status]}" for status in STATUSES if statuses[status])
        typer.echo(
            f"panoenv: coverage {coverage:.1%} is below {wanted:.1%} ({counts});"
            f" {_advice(statuses)}, or accept it with --allow-partial",
            err=True,
        )
        raise typer.Exit(1)


def _advice(statuses: Mapping[str, int]) -> str:
    """What helps against missing scores: another model run, or another judge run, or both."""
    unanswered = statuses.get("model_error", 0)
    judge_failed = sum(statuses.get(name, 0) for name in ("parse_error", "truncated", "request_error"))
    advice = ["run again to retry what the judge failed on"] if judge_failed else []
    if unanswered:
        advice.append(f"{unanswered} requests to the model failed: evaluate it again")
    return "; ".join(advice)


@app.command("queue")
def queue_command(
    verdicts: Annotated[Path, typer.Argument(help="*.verdicts.jsonl of `panoenv judge score`.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The page to write.")] = Path("disagreements.html"),
    pictures: Annotated[
        Path | None, typer.Option(help="Folder with ENVIRONMENT/FRAME/ panoramas, to show them.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Disagreements at most.")] = 200,
    control: Annotated[int, typer.Option(min=0, help="Agreements to look at as well.")] = 50,
) -> None:
    """Make a page of answers on which rules and judge disagree, for a person to settle.

    `panoenv judge report --labels labels.json` then knows the error rates of both.
    """
    cells = sort_into_cells(read_verdicts(verdicts))
    items = draw_queue(cells, limit, control)
    try:
        out.write_text(queue_page(items, pictures), encoding="utf-8")
    except OSError as error:
        raise DataError(f"{out}: cannot write the page ({error.strerror})") from None
    counts = ", ".join(f"{len(members)} {cell}" for cell, members in cells.items())
    typer.echo(f"{out}: {len(items)} answers to settle; of all: {counts}")


@app.command("report")
def report_command(
    verdicts: Annotated[list[Path], typer.Argument(help="*.verdicts.jsonl of `panoenv judge score`.")],
    figure: Annotated[Path | None, typer.Option("--plot", help="Also draw it, as PNG, SVG or PDF.")] = None,
    labels: Annotated[
        Path | None, typer.Option(help="labels.json from the page of `panoenv judge queue`.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Compare judges with the exact scorer and with each other, on one run's samples."""
    agreement = agreement_report(dict(zip(_names(verdicts), map(read_verdicts, verdicts), strict=True)))
    if labels is not None:
        known = read_labels(labels)
        for name, path in zip(_names(verdicts), verdicts, strict=True):
            agreement["judges"][name]["labelled"] = labelled_rates(read_verdicts(path), known)
    if figure is not None:
        draw_agreement(agreement, figure)
    typer.echo(json.dumps(agreement, indent=2) if as_json else agreement_markdown(agreement))


def _names(paths: list[Path]) -> list[str]:
    """Short names of verdict files; whole paths where short ones would clash."""
    short = [path.name.removesuffix(".verdicts.jsonl") for path in paths]
    return short if len(set(short)) == len(short) else [str(path) for path in paths]
