"""Submissions that a dishonest, or unlucky, sender might try, and what the board does with each.

Whatever is sent, the board is written, the honest submission keeps its row and its figures, and nothing that
was sent is ranked under false pretences unless it cannot be known. ``docs/leaderboard.md`` lists them all.
"""

import csv
import json
import os
import random
import re
from dataclasses import replace

import pytest
from support.boards import knowing
from support.result_folders import DATE, guesser, made_up_items, sample, tagged, write_run

from judges.records import JudgedSample, Verdict, write_verdicts
from leaderboard.board import gather
from leaderboard.publish import publish
from panoenv_tasks.blind import answer as blind_answer
from panoenv_tasks.items import fingerprint
from panoenv_tasks.perturb import present
from panoenv_tasks.perturb.coordinates import resized
from panoenv_tasks.prompts import load_pack
from panoenv_tasks.records import read_samples

ITEMS = made_up_items(12)
CARD = "submitter: Rival\ntraining_data: none\n"
DEEP = 200_000


def honest(root):
    write_run(root / "honest" / "full", ITEMS, guesser(1, 0.6), model="acme/Honest")
    write_run(root / "honest" / "noimage", ITEMS, guesser(2, 0.3), model="acme/Honest", condition="noimage")
    (root / "honest" / "submission.yaml").write_text("submitter: Acme\ntraining_data: none\n")


def rival(root, name="run", answer=None, card=CARD, **options):
    folder = root / "rival" / name
    options.setdefault("model", "rival/Model")
    write_run(folder, options.pop("items", ITEMS), answer or guesser(5, 0.5), **options)
    if card:
        (root / "rival" / "submission.yaml").write_text(card)
    return folder


def samples_of(folder, task="distance"):
    return next(folder.glob(f"*_samples_*_{task}*.jsonl"))


def rewrite(folder, change):
    """Changes every sample line of a run with ``change``; a line for which it returns False goes."""
    for file in folder.glob("*_samples_*"):
        lines = [json.loads(line) for line in file.read_text().splitlines()]
        kept = [line for line in lines if change(line) is not False]
        file.write_text("".join(json.dumps(line) + "\n" for line in kept))


def without_results(folder):
    (folder / f"{DATE}_results.json").unlink()
    return folder


def results_of(folder, **changes):
    file = folder / f"{DATE}_results.json"
    content = json.loads(file.read_text())
    for key, value in changes.items():
        content[key] = value
    file.write_text(json.dumps(content))


# Shape of the files.


def deep_sample(root):
    samples_of(rival(root)).write_text('{"x": ' + "[" * DEEP + "]" * DEEP + "}\n")


def deep_results(root):
    (rival(root) / f"{DATE}_results.json").write_text("[" * DEEP + "]" * DEEP)


def results_is_a_folder(root):
    (without_results(rival(root)) / f"{DATE}_results.json").mkdir()


def results_is_a_pipe(root):
    os.mkfifo(without_results(rival(root)) / f"{DATE}_results.json")


def samples_are_a_pipe(root):
    file = samples_of(rival(root))
    file.unlink()
    os.mkfifo(file)


def card_is_a_pipe(root):
    rival(root, card=None)
    os.mkfifo(root / "rival" / "submission.yaml")


def deep_card(root):
    rival(root, card="notes: " + "[" * 5000)


def card_of_aliases(root):
    levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))
    rival(root, card=f"a0: &a0 x\n{levels}")


def huge_card(root):
    rival(root, card="notes: " + "x" * 100_000)


def endless_line(root):
    with samples_of(rival(root)).open("a") as file:
        file.write("x" * (3 << 20))


def huge_file(root):
    os.truncate(samples_of(rival(root)), 300 << 20)


def link_out(root):
    file = samples_of(rival(root))
    file.rename(root.parent / "elsewhere.jsonl")
    file.symlink_to(root.parent / "elsewhere.jsonl")


def not_utf8(root):
    samples_of(rival(root)).write_bytes(b'{"panoenv": "\xff"}\n')


def endless_tokens(root):
    rewrite(rival(root), lambda line: line.update(token_counts=[{"input_tokens": 10**30}]))


def time_is_no_number(root):
    folder = rival(root)
    file = folder / f"{DATE}_results.json"
    file.write_text(file.read_text().replace('"1834.5"', "NaN"))
    results_of(folder, total_evaluation_time_seconds="nan")


def size_is_no_number(root):
    rival(root, card=CARD + "params_b: .nan\n")


# Whose name, whose words.


def takes_a_name(root):
    rival(root, model="acme/Honest", condition="noimage", answer=guesser(7, 0.9))


def spells_a_name_another_way(root):
    rival(root, model="ACME\u2044hon\u200best")


def cyrillic_letter(root):
    rival(root, model="acme/H\u043enest-2")


def name_of_a_baseline(root):
    rival(root, model="PanoEnv Blind")


def plays_the_blind_baseline(root):
    rival(root, answer=guesser(5, 0.02), model="panoenv_blind", backend="panoenv_blind")


def oracle_by_another_name(root):
    gold = lambda item: tagged(item.answer)  # noqa: E731
    rival(root, answer=gold, backend="panoenv_oracle", card=CARD + "model: rival/Best\n")


def name_that_turns_the_line(root):
    rival(root, model="rival/\u202egnp.exe")


def formula_for_a_name(root):
    rival(root, model="=cmd|' /C calc'!A0<script>alert(1)</script>")


def grants_itself_the_word(root):
    rival(root, card=CARD + "provenance: reproduced\n")


def best_of_three(root):
    for number, skill in enumerate((0.3, 0.5, 0.9)):
        rival(root, f"run{number}", guesser(number, skill), date=f"2025010{number + 1}_101500")


def best_of_three_with_a_card_each(root):
    best_of_three(root)
    for number in range(3):
        (root / "rival" / f"run{number}" / "submission.yaml").write_text(CARD)


def copies_another_submission(root):
    write_run(root / "rival" / "run", ITEMS, guesser(1, 0.6), model="rival/Model")
    (root / "rival" / "submission.yaml").write_text(CARD)


def copies_in_other_words(root):
    guess = guesser(1, 0.6)
    rival(
        root, answer=lambda item: guess(item).replace("Seen in", "I looked at").replace("</A", ".</A").upper()
    )


def submits_the_blind_answers(root):
    rival(root, answer=blind_answer)


# The questions.


def deletes_hard_questions(root):
    folder = without_results(rival(root, answer=lambda item: tagged(item.answer)))

    def easy(line):
        line["panoenv"]["run"]["condition_items"] = 108
        return line["panoenv"]["method"] != "distance"

    rewrite(folder, easy)


def turned_subset_states_its_own_size(root):
    turned = [shown.item for shown in present(ITEMS, "rot90")]
    chosen = [item for item in turned if item.method == "yes_no"]
    rival(root, items=chosen, base=ITEMS, condition="rot90", answer=lambda item: tagged(item.answer))


def own_questions_under_a_released_name(root):
    own = [item for item in ITEMS if item.question_type == "true_false"]
    rival(root, items=own, answer=lambda item: tagged(item.answer))


def own_questions_with_anothers_fingerprint(root):
    own = [replace(item, answer="Yes") if item.method == "yes_no" else item for item in ITEMS]
    rival(root, items=own, base=ITEMS, answer=lambda item: tagged(item.answer))


def changes_golds(root):
    def change(line):
        if line["panoenv"]["method"] == "yes_no":
            line["panoenv"]["answer"] = "Yes"

    rewrite(without_results(rival(root)), change)


def mixes_two_datasets(root):
    def change(line):
        if line["panoenv"]["method"] == "mcq":
            line["panoenv"]["run"]["dataset_sha256"] = "0" * 64

    rewrite(rival(root), change)


def answers_twice(root):
    file = samples_of(rival(root))
    file.write_text(file.read_text() * 2)


def unknown_condition(root):
    rewrite(rival(root), lambda line: line["panoenv"]["run"].update(condition="easy"))


def drops_failures(root):
    def fail(line):
        if line["panoenv"]["strict"] != 1.0:
            line["panoenv"].update(text="", error="HTTP 500", paper=None, strict=None, format=None)

    rewrite(without_results(rival(root)), fail)


# The answers.


def copies_the_golds(root):
    rival(root, answer=lambda item: tagged(item.answer), items=made_up_items(24))


def metres_of(item):
    return float(re.search(r"\d+\.\d+", item.answer)[0])


def nearly_copies_the_golds(root):
    rng = random.Random(1)

    def near(item):
        if item.method != "distance":
            return guesser(5, 0.5)(item)
        return tagged(f"{metres_of(item) * rng.uniform(0.996, 1.004):.3f} meters")

    rival(root, answer=near, items=made_up_items(24))


def copies_the_golds_in_centimetres(root):
    def other_unit(item):
        return (
            tagged(f"{100 * metres_of(item):.0f} cm") if item.method == "distance" else guesser(5, 0.5)(item)
        )

    rival(root, answer=other_unit, items=made_up_items(24))


def all_right_without_one_exact_distance(root):
    def right(item):
        return tagged(f"{1.05 * metres_of(item):.1f} meters" if item.method == "distance" else item.answer)

    rival(root, answer=right)


def raises_stored_scores(root):
    rewrite(rival(root, answer=guesser(5, 0.1)), lambda line: line["panoenv"].update(paper=1.0, strict=1.0))


def raises_stored_totals(root):
    results_of(rival(root), results={"panoenv_val_distance": {"acc,none": 0.99}})


# What the model was shown.


def names_the_gold_in_the_prompt(root):
    rewrite(rival(root), lambda line: line.update(input=f"{line['input']} (It is {line['target']}.)"))


def asks_something_else(root):
    rewrite(rival(root), lambda line: line.update(input="Say No."))


def shows_hidden_boxes(root):
    folder = rival(root, condition="noimage_nobox")
    rewrite(folder, lambda line: line.update(input=line["panoenv"]["question"]))


def other_words_under_our_prompts_hash(root):
    sha256 = load_pack().sha256
    rewrite(rival(root), lambda line: line["panoenv"]["run"].update(prompts_sha256=sha256))


def boxes_printed_for(root, printed, recorded, seen):
    """A run under ``seen``: the size its prompts count pixels of, the one it states, and the model's own."""

    def change(line):
        record = line["panoenv"]
        line["input"] = f"{resized(record['question'], printed)}\nAnswer in the requested form."
        record["run"].update(boxes_in_pixels_of=list(recorded))
        record["image"].update(seen={"width": seen[0], "height": seen[1]})

    rewrite(rival(root, condition="seen"), change)


def boxes_for_another_size_than_is_recorded(root):
    boxes_printed_for(root, printed=(1568, 784), recorded=(2548, 1260), seen=(2548, 1260))


def boxes_for_another_size_than_was_seen(root):
    boxes_printed_for(root, printed=(1568, 784), recorded=(1568, 784), seen=(2548, 1260))


def boxes_for_the_size_that_was_seen(root):
    boxes_printed_for(root, printed=(2548, 1260), recorded=(2548, 1260), seen=(2548, 1260))


def does_not_say_what_it_asked(root):
    rewrite(rival(root), lambda line: line.pop("input") and None)


def no_picture(root):
    rewrite(rival(root), lambda line: line["panoenv"]["image"].update(kind="none"))


def small_pictures_for_some(root):
    def shrink(line):
        if line["panoenv"]["method"] == "mcq":
            line["panoenv"]["image"]["max_pixels"] = 100_352

    rewrite(rival(root), shrink)


def size_of_picture_left_out(root):
    rewrite(rival(root), lambda line: line["panoenv"].update(image={"kind": "erp"}))


def dated_ahead(root):
    rival(root, date="29990101_000000")


def no_such_date(root):
    rival(root, date="20259999_999999")


# Judges.


def judged(root, **fields):
    folder = rival(root)
    samples = [s for file in sorted(folder.glob("*_samples_*")) for s in read_samples(file)]
    entries = [
        JudgedSample(
            "qscore/strict@2",
            s,
            Verdict(**{"status": "scored", "score": 10.0, "raw": "Score: 10", "judge_id": "J", **fields}),
        )
        for s in samples
    ]
    write_verdicts(folder / "judged" / "q.verdicts.jsonl", entries)
    return folder / "judged" / "q.verdicts.jsonl"


def raises_verdicts(root):
    judged(root, raw="Score: 2")


def links_to_verdicts_elsewhere(root):
    file = judged(root)
    file.rename(root.parent / "elsewhere.jsonl")
    file.symlink_to(root.parent / "elsewhere.jsonl")


def verdicts_are_no_numbers(root):
    judged(root, score=float("nan"))


def deep_verdicts(root):
    judged(root).write_text("[" * DEEP + "]" * DEEP + "\n")


def verdicts_without_words(root):
    judged(root, raw="")


# What cannot be known.


def trained_on_the_test_questions(root):
    rng = random.Random(3)
    rival(root, answer=lambda item: guesser(rng.random(), 0.8)(item))


def answers_of_a_person(root):
    rival(root, answer=guesser(11, 0.85))


def right_but_for_enough_mistakes(root):
    rng = random.Random(4)

    def cautious(item):
        if item.method == "distance":
            return tagged(f"{rng.uniform(0.92, 1.08) * metres_of(item):.1f} meters")
        return guesser(rng.random(), 0.9)(item)

    rival(root, answer=cautious)


REFUSED = {
    deep_sample: "nested too deep",
    deep_results: "nested too deep",
    results_is_a_folder: "not a regular file",
    results_is_a_pipe: "not a regular file",
    samples_are_a_pipe: "not a regular file",
    card_is_a_pipe: "no submission.yaml",
    deep_card: "not YAML",
    card_of_aliases: "expected a mapping with keys",
    huge_card: "at most 0.0625 MB",
    endless_line: "a line of more than 1 MB",
    huge_file: "at most 256 MB",
    link_out: "leads out of the results folder",
    not_utf8: "no complete panoenv record",
    endless_tokens: "no complete panoenv record",
    size_is_no_number: "no number of parameters",
    takes_a_name: "belongs to honest",
    spells_a_name_another_way: "belongs to honest",
    cyrillic_letter: "mixes letters of CYRILLIC and LATIN",
    name_of_a_baseline: "one of this project's own models",
    plays_the_blind_baseline: "calls itself panoenv_blind, but",
    grants_itself_the_word: "expected a mapping with keys",
    own_questions_with_anothers_fingerprint: "do not add up|differ from dataset",
    changes_golds: "the samples were altered",
    mixes_two_datasets: "mixed dataset_sha256",
    answers_twice: "duplicate samples",
    unknown_condition: "unknown condition 'easy'",
    raises_stored_scores: "are not what the texts give",
    raises_stored_totals: "is not what its samples give",
    no_picture: "samples were made with none",
    raises_verdicts: "the judge's reply gives 2",
    links_to_verdicts_elsewhere: "leads out of the results folder",
    verdicts_are_no_numbers: "scores outside 0 to 10",
    deep_verdicts: "cannot be read",
}
UNRANKED = {
    oracle_by_another_name: None,
    best_of_three: "another_run",
    best_of_three_with_a_card_each: "another_run",
    deletes_hard_questions: "partial",
    turned_subset_states_its_own_size: "partial",
    own_questions_under_a_released_name: "unknown_dataset",
    drops_failures: "requests_failed",
    copies_the_golds: "gold_copied",
    nearly_copies_the_golds: "gold_copied",
    copies_the_golds_in_centimetres: "gold_copied",
    names_the_gold_in_the_prompt: "other_input",
    asks_something_else: "other_input",
    shows_hidden_boxes: "other_input",
    other_words_under_our_prompts_hash: "other_input",
    boxes_for_another_size_than_is_recorded: "other_input",
    boxes_for_another_size_than_was_seen: "other_input",
}
FLAGGED = {
    copies_another_submission: "like_another",
    copies_in_other_words: "like_another",
    submits_the_blind_answers: "like_blind",
    all_right_without_one_exact_distance: "all_right",
    does_not_say_what_it_asked: "no_input",
    small_pictures_for_some: "low_pixels",
    size_of_picture_left_out: "unknown_pixels",
    dated_ahead: "odd_date",
    no_such_date: "odd_date",
}
#: Shown like any other: made harmless, honest after all, or not to be told from an honest run.
SHOWN = (
    boxes_for_the_size_that_was_seen,
    time_is_no_number,
    name_that_turns_the_line,
    formula_for_a_name,
    verdicts_without_words,
    trained_on_the_test_questions,
    answers_of_a_person,
    right_but_for_enough_mistakes,
)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    root = tmp_path_factory.mktemp("alone")
    honest(root)
    return {row.condition: row for row in gather([root], policy=knowing(root)).rows}


def sent(root, attempt, alone):
    """Makes the submission beside an honest one and writes the board; returns it with the rival's rows."""
    root = root / "submissions"
    honest(root)
    attempt(root)
    known = {fingerprint(ITEMS): "val", fingerprint(made_up_items(24)): "val"}
    board = gather([root], policy=replace(knowing(root), datasets=known, cards_required=True))
    files = publish(board, [], {}, root.parent / "out")
    content = json.loads(files["json"].read_text("utf-8"), parse_constant=pytest.fail)
    assert "acme/Honest" in files["page"].read_text("utf-8")
    with files["csv"].open(encoding="utf-8", newline="") as lines:
        assert {line["model"] for line in csv.DictReader(lines)} >= {"acme/Honest"}
    assert len(content["rows"]) == len(board.rows)
    ours = {row.condition: row for row in board.rows if row.submission == "honest"}
    assert ours.keys() == alone.keys()
    for condition, row in ours.items():
        assert (row.strict, row.gain, row.flags) == (
            alone[condition].strict,
            alone[condition].gain,
            alone[condition].flags,
        )
        assert row.ranked
    return board, [row for row in board.rows if row.submission != "honest"]


@pytest.mark.parametrize("attempt", REFUSED, ids=lambda attempt: attempt.__name__)
def test_refused(tmp_path, alone, attempt):
    board, rows = sent(tmp_path, attempt, alone)
    lines = [str(refusal) for refusal in board.refusals]
    assert any(re.search(REFUSED[attempt], line) for line in lines), lines
    assert all("\n" not in line for line in lines)
    assert not any(row.ranked for row in rows) or all("verdicts" in attempt.__name__ for _ in rows)
    assert all(row.q_score is None for row in rows)


@pytest.mark.parametrize("attempt", UNRANKED, ids=lambda attempt: attempt.__name__)
def test_shown_without_a_rank(tmp_path, alone, attempt):
    board, rows = sent(tmp_path, attempt, alone)
    assert board.refusals == []
    code = UNRANKED[attempt]
    unranked = [row for row in rows if not row.ranked]
    assert len(unranked) == (2 if code == "another_run" else 1)
    for row in unranked:
        assert code is None or code in {flag.code for flag in row.flags}


@pytest.mark.parametrize("attempt", FLAGGED, ids=lambda attempt: attempt.__name__)
def test_ranked_with_a_flag(tmp_path, alone, attempt):
    board, (row,) = sent(tmp_path, attempt, alone)
    assert board.refusals == []
    assert row.ranked
    assert FLAGGED[attempt] in {flag.code for flag in row.flags}


@pytest.mark.parametrize("attempt", SHOWN, ids=lambda attempt: attempt.__name__)
def test_shown_like_any_other(tmp_path, alone, attempt):
    board, (row,) = sent(tmp_path, attempt, alone)
    assert board.refusals == []
    assert row.ranked
    assert row.flags == ()
    assert "\u202e" not in (tmp_path / "out" / "results.csv").read_text("utf-8")
    assert "\u202e" not in (tmp_path / "out" / "leaderboard.json").read_text("utf-8")
    assert row.seconds is None or row.seconds == 1834.5
    assert row.q_score is None or row.q_score.as_submitted


def test_a_rivals_run_under_ones_name_leaves_the_image_gain_alone(tmp_path, alone):
    board, rows = sent(tmp_path, takes_a_name, alone)
    assert rows == []
    (row,) = [row for row in board.rows if row.condition == "full"]
    assert row.gain == alone["full"].gain


def test_the_floor_does_not_move_with_what_is_sent_in(tmp_path, alone):
    board, _ = sent(tmp_path, plays_the_blind_baseline, alone)
    (row,) = [row for row in board.rows if row.condition == "full"]
    assert row.above_blind == alone["full"].above_blind


def test_docs_list_every_attempt():
    from pathlib import Path

    docs = Path(__file__).resolve().parents[2] / "docs" / "leaderboard.md"
    text = docs.read_text("utf-8")
    attempts = [*REFUSED, *UNRANKED, *FLAGGED, *SHOWN]
    assert len(attempts) >= 40
    assert [a.__name__ for a in attempts if a.__name__.replace("_", " ") not in text] == []


def test_the_generator_and_the_board_agree_on_what_a_sample_is():
    line = sample(ITEMS[0], "x", {"dataset_sha256": "", "dataset_items": 1, "condition_items": 1})
    assert {"panoenv", "input", "token_counts"} <= line.keys()
