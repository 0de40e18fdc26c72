"""Scoring what is left of a text must be scoring the text, whatever the text."""

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.result_folders import DATE, item, tagged

from leaderboard.sheets import read_sheets
from panoenv_tasks.answers.essence import essence
from panoenv_tasks.scoring import score_answer

BOX = "(boundingbox: [10, 20, 30, 40])"
LAMP, CRATE = f"the lamp {BOX}", f"the crate {BOX}"
ITEMS = [
    item("World", "P0", question, answer)
    for question, answer in (
        (f"Is {LAMP} closer to the viewer than {CRATE}?", "Yes"),
        (f"Which object is closer to the viewer, {LAMP} or {CRATE}?", "The lamp"),
        (f"How far is {LAMP} from the viewer?", "3.5 meters"),
        (f"In 3D space, how is {LAMP} positioned relative to {CRATE}?", "The lamp is behind the crate."),
    )
]
PIECES = st.sampled_from(
    ["<Answer>", "</Answer>", "<answer>", "</ANSWER>", "<Reasoning>", "</Reasoning>", " ", "\n", "-", "",
     "<think>", "</think>", "Answer: ", "\\boxed{", "}", "The answer is ",
     "Yes", "No", "the lamp", "3.5 meters", "4 m", "behind", "left", "\x00", "é", "<", "Answer>"]
)  # fmt: skip


@example("<Answer>Yes</Answer> or <Answer>No</Answer>", ITEMS[0])
@example("<Reasoning>a</Reasoning> <Answer></Answer><answer>the lamp</ANSWER>", ITEMS[1])
@example("<Reasoning>a</Reasoning>\n<Answer> 3.5 meters </Answer>\n", ITEMS[2])
@given(st.lists(PIECES, max_size=14).map("".join), st.sampled_from(ITEMS))
@settings(max_examples=400, deadline=None)
def test_tags_score_as_the_whole_text_does(text, question):
    for protocol in ("paper", "strict"):
        whole = score_answer(question.method, question.answer, text, protocol, question.question)
        tags = score_answer(question.method, question.answer, essence(text), protocol, question.question)
        assert (tags.value, tags.status, tags.answer) == (whole.value, whole.status, whole.answer)


def test_texts_with_one_answer_share_one_reduction():
    assert essence("I think <Answer> No </Answer>.") == essence("<Answer>No</Answer>")
    assert essence("no tag at all") == "Answer: no tag at all"
    assert essence("The lamp is near. So the answer is Yes") == "Answer: Yes"
    assert essence("Two sentences. No answer in them.") == essence("The lamp. It glows.")
    assert essence(" \n ") == ""


def test_a_sheet_is_in_the_order_of_ids(run_folder, items):
    folder = run_folder.add(answer=lambda i: tagged(i.answer))
    files = {f.name: f for f in folder.glob("*_samples_*")}
    (sheet,) = read_sheets(files)
    expected = [f"<Answer>{i.answer}</Answer>" for i in sorted(items, key=lambda i: i.id)]
    assert sheet.answers == expected
    assert sheet.formats.all()
    assert sum(len(places) for places in sheet.tasks.values()) == 60


def test_a_changed_text_changes_the_samples_hash_only(run_folder):
    folder = run_folder.add()
    files = {f.name: f for f in folder.glob("*_samples_*")}
    before = read_sheets(files)[0]
    file = folder / f"{DATE}_samples_panoenv_val_distance.jsonl"
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    lines[0]["panoenv"]["text"] += " "
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    after = read_sheets(files)[0]
    assert before.questions_sha256 == after.questions_sha256
    assert before.samples_sha256 != after.samples_sha256
    assert before.answers == after.answers
