"""``panoenv judge`` in a process of its own that is there at once, to be killed again and again."""

from __future__ import annotations

import multiprocessing
from multiprocessing.process import BaseProcess

from judges.cli import app


def start_judge(*arguments: object) -> BaseProcess:
    """Start the command in a fork of a process that has imported everything."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["judges.cli", "openai"])
    process = context.Process(target=_judge, args=([str(word) for word in arguments],))
    process.start()
    return process


def _judge(arguments: list[str]) -> None:
    app(arguments)
