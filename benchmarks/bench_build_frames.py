"""What a frame costs by the ways of building it: CPU time and room on the disk.

One frame of each environment: rendered, rendered and kept, rendered as JPEG, and asked again from what was
kept. Ends with what 100,000 frames take.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from panoenv_tasks.synthesis.again import frames_again, settings_again
from panoenv_tasks.synthesis.build import Settings, build, scene_frames
from panoenv_tasks.synthesis.frame import Form
from panoenv_tasks.synthesis.scenes.families import ENVIRONMENTS

FORMS = {
    "png": Form(),
    "png, all kept": Form(keep=("depth", "instances", "scene")),
    "jpeg": Form("jpeg"),
}
MANY = 100_000


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--frames", type=int, default=len(ENVIRONMENTS))
    count = reader.parse_args().frames
    # Every other environment first: indoors and outdoors are in turn then.
    names = [*list(ENVIRONMENTS)[::2], *list(ENVIRONMENTS)[1::2]]
    frames = scene_frames(names, count, 1)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        # The tables of rays are made once in a process.
        build(root / "first", frames[:1], Settings("scenes", "test", "ours", 2))
        found = {}
        for form in FORMS:
            settings = Settings("scenes", "test", "ours", 1, {}, FORMS[form])
            tree = root / form
            found[form] = measured(tree, lambda tree=tree, settings=settings: build(tree, frames, settings))
        kept = root / "png, all kept"
        again = root / "again"
        found["asked again"] = measured(
            again, lambda: build(again, frames_again(kept), settings_again(kept, None))
        )
    for form, (seconds, size) in found.items():
        print(
            f"{form:14} {seconds:5.2f} s of CPU and {size:5.2f} MB a frame; {MANY:,}: "
            f"{seconds * MANY / 3600:4.0f} h of one core, {size * MANY / 1000:4.0f} GB"
        )
    print(
        f"ratio: {found['png'][0] / found['asked again'][0]:.1f} times less CPU to ask again than to render"
    )


def measured(tree: Path, work: Callable[[], object]) -> tuple[float, float]:
    """Return CPU seconds and megabytes a frame."""
    start = time.process_time()
    work()
    seconds = time.process_time() - start
    size = sum(file.stat().st_size for file in tree.rglob("*") if file.is_file())
    frames = len(list(tree.rglob("*_qa.json")))
    return seconds / frames, size / 1e6 / frames


if __name__ == "__main__":
    main()
