"""How clear, how hidden and how small: on objects with numbers made up by hand."""

from __future__ import annotations

import json

import pytest
from support.synthetic import sentence

from panoenv_tasks.items import DataError
from panoenv_tasks.synthesis.difficulty import Thing, frame_difficulties, margin
from panoenv_tasks.taxonomy import Wording, extra_templates


def thing(**changes):
    values = {
        "box": (1200, 600, 1299, 699),
        "pixels": 1000,
        "faces": {"front": 1000},
        "distance": 4.0,
        "centre": (0.0, 0.0, 4.0),
        "size": (1.0, 1.0, 1.0),
        "visible": 1.0,
        **changes,
    }
    return Thing(**values)


def wording(subcategory, *, direction=None, extreme=None, **wanted):
    return Wording(sentence(subcategory, "ours", **wanted), (), (), direction, extreme, None)


def faces(**counts):
    return thing(faces=counts, pixels=sum(counts.values()))


def far(*distances):
    return [thing(distance=distance) for distance in distances]


def at(*centres):
    return [thing(centre=centre) for centre in centres]


def of_size(*sizes):
    return [thing(size=size) for size in sizes]


TWO_VIEWS = [faces(front=700, left=300), faces(front=950, top=50)]


@pytest.mark.parametrize(
    ("asked", "things", "expected"),
    [
        (wording("primary_view"), [faces(front=600, left=300, top=100)], 0.3),
        (wording("primary_view"), [faces(front=600)], 1.0),
        (wording("seam_attribution"), [faces(front=550, left=450)], 0.1),
        (wording("multi_view_visibility"), [faces(front=600, left=300, top=100)], 0.1),
        (wording("shared_visibility"), TWO_VIEWS, 0.05),
        (wording("multi_object_relationship", asks="same_primary"), TWO_VIEWS, 0.4),
        (wording("multi_object_relationship", asks="adjacent"), TWO_VIEWS, 0.4),
        (wording("multi_object_relationship", asks="shared"), TWO_VIEWS, 0.05),
        (wording("depth_compare"), far(6.0, 4.0), 0.5),
        (wording("depth_binary"), far(4.0, 5.0), 0.25),
        (wording("depth_triplet_farthest"), far(2.0, 8.0, 5.0), 0.6),
        # Up to 0.5 m counts as equally far, up to a tenth beyond 5 m.
        (wording("depth_similarity"), far(4.0, 4.1), 0.8),
        (wording("depth_similarity"), far(4.0, 6.0), 3.0),
        (wording("depth_similarity"), far(13.0, 10.0), 2.0),
        (wording("relpos_binary", direction="left"), at((-2.0, 5, 1), (1.5, 0, 9)), 3.5),
        (wording("relpos_binary", direction="above"), at((-2.0, 5, 1), (1.5, 4, 9)), 1.0),
        # 3 m aside and 1.2 m below count, 0.1 m ahead does not: the height is nearest to turning.
        (wording("relpos_cardinal"), at((3.0, 0, 4.1), (0, 1.2, 4)), 0.4),
        (wording("relpos_triplet_extreme", extreme="lowest"), at((0, 1, 0), (0, -1, 0), (0, -3, 0)), 2.0),
        (wording("relpos_triplet_extreme", extreme="rightmost"), at((4, 0, 0), (1, 0, 0), (3, 0, 0)), 1.0),
        # 60 degrees to the right of the way ahead, in the right quarter from 45 on.
        (
            Wording(
                next(t for t in extra_templates() if t.subcategory == "viewpoint_change"), (), (), *[None] * 3
            ),
            at((0, 0, 0), (0, 0, 5), (3**0.5, 0, 1)),
            15.0,
        ),
        (wording("volume_comparison", asks="larger"), of_size((1, 1, 1), (3, 1, 1)), 2.0),
        (wording("volume_binary", asks="smaller"), of_size((1, 1, 1), (1, 1, 4)), 3.0),
        (wording("size_triplet_extreme", asks="smaller"), of_size((1, 1, 1), (2, 1, 1), (8, 1, 1)), 1.0),
        (wording("shape_flatness"), of_size((1, 0.2, 1), (1, 0.5, 1)), 1.5),
        (wording("shape_elongation"), of_size((1, 1, 4), (1, 2, 1)), 1.0),
        (wording("shape_flatness"), of_size((1, 0.0, 1), (1, 0.5, 1)), None),
        (wording("distance_description"), far(4.0), None),
        (wording("relpos_distance_straightline"), far(4.0, 5.0), None),
        (wording("env_attribute"), [], None),
        (wording("primary_view"), [], None),
    ],
)
def test_the_margin_of_each_kind(asked, things, expected):
    found = margin(asked, things)
    assert found == (None if expected is None else pytest.approx(expected))


def entry(number, **changes):
    return {
        "object_id": number,
        "label": "lamp",
        "bbox": [0, 600, 99, 679],
        "pixels": 6400,
        "faces": {"front": 6400},
        "distance_m": [1.0, 2.0 * number, 9.0],
        "center_m": [0, 0, 2],
        "size_m": [1, 1, 1],
        "visible": 0.9,
        **changes,
    }


def row(number, text, objects):
    return {
        "question_id": number,
        "question": text,
        "answer": "Yes",
        "related_object_ids": objects,
    }


@pytest.fixture
def folder(tmp_path):
    """A frame with a question about two objects, one of them small, hidden and near the zenith."""
    folder = tmp_path / "P000_000000"
    folder.mkdir()
    text = "Is the camera nearer to the lamp (boundingbox: [0, 600, 99, 679]) than to the sofa {}?"
    questions = [row(1, text.format("(boundingbox: [0, 160, 99, 266])"), [1, 2]), row(2, "Indoors?", [])]
    high = entry(2, bbox=[0, 160, 99, 266], pixels=1600, visible=0.45)
    (folder / "P000_000000_qa.json").write_text(json.dumps({"questions": questions}))
    (folder / "P000_000000_objects.json").write_text(json.dumps([entry(1), high]))
    return folder


def test_a_frame_s_questions_are_measured(folder):
    found = frame_difficulties(folder)
    # 1,600 pixels in the middle of row 213 of 1280, 60 degrees up: half as wide as 1,600 at the horizon.
    assert found[1].degrees == pytest.approx(40 * 0.5**0.5 * 360 / 2560, abs=0.01)
    assert (found[1].margin, found[1].visible) == (1.0, 0.45)
    assert (found[2].margin, found[2].visible, found[2].degrees) == (None, 1.0, None)


@pytest.mark.parametrize("spoil", ["gone", "not JSON", "another object"])
def test_a_folder_without_its_objects_is_one_line(folder, spoil):
    file = folder / "P000_000000_objects.json"
    if spoil == "gone":
        file.unlink()
    else:
        file.write_text("{" if spoil == "not JSON" else json.dumps([entry(1)]))
    with pytest.raises(DataError, match="P000_000000: no questions and objects of a built frame"):
        frame_difficulties(folder)
