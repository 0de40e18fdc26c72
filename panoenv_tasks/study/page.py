"""A study's page: the model's row with intervals, what was measured, what was not and why."""

from __future__ import annotations

import csv
import html
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from panoenv_tasks.markdown import table
from panoenv_tasks.scoring import STATUSES
from panoenv_tasks.stats import BRACKETS, figure, interval, with_interval
from panoenv_tasks.study.beside_paper import beside_the_paper, number, published, what_differs
from panoenv_tasks.study.recipe import Study
from panoenv_tasks.study.run import LOGS, Outcome

#: Measures of the audit, in the order of the page.
_MEASURES = (
    "multimodal_gain",
    "coordinate_gain",
    "marked_gain",
    "both_right",
    "flips_above_repeat",
    "rotation_loss",
    "all_turns_right",
)
#: Those of them that are shares, not differences.
_SHARES = ("both_right", "all_turns_right")
_STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;"
    "padding:0 1rem}table{border-collapse:collapse;margin:1rem 0;display:block;overflow-x:auto}"
    "th,td{text-align:left;padding:.3rem .8rem;border-bottom:1px solid #8886;vertical-align:top}"
    "h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}"
)
Rows = Sequence[Sequence[str]]


def write_page(study: Study, out: Path, outcomes: Sequence[Outcome]) -> Path:
    """Write ``report.html`` and, with the same content, ``report.md``; returns the first.

    Args:
        study: The study.
        out: Its output folder, with what its steps left.
        outcomes: How each step ended.
    """
    rows = _rows(out / "board" / "results.csv")
    row = _own_row(rows, study)
    models = _audited(out / "audit" / "audit.json")
    parts: list[tuple[str, Sequence[str], Rows]] = [
        ("The row", ("figure", "value"), _headline(row)),
        (
            "Beside the paper",
            ("figure", "paper", "ours", "difference"),
            beside_the_paper(row, published(rows, study)),
        ),
        ("What differs from the paper", ("what", "here"), what_differs(row, study)),
        (
            "What the picture is worth, and the rest of the audit",
            ("measure", "set", "value", "n"),
            _audit(models),
        ),
        ("Judges and reader", ("step", "protocol", "mean", "coverage"), _judged(out, outcomes)),
        ("Not measured, and why", ("what", "why"), _not_measured(models, outcomes)),
        ("Steps", ("step", "state", "seconds"), [(o.step, o.state, f"{o.seconds:.0f}") for o in outcomes]),
    ]
    shown = [(title, header, rows) for title, header, rows in parts if rows]
    sentence = _sentence(study, row)
    links = [
        name
        for name in ("board/index.html", "board/verification.md", "audit/audit.md", f"{LOGS}/")
        if (out / name).exists()
    ]
    (out / "report.md").write_text(_markdown(study, sentence, shown, links), encoding="utf-8")
    page = out / "report.html"
    page.write_text(_html(study, sentence, shown, links), encoding="utf-8")
    return page


def _sentence(study: Study, row: Mapping[str, str]) -> str:
    if not row and study.limit:
        return f"{study.name}: no row, since limit: {study.limit} asks only some questions."
    if not row:
        return f"{study.name}: there is no row yet; the steps below say why."
    share = _percent(row, "acc_strict")
    text = f"{row['model']} answers {share} of {row['n']} {row['split']} questions (strict)"
    if row.get("above_blind"):
        text += f", {_points(row['above_blind'])} points against what the text alone answers"
    if row.get("multimodal_gain"):
        text += f"; the picture is worth {_points(row['multimodal_gain'])} points to it"
    return f"{text}."


def _headline(row: Mapping[str, str]) -> Rows:
    labels = {"acc_strict": "accuracy, strict@2", "acc": "accuracy, paper@1"}
    labels |= {"tf_strict": "true/false", "mcq_strict": "multiple choice", "oe_strict": "open-ended"}
    figures = [(label, _percent(row, key)) for key, label in labels.items() if row.get(key)]
    for key, label in (("above_blind", "above blind"), ("multimodal_gain", "multi-modal gain")):
        if row.get(key):
            figures.append((label, f"{_points(row[key])} points"))
    told = [
        f"{row[f'n_{name}']} {name.replace('_', ' ')}"
        for name in (*STATUSES, "error")
        if row.get(f"n_{name}")
    ]
    return [*figures, ("answers", ", ".join(told))] if row else []


def _audit(models: Sequence[Mapping[str, Any]]) -> Rows:
    lines = []
    for model in models:
        for name in _MEASURES:
            measured = (model.get(name) or {}).get("total") if isinstance(model.get(name), dict) else None
            if isinstance(measured, dict) and isinstance(measured.get("value"), (int, float)):
                value = _estimate(measured, signed=name not in _SHARES)
                lines.append((name.replace("_", " "), str(model["split"]), value, str(measured["n"])))
    return lines


def _judged(out: Path, outcomes: Sequence[Outcome]) -> Rows:
    lines = []
    for outcome in outcomes:
        for file in sorted((out / outcome.step).glob("*.totals.json")):
            total = _load(file)
            own: Any = total.get("total") or {}
            mean, coverage = own.get("mean"), own.get("coverage")
            shown = [f"{value:.2f}" if isinstance(value, (int, float)) else "-" for value in (mean, coverage)]
            lines.append(
                (outcome.step, str(total.get("protocol") or total.get("judge_id") or file.stem), *shown)
            )
    return lines


def _not_measured(models: Sequence[Mapping[str, Any]], outcomes: Sequence[Outcome]) -> Rows:
    lines = [(o.step, o.reason) for o in outcomes if o.state in ("failed", "skipped")]
    for model in models:
        for name, tasks in (model.get("missing") or {}).items():
            needed = ", ".join(map(str, tasks)) if isinstance(tasks, list) else str(tasks)
            lines.append((f"{name.replace('_', ' ')} ({model['split']})", f"needs a run of {needed}"))
    return [*lines, ("human accuracy", "nobody was asked")]


def _own_row(rows: Sequence[dict[str, str]], study: Study) -> dict[str, str]:
    ours = [row for row in rows if row["provenance"] != "reported"]
    own = [row for row in ours if row["split"] == study.split and row["condition"] == "full"]
    return own[0] if own else {}


def _rows(file: Path) -> list[dict[str, str]]:
    if not file.is_file():
        return []
    with file.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def _audited(file: Path) -> list[dict[str, Any]]:
    models = _load(file).get("models")
    return [model for model in models if isinstance(model, dict)] if isinstance(models, list) else []


def _load(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _percent(row: Mapping[str, str], key: str) -> str:
    value, lo, hi = (number(row.get(column)) for column in (key, f"{key}_lo", f"{key}_hi"))
    return f"{figure(value)} %{interval(lo, hi, form=BRACKETS)}"


def _points(share: str) -> str:
    return figure(float(share), signed=True)


def _estimate(measured: Mapping[str, Any], signed: bool) -> str:
    low, high = measured.get("lo"), measured.get("hi")
    if isinstance(low, (int, float)) and isinstance(high, (int, float)):
        return with_interval(measured["value"], low, high, signed=signed)
    return f"{figure(measured['value'], signed=signed)} ({measured.get('reason') or 'no interval'})"


def _markdown(
    study: Study, sentence: str, parts: Iterable[tuple[str, Sequence[str], Rows]], links: Sequence[str]
) -> str:
    text = [f"# {study.name}", sentence, *(f"## {t}\n\n{table(header, rows)}" for t, header, rows in parts)]
    return "\n\n".join([*text, *(f"- {link}" for link in links)]) + "\n"


def _html(
    study: Study, sentence: str, parts: Iterable[tuple[str, Sequence[str], Rows]], links: Sequence[str]
) -> str:
    title = html.escape(study.name)
    body = [f"<h1>{title}</h1><p>{html.escape(sentence)}</p>"]
    for name, header, rows in parts:
        head = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in header)
        lines = ["".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in rows]
        table_rows = "".join(f"<tr>{line}</tr>" for line in lines)
        body.append(
            f"<h2>{html.escape(name)}</h2><table><thead><tr>{head}</tr></thead><tbody>{table_rows}</tbody></table>"
        )
    body.append("<ul>" + "".join(f'<li><a href="{link}">{link}</a></li>' for link in links) + "</ul>")
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>{_STYLE}</style><main>{''.join(body)}</main></html>\n"
    )
