"""Right only when both are: what is counted, what is left out, and what blind answering can reach."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panoenv_tasks.pairs import Answered, both_right, comparable, guess_of
from panoenv_tasks.perturb import present
from panoenv_tasks.sources.rows import Row, to_item


def answers(*rows):
    return [Answered(pair, correct, guess) for pair, correct, guess in rows]


def test_a_pair_counts_only_when_both_are_right():
    found = both_right(
        answers(
            *(("E/a/1", True, 0.5), ("E/a/1", True, 0.5)),
            *(("E/a/2", True, 0.5), ("E/a/2", False, 0.5)),
            *(("E/b/1", False, 0.25), ("E/b/1", False, 0.25)),
            *(("E/c/1", True, 0.0), ("E/c/1", True, 0.0)),
        )
    )
    assert (found.share.mean, found.share.n, found.share.clusters) == (0.5, 4, 3)
    assert found.chance == (0.25 + 0.25 + 0.0625 + 0) / 4
    assert found.alone == 0


def test_two_runs_of_the_same_pairs_do_not_mix():
    rows = [Answered("E/a/1", run == "one", 0.5, run) for run in ("one", "two") for _ in range(2)]
    found = both_right(rows)
    assert (found.share.mean, found.share.n, found.share.clusters) == (0.5, 2, 1)


def test_an_answer_without_its_twin_is_left_out_and_counted():
    found = both_right(answers(("E/a/1", True, 0.5), ("E/b/1", True, 0.5), ("E/b/1", True, 0.5)))
    assert (found.share.mean, found.share.n, found.alone) == (1.0, 1, 1)
    assert both_right(answers(("E/a/1", True, 0.5))) is None
    assert both_right([]) is None


@settings(deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=30))
def test_who_says_the_same_twice_has_no_pair_right(first_is_right):
    rows = [(f"E/{k}/1", right, 0.5) for k, right in enumerate(first_is_right)]
    rows += [(f"E/{k}/1", not right, 0.5) for k, right in enumerate(first_is_right)]
    assert both_right(answers(*rows)).share.mean == 0


@pytest.mark.parametrize(
    ("kind", "options", "guess"),
    [
        ("true_false", (), 0.5),
        ("multiple_choice", ("The lamp", "The sofa"), 0.5),
        ("multiple_choice", ("Front", "Back", "Left", "Right", "Top", "Bottom"), 1 / 6),
        ("open_ended", (), 0.0),
    ],
)
def test_the_chance_of_a_draw(kind, options, guess):
    assert guess_of(kind, options) == guess


def question(frame, x, answer, pair):
    text = f"About how many meters away from the camera is the lamp (boundingbox: [{x}, 2, 90, 40])?"
    row = Row("twins", "E", frame, text, "open_ended", answer, "", None, "none", "here:1", pair)
    return to_item(row)


ITEMS = [
    question("f_a", 1, "About 2.0 meters", "E/f/1"),
    question("f_b", 1, "About 3.0 meters", "E/f/1"),
    question("f_a", 5, "About 2.0 meters", "E/f/2"),
    question("f_c", 6, "About 3.0 meters", "E/f/2"),
    question("f_a", 7, "About 2.0 meters", "E/f/3"),
    question("g", 8, "About 2.0 meters", ""),
]


def test_pairs_are_shown_whole_and_never_with_coordinates_that_tell():
    def names(items):
        return [item.pair for item in items]

    assert names(comparable(ITEMS, with_coordinates=True)) == ["E/f/1", "E/f/1", ""]
    assert names(comparable(ITEMS, with_coordinates=False)) == ["E/f/1", "E/f/1", "E/f/2", "E/f/2", ""]
    assert len(present(ITEMS, "full")) == len(present(ITEMS, "noimage")) == 3
    assert len(present(ITEMS, "noimage_nobox")) == len(present(ITEMS, "marked")) == 5


def test_items_without_pairs_all_stay():
    plain = [replace(item, pair="") for item in ITEMS]
    assert comparable(plain, with_coordinates=True) == plain
