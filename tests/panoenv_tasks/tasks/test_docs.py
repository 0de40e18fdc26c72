"""Documents made from a real tree on disk: what is asked, shown and recorded."""

from __future__ import annotations

import hashlib
import json

import pytest
from support.result_folders import made_up_items
from support.small_tree import write_tree

from panoenv_tasks import DataError, fingerprint, load_items
from panoenv_tasks.blind import answer
from panoenv_tasks.prompts import load_pack
from panoenv_tasks.tasks.panoenv import docs, utils
from panoenv_tasks.tasks.panoenv.names import Selection, by_name, leaves
from panoenv_tasks.tasks.panoenv.preflight import check, refuse_examples, refuse_unknown

ITEMS = made_up_items(5)


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return write_tree(tmp_path_factory.mktemp("tree"), ITEMS)


@pytest.fixture
def data(tree, monkeypatch):
    monkeypatch.setenv("PANOENV_DATA", str(tree))
    monkeypatch.delenv("PANOENV_PROMPTS", raising=False)
    return tree


def rows(name="panoenv_val"):
    return docs.rows(by_name()[name])


def exit_line(name, *, needs_images=True):
    with pytest.raises(SystemExit) as stopped:
        check([name], needs_images=needs_images)
    line = str(stopped.value)
    assert line.startswith("panoenv: ")
    assert "\n" not in line
    return line


def test_the_tasks_of_a_group_share_out_its_questions(data):
    group = by_name()["panoenv_val"]
    parts = [row["id"] for leaf in leaves(group) for row in docs.rows(leaf)]
    assert sorted(parts) == sorted(row["id"] for row in docs.rows(group)) == sorted(i.id for i in ITEMS)


def test_a_record_states_what_was_asked_under_which_conditions(data):
    record = json.loads(rows("panoenv_val_distance")[0]["record"])
    image = next(item.image for item in load_items(data, "val") if item.id == record["id"])
    assert record["image"] == {
        "kind": "erp",
        "width": 2560,
        "height": 1280,
        "sha256": hashlib.sha256(image.read_bytes()).hexdigest(),
    }
    run = record["run"]
    assert run["condition"] == "full"
    assert run["dataset_sha256"] == fingerprint(load_items(data, "val"))
    assert run["dataset_items"] == run["condition_items"] == len(ITEMS)
    assert (run["prompts"], run["prompts_sha256"]) == ("panoenv@2", load_pack().sha256)
    assert run["protocols"] == ["paper@1", "strict@2"]
    assert {"panoenv", "lmms-eval", "torch", "transformers", "python"} <= run["versions"].keys()


def test_prompts_without_a_picture_say_so_and_all_others_speak_of_one(data):
    """They used to begin "This picture is": models answer that with "No image was provided", a No."""
    for name in ("panoenv_val_noimage", "panoenv_val_noimage_nobox"):
        assert all(row["prompt"].startswith("No picture is shown.") for row in rows(name))
    for name in ("panoenv_val", "panoenv_val_rot90", "panoenv_val_shuffled", "panoenv_val_marked"):
        assert all(row["prompt"].startswith("This picture is") for row in rows(name))


def test_six_faces_are_never_called_one_picture(data):
    for row in rows("panoenv_val_cubemap"):
        assert row["prompt"].startswith("These six pictures are the faces of the cube around the camera")
        assert "in pixels of that panorama." in row["prompt"]
        assert "his picture" not in row["prompt"]


def test_restored_panoramas_are_recorded_with_their_confidence(tmp_path, monkeypatch):
    root = write_tree(tmp_path, made_up_items(4))
    for number, picture in enumerate(sorted(root.rglob("rgb_erp.png"))):
        shares = {"three": 1 - number / 100, "two": number / 100, "one": 0.0, "none": 0.0}
        picture.with_name("restored.json").write_text(json.dumps({"confirmed": shares}))
        picture.rename(picture.with_name("rgb_restored.png"))
    monkeypatch.setenv("PANOENV_DATA", str(root))
    images = [json.loads(row["record"])["image"] for row in rows()]
    assert {image["kind"] for image in images} == {image["panorama"] for image in images} == {"restored"}
    assert {image["confirmed"]["three"] for image in images} == {1.0, 0.99, 0.98, 0.97}
    marked = [json.loads(row["record"])["image"] for row in rows("panoenv_val_marked")]
    assert {(image["kind"], image["panorama"]) for image in marked} == {("marked", "restored")}
    assert "panorama" not in json.loads(rows("panoenv_val_noimage")[0]["record"])["image"]
    next(root.rglob("restored.json")).unlink()
    docs._presented_at.cache_clear()
    assert "no record of how rgb_restored.png was restored" in exit_line("panoenv_val")


def test_the_item_survives_the_document(data):
    for item, row in zip(load_items(data, "val"), rows(), strict=True):
        back = docs.item_of(row)
        assert (back.id, back.question, back.method, back.boxes, back.options, back.touches_seam) == (
            item.id,
            item.question,
            item.method,
            item.boxes,
            item.options,
            item.touches_seam,
        )
        assert utils.doc_to_target(row) == item.answer
        assert item.question in utils.doc_to_text(row)


def test_without_images_nothing_is_shown_and_the_record_says_so(data):
    row = rows("panoenv_val_distance_noimage")[0]
    assert utils.doc_to_visual(row) == []
    record = json.loads(row["record"])
    assert record["image"] == {"kind": "none", "width": None, "height": None}
    assert record["run"]["condition"] == "noimage"


def test_a_panorama_is_decoded_once_however_its_questions_are_ordered(data, monkeypatch):
    from PIL.PngImagePlugin import PngImageFile

    decoded = []
    finish = PngImageFile.load_end
    monkeypatch.setattr(PngImageFile, "load_end", lambda im: decoded.append(im.filename) or finish(im))
    by_text = sorted(rows(), key=lambda row: row["prompt"])
    shown = [picture for row in by_text for picture in utils.doc_to_visual(row)]
    assert len(shown) == len(ITEMS)
    assert {picture.size for picture in shown} == {(2560, 1280)}
    assert len(decoded) <= len({item.panorama for item in ITEMS})


def test_another_prompt_pack_is_used_and_named(data, tmp_path, monkeypatch):
    pack = tmp_path / "mine.yaml"
    own = {
        category: {kind: f"Hm: {{question}} {{options}} {kind}" for kind in kinds}
        for category, kinds in load_pack().templates.items()
    }
    pack.write_text(json.dumps({"name": "mine", "version": 3, "templates": own}))
    monkeypatch.setenv("PANOENV_PROMPTS", str(pack))
    row = rows("panoenv_val_distance")[0]
    assert row["prompt"].startswith("Hm: ")
    run = json.loads(row["record"])["run"]
    assert run["prompts"] == "mine@3"
    assert run["prompts_sha256"] != load_pack().sha256


def test_a_slip_in_a_name_is_one_line_with_the_likely_names():
    with pytest.raises(SystemExit) as stopped:
        refuse_unknown(["panoenv_val_distnce"], ["mme"])
    assert str(stopped.value).startswith(
        "panoenv: no task panoenv_val_distnce; did you mean panoenv_val_distance"
    )
    refuse_unknown(["panoenv*", "mmee", "panoenv_mine.yaml", "panoenv_mine"], ["panoenv_mine"])


def test_examples_before_the_question_are_refused():
    with pytest.raises(SystemExit) as stopped:
        refuse_examples(["mme", "panoenv_val"], 3)
    assert str(stopped.value) == (
        "panoenv: panoenv_val is asked without examples, as in the paper; leave out --num_fewshot 3"
    )
    refuse_examples(["mme", {"task": "inline"}], 3)
    refuse_examples(["panoenv_val"], 0)
    refuse_examples(["panoenv_val"], None)


@pytest.mark.parametrize("name", ["PANOENV_SEEN", "PANOENV_METRICS"])
def test_one_line_for_a_setting_nobody_understands(data, monkeypatch, name):
    monkeypatch.setenv(name, "some")
    line = exit_line("panoenv_val")
    assert name in line
    assert "some" in line


def test_one_line_for_a_missing_place(monkeypatch, tmp_path):
    monkeypatch.setenv("PANOENV_DATA", str(tmp_path / "gone"))
    assert "PANOENV_DATA" in exit_line("panoenv_val")


def test_one_line_for_a_missing_split(data):
    assert "test" in exit_line("panoenv")


def test_one_line_for_missing_panoramas_unless_nobody_looks(tmp_path, monkeypatch):
    monkeypatch.setenv("PANOENV_DATA", str(write_tree(tmp_path, ITEMS[:10], size=None)))
    line = exit_line("panoenv_val")
    assert "rgb_erp.png" in line
    assert "panoenv_val_noimage" in line
    check(["panoenv_val"], needs_images=False)
    check(["panoenv_val_noimage", "mme", {"task": "inline"}], needs_images=True)
    with pytest.raises(SystemExit, match="no panorama"):
        utils.doc_to_visual(rows("panoenv_val")[0])


def test_one_line_for_a_panorama_of_another_size(tmp_path, monkeypatch):
    monkeypatch.setenv("PANOENV_DATA", str(write_tree(tmp_path, ITEMS[:10], size=(1280, 640))))
    line = exit_line("panoenv_val")
    assert "1280x640" in line
    assert "2560x1280" in line


def test_require_images_counts_all_problems(tmp_path, monkeypatch):
    monkeypatch.setenv("PANOENV_DATA", str(write_tree(tmp_path, ITEMS[:20], size=(64, 32))))
    with pytest.raises(DataError, match="2 problems"):
        docs.require_images(Selection("val", None, "full"))


@pytest.mark.parametrize("condition", ["rel1000", "yx1000", "seen"])
def test_models_that_read_the_item_answer_alike_in_all_coordinates(data, monkeypatch, condition):
    monkeypatch.setenv("PANOENV_SEEN", "1568x784")
    base, other = rows("panoenv_val"), rows(f"panoenv_val_{condition}")
    assert [row["id"] for row in other] == [row["id"] for row in base]
    assert sum(one["prompt"] != two["prompt"] for one, two in zip(base, other, strict=True)) > 20
    for one, two in zip(base, other, strict=True):
        assert answer(docs.item_of(two)) == answer(docs.item_of(one))
        assert json.loads(two["record"])["question"] == one["question"]
        assert json.loads(two["record"])["answer"] == json.loads(one["record"])["answer"]
    run = json.loads(other[0]["record"])["run"]
    assert run.get("boxes_in_pixels_of") == ([1568, 784] if condition == "seen" else None)


@pytest.mark.parametrize("condition", ["noimage_nobox", "marked"])
def test_hidden_boxes_are_hidden_from_models_that_read_the_item(data, condition):
    items = [docs.item_of(row) for row in rows(f"panoenv_val_{condition}")]
    assert {item.boxes for item in items} == {()}
    assert not any("boundingbox" in item.question for item in items)
