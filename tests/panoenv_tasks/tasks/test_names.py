"""The names that users type after ``--tasks``."""

from __future__ import annotations

from panoenv_tasks.items import CATEGORIES
from panoenv_tasks.perturb import CONDITIONS
from panoenv_tasks.tasks.panoenv.names import Selection, by_name, groups, leaves


def test_the_names_that_are_promised():
    found = by_name()
    assert found["panoenv"] == Selection("test", None, "full")
    assert found["panoenv_val"] == Selection("val", None, "full")
    assert found["panoenv_mini"] == Selection("mini", None, "full")
    assert found["panoenv_noimage"] == Selection("test", None, "noimage")
    assert found["panoenv_mini_noimage"] == Selection("mini", None, "noimage")
    assert found["panoenv_mini_twins"] == Selection("mini_twins", None, "full")
    assert found["panoenv_twins_view_source_marked"] == Selection("twins", "view_source", "marked")
    assert found["panoenv_rot90"] == Selection("test", None, "rot90")
    assert found["panoenv_distance"] == Selection("test", "distance", "full")
    assert found["panoenv_val_view_source_noimage"] == Selection("val", "view_source", "noimage")


def test_no_two_selections_share_a_name():
    # Between quarter turns no view and no size can be asked about; of twins no view beside coordinates.
    assert len(by_name()) == 3 * (len(CONDITIONS) * (1 + len(CATEGORIES)) - 2) + 2 * (4 * 6 - 2)
    assert all(selection.name == name for name, selection in by_name().items())


def test_a_group_is_its_categories_on_the_same_questions():
    for group in groups():
        wanted = list(CATEGORIES)
        if group.condition == "rot45":
            wanted = ["distance", "environment", "relative_position"]
        elif group.paired and group.condition in ("full", "noimage"):
            wanted.remove("view_source")
        assert [leaf.category for leaf in leaves(group)] == wanted
        assert {(leaf.split, leaf.condition) for leaf in leaves(group)} == {(group.split, group.condition)}
