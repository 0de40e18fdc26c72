"""The board in twenty-odd columns, one line a current row, and a dictionary of every column there is."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from leaderboard.cells import table_cells
from leaderboard.columns import Value, columns
from leaderboard.history import csv_cell
from leaderboard.ranks import Group
from leaderboard.rows import AUDITED, Row
from panoenv_tasks.markdown import table
from panoenv_tasks.scoring import STATUSES

#: What each column of ``summary.csv`` says.
SUMMARY: dict[str, str] = {
    "model": "The model's name.",
    "submission": "Folder that was sent in; empty for one's own runs.",
    "provenance": "reported, unverified or reproduced.",
    "role": "model, blind, constant or oracle.",
    "split": "Set of questions.",
    "condition": "How the questions were shown.",
    "rank": "1 + the number of rows significantly better (strict); empty where none can be told.",
    "strict": "Share of right answers under the strict protocol.",
    "lo": "Lower end of its 95 % interval.",
    "hi": "Upper end of its 95 % interval.",
    "paper": "Share of right answers under the paper's protocol.",
    "above_blind": "Lead over answers from the question's text alone (strict).",
    "gain": "The same model's share with images minus its share without (strict).",
    "tf": "True or false (strict; reported rows: paper).",
    "mcq": "Multiple choice (strict; reported rows: paper).",
    "oe": "Open-ended (strict; reported rows: paper).",
    "n": "Questions answered.",
    "params_b": "Parameters in billions, as the card says.",
    "open_weights": "Whether the weights are open, as the card says.",
    "training_data": "What the model was trained on, as the card says.",
    "flags": "Doubts, in words.",
    "row_id": "The line of results.csv that holds everything else.",
}

_PLAIN: dict[str, str] = {
    "reader_id": "The model that read what the rules could not, and the rules.",
    "n_read": "Answers settled by the reader.",
    "row_id": "Id of the line; more being known of a run makes a new one.",
    "revision": "Hub revision or version, as the card says.",
    "date": "Day of the run, as its files are named.",
    "checked": "Whether the row was recomputed here and nothing keeps it from a rank.",
    "warning": "Doubts, in words.",
    "submitter": "Who sent it in, as the card says.",
    "source_url": "Where more is said, as the card says.",
    "notes": "Remarks of the card.",
    "harness": "What ran the model.",
    "harness_version": "Its version.",
    "plugin_version": "Version of panoenv that ran the model.",
    "backend": "lmms-eval's model class.",
    "batch_size": "Requests at a time.",
    "max_pixels": "Limit on the pixels of a picture, where all samples have one.",
    "image_size": "Width x height of the pictures, where all are alike.",
    "decoding": "Generation settings.",
    "prompts": "Name of the prompt pack.",
    "prompts_sha256": "Hash of the prompt pack.",
    "dataset_sha256": "Fingerprint of the questions.",
    "protocols": "Protocols that the figures are of.",
    "n_expected": "Questions that the condition shows.",
    "n_panoramas": "Panoramas behind the answered questions.",
    "n_environments": "Environments behind them: the clusters of the errors.",
    "n_error": "Requests that failed.",
    "format_rate": "Share of answers in the asked-for form.",
    "tokens_in": "Prompt tokens.",
    "tokens_out": "Completion tokens.",
    "seconds": "Time of the run.",
    "samples_sha256": "Hash of ids, texts and errors: means this run in board.yaml.",
    "samples_path": "Folder and date of the run.",
    "panorama": "Panoramas behind the pictures: erp, restored, or empty for none.",
    "replaces": "The line before this one about the same run.",
    "above_blind": "Lead over answers from the question's text alone, strict protocol.",
    "multimodal_gain": "With images minus without, the same model, strict protocol.",
}
_MEASURES: dict[str, str] = {
    "acc_read": "Right, with a reader for what the rules could not read (strict).",
    **{
        measure: f"{measure.replace('_', ' ').capitalize()}, see audit.md; strict protocol."
        for measure in AUDITED
    },
    **{key: _PLAIN[key] for key in ("above_blind", "multimodal_gain")},
}
_ENDS = {"_lo": "Lower end of its 95 % interval.", "_hi": "Upper end of its 95 % interval."}
_TOTALS = {
    "_se": "Its standard error, clustered by environment.",
    "_se_panorama": "The same, clustered by panorama.",
    "_se_environment": "The same, clustered by environment.",
    "_se_naive": "The same, as if answers were independent.",
    "_boot_lo": "Lower end of the bootstrap interval.",
    "_boot_hi": "Upper end of the bootstrap interval.",
}
_JUDGED = {
    "_score": "Mean judge score, 0 to 10.",
    "_judge_id": "The judge and its protocol.",
    "_n_scored": "Answers that got a verdict.",
    "_coverage": "Their share.",
}


def summary_csv(rows: Sequence[Row], groups: Sequence[Group]) -> str:
    """Return ``summary.csv``: one line a row, the best first within a group of comparable rows."""
    ranks = {i: r for group in groups for i, r in group.ranks("strict").items()}
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(SUMMARY)
    for row in sorted(rows, key=lambda r: (r.provenance == "reported", r.group, -_score(r))):
        writer.writerow([csv_cell(value) for value in _line(row, ranks.get(row.row_id)).values()])
    return out.getvalue()


def columns_page(example: Row) -> str:
    """Return ``columns.md``: what every column of both CSV files says, in their order."""
    lines = [
        "# Columns",
        "",
        "Shares are fractions of 1, differences too; empty is unknown, never 0. Text that a spreadsheet",
        "would run starts with a quote: take one leading quote away to have it back.",
        "",
        "## summary.csv",
        "",
        table(("column", "says"), SUMMARY.items()),
        "",
        "## results.csv",
        "",
        table(("column", "says"), [(name, meaning(name)) for name in columns(example)]),
    ]
    return "\n".join(lines) + "\n"


def meaning(name: str) -> str:
    """Return what a column of ``results.csv`` says.

    Raises:
        KeyError: There is no such column.
    """
    if name in _PLAIN:
        return _PLAIN[name]
    if name in SUMMARY:
        return SUMMARY[name]
    if name.startswith("n_") and name.removeprefix("n_") in STATUSES:
        return f"Answers read as {name.removeprefix('n_').replace('_', ' ')} (strict)."
    for letter in "qp":
        for end, text in _JUDGED.items():
            if name == f"{letter}{end}":
                return text
    for end, text in (*_ENDS.items(), *_TOTALS.items()):
        if name.endswith(end) and (base := name.removesuffix(end)) not in _ENDS and _is_figure(base):
            return f"{base}: {text[0].lower()}{text[1:]}"
    if name in _MEASURES:
        return _MEASURES[name]
    return _share(name)


def _is_figure(name: str) -> bool:
    try:
        return bool(name in _MEASURES or name in ("q_score", "p_score") or _share(name))
    except KeyError:
        return False


def _share(name: str) -> str:
    base, protocol = (name.removesuffix("_strict"), "strict") if name.endswith("_strict") else (name, "paper")
    if base == "macro_category":
        return f"Plain mean over the five categories ({protocol})."
    labels = {cell.key: cell.label for cell in table_cells()}
    return f"Right, {labels[base]} ({protocol})."


def _score(row: Row) -> float:
    cell = row.strict.get("acc") or row.paper.get("acc")
    return cell.mean if cell else -1.0


def _line(row: Row, rank: int | None) -> dict[str, Value]:
    flat, strict = columns(row), row.strict.get("acc")
    suffix = "_strict" if row.strict else ""
    line: dict[str, Value] = {name: flat.get(name) for name in SUMMARY}
    return line | {
        "rank": rank,
        "strict": flat["acc_strict"],
        "lo": flat["acc_strict_lo"] if strict else None,
        "hi": flat["acc_strict_hi"] if strict else None,
        "paper": flat["acc"],
        "gain": flat["multimodal_gain"],
        **{name: flat[f"{name}{suffix}"] for name in ("tf", "mcq", "oe")},
        "flags": flat["warning"],
    }
