"""How much of the release is there, in one line."""

from __future__ import annotations

from support.questions import item_of
from support.shared import shared_file

from panoenv_tasks import load_items
from panoenv_tasks.sources.released import released_part


def test_the_whole_split_and_a_part_of_it(tmp_path):
    items = load_items(shared_file("panoenv_val.jsonl"), "val")
    assert released_part(tmp_path, "val", items) == "val: all 1,496 released questions, all 60 panoramas"
    frames = sorted({item.panorama for item in items})[:3]
    some = [item for item in items if item.panorama in frames]
    expected = f"val: {len(some)} of the released 1,496 questions, 3 of 60 panoramas"
    assert released_part(tmp_path, "val", some) == expected


def test_what_is_not_the_release_is_said_to_be_that(tmp_path):
    item = item_of("Which environment is a better fit for the image: Rome or CoalMine?", "Rome")
    assert released_part(tmp_path, "mini", [item]) == "mini: 1 questions, 1 panoramas, not of the release"
    assert released_part(tmp_path, "val", [item] * 1497).endswith(
        "1,496 questions and 60 panoramas: another set"
    )
    (tmp_path / "panoenv.json").write_text("{}")
    assert released_part(tmp_path, "val", [item]) == "val: 1 questions, 1 panoramas, not of the release"
