"""The project's shared data, which lies beside the checkout on some machines and not in a clone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def shared_file(name: str) -> Path:
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"../shared/data/{name} is not there")
    return path


def shared_rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in shared_file(name).read_text("utf-8").splitlines()]
