"""Where the project keeps what it can make or ask for again."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """Return ``$PANOENV_CACHE``, else ``$XDG_CACHE_HOME/panoenv``, else ``~/.cache/panoenv``.

    The folder is not made.
    """
    own = os.environ.get("PANOENV_CACHE")
    if own:
        return Path(own).expanduser()
    shared = os.environ.get("XDG_CACHE_HOME")
    return (Path(shared) if shared else Path.home() / ".cache") / "panoenv"
