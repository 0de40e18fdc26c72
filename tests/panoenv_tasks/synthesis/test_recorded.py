"""The way from six faces on disk, end to end, against the same scene seen directly."""

from __future__ import annotations

import numpy as np
import pytest
from support.tartanair_tree import write_tartanair

from panoenv_tasks.synthesis.choose import choose
from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.objects import measure
from panoenv_tasks.synthesis.questions import ask
from panoenv_tasks.synthesis.recorded import tartanair_panorama
from panoenv_tasks.synthesis.scenes.source import scene_panorama


@pytest.fixture(scope="module", params=["LivingRoomDay", "ParkSummer"])
def both(request, tmp_path_factory):
    (frame,) = write_tartanair(tmp_path_factory.mktemp("tartanair"), request.param)
    direct = scene_panorama(request.param, "P000_000000", 0)
    return frame, tartanair_panorama(frame), direct


def labels_of(shown):
    table = np.array(["-"] + [shown.labels[k].replace("_", " ") for k in sorted(shown.labels)])
    table[np.isin(table, ["sky", "ground", "wall", "ceiling"])] = "-"
    names, numbers = np.unique(table, return_inverse=True)
    return names, numbers[shown.segments]


def test_colours_agree(both):
    _, stitched, direct = both
    error = ((stitched.rgb.astype(np.float64) - direct.rgb) ** 2).mean()
    assert 10 * np.log10(255**2 / error) > 30


def test_classes_and_distances_agree(both):
    _, stitched, direct = both
    names, here = labels_of(stitched)
    same_names, there = labels_of(direct)
    assert names.tolist() == same_names.tolist()
    agree = here == there
    assert agree.mean() > 0.995
    known = agree & np.isfinite(stitched.depth) & np.isfinite(direct.depth)
    error = np.abs(stitched.depth[known] - direct.depth[known]) / direct.depth[known]
    assert np.median(error) < 1e-3


def test_objects_come_out_where_they_stand(both):
    _, stitched, direct = both
    truth = {one.label: one for one in measure(direct) if one.visible > 0.95}
    labels = [one.label for one in measure(direct)]
    seen = [one for one in measure(stitched) if labels.count(one.label.replace("_", " ")) == 1]
    errors = [
        np.linalg.norm(np.subtract(one.centre, truth[one.label.replace("_", " ")].centre))
        for one in seen
        if one.label.replace("_", " ") in truth
    ]
    assert len(errors) >= 6
    assert np.median(errors) < 0.15


def test_the_tilt_comes_back_from_the_pose(both):
    _, stitched, direct = both
    assert stitched.level is not None
    assert np.allclose(stitched.level, direct.level, atol=1e-6)
    assert not np.allclose(stitched.level, np.eye(3), atol=0.01)


def test_the_frame_can_be_asked_about(both):
    frame, stitched, _ = both
    objects = choose(measure(stitched), "ours", Dice(0))
    questions = ask(objects, frame.environment, "ours", Dice(0))
    assert len(questions) == 25
    # Labels on disk have underscores; people do not read them.
    assert any("_" in one.label for one in objects)
    named = [q for q in questions if q.template.category != "environment"]
    assert not any("_" in q.text for q in named)


def test_the_released_rules_take_planar_depth_from_the_files(both):
    frame, stitched, _ = both
    released = tartanair_panorama(frame, "released")
    known = np.isfinite(stitched.depth)
    ratio = released.depth[known] / stitched.depth[known]
    assert ratio.min() == pytest.approx(3**-0.5, abs=0.01)
    if frame.environment == "ParkSummer":
        assert (released.depth == 65504).any()
