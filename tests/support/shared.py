"""The project's data for tests: compressed in the repository, some of it beside the checkout as well."""

from __future__ import annotations

import atexit
import json
import lzma
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

#: Validation questions, golden scoring vectors, reading cases; see the notice in there.
COMMITTED = Path(__file__).resolve().parents[1] / "data"
#: Beside the checkout on some machines, and not in a clone.
DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def shared_file(name: str) -> Path:
    if (COMMITTED / f"{name}.xz").is_file():
        return _unpacked(name)
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"../shared/data/{name} is not there")
    return path


def shared_rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in shared_file(name).read_text("utf-8").splitlines()]


@lru_cache(maxsize=8)
def _unpacked(name: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="panoenv-test-data-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / name
    path.write_bytes(lzma.decompress((COMMITTED / f"{name}.xz").read_bytes()))
    return path
