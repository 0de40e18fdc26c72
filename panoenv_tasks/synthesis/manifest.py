"""Reading the manifest of a built tree back into settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from panoenv_tasks.items import DataError
from panoenv_tasks.synthesis.build import Settings
from panoenv_tasks.synthesis.frame import Form

#: What a manifest holds besides the selection.
_OWN = frozenset("format builder source split rules seed wording picture keep extra".split())


def read_manifest(tree: Path) -> dict[str, Any]:
    """Return a built tree's ``panoenv.json``.

    Raises:
        DataError: It is not there or not whole.
    """
    file = tree / "panoenv.json"
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except OSError:
        raise DataError(f"{file}: not there; expected a tree of `panoenv build`") from None
    except ValueError:
        found = None
    if not isinstance(found, dict) or not {"source", "split", "rules", "seed"} <= found.keys():
        raise DataError(f"{file}: not a manifest of a build")
    return found


def settings_of(manifest: Mapping[str, Any]) -> Settings:
    """Return the settings that a manifest was written from, with this version's builder and wording."""
    selection = {key: value for key, value in manifest.items() if key not in _OWN}
    form = Form(manifest.get("picture", "png"), tuple(manifest.get("keep", ())))
    return Settings(
        manifest["source"],
        manifest["split"],
        manifest["rules"],
        manifest["seed"],
        selection,
        form,
        "extra" in manifest,
    )
