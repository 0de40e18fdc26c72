from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.questions import item_of

from panoenv_tasks.items import Box, DataError, Item, item_id
from panoenv_tasks.perturb import CONDITIONS, TURNS, Picture, categories, image_kind, present
from panoenv_tasks.perturb.shuffle import donors

LAMP = "lamp A (boundingbox: [1300, 500, 1400, 700])"
TWIN = "lamp B (boundingbox: [100, 300, 260, 900])"
CLOSER = f"Is {LAMP} closer to the viewer than {TWIN}?"
NO_OBJECT = "Does this scene appear to be set in Rome?"


@pytest.fixture(autouse=True)
def seen_at(monkeypatch):
    monkeypatch.setenv("PANOENV_SEEN", "2548x1260")


def placed(question: str, environment: str, frame: str = "P000_000000", picture: bool = True) -> Item:
    item = item_of(question, "Yes", environment)
    item = replace(item, frame=frame, id=item_id("val", environment, frame, question))
    if not picture:
        return item
    return replace(item, image=Path(f"/data/{environment}/{frame}/rgb_erp.png"), image_kind="erp")


def six_places() -> list[Item]:
    return [placed(question, name) for name in "ABCDEF" for question in (CLOSER, NO_OBJECT)]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_every_condition_keeps_ids_and_says_what_it_shows(condition):
    items = six_places()
    shown = present(items, condition)
    assert {one.item.id for one in shown} <= {item.id for item in items}
    assert {one.image_kind for one in shown} == {image_kind(condition)}
    assert all(bool(one.pictures) == (image_kind(condition) != "none") for one in shown)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_without_panoramas_every_condition_still_has_its_text(condition):
    shown = present([placed(CLOSER, name, picture=False) for name in "ABCD"], condition)
    assert len(shown) == 4
    assert {one.image_kind for one in shown} == {"none"}
    assert all(one.pictures == () for one in shown)


@pytest.mark.parametrize("condition", ["marked", "cubemap", "rel1000", "yx1000", "seen", *TURNS])
def test_drawings_of_the_release_are_refused_where_a_raw_panorama_is_needed(condition):
    drawing = replace(placed(CLOSER, "A"), image_kind="marked", origin="A_qa.json:3")
    with pytest.raises(DataError, match=r"A_qa\.json:3: condition .* needs the raw panorama"):
        present([drawing], condition)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_restored_panoramas_serve_every_condition(condition):
    items = [replace(item, image_kind="restored") for item in six_places()]
    kinds = {"noimage": "none", "noimage_nobox": "none", "marked": "marked", "cubemap": "cubemap"}
    shown = present(items, condition)
    assert {one.image_kind for one in shown} == {kinds.get(condition, "restored")}
    assert {one.image_kind for one in shown} == {image_kind(condition, "restored")}


@pytest.mark.parametrize("condition", ["full", "noimage", "noimage_nobox", "shuffled"])
def test_drawings_of_the_release_serve_all_other_conditions(condition):
    drawings = [replace(placed(CLOSER, name), image_kind="marked") for name in "AB"]
    shown = present(drawings, condition)
    assert {one.image_kind for one in shown} <= {"marked", "none"}
    assert len(shown) == 2


def test_an_unknown_condition_is_refused():
    with pytest.raises(DataError, match="expected one of full, noimage"):
        present([], "upside_down")  # type: ignore[arg-type]


@pytest.mark.parametrize("condition", ["noimage_nobox", "marked"])
def test_hidden_coordinates_leave_the_sentence_whole(condition):
    one, other = present([placed(CLOSER, "A"), placed(NO_OBJECT, "A")], condition)
    assert one.question == "Is lamp A closer to the viewer than lamp B?"
    assert one.item.question == CLOSER
    assert other.question == NO_OBJECT


def test_marked_draws_the_boxes_it_hides_and_says_so():
    one, other = present([placed(CLOSER, "A"), placed(NO_OBJECT, "A")], "marked")
    boxes = (Box("lamp", "A", 1300, 500, 1400, 700), Box("lamp", "B", 100, 300, 260, 900))
    assert one.pictures[0].marks == boxes
    assert "marked by a rectangle" in one.text
    assert one.text.endswith(one.question)
    assert other.pictures[0].marks == ()
    assert other.text == NO_OBJECT


def test_cubemap_shows_six_faces_and_keeps_the_question():
    (one,) = present([placed(CLOSER, "A")], "cubemap")
    assert [picture.face for picture in one.pictures] == ["front", "back", "left", "right", "top", "bottom"]
    assert "front, back, left, right, top, bottom" in one.panorama
    assert one.question == one.text == CLOSER


def test_turned_questions_are_turned_with_their_picture():
    (one,) = present([placed(f"How far is {LAMP} from the viewer?", "A")], "rot90")
    assert one.pictures[0].roll == 640
    assert one.question == "How far is lamp A (boundingbox: [1940, 500, 2040, 700]) from the viewer?"
    assert one.item.question == one.question


def test_turned_conditions_leave_cut_objects_out():
    cut = f"How far is {LAMP.replace('1300, 500, 1400', '1900, 500, 1950')} from the viewer?"
    assert len(present([placed(cut, "A"), placed(NO_OBJECT, "A")], "rot90")) == 1


def test_between_quarter_turns_three_categories_are_left():
    assert categories("rot45") == ("distance", "environment", "relative_position")
    assert len(categories("rot90")) == len(categories("marked")) == 5


def test_shuffled_shows_another_environment_whatever_the_order():
    items = [placed(q, env, frame) for env in "ABCDEF" for frame in ("P0", "P1") for q in (CLOSER, NO_OBJECT)]
    shown = present(items, "shuffled")
    where = {one.item.id: one.pictures[0].path.parts[-3] for one in shown}
    assert all(where[item.id] != item.environment for item in items)
    again = present(items[::-1], "shuffled")
    assert {one.item.id: one.pictures for one in again} == {one.item.id: one.pictures for one in shown}
    assert all(one.question == one.item.question for one in shown)


def test_shuffled_drawings_are_those_of_the_same_kind_of_question():
    def drawing(question: str, environment: str, number: int) -> Item:
        item = placed(question, environment)
        assert item.image
        return replace(item, image=item.image.with_name(f"q{number}_x.png"), image_kind="marked")

    items = [drawing(q, env, n) for env in "ABCD" for n, q in enumerate((CLOSER, NO_OBJECT), start=1)]
    shown = present(items, "shuffled")
    assert all(a.pictures[0].path.name == i.image.name for a, i in zip(shown, items, strict=True) if i.image)


@given(
    st.lists(st.tuples(st.sampled_from("ABCDEFGH"), st.integers(0, 4)), min_size=2, max_size=30, unique=True)
)
def test_donors_are_a_permutation_without_a_neighbour(places):
    items = [placed(NO_OBJECT, env, str(frame), picture=False) for env, frame in places]
    most = max(Counter(env for env, _ in places).values())
    if 2 * most > len(places):
        with pytest.raises(DataError, match="of other environments"):
            donors(items)
        return
    found = donors(items)
    assert sorted(found) == sorted(found.values())
    assert all(name.partition("/")[0] != donor.partition("/")[0] for name, donor in found.items())


def test_twins_of_a_place_are_not_each_others_donors():
    names = ["Rome", "OldTownFall", "OldTownNight", "OldTownSummer", "Sewer", "Cave", "Slum", "Ruins"]
    found = donors([placed(NO_OBJECT, name) for name in names])
    assert not any(a.startswith("OldTown") and b.startswith("OldTown") for a, b in found.items())


def test_a_picture_survives_json():
    picture = Picture(Path("/a b/rgb_erp.png"), 640, "top", (Box("lamp", "A", 1, 2, 3, 4),))
    assert Picture.from_json(picture.to_json()) == picture
