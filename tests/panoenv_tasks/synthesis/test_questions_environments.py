"""Questions about the place, and the facts behind them."""

from __future__ import annotations

from support.synthetic import answer, text, thing

from panoenv_tasks.places import RELEASED_KINDS, place_of

CRATE = thing()


def test_the_facts_cover_both_worlds():
    place, others = place_of("OldTownFall")
    assert place is not None
    assert (place.kind, place.setting) == ("Urban", "outdoor")
    assert set(place.twins) == {"OldTownNight", "OldTownSummer", "OldTownWinter"}
    assert len(others) == 73
    place, others = place_of("CourtyardDay")
    assert place is not None
    assert (place.setting, place.twins, len(others)) == ("mix", ("CourtyardNight",), 15)
    assert place_of("Atlantis") == (None, {})


def test_twins_name_known_places():
    for environment in ("OldTownFall", "ParkSummer"):
        place, others = place_of(environment)
        for known in [place, *others.values()]:
            assert known is not None
            assert all(twin in {environment, *others} for twin in known.twins)


def test_four_environments_with_a_twin_among_them():
    for seed in range(20):
        draft = answer("env_mcq", CRATE, seed=seed)
        assert draft is not None
        assert draft.answer == "ParkSummer"
        assert len(set(draft.options)) == 4
        assert set(draft.options) & {"ParkAutumn", "ParkWinter"}


def test_the_right_option_is_anywhere():
    places = {answer("env_mcq", CRATE, seed=s).options.index("ParkSummer") for s in range(40)}
    assert places == {0, 1, 2, 3}


def test_a_pair_is_the_place_and_its_twin():
    draft = answer("env_confusable_pair", CRATE, environment="StreetNight")
    assert draft is not None
    assert set(draft.options) == {"StreetDay", "StreetNight"}


def test_yes_and_no_name_the_right_and_a_wrong_place():
    for seed in range(20):
        draft = answer("env_binary_judgement", CRATE, seed=seed)
        assert draft is not None
        assert (draft.answer == "Yes") == (draft.environment == "ParkSummer")


def test_indoors_or_outdoors_is_not_asked_where_it_is_both():
    assert text("env_attribute", CRATE) == "Outdoors"
    assert text("env_attribute", CRATE, environment="KitchenDay") == "Indoors"
    assert text("env_attribute", CRATE, environment="CourtyardDay") is None
    assert text("env_scene_judgement", environment="CourtyardDay") in ("Yes", "No")
    assert text("env_scene_judgement", environment="KitchenDay") is None


def test_kinds_of_place_are_spelled_as_the_rules_say():
    ours = answer("env_category_identification", environment="KitchenDay")
    released = answer("env_category_identification", environment="KitchenDay", rules="released")
    assert ours is not None
    assert released is not None
    assert (ours.answer, released.answer) == ("Domestic", "Domes")
    assert len(ours.options) == len(released.options) == 3
    assert set(released.options) <= set(RELEASED_KINDS.values())


def test_nothing_is_asked_of_an_unknown_place():
    for subcategory in ("env_mcq", "env_binary_judgement", "env_attribute", "env_confusable_pair"):
        assert text(subcategory, CRATE, environment="Atlantis") is None
