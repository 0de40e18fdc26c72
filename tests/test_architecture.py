"""The floors of the house: which room may import which, and what a bare import may load."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.imports import circles, graph, imports_of, modules

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {
    "panoenv_tasks": set(),
    "judges": {"panoenv_tasks"},
    "training": {"panoenv_tasks"},
    "leaderboard": {"panoenv_tasks", "judges"},
}
#: The rooms of panoenv_tasks from the ground up: a room imports from lower floors only, so two rooms of one
#: floor do not know one another.
FLOORS = (
    "items cache default_command markdown processes stats whole_file",
    "geometry alone figures placeholders owned upper vllm_server",
    "taxonomy prompts pairs places",
    "answers",
    "sources scoring records",
    "blind rescore",
    "perturb restore synthesis",
    "tasks",
    "audit foreign models plugin",
    "commands study",
    "cli",
    "__main__",
)
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms.split()}
#: Judges read saved outputs; they have no business with tasks or data sources.
RECORDS_ONLY = {"judges": {"tasks", "sources", "synthesis", "models", "perturb", "plugin"}}
HEAVY = {"torch", "transformers", "trl", "lmms_eval", "vllm", "datasets", "peft", "polars", "cv2"}
MODULES = modules(ROOT, PACKAGES)


def room_of(name: str) -> str:
    """The room of panoenv_tasks that a dotted name lies in; empty for the package itself."""
    return name.split(".")[1] if "." in name else ""


@pytest.mark.parametrize("package", PACKAGES)
def test_arrows_between_packages_only_point_down(package):
    forbidden = set(PACKAGES) - PACKAGES[package] - {package}
    wrong = [
        f"{module}: {name}"
        for module, file in MODULES.items()
        if module.split(".")[0] == package
        for name in imports_of(module, file)
        if name.split(".")[0] in forbidden
    ]
    assert package in MODULES
    assert wrong == []


def test_every_room_has_a_floor():
    rooms = {room_of(name) for name in MODULES if name.startswith("panoenv_tasks.")}
    assert rooms == set(FLOOR_OF), "put a new room into FLOORS, above all that it imports"


def test_arrows_between_rooms_only_point_down():
    wrong = [
        f"{module} imports {name}"
        for module, targets in graph(MODULES).items()
        if module.startswith("panoenv_tasks.")
        for name in targets
        if room_of(name) != room_of(module)
        # The package's own front is for those outside it.
        and (not room_of(name) or FLOOR_OF[room_of(name)] >= FLOOR_OF[room_of(module)])
    ]
    assert wrong == []


@pytest.mark.parametrize("package", RECORDS_ONLY)
def test_upper_packages_read_records_only(package):
    wrong = [
        f"{module}: {name}"
        for module, file in MODULES.items()
        if module.split(".")[0] == package
        for name in imports_of(module, file)
        if name.startswith("panoenv_tasks.") and room_of(name) in RECORDS_ONLY[package]
    ]
    assert wrong == []


def test_no_module_imports_itself_through_others():
    assert circles(graph(MODULES)) == []


@pytest.mark.parametrize(
    "back",
    [
        "from house.a import thing",
        "import house.a",
        "def lazy():\n    from house.a import thing",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house.a import thing",
        "from .a import thing",
        "from . import a",
        "from house import a",
    ],
)
def test_a_circle_of_any_kind_is_seen(back, tmp_path):
    (tmp_path / "house").mkdir()
    (tmp_path / "house/__init__.py").write_text("from house.a import thing\n")
    (tmp_path / "house/a.py").write_text("from house.b import other\nthing = 1\n")
    (tmp_path / "house/b.py").write_text(f"{back}\nother = 1\n")
    assert circles(graph(modules(tmp_path, ["house"]))) == [["house.a", "house.b", "house.a"]]


def test_a_part_that_imports_from_its_own_front_is_a_circle(tmp_path):
    (tmp_path / "house").mkdir()
    (tmp_path / "house/__init__.py").write_text("from house.a import thing\n")
    (tmp_path / "house/a.py").write_text("from house import other\nthing = 1\n")
    assert circles(graph(modules(tmp_path, ["house"]))) == [["house", "house.a", "house"]]


@pytest.mark.parametrize(
    "module",
    [*PACKAGES, "panoenv_tasks.cli", "panoenv_tasks.plugin", "judges.cli", "training.cli", "leaderboard.cli"],
)
def test_a_bare_import_is_light(module):
    code = f"import sys, {module}; print(','.join(sorted(set(sys.modules) & {HEAVY!r})))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == ""


def test_help_loads_nothing_heavy():
    code = (
        "import sys\nfrom panoenv_tasks.cli import app\n"
        "try: app(['--help'])\nexcept SystemExit: pass\n"
        f"print('LOADED', sorted(set(sys.modules) & {HEAVY!r}))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip().endswith("LOADED []")
    for command in ("demo", "data", "score", "build", "judge", "train", "merge", "audit", "leaderboard"):
        assert command in result.stdout
