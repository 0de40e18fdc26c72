"""Faults of ours: each costs our tasks a service and is said in one line; the harness goes on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def guard(what: str) -> Iterator[None]:
    """Turn a fault of ours into one line on stderr."""
    try:
        yield
    except Exception as error:
        print(f"panoenv: {what}: {type(error).__name__}: {error}", file=sys.stderr)
