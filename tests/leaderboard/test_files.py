"""CSV, JSON, Markdown: append-only, safe, complete."""

import csv
import json
import math
import multiprocessing
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from support.boards import board_of
from support.result_folders import guesser, write_run

from leaderboard.columns import meaning
from leaderboard.csv_files import append_rows, csv_cell, csv_text
from leaderboard.publish import publish
from leaderboard.reported import reported_rows
from leaderboard.untrusted import plain_text
from panoenv_tasks.items import DataError

HOSTILE = [
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "+1+2",
    "-2+3",
    "\t=1+1",
    "\uff1d1+1",
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "one\nline | two\r\nlines",
    "a,b\"c';d",
    "x" * 10_000,
    "{{ 7 * 7 }} ${1} `code` [l](javascript:alert(1))",
    "\u202egnp.exe \u2028 \x00",
]


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def hostile_output(tmp_path_factory, items):
    root = tmp_path_factory.mktemp("hostile")
    for number, name in enumerate(HOSTILE):
        write_run(root / f"run{number:02d}", items, guesser(number, 0.5), model=name)
    output = root / "out"
    publish(board_of(root), reported_rows(), {}, output)
    return output


def test_a_disk_that_is_full_leaves_every_file_of_the_last_board_whole(tmp_path, items):
    """The limit on a file's size stands for the disk: writing stops in the middle of the page."""
    write_run(tmp_path / "runs" / "one", items, guesser(1, 0.5), model="acme/One")
    output = tmp_path / "out"
    publish(board_of(tmp_path / "runs"), [], {}, output)
    before = (output / "index.html").read_bytes()
    write_run(tmp_path / "runs" / "two", items, guesser(2, 0.5), model="acme/Two")
    limit = len(before) - 1
    code = (
        "import resource, sys; from pathlib import Path\n"
        "from support.boards import board_of; from leaderboard.publish import publish\n"
        "board = board_of(Path(sys.argv[1]))\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
        "publish(board, [], {}, Path(sys.argv[2]))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "runs"), str(output)]
    path = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}, check=False
    )
    assert done.stderr.splitlines()[-1].endswith(
        f"DataError: {output}: cannot be written (File too large); no file there is cut short: "
        "make room and run again"
    )
    assert (output / "index.html").read_bytes() == before
    assert len(json.loads((output / "leaderboard.json").read_text())["rows"]) == 2


def test_every_hostile_name_is_one_safe_csv_line(hostile_output):
    rows = rows_of(hostile_output / "results.csv")
    assert len(rows) == len(HOSTILE) + 6
    assert len((hostile_output / "results.csv").read_text("utf-8").splitlines()) == len(rows) + 1
    for row in rows:
        for text in row.values():
            assert "\n" not in text
            assert not text.startswith(("=", "@", "\t", "\r", "\uff1d"))
            if text.startswith(("+", "-")):
                float(text)
    assert max(len(row["model"]) for row in rows) == 10_000


def test_hostile_names_keep_the_markdown_table_whole(hostile_output):
    text = (hostile_output / "leaderboard.md").read_text("utf-8")
    table = [line for line in text.splitlines() if line.startswith("| ")]
    bare = [line.replace("\\\\", "").replace("\\|", "") for line in table]
    assert {line.count("|") for line in bare} == {16}
    assert not re.search(r"(?<!\\)<script>", text)
    assert max(map(len, table)) < 1000


def test_json_holds_the_name_as_it_was(hostile_output):
    content = json.loads((hostile_output / "leaderboard.json").read_text("utf-8"))
    assert {"<script>alert(1)</script>", "x" * 10_000} <= {row["model"] for row in content["rows"]}
    assert {row["rank_strict"] for row in content["rows"] if row["provenance"] == "reported"} == {None}


@given(st.text(max_size=50))
def test_no_text_makes_a_formula_or_a_line(text):
    safe = csv_cell(text)
    assert not safe.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert safe.splitlines() in ([], [safe])


def test_numbers_are_not_quoted_and_unknown_is_empty():
    assert (csv_cell(-0.5), csv_cell(None), csv_cell(True), csv_cell("-0.5")) == (-0.5, "", "true", "'-0.5")


def test_csv_is_append_only(tmp_path, run_folder):
    path = tmp_path / "results.csv"
    run_folder.add("first", model="acme/First")
    assert append_rows(path, board_of(run_folder.path).rows) == 1
    before = path.read_bytes()
    run_folder.add("another", guesser(9, 0.9), model="acme/Another")
    assert append_rows(path, board_of(run_folder.path).rows) == 1
    assert path.read_bytes().startswith(before)
    assert append_rows(path, board_of(run_folder.path).rows) == 0
    assert [row["model"] for row in rows_of(path)] == ["acme/First", "acme/Another"]


def test_another_schema_is_not_appended_to(tmp_path, run_folder):
    path = tmp_path / "results.csv"
    path.write_text("model,acc\nold,0.5\n")
    run_folder.add()
    with pytest.raises(DataError, match="other columns"):
        append_rows(path, board_of(run_folder.path).rows)
    assert path.read_text() == "model,acc\nold,0.5\n"


def test_a_line_that_does_not_fit_its_header_is_not_cut(tmp_path, run_folder):
    path = tmp_path / "results.csv"
    run_folder.add()
    rows = board_of(run_folder.path).rows
    append_rows(path, rows)
    path.write_text(path.read_text().rstrip("\n") + ",more\n")
    with pytest.raises(DataError, match="more cells"):
        append_rows(path, rows)


def test_csv_figures_are_the_rows(tmp_path, run_folder):
    run_folder.add()
    (row,) = board_of(run_folder.path).rows
    append_rows(tmp_path / "results.csv", [row])
    (line,) = rows_of(tmp_path / "results.csv")
    assert math.isclose(float(line["acc"]), row.paper["acc"].mean, abs_tol=1e-6)
    assert math.isclose(float(line["acc_strict_se"]), row.strict["acc"].se, abs_tol=1e-6)
    assert math.isclose(float(line["oe_distance_lo"]), row.paper["oe_distance"].lo, abs_tol=1e-6)
    assert (line["n"], line["n_answered"], line["n_error"]) == ("60", "60", "0")
    assert (line["shape_flatness"], line["q_score"], line["q_coverage"]) == ("", "", "")


def append_each(path, rows):
    for row in rows:
        append_rows(path, [row])


def test_two_boards_that_write_at_once_lose_nothing(tmp_path, items):
    for number in range(20):
        write_run(tmp_path / "runs" / f"r{number:02}", items, guesser(number, 0.5), model=f"acme/M{number}")
    path, context = tmp_path / "results.csv", multiprocessing.get_context("fork")
    rows = board_of(tmp_path / "runs").rows
    writers = [context.Process(target=append_each, args=(path, half)) for half in (rows[:10], rows[10:])]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(row["model"] for row in rows_of(path)) == sorted(f"acme/M{n}" for n in range(20))


def test_a_line_of_which_more_is_known_names_the_one_before(tmp_path, run_folder, items):
    path = tmp_path / "results.csv"
    run_folder.add()
    append_rows(path, board_of(run_folder.path).rows)
    write_run(run_folder.path / "noimage", items, guesser(2, 0.3), condition="noimage")
    append_rows(path, board_of(run_folder.path).rows)
    first, *later = rows_of(path)
    replaced = {line["condition"]: line["replaces"] for line in later}
    assert replaced == {"full": first["row_id"], "noimage": ""}


@given(st.text(max_size=50))
def test_text_comes_back_from_a_cell(text):
    shown = plain_text(text)
    assert csv_text(csv_cell(shown)) == shown


def broken_pictures(folder, items):
    """A bomb, a truncated picture, a pipe and a text file for panoramas."""
    folder.mkdir()
    # A few kB on disk, 81 million pixels when decoded: below what Pillow itself refuses.
    Image.new("1", (9_000, 9_000)).save(folder / "bomb.png")
    Image.new("RGB", (2560, 1280)).save(folder / "whole.png")
    (folder / "cut.png").write_bytes((folder / "whole.png").read_bytes()[:3000])
    os.mkfifo(folder / "pipe.png")
    (folder / "text.png").write_text("no picture")
    names = ["bomb.png", "cut.png", "pipe.png", "text.png", "gone.png", "whole.png"]
    panoramas = sorted({item.panorama for item in items})
    return {item.id: folder / names[panoramas.index(item.panorama)] for item in items}


def test_a_picture_costs_nobody_a_row(tmp_path, run_folder, items):
    run_folder.add()
    board = board_of(run_folder.path)
    publish(board, [], broken_pictures(tmp_path / "pictures", items), tmp_path / "out")
    assert len(rows_of(tmp_path / "out" / "results.csv")) == 1
    lines = " ".join(map(str, board.refusals))
    assert len(board.refusals) == 5
    assert "at most 67,108,864 are decoded" in lines
    assert all(name in lines for name in ("bomb.png", "cut.png", "pipe.png", "text.png", "gone.png"))
    assert (tmp_path / "out" / "index.html").read_text().count("data:image/jpeg;base64,") == 1


def test_every_column_is_explained_in_words_of_its_own(run_folder, tmp_path):
    run_folder.add()
    publish(board_of(run_folder.path), reported_rows(), {}, tmp_path / "out")
    text = (tmp_path / "out" / "columns.md").read_text("utf-8")
    heads = {}
    for name in ("summary.csv", "results.csv"):
        heads[name] = (tmp_path / "out" / name).read_text("utf-8").splitlines()[0].split(",")
        section = text.partition(f"## {name}")[2].partition("## ")[0]
        listed = [line.split(" | ")[0].strip("| ").replace("\\", "") for line in section.splitlines()]
        assert [line for line in listed if line][2:] == heads[name]
    assert len(heads["summary.csv"]) <= 24
    with pytest.raises(KeyError):
        meaning("no_such_column")
    assert meaning("oe_distance_strict_lo") == "oe_distance_strict: lower end of its 95 % interval."


def test_the_summary_is_the_board_in_short(run_folder, tmp_path):
    run_folder.add("a", guesser(1, 0.9), model="acme/A")
    run_folder.add("b", guesser(2, 0.5), model="acme/B", limit=3)
    board = board_of(run_folder.path)
    publish(board, reported_rows(), {}, tmp_path / "out")
    best, part, *reported = rows_of(tmp_path / "out" / "summary.csv")
    row = next(row for row in board.rows if row.model == "acme/A")
    assert (best["model"], best["rank"], float(best["strict"])) == (
        "acme/A",
        "1",
        pytest.approx(row.strict["acc"].mean, abs=1e-6),
    )
    assert float(best["above_blind"]) == pytest.approx(row.above_blind.estimate.mean, abs=1e-6)
    assert (part["rank"], part["flags"]) == ("", "partial: 15 of 60 questions")
    assert [line["strict"] for line in reported] == [""] * 6
    assert reported[0]["paper"] == "0.5293"
