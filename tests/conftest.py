"""What all tests share: a quick collection, and an order in which two workers end together."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

#: The files whose slow tests were measured to take longest; ``make test-slow`` gives out whole files so.
#: A wrong order costs time and nothing else.
LONGEST = (
    "training/test_learning.py",
    "training/test_resume.py",
    "panoenv_tasks/tasks/test_resume.py",
    "panoenv_tasks/study/test_run.py",
    "panoenv_tasks/audit/test_planted.py",
    "panoenv_tasks/tasks/test_refusals.py",
    "panoenv_tasks/tasks/test_figures.py",
    "panoenv_tasks/tasks/test_registration.py",
    "panoenv_tasks/tasks/test_real_models.py",
    "test_gpu_check.py",
    "leaderboard/test_page.py",
    "panoenv_tasks/study/test_reproduce.py",
    "panoenv_tasks/restore/test_frame.py",
    "panoenv_tasks/synthesis/twins/test_mini_twins.py",
    "panoenv_tasks/commands/test_blind.py",
    "training/test_families.py",
    "training/test_warm_up.py",
    "panoenv_tasks/commands/test_demo.py",
    "panoenv_tasks/tasks/test_twins_run.py",
)
_TESTS = Path(__file__).parent


def pytest_configure() -> None:
    # A shell's background job ignores Ctrl-C, and so would all that tests start and interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    # What collecting makes stays until the end: looking through it for garbage is a fifth of the time.
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {_TESTS / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))
