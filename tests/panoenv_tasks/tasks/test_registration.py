"""lmms-eval finds our tasks and models without a flag, and nothing of its own changes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from support import harness
from support.result_folders import made_up_items
from support.small_tree import write_tree

from panoenv_tasks.tasks.adapter import task_index
from panoenv_tasks.tasks.panoenv.names import by_name, leaves

pytestmark = pytest.mark.slow

OURS = set(by_name())
#: How the validation tasks were loaded when every file spelled its metrics out.
CONFIGURATIONS = Path(__file__).with_name("configurations.json")


@pytest.mark.parametrize("command", [("--tasks", "list"), ("tasks", "list")])
def test_the_lists_that_users_read_hold_our_tasks(tmp_path, command):
    # One way loads models, whose entry point hooks the index; the other relies on the start-up line.
    run = harness.run(tmp_path / "run", *command)
    listed = set(re.findall(r"^\s+(?:- )?(\w+)$", run.out, re.MULTILINE))
    assert run.code == 0, run.err
    assert listed >= OURS | {"mme", "mmmu_val"}


@pytest.fixture(scope="module")
def index():
    """The class that a Python user gets after importing the evaluator."""
    import lmms_eval.evaluator  # noqa: F401
    from lmms_eval.tasks import TaskManager

    return TaskManager


def test_ours_come_on_top_of_all_others(index):
    import lmms_eval.tasks

    everything = index()
    folder = str(Path(lmms_eval.tasks.__file__).parent)
    alone = index(include_path=folder, include_defaults=False)
    assert set(everything.all_tasks) == set(alone.all_tasks) | OURS
    assert len(everything.all_tasks) == len(alone.all_tasks) + len(OURS)
    assert {name: everything.task_index[name] for name in alone.all_tasks} == alone.task_index


def test_every_configuration_is_loaded_as_ever(index, monkeypatch):
    """All splits and conditions differ in their names alone; functions are told by theirs."""
    monkeypatch.setenv("PANOENV_METRICS", "all")
    manager, known = index(), json.loads(CONFIGURATIONS.read_text("utf-8"))
    for name, selection in by_name().items():
        wanted = dict(known["_".join(filter(None, ("panoenv_val", selection.category)))])
        if selection.category is None:
            wanted |= {"group": name, "task": [leaf.name for leaf in leaves(selection)]}
        else:
            wanted |= {"task": name, "dataset_name": name}
        found = _plain(manager._get_config(name))
        if selection.paired:
            # Twins have metrics of pairs before all others.
            key = "aggregate_metric_list" if selection.category is None else "metric_list"
            assert set(found.pop(key)) > set(wanted.pop(key)), name
        assert found == wanted, name


def _plain(config):
    def told(value):
        if callable(value):
            return f"{value.__module__}.{value.__qualname__}".removeprefix("panoenv_tasks.tasks.panoenv.")
        return str(value)

    made = {key: told(value) if callable(value) else value for key, value in config.items()}
    for key in {"metric_list", "aggregate_metric_list"} & config.keys():
        made[key] = [" ".join(map(told, entry.values())) for entry in config[key]]
    if "dataset_kwargs" in made:
        made["dataset_kwargs"] = {
            "data_files": {"test": Path(config["dataset_kwargs"]["data_files"]["test"]).name}
        }
    return made


def test_a_user_s_folder_wins_over_ours(index, tmp_path):
    mine = tmp_path / "mine.yaml"
    mine.write_text("group: panoenv\ntask:\n  - panoenv_distance\n")
    (tmp_path / "extra.yaml").write_text("task: extra\ndataset_path: json\noutput_type: generate_until\n")
    found = index(include_path=str(tmp_path))
    assert found.task_index["panoenv"]["yaml_path"] == str(mine)
    assert "extra" in found.all_tasks
    assert set(found.all_tasks) >= OURS


def test_no_defaults_means_none(index):
    assert index(include_defaults=False).all_tasks == []


def test_a_broken_file_of_ours_costs_only_ours(index, tmp_path, monkeypatch, capsys):
    (tmp_path / "bad.yaml").write_text("task: [unclosed\n")
    monkeypatch.setattr(task_index, "TASK_FOLDER", tmp_path)
    found = set(index().all_tasks)
    assert "mme" in found
    assert not OURS & found
    assert "panoenv: tasks not registered" in capsys.readouterr().err


def test_simple_evaluate_from_python(index, tmp_path, monkeypatch):
    from lmms_eval.evaluator import simple_evaluate

    items = made_up_items(3)
    monkeypatch.setenv("PANOENV_DATA", str(write_tree(tmp_path, items, size=None)))
    found = simple_evaluate(model="panoenv_oracle", tasks=["panoenv_val_noimage"], log_samples=True)
    group = found["results"]["panoenv_val_noimage"]
    assert group["acc_strict,none"] == 1.0
    assert group["n_error,none"] == 0
    assert sum(map(len, found["samples"].values())) == len(items)
