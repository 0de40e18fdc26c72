"""What only the maintainer can say, and what the board's own history settles."""

from dataclasses import replace

import pytest
from support.boards import knowing
from support.result_folders import guesser, made_up_items, write_run

from leaderboard.board import gather
from leaderboard.csv_files import append_rows, read_history
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
    from support.small_tree import write_tree

    data = write_tree(tmp_path / "data", ITEMS, size=None)
    submit(tmp_path / "s", "a")
    (row,) = gather([tmp_path / "s"], data=data).rows
    assert (row.split, row.ranked) == ("val", True)


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
