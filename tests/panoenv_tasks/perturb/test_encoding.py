"""Server wrappers encode a picture for every question; ours does the work once."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from panoenv_tasks.perturb.encoding import EncodedOnce


@pytest.fixture
def plain():
    return Image.linear_gradient("L").convert("RGB")


@pytest.fixture
def encodings(monkeypatch):
    """The formats in which anything was encoded, in order."""
    Image.init()
    found = []
    for name in ("PNG", "JPEG"):
        write = Image.SAVE[name]

        def counted(image, stream, filename, name=name, write=write, **more):
            found.append(name)
            return write(image, stream, filename, **more)

        monkeypatch.setitem(Image.SAVE, name, counted)
    return found


def saved(image, *arguments, **params):
    stream = BytesIO()
    image.save(stream, *arguments, **params)
    return stream.getvalue()


def test_the_bytes_are_the_same_and_made_once(plain, encodings):
    shared = EncodedOnce(plain)
    assert saved(shared, "PNG") == saved(shared, format="PNG") == saved(plain, "PNG")
    assert encodings == ["PNG", "PNG"]


def test_every_quality_is_its_own(plain, encodings):
    shared = EncodedOnce(plain)
    good, poor = (saved(shared, "JPEG", quality=quality) for quality in (95, 20))
    assert len(good) > len(poor)
    assert saved(shared, "JPEG", quality=95) == good
    assert encodings == ["JPEG", "JPEG"]


def test_it_is_a_picture_like_any_other(plain, tmp_path):
    shared = EncodedOnce(plain)
    assert (shared.size, shared.mode) == (plain.size, "RGB")
    assert shared.tobytes() == plain.tobytes()
    assert type(shared.resize((8, 8))) is Image.Image
    shared.save(tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as again:
        assert again.tobytes() == plain.tobytes()
