"""The floors of the house: which package may import which, and what a bare import may load."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ALLOWED = {
    "panoenv_tasks": set(),
    "judges": {"panoenv_tasks"},
    "training": {"panoenv_tasks"},
    "leaderboard": {"panoenv_tasks", "judges"},
}
#: Judges and the leaderboard read saved outputs; they have no business with tasks or data sources.
RECORDS_ONLY = {"judges": {"tasks", "sources", "synthesis", "models", "perturb", "plugin"}}
HEAVY = {"torch", "transformers", "trl", "lmms_eval", "vllm", "datasets", "peft", "polars", "cv2"}


def imports_of(file: Path) -> set[str]:
    """Dotted names of every import in a file, also those inside functions."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def sources(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("package", ALLOWED)
def test_arrows_only_point_down(package):
    forbidden = set(ALLOWED) - ALLOWED[package] - {package}
    wrong = [
        f"{file.relative_to(ROOT)}: {name}"
        for file in sources(package)
        for name in imports_of(file)
        if name.split(".")[0] in forbidden
    ]
    assert sources(package)
    assert wrong == []


@pytest.mark.parametrize("package", RECORDS_ONLY)
def test_upper_packages_read_records_only(package):
    wrong = [
        f"{file.relative_to(ROOT)}: {name}"
        for file in sources(package)
        for name in imports_of(file)
        if name.startswith("panoenv_tasks.") and name.split(".")[1] in RECORDS_ONLY[package]
    ]
    assert wrong == []


def test_no_import_cycles_between_modules():
    graph: dict[str, set[str]] = {}
    for package in ALLOWED:
        for file in sources(package):
            parts = file.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            graph[name] = _top_level_imports(file)
    known = set(graph)
    edges = {n: {t for t in targets if t in known and t != n} for n, targets in graph.items()}
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join([*path[path.index(name) :], name])
        if name not in done:
            for target in sorted(edges[name]):
                # A package's __init__ gathers its modules, so a module may name its own package's parts.
                if not name.startswith(f"{target}."):
                    visit(target, (*path, name))
            done.add(name)

    for name in sorted(edges):
        visit(name, ())


def _top_level_imports(file: Path) -> set[str]:
    found = set()
    for node in ast.parse(file.read_text("utf-8")).body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.parametrize(
    "module",
    [*ALLOWED, "panoenv_tasks.cli", "panoenv_tasks.plugin", "judges.cli", "training.cli", "leaderboard.cli"],
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
