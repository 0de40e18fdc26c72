"""A training command that is killed from outside, as a power cut or a scheduler would."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest


def kill_training_at(start: str, arguments: Sequence[str | Path]) -> None:
    """Run ``panoenv train``; SIGKILL all of it at a random moment after a line that begins with ``start``."""
    command = [str(Path(sys.executable).with_name("panoenv")), "train", *map(str, arguments), "--no-export"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stderr is not None
    seen = []
    for line in process.stderr:
        seen.append(line)
        if line.startswith(start):
            time.sleep(random.random() * 0.3)
            os.killpg(process.pid, signal.SIGKILL)
            break
    else:
        pytest.fail("the run ended before it was killed:\n" + "".join(seen[-20:]))
    process.stderr.close()
    process.wait()
