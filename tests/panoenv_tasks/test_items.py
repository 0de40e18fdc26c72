"""Identity of questions and of whole sets."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.shared import shared_file

from panoenv_tasks import Box, DataError, fingerprint, load_items
from panoenv_tasks.items import item_id


@pytest.mark.parametrize(
    ("x1", "x2", "touches"),
    [(0, 90, True), (2400, 2559, True), (1, 2558, False), (0, 2559, True), (2500, 60, True)],
)
def test_a_box_at_the_image_edge_touches_the_seam(x1, x2, touches):
    assert Box("lamp", "", x1, 10, x2, 90).touches_seam is touches


def test_a_box_across_the_seam_is_two_rectangles():
    assert Box("a", "", 10, 20, 30, 40).rectangles == [(10, 20, 30, 40)]
    assert Box("a", "", 2400, 600, 200, 700).rectangles == [(2400, 600, 2559, 700), (0, 600, 200, 700)]


def test_how_sentences_and_answers_name_an_object():
    lamp, tv = Box("lamp", "A", 0, 0, 1, 1), Box("TV set", "", 0, 0, 1, 1)
    assert (lamp.name, lamp.phrase, lamp.answer_name) == ("lamp A", "lamp A", "Lamp A")
    assert (tv.name, tv.phrase, tv.answer_name) == ("TV set", "the TV set", "The TV set")


def test_ids_depend_on_content_only():
    one = item_id("val", "Rome", "P000_000500", "Is it?")
    assert one == item_id("val", "Rome", "P000_000500", "Is it?")
    assert one.startswith("val/Rome/P000_000500/")
    assert one != item_id("val", "Rome", "P000_000500", "Is it not?")
    assert one != item_id("test", "Rome", "P000_000500", "Is it?")


def test_the_validation_set_has_its_published_fingerprint():
    items = load_items(shared_file("panoenv_val.jsonl"), "val")
    assert len(items) == 1496
    assert len({item.id for item in items}) == 1496
    expected = "e3e5d6e38c9b2600bc810fda4c24823c3bd4e8c0e6252ac7760738d5b52be32d"
    assert fingerprint(items) == expected
    assert fingerprint(reversed(items)) == expected
    assert fingerprint(items[1:]) != expected
    assert fingerprint([replace(items[0], answer="Maybe"), *items[1:]]) != expected
    assert fingerprint([replace(i, image_kind="marked", origin="elsewhere") for i in items]) == expected


def test_no_data_at_all_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.delenv("PANOENV_DATA", raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(DataError, match=r"set PANOENV_DATA .* or run `panoenv data fetch`"):
        load_items()


def test_environment_variable_names_the_data(monkeypatch, tmp_path):
    monkeypatch.setenv("PANOENV_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match="nowhere: no such file or folder; PANOENV_DATA should point"):
        load_items()
