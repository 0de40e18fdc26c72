import subprocess
import sys

import pytest
from support.boards import knowing
from support.result_folders import guesser, write_run
from typer.testing import CliRunner

from leaderboard.board import gather
from leaderboard.cli import leaderboard
from panoenv_tasks.items import DataError


def command(*arguments):
    return CliRunner().invoke(leaderboard, [str(a) for a in arguments])


def known(tmp_path, folder):
    """A maintainer's file that knows the questions of the runs below a folder."""
    pinned = "".join(f'  {name}: "{sha256}"\n' for sha256, name in knowing(folder).datasets.items())
    (tmp_path / "board.yaml").write_text(f"datasets:\n{pinned}")
    return "--board", tmp_path / "board.yaml"


def test_writes_all_files_and_succeeds(run_folder, tmp_path):
    run_folder.add()
    board = known(tmp_path, run_folder.path)
    result = command(run_folder.path, "-o", tmp_path / "out", *board, "--verification", tmp_path / "v.md")
    assert result.exit_code == 0, result.output
    assert {p.name for p in (tmp_path / "out").iterdir() if p.name[0] != "."} == {
        "results.csv",
        "summary.csv",
        "columns.md",
        "leaderboard.json",
        "leaderboard.md",
        "index.html",
    }
    assert "Published models" in (tmp_path / "v.md").read_text()
    assert result.output.startswith("1 rows (1 ranked), 0 refused")


def test_a_refusal_is_one_line_and_exit_code_2_and_the_rest_is_written(run_folder, tmp_path):
    run_folder.add("good", model="acme/Good")
    folder = run_folder.add("broken")
    next(folder.glob("*_distance.jsonl")).write_text("{")
    result = command(run_folder.path, "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert len([line for line in result.stderr.splitlines() if "refused broken" in line]) == 1
    assert "acme/Good" in (tmp_path / "out" / "results.csv").read_text()


def test_nothing_fit_writes_nothing(run_folder, tmp_path):
    folder = run_folder.add("broken")
    next(folder.glob("*_distance.jsonl")).write_text("{")
    result = command(run_folder.path, "-o", tmp_path / "out")
    assert isinstance(result.exception, DataError)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("first", ["build", None])
def test_the_word_build_may_be_left_out(run_folder, tmp_path, first):
    run_folder.add()
    arguments = [a for a in (first, run_folder.path, "-o", tmp_path / "out") if a]
    assert command(*arguments).exit_code == 0
    assert (tmp_path / "out" / "index.html").is_file()


def submission(folder, answer=None, card="submitter: Acme\ntraining_data: none\n", items=None, **options):
    folder.mkdir(parents=True)
    (folder / "submission.yaml").write_text(card)
    write_run(folder / "full", items, answer or guesser(1, 0.5), **options)
    return folder


def test_check_of_a_fit_submission(tmp_path, items):
    board = submission(tmp_path / "subs" / "acme", items=items), *known(tmp_path, tmp_path / "subs")
    result = command("check", *board)
    assert result.exit_code == 0, result.output
    assert result.output.startswith("# acme: fit for the board")
    assert "| acme/Seer-7B | val | full | 60 of 60 |" in result.output


def test_check_tells_what_would_have_no_rank(tmp_path, items):
    folder = submission(tmp_path / "subs" / "acme", items=items, limit=3)
    result = command("check", folder, *known(tmp_path, tmp_path / "subs"))
    assert result.exit_code == 1
    assert "no rank: partial" in result.output


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        ("submitter: Acme\n", "training_data is empty"),
        ("model: 5\n", "unexpected type"),
        (
            "submitter: Acme\ntraining_data: none\nmodel: acme/Taken\n",
            "the name 'acme/Taken' belongs to first",
        ),
    ],
)
def test_check_refuses(tmp_path, items, card, expected):
    subs = tmp_path / "subs"
    submission(subs / "first", items=items, model="acme/Taken", date="20240101_000000")
    folder = submission(subs / "second", card=card, items=items, answer=guesser(9, 0.4))
    result = command("check", folder, "--among", subs, *known(tmp_path, subs))
    assert result.exit_code == 2
    assert expected in result.output


def test_slim_copies_make_the_same_row_of_less(tmp_path, items):
    def padded(line):
        line["resps"] = [["x" * 3000]]

    whole = submission(tmp_path / "whole" / "acme", items=items, edit=padded)
    (tmp_path / "small").mkdir()
    result = command("slim", whole, tmp_path / "small" / "acme")
    assert result.exit_code == 0, result.output
    (tmp_path / "small" / "acme" / "submission.yaml").write_text((whole / "submission.yaml").read_text())
    rows = [gather([tmp_path / name], policy=knowing(tmp_path)).rows[0] for name in ("whole", "small")]
    assert rows[0] == rows[1]
    sizes = [sum(f.stat().st_size for f in (tmp_path / n).rglob("*.jsonl")) for n in ("whole", "small")]
    assert sizes[1] < 0.5 * sizes[0]


def test_slim_keeps_half_a_surrogate_pair(tmp_path, items):
    whole = submission(tmp_path / "whole" / "acme", items=items)
    file = next(whole.rglob("*_samples_*.jsonl"))
    good = file.read_text().replace('"text": "', '"text": "\\ud83d ', 1)
    assert "ud83d" in good
    file.write_text(good)
    result = command("slim", whole, tmp_path / "small")
    assert result.exit_code == 0, result.output
    copy = next((tmp_path / "small").rglob(file.name))
    assert "\\ud83d" in copy.read_text()


@pytest.mark.parametrize("bad", ['{"panoenv": {"id"', "[1]", '{"doc_id": 3}', '{"panoenv": "no record"}'])
def test_slim_copies_all_or_nothing(tmp_path, items, bad):
    """A bad line in the last file: what was read before it is not left lying half copied."""
    whole = submission(tmp_path / "whole" / "acme", items=items)
    file = sorted(whole.rglob("*_samples_*.jsonl"))[-1]
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines[:3], bad, *lines[3:]]))
    result = command("slim", whole, tmp_path / "small")
    assert isinstance(result.exception, DataError)
    assert str(result.exception).startswith(f"{file.name}:4: no sample line with a panoenv record")
    assert [place.name for place in tmp_path.iterdir()] == ["whole"]


def test_slim_replaces_nothing(tmp_path, items):
    whole = submission(tmp_path / "whole" / "acme", items=items)
    taken = tmp_path / "small" / next(whole.rglob("*_results.json")).relative_to(whole)
    taken.parent.mkdir(parents=True)
    taken.write_text("mine")
    result = command("slim", whole, tmp_path / "small")
    assert isinstance(result.exception, DataError)
    assert str(result.exception) == f"{taken}: is there already; choose another folder"
    assert [f.read_text() for f in (tmp_path / "small").rglob("*") if f.is_file()] == ["mine"]


@pytest.mark.parametrize("module", ["leaderboard", "leaderboard.cli"])
def test_import_stays_light(module):
    heavy = "torch transformers trl lmms_eval vllm datasets scipy jinja2 PIL pandas polars".split()
    code = f"import sys, {module}; print([m for m in {heavy!r} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
