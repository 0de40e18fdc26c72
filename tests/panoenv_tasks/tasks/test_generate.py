"""The task files on disk are what the generator writes, and say what every run must keep to."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
import yaml

from panoenv_tasks.items import CATEGORIES, DataError
from panoenv_tasks.tasks.panoenv.generate import FOLDER, files
from panoenv_tasks.tasks.panoenv.metrics import names
from panoenv_tasks.tasks.panoenv.names import by_name
from panoenv_tasks.tasks.panoenv.reported import shown


class _Loader(yaml.CSafeLoader):
    """Reads ``!function a.b.c`` as the object it names, as lmms-eval does."""


def _named(loader: yaml.CSafeLoader, node: yaml.ScalarNode) -> object:
    module, _, attribute = str(loader.construct_scalar(node)).rpartition(".")
    return getattr(importlib.import_module(module), attribute)


_Loader.add_constructor("!function", _named)


def _read(path: Path) -> dict:
    return yaml.load(path.read_text("utf-8"), _Loader)


@pytest.fixture(params=["short", "all"])
def table(request, monkeypatch):
    monkeypatch.setenv("PANOENV_METRICS", request.param)
    return request.param


def test_files_are_up_to_date():
    on_disk = {str(p.relative_to(FOLDER)): p.read_text("utf-8") for p in FOLDER.rglob("*.yaml")}
    assert on_disk == files(), "run python -m panoenv_tasks.tasks.panoenv.generate"


def test_the_files_are_few_lines():
    assert sum(text.count("\n") for text in files().values()) <= 2000


def test_every_name_has_one_file_that_calls_itself_so(table):
    found = {}
    for path in FOLDER.rglob("*.yaml"):
        content = _read(path)
        found[content.get("group") or content["task"]] = content
    assert found.keys() == by_name().keys()
    for name, content in found.items():
        selection = by_name()[name]
        metrics = content.get("metric_list") or content["aggregate_metric_list"]
        stated = [entry["metric"] for entry in metrics]
        assert set(shown(selection.category, in_pairs=selection.paired)) <= set(stated), name
        assert ("both_right" in stated) is selection.paired, name
        assert len(stated) == len(set(stated)), name
        assert all(callable(entry["aggregation"]) for entry in metrics), name


@pytest.mark.parametrize("category", [None, *CATEGORIES])
def test_the_table_is_short_unless_all_is_asked_for(category, monkeypatch):
    monkeypatch.delenv("PANOENV_METRICS", raising=False)
    assert 6 <= len(shown(category)) <= 8
    assert set(shown(category)) <= set(names(category))
    monkeypatch.setenv("PANOENV_METRICS", "all")
    assert shown(category) == names(category)


def test_a_table_nobody_knows_is_refused(monkeypatch):
    monkeypatch.setenv("PANOENV_METRICS", "some")
    with pytest.raises(DataError, match="PANOENV_METRICS=some: expected all or short"):
        shown(None)


def test_generation_is_greedy_with_room_and_an_explicit_stop():
    common = _read(FOLDER / "_common")
    assert common["generation_kwargs"].pop("until"), "without it the harness stops at the first blank line"
    assert common["generation_kwargs"] == {"max_new_tokens": 512, "do_sample": False, "temperature": 0}
    assert Path(common["dataset_kwargs"]["data_files"]["test"]).is_file()
