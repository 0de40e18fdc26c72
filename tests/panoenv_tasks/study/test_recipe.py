"""A study as plain data: tiers, files, and bad input in one line."""

from __future__ import annotations

import pytest

from panoenv_tasks.items import DataError
from panoenv_tasks.study.recipe import TIERS, read_study, tier, to_yaml


@pytest.mark.parametrize("name", TIERS)
@pytest.mark.parametrize(
    "model", ["some/model", "http://127.0.0.1:8000/v1#mine", "lmms:qwen2_5_vl,pretrained=some/model"]
)
def test_a_tier_is_a_file_that_reads_back_as_itself(name, model, tmp_path):
    file = tmp_path / "study.yaml"
    file.write_text(to_yaml(tier(name, model)), encoding="utf-8")
    assert read_study(file) == tier(name, model)


def test_the_tiers_ask_what_they_promise():
    assert tier("quick", "m").split == "mini"
    assert {"noimage", "noimage_nobox", "shuffled"} < set(tier("standard", "m").conditions)
    full = tier("full", "m")
    assert (full.split, len(full.conditions), len(full.judges)) == ("test", 9, 3)


GOOD = {"name": "x", "split": "mini", "model": {"lmms": "panoenv_blind"}}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"split": "train"}, "split 'train'; expected one of test, val, mini"),
        ({"conditions": ["full", "upside_down"]}, "condition 'upside_down'"),
        ({"conditions": ["noimage"]}, "conditions must hold full"),
        ({"conditions": "full"}, "conditions: expected a list"),
        ({"model": {}}, "expected one of lmms, serve and url; found none"),
        ({"model": {"lmms": "a", "serve": "b"}}, "found lmms and serve"),
        ({"model": {"url": "http://127.0.0.1:1"}}, "a url needs the name"),
        ({"model": {"lmms": "a", "args": {"b": "c,d"}}}, "cannot take a comma"),
        ({"model": 3}, "model: expected a mapping"),
        ({"judges": [{"protokol": "rules"}]}, "unknown key 'protokol'"),
        ({"judges": [{}]}, "protocol is missing"),
        ({"judges": [{"protocol": "q", "serve": "a", "url": "b"}]}, "expected serve or url, not both"),
        ({"limit": 0}, "limit 0"),
        ({"colour": "red"}, "unknown key 'colour'"),
    ],
)
def test_bad_studies_are_refused_in_one_line(changes, complaint, tmp_path):
    import yaml

    file = tmp_path / "study.yaml"
    file.write_text(yaml.safe_dump({**GOOD, **changes}), encoding="utf-8")
    with pytest.raises(DataError) as refusal:
        read_study(file)
    assert complaint in str(refusal.value)
    assert str(refusal.value).startswith(str(file))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("text", ["a: [", "- 1", "", "\x00"])
def test_what_is_no_mapping_is_refused(text, tmp_path):
    file = tmp_path / "study.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="study"):
        read_study(file)


@pytest.mark.parametrize(
    ("model", "complaint"), [("http://h:1", "URL#NAME"), ("lmms:a,b", "lmms:NAME,key=value")]
)
def test_a_model_that_cannot_be_read_is_refused(model, complaint):
    with pytest.raises(DataError, match=complaint):
        tier("quick", model)
