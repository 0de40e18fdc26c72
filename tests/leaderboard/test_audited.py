"""What a row owes to the image, from folders of runs under several conditions."""

import csv
import re
from dataclasses import replace

import pytest
from support.boards import board_of
from support.result_folders import guesser, item, made_up_items, tagged, write_run

from leaderboard.columns import columns
from leaderboard.comparisons import with_image_use
from leaderboard.csv_files import append_rows
from leaderboard.publish import render_markdown
from leaderboard.rows import AUDITED
from panoenv_tasks.audit import audit_model, read_model_runs
from panoenv_tasks.blind.guessability import blind_probabilities
from panoenv_tasks.perturb import present

CONDITIONS = ("full", "noimage", "noimage_nobox", "marked", "shuffled", "rot90", "rot180", "rot270")
AT_SEAM = "How far is the chest (boundingbox: [0, 700, 60, 900]) from the viewer?"
ITEMS = made_up_items(24)
ITEMS += [item(i.environment, i.frame, AT_SEAM, "About 3.0 meters") for i in ITEMS[::10]]


def write_runs(root, answers, conditions=CONDITIONS, model="acme/Seer-7B", **options):
    """One folder per condition; ``answers`` makes the model of a condition."""
    for condition in conditions:
        shown = [one.item for one in present(ITEMS, condition)]
        answer = answers(condition)
        write_run(
            root / f"{model.split('/')[-1]}-{condition}",
            shown,
            answer,
            condition=condition,
            base=ITEMS,
            model=model,
            **options,
        )


def looker(condition):
    """Right where it sees the right panorama, else it says No."""
    seen = condition == "full" or condition.startswith("rot")
    return right if seen else (lambda item: tagged("No"))


def right(item):
    """Right, but no distance repeats the gold to the digit, and those at the seam are all wrong."""
    if item.question == AT_SEAM:
        return tagged("9 meters")
    metres = re.search(r"\d+\.\d+", item.answer)
    return tagged(f"{1.02 * float(metres[0]):.3f} meters" if metres else item.answer)


def full_row(root, **options):
    board = board_of(root, **options)
    assert board.refusals == []
    (row,) = [row for row in board.rows if row.condition == "full"]
    return row


@pytest.fixture(scope="module")
def guessed(tmp_path_factory):
    root = tmp_path_factory.mktemp("guessed")
    write_runs(root, lambda condition: guesser(len(condition), 0.6))
    return root


def test_the_measures_are_those_of_the_audit_command(guessed):
    row = full_row(guessed, fit_on=ITEMS)
    (runs,) = read_model_runs([guessed], "strict")
    shares = blind_probabilities(ITEMS, ITEMS, "strict")
    found = audit_model(runs, {i.id: s for i, s in zip(ITEMS, shares, strict=True)}).measures
    assert row.audit.keys() == {*AUDITED}
    for measure, estimate in row.audit.items():
        expected = found[measure]["total"].estimate
        for name in ("mean", "se", "lo", "hi", "n", "clusters"):
            assert getattr(estimate, name) == pytest.approx(getattr(expected, name)), (measure, name)
    gain = found["multimodal_gain"]["total"].estimate
    assert (row.gain.estimate.mean, row.gain.estimate.lo) == pytest.approx((gain.mean, gain.lo))
    # Nothing that was measured is nothing: a column that took another's place would show.
    assert len({round(estimate.mean, 9) for estimate in row.audit.values()}) == len(AUDITED)


def test_a_model_that_looks(tmp_path):
    write_runs(tmp_path, looker)
    row = full_row(tmp_path)
    at_seam, said_no = 24, sum(one.answer == "No" for one in ITEMS)
    assert row.gain.estimate.mean == pytest.approx((264 - at_seam - said_no) / 264)
    assert {measure: found.mean for measure, found in row.audit.items()} == pytest.approx(
        {
            "coordinate_gain": 0.0,
            "marked_gain": 0.0,
            "flips_above_repeat": (264 - said_no) / 264,
            "rotation_loss": 0.0,
        }
    )


def test_what_was_not_run_is_empty_and_never_0(tmp_path):
    write_runs(tmp_path, looker, ("full", "noimage", "rot90"))
    flat = columns(full_row(tmp_path))
    assert flat["multimodal_gain"] > 0.5
    for measure in (
        "coordinate_gain",
        "marked_gain",
        "flips_above_repeat",
        "rotation_loss",
        "blind_adjusted",
    ):
        assert [flat[f"{measure}{end}"] for end in ("", "_lo", "_hi")] == [None] * 3


def test_only_a_models_own_runs_with_the_same_prompts_tell(tmp_path):
    def other_prompts(line):
        line["panoenv"]["run"] = {**line["panoenv"]["run"], "prompts_sha256": "e" * 64}

    write_runs(tmp_path, looker, ("full", "noimage"))
    write_runs(tmp_path, looker, ("noimage_nobox",), model="acme/Other")
    write_runs(tmp_path, looker, ("shuffled",), edit=other_prompts)
    row = full_row(tmp_path)
    assert row.gain is not None
    assert not row.audit.keys() & {"coordinate_gain", "flips_above_repeat"}


def test_runs_on_restored_panoramas_are_held_against_their_like(tmp_path):
    def on_restored(line):
        shares = {"three": 1.0, "two": 0.0, "one": 0.0, "none": 0.0}
        kind = {"erp": "restored"}.get(line["panoenv"]["image"]["kind"], line["panoenv"]["image"]["kind"])
        line["panoenv"]["image"] = {"kind": kind, "panorama": "restored", "confirmed": shares}

    write_runs(tmp_path, looker, ("full", "noimage"))
    write_runs(tmp_path, looker, ("shuffled", "rot90", "rot180", "rot270"), edit=on_restored)
    row = full_row(tmp_path)
    assert row.gain is not None, "a run without pictures goes with both"
    assert not row.audit.keys() & {"flips_above_repeat", "rotation_loss"}


def test_a_partial_run_tells_nothing(tmp_path):
    write_runs(tmp_path, looker, ("full",))
    write_runs(tmp_path, looker, ("noimage",), limit=5)
    assert full_row(tmp_path).gain is None


def test_a_model_that_recalls_the_gold_is_shown_with_what_it_owes(tmp_path):
    write_runs(tmp_path, lambda condition: lambda one: tagged(one.answer if condition == "full" else "No"))
    row = full_row(tmp_path)
    assert "gold_copied" in {flag.code for flag in row.flags}
    assert row.audit["rotation_loss"].mean > 0.3
    assert row.gain.estimate.mean > 0.5


def test_a_row_of_which_more_is_known_is_a_new_line(tmp_path):
    file = tmp_path / "results.csv"
    write_runs(tmp_path / "runs", looker, ("full",))
    assert append_rows(file, board_of(tmp_path / "runs").rows) == 1
    write_runs(tmp_path / "runs", looker, ("noimage",))
    assert append_rows(file, board_of(tmp_path / "runs").rows) == 2
    assert append_rows(file, board_of(tmp_path / "runs").rows) == 0
    with file.open(newline="") as lines:
        rows = [(row["condition"], row["multimodal_gain"] != "") for row in csv.DictReader(lines)]
    assert rows == [("full", False), ("full", True), ("noimage", False)]


def test_a_file_of_an_older_version_gets_the_columns_it_lacks(tmp_path):
    file, old = tmp_path / "results.csv", tmp_path / "old.csv"
    write_runs(tmp_path / "runs", looker, ("full",))
    append_rows(old, board_of(tmp_path / "runs").rows)
    with old.open(newline="") as lines:
        written = list(csv.reader(lines))
    kept = written[0].index("multimodal_gain")
    with file.open("w", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows(line[:kept] for line in written)
    write_runs(tmp_path / "runs", looker, ("noimage",))
    assert append_rows(file, board_of(tmp_path / "runs").rows) == 2
    with file.open(newline="") as lines:
        found = list(csv.reader(lines))
    assert found[0] == written[0]
    assert found[1] == written[1][:kept] + [""] * (len(written[0]) - kept)
    assert {len(line) for line in found} == {len(written[0])}


def test_markdown_has_a_table_of_it_where_there_is_something(tmp_path, guessed):
    board = board_of(guessed)
    text = render_markdown(board.rows, [], [])
    (line,) = [
        line for line in text.splitlines() if line.startswith("| acme/Seer-7B") and line.count("(") > 4
    ]
    row = full_row(guessed)
    assert f"| {100 * row.audit['flips_above_repeat'].mean:.1f} (" in line
    assert f"| {100 * row.audit['rotation_loss'].mean:+.1f} (" in line
    write_runs(tmp_path, looker, ("full",))
    assert "rotation loss" not in render_markdown(board_of(tmp_path).rows, [], [])


def test_only_runs_of_one_submission_tell_about_a_model(tmp_path):
    write_runs(tmp_path, looker, ("full", "noimage"))
    rows = board_of(tmp_path).rows
    apart = [replace(row, gain=None, submission=row.condition) for row in rows]
    assert [row.gain for row in with_image_use(apart)] == [None, None]
    together = [replace(row, gain=None, submission="one") for row in rows]
    assert sum(row.gain is not None for row in with_image_use(together)) == 1
