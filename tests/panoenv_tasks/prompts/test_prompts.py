"""The prompt pack: its words are pinned, and a broken pack of a user's is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from panoenv_tasks.items import CATEGORIES, DataError, Item
from panoenv_tasks.prompts import active_pack, load_pack, render
from panoenv_tasks.prompts.pack import KINDS, kind_of
from panoenv_tasks.taxonomy import method_for, templates

SNAPSHOT = Path(__file__).with_name("rendered.json")
CRATE = "the crate (boundingbox: [10, 20, 110, 90])"


def item(category, question_type, method, question="Q {options} {panorama}?", options=("The a", "Lamp B")):
    return Item(
        "id", "val", "Rome", "P0", question, question_type, category, "s", method, "x", (), options, None,
        "none", False,
    )  # fmt: skip


def every_kind():
    for category, kinds in KINDS.items():
        for kind in kinds:
            structured = kind in ("true_false", "multiple_choice")
            yield (
                f"{category}.{kind}",
                item(category, kind if structured else "open_ended", "mcq" if structured else kind),
            )


def test_every_rendered_template_is_pinned():
    """Change prompts/default.yaml and this file together, and raise the pack's version."""
    rendered = {name: render(made) for name, made in every_kind()}
    rendered["without image: distance.true_false"] = render(
        item("distance", "true_false", "yes_no"), with_image=False
    )
    assert rendered == json.loads(SNAPSHOT.read_text("utf-8"))


def test_the_pack_identifies_itself():
    pack = load_pack()
    assert pack.id == "panoenv@2"
    assert pack.sha256 == "78ba8cd7886758957d3a01f80cc4b1e4abab796db98b034679cab1a991c97556"


def test_every_kind_of_question_has_a_template():
    needed = {
        (t.category, t.question_type if t.question_type != "open_ended" else method_for(t.subcategory, ""))
        for t in templates()
    }
    assert needed == {(category, kind) for category in CATEGORIES for kind in KINDS[category]}
    assert kind_of(item("relative_position", "open_ended", "default")) == "spatial"


def test_braces_in_a_question_are_text():
    text = render(item("distance", "multiple_choice", "mcq"))
    assert "Q {options} {panorama}?" in text
    assert "one of: The a, Lamp B." in text


def test_the_shown_question_may_differ_from_the_scored_one():
    text = render(item("distance", "true_false", "yes_no"), question="Is it?")
    assert "Is it?" in text
    assert "Q {options}" not in text


def test_without_a_picture_every_prompt_says_so_and_asks_for_a_guess():
    for _, made in every_kind():
        text = render(made, with_image=False)
        assert text.startswith("No picture is shown.")
        assert "best guess" in text
        assert "This picture" not in text
        assert "Q {options} {panorama}?" in text


def test_a_pack_without_words_for_it_says_it_all_the_same(tmp_path):
    pack = load_pack(broken(tmp_path, lambda raw: raw.pop("without_image")))
    made = item("distance", "true_false", "yes_no")
    blind, seen = render(made, pack, with_image=False), render(made, pack)
    assert (
        blind
        == f"No picture is shown with this question. Give your best guess; do not decline to answer.\n{seen}"
    )


def test_other_coordinates_are_said_where_the_pack_says_pixels():
    for _, made in every_kind():
        text = render(made, boxes="A box is [row, column].")
        assert "bottom row straight down. A box is [row, column]." in text
        assert "in pixels" not in text
        assert text.replace("A box is [row, column].", load_pack().boxes) == render(made)


def test_other_pictures_are_described_in_the_place_of_the_packs_panorama():
    for _, made in every_kind():
        text = render(made, panorama="Six faces.", boxes="A box is [row, column].")
        assert text.startswith("Six faces. A box is [row, column].")
        assert "his picture" not in text


def test_a_pack_without_words_for_boxes_is_told_before_the_question(tmp_path):
    def without(raw):
        raw["parts"]["boxes"] = raw["without_image"]["boxes"] = ""

    made, pack = item("distance", "true_false", "yes_no"), load_pack(broken(tmp_path, without))
    text = render(made, pack, boxes="A box is [row, column].")
    assert "\nA box is [row, column]. Q {options} {panorama}?\n" in text


def test_a_pack_without_words_for_the_picture_is_told_before_the_question(tmp_path):
    def without(raw):
        raw["parts"]["boxes"] = raw["without_image"]["boxes"] = ""
        raw["parts"]["panorama"] = raw["without_image"]["panorama"] = ""

    made, pack = item("distance", "true_false", "yes_no"), load_pack(broken(tmp_path, without))
    text = render(made, pack, boxes="Boxes.", panorama="Six faces.")
    assert "\nSix faces. Boxes. Q {options} {panorama}?\n" in text


def broken(tmp_path, change):
    raw = yaml.safe_load((Path(load_pack.__code__.co_filename).parent / "default.yaml").read_text("utf-8"))
    change(raw)
    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump(raw))
    return file


def test_a_pack_of_the_users_own(tmp_path, monkeypatch):
    file = broken(tmp_path, lambda raw: raw.update(name="mine", version="3"))
    monkeypatch.setenv("PANOENV_PROMPTS", str(file))
    assert active_pack().id == "mine@3"
    assert active_pack().sha256 != load_pack().sha256


def test_a_pack_may_leave_out_the_options(tmp_path):
    file = broken(
        tmp_path, lambda raw: raw["templates"]["distance"].update(multiple_choice="{question} Choose.")
    )
    assert render(item("distance", "multiple_choice", "mcq", "Which?"), load_pack(file)) == "Which? Choose."


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda raw: raw["templates"]["distance"].pop("distance"), "template distance.distance is missing"),
        (lambda raw: raw["templates"].pop("environment"), "template environment.true_false is missing"),
        (lambda raw: raw["without_image"].update(secret="x"), "names 'secret', which is none of its parts"),
        (lambda raw: raw.pop("templates"), "expected a mapping with name, version and templates"),
        (
            lambda raw: raw["templates"]["distance"].update(distance="{question} {secret}"),
            "names {secret}, which is neither a part nor a place",
        ),
        (lambda raw: raw["templates"]["distance"].update(distance="How?"), "has no {question}"),
    ],
)
def test_a_broken_pack_is_named(tmp_path, change, message):
    file = broken(tmp_path, change)
    with pytest.raises(DataError) as caught:
        load_pack(file)
    assert str(caught.value).startswith(f"{file}: ")
    assert message in str(caught.value)


def test_a_missing_or_unreadable_pack_is_named(tmp_path):
    with pytest.raises(DataError, match="cannot read the prompt pack"):
        load_pack(tmp_path / "none.yaml")
    (tmp_path / "bad.yaml").write_text("a: [")
    with pytest.raises(DataError, match="not YAML"):
        load_pack(tmp_path / "bad.yaml")
