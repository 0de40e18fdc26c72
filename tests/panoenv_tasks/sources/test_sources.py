"""Every on-disk form, and every way in which it can be broken."""

from __future__ import annotations

import codecs
import json
import shutil

import pytest
from PIL import Image

from panoenv_tasks import DataError, fingerprint, load_items
from panoenv_tasks.sources import read_items
from panoenv_tasks.sources.images import check_images

CRATE = "the crate (boundingbox: [10, 20, 110, 90])"
LAMP = "the lamp (boundingbox: [2500, 700, 2559, 800])"
QUESTIONS = [
    (f"Is {CRATE} closer to the viewer than {LAMP}?", "true_false", "Yes", "yes_no"),
    (f"How far is {CRATE} from the viewer?", "open_ended", "About 4.0 meters", "distance"),
    (
        f"From which view (front/back/left/right/top/bottom) does {CRATE} primarily come?",
        "multiple_choice",
        "Left",
        "mcq",
    ),
]


def row(question=QUESTIONS[0], image="Rome/P000_000500/rgb_erp.png", **changes):
    text, kind, answer, method = question
    made = {
        "conversations": [{"from": "human", "value": text}],
        "image": image,
        "question_type": kind,
        "accu_reward_method": method,
        "expected_answer": answer,
    }
    return {k: v for k, v in {**made, **changes}.items() if v is not None}


def jsonl(tmp_path, *rows, name="panoenv_val.jsonl"):
    file = tmp_path / name
    file.write_text("".join(r if isinstance(r, str) else json.dumps(r) + "\n" for r in rows))
    return file


def snapshot(tmp_path, *, raw=False, drawings=False, split="val"):
    folder = tmp_path / split / "Rome" / "P000_000500"
    (folder / "visualizations").mkdir(parents=True)
    questions = [
        {
            "question_id": n,
            "major_category": "x",
            "sub_category": "y",
            "question_type": kind,
            "question": text,
            "answer": answer,
        }
        for n, (text, kind, answer, _) in enumerate(QUESTIONS, start=1)
    ]
    qa = {"env": "Rome", "image_id": "P000_000500", "questions": questions}
    (folder / "P000_000500_qa.json").write_text(json.dumps(qa))
    if raw:
        Image.new("RGB", (2560, 1280)).save(folder / "rgb_erp.png")
    if drawings:
        for n in (1, 2, 3, 10):
            Image.new("RGB", (64, 32)).save(folder / "visualizations" / f"q{n}_view_primary.png")
    return folder


def problem(path, split="val"):
    _, problems = read_items(path, split)
    assert len(problems) == 1
    return str(problems[0])


def test_annotation_file_without_panoramas_is_text_only(tmp_path):
    file = jsonl(tmp_path, *(row(q) for q in QUESTIONS))
    items = load_items(file, "val")
    assert [i.method for i in items] == ["yes_no", "distance", "mcq"]
    assert [i.image_kind for i in items] == ["none"] * 3
    assert items[0].touches_seam
    assert not items[1].touches_seam
    assert items[2].options == ("Front", "Back", "Left", "Right", "Top", "Bottom")
    assert items[0].origin == f"{file}:1"


def test_annotation_file_finds_the_panorama_root_beside_it(tmp_path):
    (tmp_path / "Rome" / "P000_000500").mkdir(parents=True)
    picture = tmp_path / "Rome" / "P000_000500" / "rgb_erp.png"
    Image.new("RGB", (2560, 1280)).save(picture)
    jsonl(tmp_path, row())
    items = load_items(tmp_path, "val")
    assert (items[0].image, items[0].image_kind) == (picture, "erp")
    assert check_images(items) == []


def test_all_forms_of_the_same_questions_are_the_same_set(tmp_path):
    (tmp_path / "a").mkdir()
    annotated = load_items(jsonl(tmp_path / "a", *(row(q) for q in QUESTIONS)), "val")
    snapshot(tmp_path / "b", drawings=True)
    released = load_items(tmp_path / "b", "val")
    snapshot(tmp_path / "c", raw=True, drawings=True)
    built = load_items(tmp_path / "c", "val")
    assert fingerprint(annotated) == fingerprint(released) == fingerprint(built)
    assert {i.image_kind for i in released} == {"marked"}
    assert {i.image_kind for i in built} == {"erp"}
    assert released[0].image is not None
    assert released[0].image.name == "q1_view_primary.png"


def test_a_restored_panorama_is_a_kind_of_its_own(tmp_path):
    folder = snapshot(tmp_path, drawings=True)
    Image.new("RGB", (2560, 1280)).save(folder / "rgb_restored.png")
    items = load_items(tmp_path, "val")
    assert {i.image_kind for i in items} == {"restored"}
    assert {i.image.name for i in items} == {"rgb_restored.png"}
    assert check_images(items) == []
    jsonl(tmp_path / "val", row())
    (annotated,) = load_items(tmp_path / "val" / "panoenv_val.jsonl", "val")
    assert (annotated.image, annotated.image_kind) == (folder / "rgb_restored.png", "restored")
    Image.new("RGB", (2560, 1280)).save(folder / "rgb_erp.png")
    assert {i.image_kind for i in load_items(tmp_path, "val")} == {"erp"}


def test_raw_and_restored_panoramas_are_not_one_set(tmp_path):
    restored = snapshot(tmp_path)
    Image.new("RGB", (2560, 1280)).save(restored / "rgb_restored.png")
    other = restored.with_name("P000_001000")
    restored.rename(other)
    (other / "P000_000500_qa.json").rename(other / "P000_001000_qa.json")
    snapshot(tmp_path, raw=True)
    assert "image kinds are mixed: erp" in problem(tmp_path)


def test_hub_snapshot_is_found_offline(tmp_path, monkeypatch):
    commit = "0123456789abcdef0123456789abcdef01234567"
    repo = tmp_path / "datasets--7zkk--PanoEnv"
    snapshot(repo / "snapshots" / commit, drawings=True, split="test")
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text(commit)
    monkeypatch.delenv("PANOENV_DATA", raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    assert len(load_items()) == 3


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (row(expected_answer=None), "no answer"),
        (row(expected_answer=" "), "no answer"),
        (row(expected_answer="\ud800"), "half a surrogate pair"),
        ('{"conversations": [{"from": "hum\n', "not JSON"),
        ("[1, 2]\n", "expected a JSON object"),
        (row(image="../../etc/passwd/x/rgb_erp.png"), "leaves its root"),
        (row(image="/etc/Rome/P000_000500/rgb_erp.png"), "leaves its root"),
        (row(image=None), "expected <Environment>/<frame>/rgb_erp.png"),
        (row(conversations=[]), "no question"),
        (row(("What is this?", "true_false", "Yes", "yes_no")), "unknown wording 'What is this?'"),
        (row(question_type="open_ended"), "but this wording is true_false"),
        (row(question_type="essay"), "question type 'essay'"),
        (row(accu_reward_method="vibes"), "scoring method 'vibes'"),
    ],
)
def test_a_bad_row_is_named_and_the_good_ones_stay(tmp_path, broken, message):
    file = jsonl(tmp_path, row(QUESTIONS[1]), broken)
    items, problems = read_items(file, "val")
    assert len(items) == 1
    assert [str(p).startswith(f"{file}:2: ") for p in problems] == [True]
    assert message in str(problems[0])
    with pytest.raises(DataError, match=r"panoenv_val\.jsonl:2: "):
        load_items(file, "val")


def test_links_out_of_the_root_are_refused(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    root = tmp_path / "root"
    (root / "Rome").mkdir(parents=True)
    (root / "Rome" / "P000_000500").symlink_to(outside)
    message = problem(jsonl(root, row()))
    assert f"{root}/Rome/P000_000500 is a link to {outside}, outside of its root {root}" in message


def test_an_empty_file_is_a_problem(tmp_path):
    assert "the file is empty" in problem(jsonl(tmp_path))


def test_duplicates_name_both_rows(tmp_path):
    file = jsonl(tmp_path, row(), row(QUESTIONS[1]), row())
    assert problem(file).startswith(f"{file}:3: duplicate of {file}:1")


def test_truncated_question_file_is_named(tmp_path):
    folder = snapshot(tmp_path)
    file = folder / "P000_000500_qa.json"
    file.write_text(file.read_text()[:50])
    assert problem(tmp_path).startswith(f"{file}: not JSON")


def test_mixed_image_kinds_are_refused(tmp_path):
    folder = snapshot(tmp_path, drawings=True)
    (folder / "visualizations" / "q2_view_primary.png").unlink()
    assert "image kinds are mixed: marked" in problem(tmp_path)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p: p.unlink(), "no such image"),
        (lambda p: p.write_bytes(b"not a picture"), "not a readable image"),
        (lambda p: Image.new("RGB", (2048, 1024)).save(p), "2048x1024 pixels; expected 2560x1280"),
    ],
)
def test_bad_images_are_named(tmp_path, make, message):
    snapshot(tmp_path, raw=True)
    items = load_items(tmp_path, "val")
    assert items[0].image is not None
    make(items[0].image)
    problems = check_images(items)
    assert len(problems) == 1, "one problem per file, not one per question"
    assert message in str(problems[0])


def test_a_file_of_another_split_is_refused(tmp_path):
    file = jsonl(tmp_path, row())
    with pytest.raises(DataError, match="holds the val split by its name, but test was asked for"):
        load_items(file, "test")
    with pytest.raises(DataError, match=r"no questions of the test split \(splits found: val\)"):
        load_items(tmp_path, "test")
    with pytest.raises(DataError, match="unknown split 'dev'"):
        load_items(tmp_path, "dev")


def test_a_linked_environment_inside_the_root_is_followed(tmp_path):
    (tmp_path / "disk" / "Rome" / "P000_000500").mkdir(parents=True)
    picture = tmp_path / "disk" / "Rome" / "P000_000500" / "rgb_erp.png"
    Image.new("RGB", (2560, 1280)).save(picture)
    (tmp_path / "Rome").symlink_to(tmp_path / "disk" / "Rome")
    (item,) = load_items(jsonl(tmp_path, row()), "val")
    assert (item.image_kind, item.image.resolve()) == ("erp", picture)


def test_a_link_to_nothing_is_no_missing_panorama(tmp_path):
    (tmp_path / "Rome").symlink_to(tmp_path / "unmounted" / "Rome")
    assert "Rome is a link to" in problem(jsonl(tmp_path, row()))


def test_a_link_to_nothing_is_no_missing_environment(tmp_path):
    snapshot(tmp_path)
    (tmp_path / "val" / "Paris").symlink_to(tmp_path / "unmounted" / "Paris")
    items, problems = read_items(tmp_path, "val")
    assert len(items) == 3
    assert [str(p).endswith("where nothing is; is a disk not mounted?") for p in problems] == [True]
    shutil.rmtree(tmp_path / "val" / "Rome")
    assert "val/Paris is a link to" in problem(tmp_path)


@pytest.mark.parametrize("name", ["panoenv_val.jsonl", "P000_000500_qa.json"])
def test_a_byte_order_mark_is_passed_over(tmp_path, name):
    file = jsonl(tmp_path, row()) if name.endswith("l") else snapshot(tmp_path) / name
    expected = load_items(tmp_path, "val")
    file.write_bytes(codecs.BOM_UTF8 + file.read_bytes())
    assert load_items(tmp_path, "val") == expected


def test_a_line_in_another_encoding_is_named(tmp_path):
    file = jsonl(tmp_path, row(), row(QUESTIONS[1]))
    file.write_bytes(file.read_bytes().replace(b"human", "h\u00fcman".encode("latin-1"), 1))
    items, problems = read_items(file, "val")
    assert len(items) == 1
    assert f"{file}:1: not UTF-8 (invalid" in str(problems[0])
    file.write_text(json.dumps(row()), encoding="utf-16")
    assert "save the file as UTF-8" in problem(file)


def test_questions_in_another_encoding_are_named(tmp_path):
    file = snapshot(tmp_path) / "P000_000500_qa.json"
    file.write_text(file.read_text(), encoding="utf-16")
    assert f"{file}: not UTF-8 (invalid start byte at byte 1)" in problem(tmp_path)


def test_a_file_whose_name_states_no_split_is_told_so(tmp_path):
    file = jsonl(tmp_path, row(), name="questions.jsonl")
    message = r"the name of questions\.jsonl states no split: rename it, or give its own path"
    with pytest.raises(DataError, match=message):
        load_items(tmp_path, "val")
    assert len(load_items(file, "val")) == 1
