"""Every way in which a run can be unfit: refused or marked, in one line, and the good row still comes."""

import json

import pytest
from support.boards import board_of
from support.result_folders import DATE, guesser, tagged, write_run

from leaderboard.board import gather
from panoenv_tasks.blind import answer as blind_answer
from panoenv_tasks.items import DataError


def refused(folder, expected):
    """Gathers the folder beside a good run; returns the one refusal, which holds ``expected``."""
    folder.add("good", model="acme/Good")
    board = board_of(folder.path)
    assert [row.model for row in board.rows] == ["acme/Good"]
    assert len(board.refusals) == 1
    line = str(board.refusals[0])
    assert expected in line
    assert "\n" not in line
    return line


def flags(folder):
    board = board_of(folder.path)
    assert not board.refusals
    return {flag.code: flag.message for flag in board.rows[0].flags}, board.rows[0]


def test_a_clean_run_has_no_doubt(run_folder):
    run_folder.add()
    found, row = flags(run_folder)
    assert found == {}
    assert row.ranked
    assert row.provenance == "unverified"


def test_questions_that_nobody_here_knows_are_not_ranked_nor_named_after_a_released_split(run_folder):
    run_folder.add()
    (row,) = gather([run_folder.path]).rows
    assert {flag.code: flag.message for flag in row.flags} == {
        "unknown_dataset": "not the released val questions"
    }
    assert row.split == f"own-{row.setup.dataset_sha256[:8]}"
    assert not row.ranked


def test_partial_run_is_marked_and_not_ranked(run_folder):
    run_folder.add(limit=4)
    found, row = flags(run_folder)
    assert "of 60 questions" in found["partial"]
    assert not row.ranked


def test_partial_run_is_held_to_a_whole_one(run_folder):
    run_folder.add("whole", model="acme/Whole")
    run_folder.add("part", model="acme/Part", limit=4)
    board = board_of(run_folder.path)
    part = next(row for row in board.rows if row.model == "acme/Part")
    assert {f.code for f in part.flags} == {"partial"}
    assert part.counts.n == 20


def test_altered_question_in_a_partial_run_is_refused(run_folder):
    def edit(line):
        if line["panoenv"]["method"] == "mcq":
            line["panoenv"]["answer"] = "The barrel"

    run_folder.add("part", model="acme/Part", limit=4, edit=edit)
    refused(run_folder, "differ from dataset")


def test_changed_gold_is_refused(run_folder):
    def edit(line):
        if line["panoenv"]["method"] == "yes_no":
            line["panoenv"]["answer"] = "Yes"

    run_folder.add("altered", edit=edit)
    refused(run_folder, "the samples were altered")


def test_changed_gold_is_refused_without_a_good_run(run_folder):
    def edit(line):
        if line["panoenv"]["method"] == "yes_no":
            line["panoenv"]["answer"] = "Yes"

    run_folder.add("altered", edit=edit)
    board = board_of(run_folder.path)
    assert not board.rows
    assert "do not add up to the recorded dataset" in str(board.refusals[0])


def test_category_that_contradicts_the_wording_is_refused(run_folder):
    def edit(line):
        if line["panoenv"]["subcategory"] == "distance_description":
            line["panoenv"]["subcategory"] = "depth_binary"

    run_folder.add("altered", edit=edit)
    board = board_of(run_folder.path)
    assert "another sub-category" in str(board.refusals[0])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("question_type", "essay"),
        ("method", "vibes"),
        ("category", "colour"),
        # A category there is, of other questions.
        ("category", "environment"),
    ],
)
def test_a_word_outside_the_vocabulary_is_refused(run_folder, field, value):
    def edit(line):
        if line["panoenv"]["subcategory"] == "distance_description":
            line["panoenv"][field] = value

    run_folder.add("altered", edit=edit)
    (line,) = map(str, board_of(run_folder.path).refusals)
    assert "unknown question type, method or category" in line


def test_stored_scores_are_not_believed(run_folder):
    def edit(line):
        line["panoenv"]["paper"] = 1.0

    run_folder.add("cheat", guesser(1, 0.2), edit=edit)
    refused(run_folder, "stored paper scores are not what the texts give")


@pytest.mark.parametrize("task", ["panoenv_val_distance", "panoenv_val"])
@pytest.mark.parametrize("metric", ["acc", "acc_strict"])
def test_stored_totals_are_not_believed(run_folder, task, metric):
    folder = run_folder.add("cheat")
    path = folder / f"{DATE}_results.json"
    content = json.loads(path.read_text())
    content["results"].setdefault(task, {})[f"{metric},none"] = 0.999
    path.write_text(json.dumps(content))
    line = refused(run_folder, "is not what its samples give")
    assert f"stored {metric} 0.9990 of {task} " in line


@pytest.mark.parametrize(("off_by", "believed"), [(0.00009, True), (-0.00009, True), (0.0002, False)])
def test_stored_totals_may_be_rounded(run_folder, off_by, believed):
    folder = run_folder.add("rounded", lambda item: tagged(item.answer))
    path = folder / f"{DATE}_results.json"
    content = json.loads(path.read_text())
    content["results"].setdefault("panoenv_val", {})["acc_strict,none"] = 1.0 - off_by
    path.write_text(json.dumps(content))
    assert bool(board_of(run_folder.path).refusals) is not believed


def test_duplicate_samples_are_refused(run_folder):
    folder = run_folder.add("twice")
    file = next(folder.glob("*_distance.jsonl"))
    file.write_text(file.read_text() + file.read_text().splitlines()[0] + "\n")
    refused(run_folder, "1 duplicate samples")


def test_the_same_samples_count_once(run_folder, items):
    run_folder.add("good", model="acme/Good")
    write_run(run_folder.path / "copy", items, guesser(len("good"), 0.5), model="acme/Good")
    board = board_of(run_folder.path)
    assert len(board.rows) == 1
    assert "counted once" in str(board.refusals[0])


@pytest.mark.parametrize("name", ["dataset_sha256", "prompts_sha256", "prompts", "dataset_items"])
def test_mixed_setups_are_refused(run_folder, name):
    def edit(line):
        if line["panoenv"]["method"] == "mcq":
            line["panoenv"]["run"] = {**line["panoenv"]["run"], name: 61 if "items" in name else "other"}

    run_folder.add("mixed", edit=edit)
    refused(run_folder, f"mixed {name}")


def test_a_model_without_its_image_is_refused(run_folder):
    def edit(line):
        line["panoenv"]["image"] = {**line["panoenv"]["image"], "kind": "none"}

    run_folder.add("imageless", edit=edit)
    refused(run_folder, "condition full asks for image kind erp, but 60 samples were made with none")


def test_all_samples_without_a_picture_are_counted_whatever_else_their_records_say(run_folder):
    def none_of_several_sizes(line):
        limit = 100_352 if line["panoenv"]["method"] == "mcq" else 3_276_800
        line["panoenv"]["image"].update(kind="none", max_pixels=limit)

    run_folder.add(edit=none_of_several_sizes)
    refused(run_folder, "but 60 samples were made with none")


def test_a_blind_baseline_needs_no_image(run_folder):
    def edit(line):
        line["panoenv"]["image"] = {**line["panoenv"]["image"], "kind": "none"}

    run_folder.add("blind", answer=blind_answer, backend="panoenv_blind", edit=edit)
    _, row = flags(run_folder)
    assert row.role == "blind"
    assert row.ranked


def test_failed_requests_are_counted_and_keep_a_row_from_its_rank(run_folder):
    def edit(line):
        if line["panoenv"]["method"] == "distance":
            line["panoenv"].update(text="", error="HTTP 500", paper=None, strict=None, format=None)

    run_folder.add(answer=lambda item: tagged(item.answer), edit=edit)
    folder = next(run_folder.path.iterdir())
    (folder / f"{DATE}_results.json").unlink()
    found, row = flags(run_folder)
    assert "6 requests failed" in found["requests_failed"]
    assert row.counts.errors == 6
    assert row.paper["acc"].n == 54
    assert row.paper["acc"].mean == 1.0
    assert "oe_distance" not in row.paper
    assert not row.ranked


def test_unreadable_answers_are_marked(run_folder):
    bare = "I see {0}. I see more than that."
    run_folder.add(answer=lambda i: bare.format(i.answer) if i.method == "mcq" else tagged(i.answer))
    found, row = flags(run_folder)
    assert found["unparsed"] == "40.0 % of answers could not be read"
    assert row.counts.statuses == {"answered": 36, "no_answer_tag": 24}
    assert row.strict["mcq"].mean == 0.0


def test_untagged_answers_are_read_and_counted(run_folder):
    run_folder.add(answer=lambda item: item.answer if item.method == "mcq" else tagged(item.answer))
    found, row = flags(run_folder)
    assert "unparsed" not in found
    assert row.counts.statuses == {"answered": 36, "untagged": 24}
    assert (row.paper["mcq"].mean, row.strict["mcq"].mean) == (0.0, 1.0)


def test_copied_gold_is_marked(tmp_path):
    from support.result_folders import made_up_items

    write_run(tmp_path / "r", made_up_items(20), lambda item: tagged(item.answer))
    row = board_of(tmp_path).rows[0]
    assert "gold_copied" in {flag.code for flag in row.flags}
    assert not row.ranked


def test_low_resolution_is_said(run_folder):
    def edit(line):
        line["panoenv"]["image"] = {**line["panoenv"]["image"], "max_pixels": 1605632}

    run_folder.add(edit=edit)
    found, row = flags(run_folder)
    assert "1,605,632 of 3,276,800" in found["low_pixels"]
    assert row.ranked


def restored(kind, confirmed):
    shares = {"three": confirmed, "two": 1 - confirmed, "one": 0.0, "none": 0.0}
    return {"kind": kind, "width": 2560, "height": 1280, "panorama": "restored", "confirmed": shares}


def test_restored_panoramas_are_said_with_their_confidence(run_folder):
    def edit(line):
        line["panoenv"]["image"] = restored("restored", 0.5 if line["panoenv"]["method"] == "mcq" else 1.0)

    run_folder.add(edit=edit)
    found, row = flags(run_folder)
    assert found["restored"] == "panoramas restored from drawings (80.00 % confirmed thrice)"
    assert row.setup.panorama == "restored"
    assert row.ranked


def test_raw_and_restored_panoramas_are_not_one_run(run_folder):
    def edit(line):
        if line["panoenv"]["method"] == "mcq":
            line["panoenv"]["image"] = restored("restored", 1.0)

    run_folder.add("mixed", edit=edit)
    refused(run_folder, "different panoramas (erp, restored)")


def test_a_picture_for_some_questions_only_is_refused_in_words(run_folder):
    def edit(line):
        if line["panoenv"]["method"] == "mcq":
            line["panoenv"]["image"] = {"kind": "none"}

    run_folder.add("mixed", edit=edit)
    refused(run_folder, "different panoramas (erp, none recorded); run again")


def test_other_protocols_are_scored_again(run_folder):
    def edit(line):
        line["panoenv"]["run"] = {**line["panoenv"]["run"], "protocols": ["paper@0"]}
        line["panoenv"]["paper"] = 0.0

    run_folder.add(answer=lambda item: tagged(item.answer), edit=edit)
    found, row = flags(run_folder)
    assert "other_protocol" in found
    assert row.paper["acc"].mean == 1.0


def test_samples_without_a_results_file_still_count(run_folder):
    folder = run_folder.add("seer-7b")
    (folder / f"{DATE}_results.json").unlink()
    found, row = flags(run_folder)
    assert "no_results_file" in found
    assert row.model == "seer-7b"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"panoenv": {"schema": 1', "not JSON"),
        ("[1, 2]\n", "no complete panoenv record"),
        ('{"doc_id": 0}\n', "no complete panoenv record"),
        ('{"panoenv": {"schema": 2, "id": "x"}}\n', "no complete panoenv record"),
        ("", "cut short"),
        ("\x00\xff", "not JSON"),
    ],
)
def test_broken_sample_files_are_refused(run_folder, content, expected):
    folder = run_folder.add("broken")
    next(folder.glob("*_distance.jsonl")).write_text(content, encoding="latin-1")
    refused(run_folder, expected)


def test_a_truncated_line_is_named(run_folder):
    folder = run_folder.add("broken")
    file = next(folder.glob("*_distance.jsonl"))
    file.write_text(file.read_text()[:-300])
    assert f"{file.name}:24" in refused(run_folder, "truncated")


def test_broken_results_file_is_refused(run_folder):
    folder = run_folder.add("broken")
    (folder / f"{DATE}_results.json").write_text('{"results": ')
    refused(run_folder, "not JSON")


def test_a_bad_submission_card_is_refused(run_folder):
    folder = run_folder.add("submitted")
    (folder / "submission.yaml").write_text("model: 5\n")
    refused(run_folder, "model has an unexpected type")


def test_a_link_out_of_the_folder_is_refused(run_folder, tmp_path):
    folder = run_folder.add("linked")
    file = next(folder.glob("*_distance.jsonl"))
    file.rename(tmp_path / "elsewhere.jsonl")
    file.symlink_to(tmp_path / "elsewhere.jsonl")
    run_folder.add("good", model="acme/Good")
    board = board_of(run_folder.path)
    assert any("leads out of the results folder" in str(r) for r in board.refusals)


def test_nothing_to_read_is_an_error(tmp_path):
    with pytest.raises(DataError, match="--log_samples"):
        board_of(tmp_path)
    with pytest.raises(DataError, match="no such file"):
        board_of(tmp_path / "nowhere")


def test_other_benchmarks_samples_are_left_alone(run_folder):
    folder = run_folder.add()
    (folder / f"{DATE}_samples_mme.jsonl").write_text("not ours")
    assert len(board_of(run_folder.path).rows) == 1


def test_an_unknown_condition_is_refused(run_folder):
    def edit(line):
        line["panoenv"]["run"] = {**line["panoenv"]["run"], "condition": "upside_down"}

    run_folder.add("odd", edit=edit)
    refused(run_folder, "unknown condition 'upside_down'")
