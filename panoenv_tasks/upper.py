"""The packages above this one (judges, training, leaderboard), loaded from where PanoEnv keeps them.

Their names are common: other distributions install a ``judges`` or a ``leaderboard``, and a user's own folder
``training/`` comes first under ``python -m``. A wheel therefore keeps them in a folder of its own
(``panoenv_packages``), and commands and the in-run judge load them by location, whatever else is on the
path. See docs/decisions/0004-package-names.md.
"""

from __future__ import annotations

import importlib
import sys
from importlib.metadata import EntryPoint, entry_points
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from panoenv_tasks.items import DataError

#: Each package and those that it imports, lowest first.
PACKAGES = {"judges": ("judges",), "training": ("training",), "leaderboard": ("judges", "leaderboard")}
_IN_WHEEL = "panoenv_packages"


def names(group: str) -> list[str]:
    """Return the names that installed distributions declare in an entry-point group."""
    return [point.name for point in entry_points(group=group)]


def load(group: str, name: str) -> Any:
    """Return the object behind an entry point, None when there is no such name.

    Raises:
        DataError: Another package of that name is loaded already, or ours is not where it was installed.
    """
    points: list[EntryPoint] = list(entry_points(group=group, name=name))
    if not points:
        return None
    package = points[0].module.partition(".")[0]
    if package not in PACKAGES:
        return points[0].load()
    for needed in PACKAGES[package]:
        _ensure(needed)
    return getattr(importlib.import_module(points[0].module), points[0].attr)


def _ensure(package: str) -> None:
    """Make ``import package`` mean ours in this process."""
    file = _home() / package / "__init__.py"
    loaded = sys.modules.get(package)
    if loaded is not None:
        if loaded.__file__ is None or not file.exists() or not file.samefile(loaded.__file__):
            where = loaded.__file__ or "a folder without __init__.py"
            raise DataError(
                f"{where}: another package named {package} is loaded; PanoEnv's is {file.parent}: "
                "import it first or run panoenv in a process of its own"
            )
        return
    spec = spec_from_file_location(package, file, submodule_search_locations=[str(file.parent)])
    if spec is None or spec.loader is None or not file.is_file():
        raise DataError(f"{file}: a part of PanoEnv is missing; install panoenv again")
    module = module_from_spec(spec)
    sys.modules[package] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[package]
        raise


def _home() -> Path:
    beside = Path(__file__).resolve().parents[1]
    private = beside / _IN_WHEEL
    return private if private.is_dir() else beside
