"""Versions of what took part in a run."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("panoenv", "lmms-eval", "torch", "transformers", "vllm", "openai")


def package_versions() -> dict[str, str]:
    """Return the installed versions of the packages that can change a result, and of Python."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
