"""How exactly raw panoramas come back from drawings, beside a plain median over all of them.

Procedural scenes are asked 25 questions as the released generator asks them, and every question's drawing
is painted in styles that the restoring code does not know. Both sides read the same files; each runs in a
process of its own, so that its memory can be told. The median is given where the panorama lies in drawings
with a strip of text, which restoring has to find out.

    python benchmarks/bench_restore.py [FRAMES] [STYLE ...]
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support import painters  # noqa: E402

from panoenv_tasks.markdown import table  # noqa: E402
from panoenv_tasks.restore.drawings import Drawing, drawings_of  # noqa: E402
from panoenv_tasks.restore.frame import RestoreError, restore_frame  # noqa: E402
from panoenv_tasks.synthesis.frame import write_frame  # noqa: E402
from panoenv_tasks.synthesis.scenes.source import scene_panorama  # noqa: E402

PLACES = ("LivingRoomDay", "StreetDay", "ParkAutumn", "OfficeFloor")
STYLES = {**painters.EXACT, "jpeg": painters.thick, "captioned": painters.captioned}
#: Rows above the panorama, which only the median is told.
ABOVE = {"strip_above": 90}


def main() -> None:
    frames = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    rows, times = [], []
    with tempfile.TemporaryDirectory() as name:
        folders = [_scene(Path(name), place) for place in PLACES[:frames]]
        for style in sys.argv[2:] or STYLES:
            found = [_both(folder, style) for folder in folders]
            ours, median = ([pair[side] for pair in found] for side in (0, 1))
            rows.append([style, *_cells(ours), *_cells(median)])
            times.append(
                (_mean(ours, "seconds"), _mean(median, "seconds"), _mean(ours, "mb"), _mean(median, "mb"))
            )
    header = "style|exact|drawings|MB read|s|peak MB".split("|")
    print(table([*header, *(f"median: {name}" for name in header[1:])], rows, align="l" + 10 * "r"))
    ours_s, median_s, ours_mb, median_mb = np.sum(times, axis=0)
    print(
        f"median over restoring: {median_s / ours_s:.1f}x the seconds, {median_mb / ours_mb:.1f}x the MB read"
    )


def _scene(root: Path, place: str) -> Path:
    folder = root / place / "P000_000000"
    write_frame(scene_panorama(place, folder.name, 0), folder, "released", 0)
    return folder


def _both(folder: Path, style: str) -> tuple[dict[str, Any], dict[str, Any]]:
    options: dict[str, Any] = {"suffix": ".jpg", "quality": 90} if style == "jpeg" else {}
    raw = Image.open(folder / "rgb_erp.png").convert("RGB")
    drawings = painters.paint(folder, raw, STYLES[style], **options)
    if style == "jpeg":
        # What is behind JPEG drawings is the panorama as a JPEG.
        raw.save(folder / "raw.jpg", quality=90)
    try:
        with get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
            return tuple(pool.apply(run, (folder, style)) for run in (restored, median))  # type: ignore[return-value]
    finally:
        for file in drawings.iterdir():
            file.unlink()
        drawings.rmdir()


def restored(folder: Path, style: str) -> dict[str, Any]:
    started, drawings = time.perf_counter(), folder / "visualizations"
    names = [file.name for file in drawings.iterdir()]
    questions = json.loads(next(folder.glob("*_qa.json")).read_text("utf-8"))["questions"]

    def read(drawing: Drawing) -> Path:
        return drawings / drawing.name

    try:
        found = restore_frame(drawings_of(questions, names), read)
    except RestoreError as error:
        return {"exact": 0.0, "note": str(error), **_cost(started, [])}
    cost = _cost(started, [drawings / one for one in found.used])
    refused = " (refused)" if found.confidence.unconfirmed > 0.001 else ""
    return {"exact": _exact(found.rgb, folder, style), "note": refused, **cost}


def median(folder: Path, style: str) -> dict[str, Any]:
    started, top = time.perf_counter(), ABOVE.get(style, 0)
    files = sorted((folder / "visualizations").iterdir())
    pictures = [np.asarray(Image.open(file).convert("RGB"))[top : top + 1280] for file in files]
    found = np.median(np.stack(pictures), axis=0).astype(np.uint8)
    return {"exact": _exact(found, folder, style), "note": "", **_cost(started, files)}


def _exact(found: Any, folder: Path, style: str) -> float:
    truth = Image.open(folder / ("raw.jpg" if style == "jpeg" else "rgb_erp.png")).convert("RGB")
    return float((found == np.asarray(truth)).all(axis=2).mean())


def _cost(started: float, files: list[Path]) -> dict[str, float]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = sum(file.stat().st_size for file in files) / 1e6
    return {"seconds": time.perf_counter() - started, "drawings": len(files), "mb": size, "peak": peak}


def _mean(found: list[dict[str, Any]], key: str) -> float:
    return float(np.mean([one[key] for one in found]))


def _cells(found: list[dict[str, Any]]) -> list[str]:
    exact = f"{100 * _mean(found, 'exact'):.4f} %{found[0]['note']}"
    numbers = {"drawings": 1, "mb": 1, "seconds": 2, "peak": 0}
    return [exact, *(f"{_mean(found, key):.{digits}f}" for key, digits in numbers.items())]


if __name__ == "__main__":
    main()
