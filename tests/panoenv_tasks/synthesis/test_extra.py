"""Counting, who hides whom, another point of view: on maps by hand, and on scenes with things taken out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.synthetic import thing

from panoenv_tasks.geometry.turning import bearing_from, side_of
from panoenv_tasks.synthesis.choose import choose
from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.objects import measure
from panoenv_tasks.synthesis.panorama import Panorama, Truth
from panoenv_tasks.synthesis.questions.extra import ask_extra, countable, hiding
from panoenv_tasks.synthesis.scenes.render import panorama as render
from panoenv_tasks.synthesis.scenes.source import scene_of, with_truth
from panoenv_tasks.taxonomy import recognise

H, W = 320, 640


def shown(*things, exact=True):
    """Things as label, rows, columns and distance; later ones lie over earlier ones."""
    depth, segments = np.full((H, W), 20.0, np.float32), np.zeros((H, W), np.int32)
    for number, (_, rows, columns, distance) in enumerate(things, start=1):
        depth[rows, columns], segments[rows, columns] = distance, number
    labels = {number: label for number, (label, *_) in enumerate(things, start=1)}
    truth = {number: Truth((0, 0, 1), (1, 1, 1), 0.9) for number in labels} if exact else {}
    return Panorama("Flat", "P", np.zeros((H, W, 3), np.uint8), depth, segments, labels, truth)


def at(top, bottom, left, right, distance, label="crate"):
    return (label, slice(top, bottom), slice(left, right), distance)


BACK = at(100, 200, 200, 300, 5.0)


@pytest.mark.parametrize(
    ("things", "expected"),
    [
        ([BACK, at(150, 250, 250, 350, 3.0)], {(1, 2): False}),
        ([at(100, 200, 200, 300, 3.0), at(150, 250, 250, 350, 5.0)], {(1, 2): True}),
        # Side by side at one distance, or as far apart as a thing is thick.
        ([BACK, at(150, 250, 250, 350, 4.9)], {}),
        ([BACK, at(150, 250, 250, 350, 4.75)], {}),
        # Too short a border.
        ([BACK, at(100, 110, 300, 350, 3.0)], {}),
        # Across the seam.
        ([at(100, 200, 0, 50, 5.0), at(100, 200, 600, 640, 2.0)], {(1, 2): False}),
        # Three in a row; the two outer ones do not meet.
        ([BACK, at(100, 200, 300, 340, 4.0), at(100, 200, 340, 400, 2.0)], {(1, 2): False, (2, 3): False}),
    ],
)
def test_who_hides_whom_is_read_from_their_border(things, expected):
    assert hiding(shown(*things)) == expected


def test_things_that_hide_one_another_are_left_out():
    picture = shown(BACK, at(100, 200, 300, 400, 3.0))
    assert hiding(picture) == {(1, 2): False}
    picture.depth[100:150, 300:400] = 9.0
    assert hiding(picture) == {}


def test_only_kinds_of_which_all_are_plain_are_counted():
    big = dict(zip(("chair", "table", "armchair", "plant"), range(4), strict=True))
    places = [at(50 * k, 50 * k + 40, 0, 40, 5.0, label) for label, k in big.items()]
    chairs = [at(0, 40, 100 * k, 100 * k + 40, 5.0, "table") for k in (2, 3)]
    # A plant too small to be counted by everyone, and one that is not seen at all.
    small, hidden = at(300, 310, 300, 310, 5.0, "plant"), at(0, 0, 0, 0, 1.0, "table")
    picture = shown(*places, *chairs, small, hidden)
    assert countable(picture) == {"table": 3, "armchair": 1}
    hardly = {**picture.truth, 2: Truth((0, 0, 1), (1, 1, 1), 0.2)}
    assert countable(replace(picture, truth=hardly)) == {"armchair": 1}
    assert countable(shown(*places, exact=False)) == {}


@pytest.mark.parametrize(
    ("at", "towards", "asked", "bearing", "side"),
    [
        ((0, 0, 0), (0, 0, 5), (0, 3, 9), 0, "ahead"),
        ((0, 0, 0), (0, 0, 5), (4, -1, 0), 90, "right"),
        ((0, 0, 0), (0, 0, 5), (-4, 0, 4), -45, None),
        ((2, 0, 2), (-3, 0, 2), (2, 0, 9), 90, "right"),
        ((2, 0, 2), (-3, 0, 2), (2, 0, -9), -90, "left"),
        ((1, 0, 1), (2, 0, 2), (-4, 0, -4), 180, "behind"),
    ],
)
def test_sides_are_seen_from_where_one_stands(at, towards, asked, bearing, side):
    assert abs(bearing_from(at, towards, asked)) == pytest.approx(abs(bearing))
    if side is not None:
        assert side_of(bearing_from(at, towards, asked)) == side


def test_points_of_view_are_clear_and_on_the_ground():
    objects = [
        thing(label, number, box=(200 * number, 600, 200 * number + 99, 699), centre=centre)
        for number, (label, centre) in enumerate(
            [
                ("balloon", (0.0, 8.0, 3.0)),
                ("bench", (0.0, -1.0, 4.0)),
                ("bin", (0.3, -1.0, 4.2)),
                ("tree", (5.0, 0.5, 9.0)),
                ("house", (-9.0, 1.0, 2.0)),
                ("pond", (0.0, -2.0, -6.0)),
            ],
            start=1,
        )
    ]
    by_label = {one.label: one.centre for one in objects}
    seen = set()
    for seed in range(30):
        questions = ask_extra(shown(BACK, exact=False), objects, Dice(seed))
        (question,) = [q for q in questions if q.template.subcategory == "viewpoint_change"]
        names = [box.label for box in recognise(question.text).objects]
        assert names[0] in ("bench", "bin", "pond")
        assert set(names[:2]) != {"bench", "bin"}
        bearing = bearing_from(*(by_label[name] for name in names))
        assert side_of(bearing) == question.answer
        assert abs(bearing - 90 * round(bearing / 90)) <= 25
        seen.add(question.answer)
    assert len(seen) >= 3


@pytest.fixture(scope="module")
def street():
    scene = scene_of("StreetDay", "P000_000003", 0)
    shot = render(scene, 1280, 2560, coloured=False)
    return scene, shot, with_truth("P000_000003", scene, shot)


def test_what_was_hidden_comes_to_light_when_the_other_is_taken_away(street):
    scene, shot, picture = street
    pairs = [(a, b) if first else (b, a) for (a, b), first in sorted(hiding(picture).items())][:4]
    assert len(pairs) >= 3
    for front, back in pairs:
        for taken, other, grows in ((front, back, True), (back, front, False)):
            left = tuple(one for index, one in enumerate(scene.instances) if index != taken - 1)
            index = other - 1 - (other > taken)
            without = render(replace(scene, instances=left), 1280, 2560, coloured=False)
            gained = np.count_nonzero(without.segments == index) - np.count_nonzero(
                shot.segments == other - 1
            )
            assert gained > 20 if grows else gained == 0, (front, back)


def test_counts_are_those_of_the_scene(street):
    scene, shot, picture = street
    counts = countable(picture)
    assert counts
    for label, count in counts.items():
        visible = [
            index
            for index, one in enumerate(scene.instances)
            if one.label == label and (shot.segments == index).any()
        ]
        assert len(visible) == count


LOW, HIGH = at(150, 250, 250, 350, 3.0), at(80, 160, 450, 550, 3.0)
FAR = at(100, 220, 400, 500, 6.0)


def test_who_hides_whom_is_asked_where_the_lower_edges_do_not_tell():
    def asked(picture, seed):
        questions = ask_extra(picture, measure(picture), Dice(seed))
        return [q for q in questions if q.template.subcategory == "occlusion_order"]

    # In the first pair the one in front reaches lower down, in the second it does not.
    picture = shown(BACK, LOW, FAR, HIGH)
    questions = [question for seed in range(40) for question in asked(picture, seed)]
    assert len(questions) == 40
    assert {(q.objects, q.answer) for q in questions} == {
        *(((2, 1), "Yes"), ((1, 2), "No"), ((4, 3), "Yes"), ((3, 4), "No"))
    }
    for only in ((BACK, LOW), (FAR, HIGH)):
        assert not any(asked(shown(*only), seed) for seed in range(20))


def test_a_scene_is_asked_and_asked_the_same_again(street):
    _, _, picture = street
    objects = choose(measure(picture), "ours", Dice(0))
    questions = ask_extra(picture, objects, Dice(1))
    assert {q.template.subcategory for q in questions} >= {"instance_count", "viewpoint_change"}
    assert all(recognise(q.text).template == q.template for q in questions)
    assert ask_extra(picture, objects, Dice(1)) == questions
