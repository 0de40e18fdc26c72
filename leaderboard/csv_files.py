"""The CSV files: a row as flat columns, the append-only ``results.csv``, ``summary.csv``, their dictionary.

Shares are fractions, empty is unknown. Lines of ``results.csv`` are added, never changed, moved or removed,
whoever else writes at the time.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib import resources
from pathlib import Path

import yaml
from filelock import FileLock

from leaderboard.cells import table_cells
from leaderboard.comparisons import Group
from leaderboard.rows import AUDITED, JudgeScore, Row
from leaderboard.standing import History
from leaderboard.untrusted import look_alike, writable
from panoenv_tasks.items import CATEGORIES, DataError
from panoenv_tasks.markdown import table
from panoenv_tasks.scoring import STATUSES
from panoenv_tasks.stats import Estimate
from panoenv_tasks.whole_file import write_whole

Value = str | int | float | bool | None

#: What spreadsheet programs take for the start of a formula (full-width forms included).
_FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20|%")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")
#: A spreadsheet cell holds at most 32,767 characters.
_LONGEST_CELL = 32_000

_MEASURES: dict[str, str] = {
    "acc_read": "Right, with a reader for what the rules could not read (strict).",
    **{m: f"{m.replace('_', ' ').capitalize()}, see audit.md; strict protocol." for m in AUDITED},
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


def columns(row: Row) -> dict[str, Value]:
    """Return a row's values by column name, always the same columns in the same order."""
    flat: dict[str, Value] = {
        "row_id": row.row_id,
        "model": row.model,
        "revision": row.card.revision,
        "role": row.role,
        "provenance": row.provenance,
        "split": row.split,
        "condition": row.condition,
        "date": row.date,
        "checked": row.provenance != "reported" and not row.blocked,
        "warning": "; ".join(flag.message for flag in row.flags),
        "params_b": row.card.params_b,
        "open_weights": row.card.open_weights,
        "training_data": row.card.training_data,
        "submitter": row.card.submitter,
        "source_url": row.card.source_url,
        "notes": row.card.notes,
        "harness": row.setup.harness,
        "harness_version": row.setup.harness_version,
        "plugin_version": row.setup.plugin_version,
        "backend": row.setup.backend,
        "batch_size": row.setup.batch_size,
        "max_pixels": row.setup.max_pixels,
        "image_size": row.setup.image_size,
        "decoding": row.setup.decoding,
        "prompts": row.setup.prompts,
        "prompts_sha256": row.setup.prompts_sha256,
        "dataset_sha256": row.setup.dataset_sha256,
        "protocols": row.setup.protocols,
    }
    flat |= _counts(row)
    for suffix, protocol, shares in (("", "paper", row.paper), ("_strict", "strict", row.strict)):
        flat |= _total(suffix, protocol, shares, row.checks)
        for cell in table_cells()[1:]:
            flat |= _estimate(f"{cell.key}{suffix}", shares.get(cell.key))
        flat[f"macro_category{suffix}"] = _rounded(_macro(shares))
    flat |= _judged("q", row.q_score) | _judged("p", row.p_score) | _read(row.acc_read)
    return flat | {
        "tokens_in": row.tokens_in,
        "tokens_out": row.tokens_out,
        "seconds": row.seconds,
        "samples_sha256": row.samples_sha256,
        "samples_path": row.samples_path,
        **_estimate("multimodal_gain", row.gain.estimate if row.gain else None),
        **{k: v for measure in AUDITED for k, v in _estimate(measure, row.audit.get(measure)).items()},
        **_estimate("above_blind", row.above_blind.estimate if row.above_blind else None),
        "submission": row.submission,
        "panorama": row.setup.panorama,
        "replaces": "",
    }


def append_rows(path: Path, rows: Iterable[Row]) -> int:
    """Append the rows that the CSV file does not hold yet (by ``row_id``); returns how many.

    The file is replaced in one step, so that a crash leaves the old one whole, and under a lock, so that
    two boards that write at one time lose nothing. A line about a run that is there already, of which more
    is known now, names the line before it under ``replaces``.

    Raises:
        DataError: The file exists with other columns, or with these in another order. One that lacks
            only the last ones, from an older version, gets them.
    """
    new = [columns(row) for row in rows]
    if not new:
        return 0
    header = list(new[0])
    with writing_alone(path.parent):
        lines = _old_lines(path, header)
        row_ids = {line["row_id"] for line in lines}
        latest = {_run_of(line): line["row_id"] for line in lines if line["samples_sha256"]}
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([line[name] for name in header] for line in lines)
        added = 0
        for flat in new:
            if flat["row_id"] not in row_ids:
                row_ids.add(str(flat["row_id"]))
                replaced = latest.get(_run_of(flat), "")
                writer.writerow([csv_cell(value) for value in {**flat, "replaces": replaced}.values()])
                added += 1
        write_whole(path, writable(out.getvalue()))
    return added


@contextmanager
def writing_alone(folder: Path) -> Iterator[None]:
    """Wait until no other process writes a board into a folder."""
    with FileLock(folder / ".results.csv.lock"):
        yield


def read_history(path: Path) -> History:
    """Read what an earlier board settled from its CSV; nothing when there is none."""
    if not path.is_file():
        return History()
    owners: dict[str, str] = {}
    order: dict[str, int] = {}
    with path.open(encoding="utf-8", newline="") as source:
        for number, line in enumerate(csv.DictReader(source)):
            if sha256 := line.get("samples_sha256"):
                order.setdefault(sha256, number)
            # Lines of an older version do not say who sent them in.
            if line.get("role") == "model" and line.get("provenance") in ("unverified", "reproduced"):
                name, submission = line.get("model") or "", line.get("submission") or ""
                owners.setdefault(look_alike(csv_text(name)), csv_text(submission))
    return History(owners, order)


def csv_cell(value: Value) -> str | int | float:
    """Return a value as a CSV cell that no spreadsheet program runs or breaks a line at.

    Text keeps its characters, but for control characters (a space), a leading quote where a formula or
    a quote would start (``csv_text`` takes it away), and the end of what no spreadsheet cell can hold.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    text = _CONTROL.sub(" ", value).strip()[:_LONGEST_CELL]
    return f"'{text}" if text.startswith((*_FORMULA, "'")) else text


def csv_text(cell: str) -> str:
    """Return the text that ``csv_cell`` wrote as a cell."""
    return cell.removeprefix("'")


def summary_csv(rows: Sequence[Row], groups: Sequence[Group]) -> str:
    """Return ``summary.csv``: one line a row, the best first within a group of comparable rows."""
    ranks = {i: r for group in groups for i, r in group.ranks("strict").items()}
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_said_of()["summary"])
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
        table(("column", "says"), _said_of()["summary"].items()),
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
    said_of = _said_of()
    if name in said_of["results"] or name in said_of["summary"]:
        return said_of["results"].get(name) or said_of["summary"][name]
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


def _counts(row: Row) -> dict[str, Value]:
    counts = row.counts
    return {
        "n_expected": counts.expected if counts else None,
        "n": counts.n if counts else None,
        "n_panoramas": counts.panoramas if counts else None,
        "n_environments": counts.environments if counts else None,
        **{
            f"n_{status}": counts.statuses.get(status, 0) if counts else None
            for status in (*STATUSES, "error")
        },
        "format_rate": _rounded(row.format_rate),
    }


def _total(
    suffix: str, protocol: str, shares: Mapping[str, Estimate], checks: Mapping[str, Estimate]
) -> dict[str, Value]:
    name = f"acc{suffix}"
    total, boot = shares.get("acc"), checks.get(f"{protocol}_bootstrap")
    by_panorama = checks.get(f"{protocol}_panorama")
    naive = checks.get(f"{protocol}_naive")
    return {
        **_estimate(name, total),
        f"{name}_se": _rounded(total.se if total else None),
        f"{name}_se_panorama": _rounded(by_panorama.se if by_panorama else None),
        f"{name}_se_naive": _rounded(naive.se if naive else None),
        f"{name}_boot_lo": _rounded(boot.lo if boot else None),
        f"{name}_boot_hi": _rounded(boot.hi if boot else None),
    }


def _estimate(name: str, share: Estimate | None) -> dict[str, Value]:
    return {
        name: _rounded(share.mean if share else None),
        f"{name}_lo": _rounded(share.lo if share else None),
        f"{name}_hi": _rounded(share.hi if share else None),
    }


def _judged(letter: str, judged: JudgeScore | None) -> dict[str, Value]:
    return {
        **_estimate(f"{letter}_score", judged.estimate if judged else None),
        f"{letter}_judge_id": judged.judge if judged else "",
        f"{letter}_n_scored": judged.scored if judged else None,
        f"{letter}_coverage": _rounded(judged.scored / judged.asked) if judged else None,
    }


def _read(read: JudgeScore | None) -> dict[str, Value]:
    return {
        **_estimate("acc_read", read.estimate if read else None),
        "reader_id": read.judge if read else "",
        "n_read": read.settled if read else None,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _macro(cells: Mapping[str, Estimate]) -> float | None:
    """Return the plain mean over the five categories; None unless all are there."""
    means = [cells[c].mean for c in CATEGORIES if c in cells]
    return sum(means) / len(means) if len(means) == len(CATEGORIES) else None


def _run_of(line: dict[str, str] | dict[str, Value]) -> tuple[str, ...]:
    return tuple(str(line[name]) for name in ("samples_sha256", "model", "condition", "submission"))


def _old_lines(path: Path, header: list[str]) -> list[dict[str, str]]:
    """Return the lines of an existing file; columns that are newer than the file are empty in them."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as source:
        reader = csv.DictReader(source, restval="")
        names = list(reader.fieldnames or ())
        if "row_id" not in names or names != header[: len(names)]:
            raise DataError(
                f"{path}: has other columns than this version writes; move it away and start anew"
            )
        reader.fieldnames = header
        lines = list(reader)
    if any(None in line for line in lines):
        raise DataError(f"{path}: a line has more cells than there are columns; move it away and start anew")
    return lines


def _is_figure(name: str) -> bool:
    try:
        with_ends = (*_MEASURES, "above_blind", "multimodal_gain", "q_score", "p_score")
        return name in with_ends or bool(_share(name))
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
    line: dict[str, Value] = {name: flat.get(name) for name in _said_of()["summary"]}
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


@lru_cache(maxsize=1)
def _said_of() -> dict[str, dict[str, str]]:
    """Return ``data/columns.yaml``: what each column says, by file and name."""
    text = resources.files("leaderboard").joinpath("data/columns.yaml").read_text("utf-8")
    content: dict[str, dict[str, str]] = yaml.safe_load(text)
    return content
