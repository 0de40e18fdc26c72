"""What only the maintainer can say, and what the board's own history settles."""

import csv
from dataclasses import replace

import pytest
import yaml
from support.boards import knowing
from support.result_folders import as_many_as_released, guesser, made_up_items, write_run
from support.small_tree import write_tree
from typer.testing import CliRunner

from leaderboard.board import gather
from leaderboard.cli import leaderboard
from leaderboard.csv_files import append_rows, read_history
from leaderboard.questions import KnownQuestions, read_pins, write_pins
from leaderboard.standing import read_policy
from panoenv_tasks import load_items
from panoenv_tasks.items import DataError, fingerprint
from panoenv_tasks.tasks.panoenv.docs import data_root

ITEMS = made_up_items(12)
SHA256 = fingerprint(ITEMS)


def submit(root, name, seed=1, model="acme/Seer", date="20250101_000000", run="run", **options):
    folder = root / name
    write_run(folder / run, ITEMS, guesser(seed, 0.5), model=model, date=date, **options)
    (folder / "submission.yaml").write_text("submitter: x\ntraining_data: none\n")
    return folder


def board(root, history=None, **word):
    return gather([root], policy=knowing(root, **word), history=history)


def codes(row):
    return {flag.code: flag.message for flag in row.flags}


def test_reproduced_is_granted_to_submissions_and_runs(tmp_path):
    submit(tmp_path, "a", model="acme/A")
    submit(tmp_path, "b", 2, model="acme/B")
    rows = {row.model: row for row in board(tmp_path, reproduced=frozenset({"a"})).rows}
    assert (rows["acme/A"].provenance, rows["acme/B"].provenance) == ("reproduced", "unverified")
    digits = rows["acme/B"].samples_sha256[:12]
    rows = {row.model: row for row in board(tmp_path, reproduced=frozenset({digits})).rows}
    assert (rows["acme/A"].provenance, rows["acme/B"].provenance) == ("unverified", "reproduced")


def test_a_few_digits_of_a_hash_mean_no_run(tmp_path):
    submit(tmp_path, "a")
    (row,) = board(tmp_path).rows
    (row,) = board(tmp_path, reproduced=frozenset({row.samples_sha256[:6]})).rows
    assert row.provenance == "unverified"


def test_a_retraction_leaves_the_line_and_takes_the_rank(tmp_path):
    submit(tmp_path, "a")
    (row,) = board(tmp_path, retracted={"a": "trained on the test questions"}).rows
    assert codes(row)["retracted"] == "retracted: trained on the test questions"
    assert not row.ranked


def test_the_first_run_counts_until_the_maintainer_says_otherwise(tmp_path):
    for number in (1, 2, 3):
        submit(tmp_path, "a", number, date=f"2025010{number}_000000", run=f"run{number}")
    rows = {row.date[-2:]: row for row in board(tmp_path).rows}
    assert [day for day, row in rows.items() if row.ranked] == ["01"]
    totals = ", ".join(f"{100 * rows[day].strict['acc'].mean:.1f}" for day in ("01", "02", "03"))
    message = f"one of 3 runs of this model ({totals}); the one of 2025-01-01 counts"
    assert codes(rows["03"])["another_run"] == message
    word = {rows["01"].samples_sha256[:12]: rows["03"].samples_sha256[:12]}
    rows = {row.date[-2:]: row for row in board(tmp_path, superseded=word).rows}
    assert [day for day, row in rows.items() if row.ranked] == ["03"]
    assert "superseded" in codes(rows["01"])
    assert "another_run" in codes(rows["02"])


def test_a_partial_run_takes_no_entry(tmp_path):
    submit(tmp_path, "a", 1, date="20250101_000000", run="part", limit=3)
    submit(tmp_path, "a", 2, date="20250102_000000", run="whole")
    assert [row.date for row in board(tmp_path).rows if row.ranked] == ["2025-01-02"]


def test_a_name_belongs_to_who_came_first_and_dates_do_not_beat_the_history(tmp_path):
    submit(tmp_path, "first", date="20250601_000000")
    append_rows(tmp_path / "results.csv", board(tmp_path).rows)
    history = read_history(tmp_path / "results.csv")
    submit(tmp_path, "backdated", 2, date="20200101_000000")
    without, with_history = board(tmp_path), board(tmp_path, history)
    assert [row.submission for row in without.rows] == ["backdated"]
    assert [row.submission for row in with_history.rows] == ["first"]
    assert "belongs to first" in str(with_history.refusals[0])
    word = board(tmp_path, history, names={"ACME/seer": "backdated"})
    assert [row.submission for row in word.rows] == ["backdated"]


def test_the_history_gives_names_back_as_they_were(tmp_path):
    submit(tmp_path, "=first", model="=acme/'Seer")
    append_rows(tmp_path / "results.csv", board(tmp_path).rows)
    assert read_history(tmp_path / "results.csv").owners == {"acmeseer": "=first"}


def test_cards_may_be_required(tmp_path):
    write_run(tmp_path / "run", ITEMS, guesser(1, 0.5))
    found = board(tmp_path, cards_required=True)
    assert found.rows == []
    assert "no submission.yaml" in str(found.refusals[0])


def test_a_file_of_the_maintainers(tmp_path):
    file = tmp_path / "board.yaml"
    file.write_text(
        f'datasets: {{rooms: "{SHA256}"}}\nreproduced: [a]\nretracted: {{b: why}}\ncards_required: true\n'
    )
    policy = read_policy(file)
    submit(tmp_path / "s", "a")
    (row,) = gather([tmp_path / "s"], policy=policy).rows
    assert (row.split, row.provenance, row.ranked) == ("rooms", "reproduced", True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("data: {}", "keys out of"),
        ("retracted: {a: 5}", "from text to text"),
        ("reproduced: a", "a list of submissions"),
        ("cards_required: maybe", "true or false"),
        ("names: [", "cannot be read"),
    ],
)
def test_a_bad_file_of_the_maintainers(tmp_path, text, expected):
    (tmp_path / "board.yaml").write_text(text)
    with pytest.raises(DataError, match=expected):
        read_policy(tmp_path / "board.yaml")


def test_the_template_is_a_file_of_the_maintainers(tmp_path):
    from leaderboard.hosting import write_template

    files = write_template(tmp_path / "site")
    assert read_policy(tmp_path / "site" / "board.yaml").cards_required
    assert {file.name for file in files} >= {"README.md", "board.yml", "submission.example.yaml"}
    with pytest.raises(DataError, match="there already"):
        write_template(tmp_path / "site")


def test_data_at_hand_is_known(tmp_path):
    data = write_tree(tmp_path / "data", ITEMS, size=None)
    submit(tmp_path / "s", "a")
    (row,) = gather([tmp_path / "s"], data=data).rows
    assert (row.split, row.ranked) == ("val", True)


def build(results, output, *options):
    return CliRunner().invoke(
        leaderboard, [str(a) for a in (results, "-o", output, "--no-reported", *options)]
    )


def ranked(output):
    with (output / "summary.csv").open(newline="") as lines:
        return {row["model"]: (row["split"], row["rank"]) for row in csv.DictReader(lines) if row["n"]}


def test_the_test_questions_are_pinned_when_they_are_first_at_hand(tmp_path):
    items = as_many_as_released()
    data = write_tree(tmp_path / "data", items, None)
    # Half of them in a run: what a run says of its questions pins nothing, what lies here does.
    write_run(tmp_path / "runs", items[:100], guesser(1, 0.5))
    known = KnownQuestions()
    assert known.name(fingerprint(items), "test") is None
    assert known.first_seen() == {}
    assert build(tmp_path / "runs", tmp_path / "out", "--data", data).exit_code == 0
    assert yaml.safe_load((tmp_path / "out" / "pinned.yaml").read_text()) == {"test": fingerprint(items)}


def test_no_other_questions_take_a_pinned_name(tmp_path):
    items = made_up_items(12, "test")
    changed = [replace(items[0], answer="No" if items[0].answer == "Yes" else "Yes"), *items[1:]]
    data, other = (write_tree(tmp_path / n, i, None) for n, i in (("data", items), ("other", changed)))
    runs, out = tmp_path / "runs", tmp_path / "out"
    write_run(runs / "a", items, guesser(1, 0.5), model="acme/A")
    write_run(runs / "b", changed, guesser(2, 0.9), model="acme/B")
    out.mkdir()
    write_pins(out / "pinned.yaml", {"test": fingerprint(items)})
    for options in ([], ["--data", data]):
        assert build(runs, out, *options).exit_code == 0
        assert ranked(out) == {"acme/A": ("test", "1"), "acme/B": (f"own-{fingerprint(changed)[:8]}", "")}
    refused = build(runs, out, "--data", other)
    assert isinstance(refused.exception, DataError)
    assert str(refused.exception).startswith(
        f"{other}: its test questions ({fingerprint(changed)[:12]}) are not"
    )
    assert read_pins(out / "pinned.yaml") == {"test": fingerprint(items)}


def test_a_part_of_the_test_questions_and_questions_built_here_are_not_pinned(tmp_path, monkeypatch):
    items = made_up_items(12, "test")
    data = write_tree(tmp_path / "data", items, None)
    write_run(tmp_path / "runs", items, guesser(1, 0.5))
    assert gather([tmp_path / "runs"], data=data).first_seen == {}
    # What lies where tasks find it is known as well, but not what was built there.
    monkeypatch.setenv("PANOENV_DATA", str(data))
    assert gather([tmp_path / "runs"]).rows[0].split == "test"
    (data / "panoenv.json").touch()
    assert gather([tmp_path / "runs"]).rows[0].split[:4] == "own-"


@pytest.mark.parametrize("text", ["test: 5", "[test]", "test: ["])
def test_a_damaged_file_of_pins_is_said(tmp_path, text):
    (tmp_path / "pinned.yaml").write_text(text)
    with pytest.raises(DataError, match=r"pinned\.yaml: "):
        read_pins(tmp_path / "pinned.yaml")


def test_what_the_maintainer_names_goes_before_a_pin(tmp_path):
    submit(tmp_path / "subs", "a")
    (tmp_path / "board.yaml").write_text(f'datasets: {{val: "{SHA256}"}}\n')
    (tmp_path / "pinned.yaml").write_text(f'val: "{"ab" * 32}"\n')
    assert build(tmp_path / "subs", tmp_path / "out", "--board", tmp_path / "board.yaml").exit_code == 0
    assert ranked(tmp_path / "out")["acme/Seer"] == ("val", "1")


@pytest.mark.slow
def test_the_bundled_set_is_known_because_it_can_be_built_again(tmp_path):
    items = load_items(data_root("mini"), "mini")
    run = tmp_path / "run"
    write_run(run, items, guesser(1, 0.5))
    (row,) = gather([tmp_path]).rows
    assert (row.split, row.ranked) == ("mini", True)
    other = [replace(item, answer="No") if item.method == "yes_no" else item for item in items]
    write_run(run, other, guesser(1, 0.5))
    (row,) = gather([tmp_path]).rows
    assert (row.split[:4], row.ranked) == ("own-", False)
