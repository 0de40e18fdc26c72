"""A broken or unusual picture never passes for a good one."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile
from support.questions import item_of

from panoenv_tasks.items import DataError
from panoenv_tasks.sources.images import check_image, check_images, image_size, open_image

RNG = np.random.default_rng(5)
NOISE = RNG.integers(0, 256, (40, 80, 3), np.uint8)
#: A PNG of one red pixel, byte for byte.
RED = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
)


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("PANOENV_CACHE", str(tmp_path / "cache"))


@pytest.fixture(params=[True, False])
def lenient(request, monkeypatch):
    """Pillow as lmms-eval leaves it, and as it comes."""
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", request.param)
    return request.param


def saved(path: Path, pixels=NOISE, **options) -> Path:
    Image.fromarray(pixels).save(path, **options)
    return path


def write_16_bits(path: Path, pixels) -> None:
    import cv2

    cv2.imwrite(str(path), pixels.astype(np.uint16) * 257)


@pytest.mark.parametrize("suffix", ["png", "jpg"])
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_an_incomplete_picture_is_refused_whatever_pillow_is_set_to(tmp_path, lenient, suffix, kept):
    file = saved(tmp_path / f"a.{suffix}")
    whole = file.read_bytes()
    file.write_bytes(whole[: int(kept * len(whole))])
    with pytest.raises(DataError, match=f"a.{suffix}: not a readable image"):
        open_image(file)
    assert ImageFile.LOAD_TRUNCATED_IMAGES is lenient


@settings(deadline=None)  # the first example imports cv2
@given(st.data())
def test_a_png_that_lost_bytes_or_has_other_ones_is_refused(data):
    import cv2

    whole = cv2.imencode(".png", NOISE)[1].tobytes()
    # The last part, IEND, is empty: what its twelve bytes say is nobody's concern.
    place = data.draw(st.integers(0, len(whole) - 13))
    flipped = bytes([whole[place] ^ data.draw(st.integers(1, 255))])
    before = ImageFile.LOAD_TRUNCATED_IMAGES
    file = Path(os.environ["PANOENV_CACHE"]).with_name("a.png")
    for broken in (whole[:place], whole[:place] + flipped + whole[place + 1 :]):
        file.write_bytes(broken)
        for ImageFile.LOAD_TRUNCATED_IMAGES in (True, False):
            with pytest.raises(DataError):
                open_image(file)
    ImageFile.LOAD_TRUNCATED_IMAGES = before


def test_a_whole_picture_keeps_its_pixels(tmp_path, lenient):
    picture = open_image(saved(tmp_path / "a.png"))
    assert picture.mode == "RGB"
    assert np.array_equal(np.asarray(picture), NOISE)


def test_grey_palette_and_opaque_rgba_become_rgb(tmp_path):
    grey = NOISE[..., 0]
    assert np.array_equal(np.asarray(open_image(saved(tmp_path / "l.png", grey))), np.dstack([grey] * 3))
    opaque = np.dstack([NOISE, np.full(NOISE.shape[:2], 255, np.uint8)])
    assert np.array_equal(np.asarray(open_image(saved(tmp_path / "rgba.png", opaque))), NOISE)
    paletted = Image.fromarray(NOISE // 128 * 255).convert("P", palette=Image.Palette.ADAPTIVE)
    paletted.save(tmp_path / "p.png")
    assert np.array_equal(np.asarray(open_image(tmp_path / "p.png")), NOISE // 128 * 255)


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda p: write_16_bits(p, NOISE), "an image of 16 bits a channel"),
        (lambda p: write_16_bits(p, NOISE[..., 0]), "an image of 16 bits a channel"),
        (lambda p: Image.fromarray(NOISE).convert("CMYK").save(p, format="JPEG"), "an image of mode CMYK"),
        (lambda p: Image.fromarray(np.dstack([NOISE, NOISE[..., 0]])).save(p), "transparent pixels"),
        (lambda p: Image.fromarray(NOISE).save(p, transparency=tuple(NOISE[0, 0].tolist())), "transparent"),
        (lambda p: Image.fromarray(NOISE).save(p, format="GIF"), "expected a whole PNG or JPEG"),
        (lambda p: Path(p).write_bytes(b""), "not a readable image"),
        (lambda p: Path(p).mkdir(), "cannot read the image"),
        (lambda p: None, "no such image"),
    ],
)
def test_an_unusual_picture_is_refused(tmp_path, write, message):
    write(str(tmp_path / "a.png"))
    with pytest.raises(DataError, match=message):
        open_image(tmp_path / "a.png")


def test_a_huge_picture_is_refused_before_it_is_unpacked(tmp_path):
    def part(name: bytes, content: bytes) -> bytes:
        return len(content).to_bytes(4) + name + content + zlib.crc32(name + content).to_bytes(4)

    header = (9000).to_bytes(4) * 2 + bytes([8, 2, 0, 0, 0])
    parts = part(b"IHDR", header) + part(b"IDAT", zlib.compress(b"")) + part(b"IEND", b"")
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + parts)
    with pytest.raises(DataError, match="9000x9000 pixels; expected at most 52,428,800 in all"):
        open_image(tmp_path / "a.png")


def test_the_size_is_read_from_the_header_alone(tmp_path):
    file = saved(tmp_path / "a.png")
    file.write_bytes(file.read_bytes()[:60])
    assert image_size(file) == (80, 40)
    file.write_bytes(b"nothing")
    with pytest.raises(DataError, match="not a readable image"):
        image_size(file)
    with pytest.raises(DataError, match="no such image"):
        image_size(tmp_path / "b.png")


def test_threads_do_not_leave_the_switch_in_another_state(tmp_path, monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    whole, cut = saved(tmp_path / "a.png"), tmp_path / "b.png"
    cut.write_bytes(whole.read_bytes()[:-400])

    def outcome(path: Path) -> str:
        try:
            return str(open_image(path).size)
        except DataError:
            return "refused"

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(outcome, [whole, cut] * 40)) == ["(80, 40)", "refused"] * 40
    assert ImageFile.LOAD_TRUNCATED_IMAGES is True


def test_the_hash_is_that_of_the_file(tmp_path):
    (tmp_path / "red.png").write_bytes(RED)
    found = check_image(tmp_path / "red.png")
    assert found.sha256 == "b1ff9c8ea3a780bad09b346c423d2d0e46815926879b18e841d928376a946640"
    assert (found.width, found.height) == (1, 1)


def spoil(file: Path) -> None:
    """Other bytes, the same size and times."""
    status = file.stat()
    file.write_bytes(bytes(status.st_size))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


def question_about(file: Path):
    return replace(item_of("Is the lamp lit?"), image=file, image_kind="marked", origin="val.jsonl:1")


def test_a_picture_is_checked_once_until_its_size_or_time_changes(tmp_path):
    file = saved(tmp_path / "a.png")
    first = check_image(file).sha256
    items = [question_about(file)]
    assert check_images(items) == []
    spoil(file)
    assert check_images(items) == []
    assert check_image(file).sha256 == first
    assert "not a readable image" in str(check_images(items, anew=True)[0])
    os.utime(file, ns=(0, 1))
    assert "not a readable image" in str(check_images(items)[0])
    with pytest.raises(DataError):
        check_image(file)


def test_a_picture_that_was_bad_is_looked_at_again(tmp_path):
    file = saved(tmp_path / "a.png")
    whole = file.read_bytes()
    spoil(file)
    assert len(check_images([question_about(file)])) == 1
    status = file.stat()
    file.write_bytes(whole)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert check_images([question_about(file)]) == []


@pytest.mark.parametrize("make", [lambda c: c.write_text("a file"), lambda c: (c.mkdir(), _rubbish(c))])
def test_a_cache_that_cannot_be_used_costs_nothing_but_time(tmp_path, make):
    make(tmp_path / "cache")
    (tmp_path / "red.png").write_bytes(RED)
    assert len(check_image(tmp_path / "red.png").sha256) == 64
    assert check_images([question_about(tmp_path / "red.png")]) == []


def _rubbish(cache: Path) -> None:
    (cache / "images-1.sqlite").write_bytes(b"no database at all" * 100)


@pytest.mark.slow
def test_lmms_eval_cannot_make_a_cut_panorama_pass(tmp_path):
    noise = RNG.integers(0, 256, (1280, 2560, 3), np.uint8)
    file = saved(tmp_path / "rgb_erp.png", noise)
    file.write_bytes(file.read_bytes()[:200_000])
    code = (
        "import lmms_eval.api.task\nfrom PIL import Image\nfrom pathlib import Path\n"
        "from panoenv_tasks.sources.images import open_image\n"
        f"path = Path({str(file)!r})\nImage.open(path).load()\nprint('PASSES IN PILLOW')\nopen_image(path)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "PASSES IN PILLOW" in run.stdout
    assert "not a readable image" in run.stderr
