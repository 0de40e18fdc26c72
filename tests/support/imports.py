"""Who imports whom, read from the source: also imports inside functions and under ``TYPE_CHECKING``."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from pathlib import Path

Graph = dict[str, set[str]]


def modules(root: Path, packages: Iterable[str]) -> dict[str, Path]:
    """Dotted name -> file of every module of some packages; a package has the name of its folder."""
    found = {}
    for package in packages:
        for file in sorted((root / package).rglob("*.py")):
            parts = file.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def imports_of(module: str, file: Path) -> set[str]:
    """Absolute dotted names that a module imports: ``a.b`` for ``import a.b`` and for ``from a import b``."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = [node.module] if node.module else []
            if node.level:
                folder = module.split(".") if file.name == "__init__.py" else module.split(".")[:-1]
                base = [*folder[: len(folder) - node.level + 1], *base]
            found |= {".".join([*base, alias.name]) for alias in node.names}
    return found


def graph(found: Mapping[str, Path]) -> Graph:
    """Module -> modules that it imports; a name that is no module is its package's or module's own."""
    edges: Graph = {}
    for module, file in found.items():
        targets = {name if name in found else name.rpartition(".")[0] for name in imports_of(module, file)}
        edges[module] = {name for name in targets if name in found and name != module}
    return edges


def circles(edges: Graph) -> list[list[str]]:
    """One circle for every knot of modules that import one another: ``[a, b, a]``."""
    done: set[str] = set()
    found = []

    def visit(name: str, path: list[str]) -> None:
        if name in path:
            found.append([*path[path.index(name) :], name])
        elif name not in done:
            for target in sorted(edges.get(name, ())):
                visit(target, [*path, name])
            done.add(name)

    for name in sorted(edges):
        visit(name, [])
    return found
