"""At what size a model saw its pictures: from what really resizes them, as stated, or not known."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from PIL import Image
from support.tiny_vlm import make_tiny_qwen2_5_vl

from panoenv_tasks.tasks.adapter.samples import note_seen
from panoenv_tasks.tasks.panoenv.seen import (
    FULL_PIXELS,
    max_pixels,
    size_seen,
    warn,
    watching,
)

LOW = 1_605_632
PANORAMA, FACE = (2560, 1280), (640, 640)


@pytest.fixture(autouse=True)
def nothing_stated(monkeypatch):
    monkeypatch.delenv("PANOENV_SEEN", raising=False)


def wrapper(limit, processor_limit=None):
    """The attributes that wrappers of lmms-eval have; ``test_real_models.py`` runs a real one."""
    if processor_limit is None:
        return SimpleNamespace(max_pixels=limit)
    images = SimpleNamespace(size=SimpleNamespace(shortest_edge=3136, longest_edge=processor_limit))
    return SimpleNamespace(max_pixels=limit, processor=SimpleNamespace(image_processor=images))


def test_the_limit_of_the_image_processor_counts():
    assert max_pixels(wrapper(LOW, LOW)) == LOW


def test_a_limit_for_video_frames_does_not():
    # async_openai and vllm carry max_pixels for video; images go out whole.
    assert max_pixels(wrapper(151_200)) is None
    # sglang has a processor, but never gives it the limit.
    assert max_pixels(wrapper(LOW, FULL_PIXELS)) is None
    assert max_pixels(SimpleNamespace()) is None


def test_a_lower_limit_is_said_once(capsys):
    warn(LOW, ["panoenv_val_distance", "panoenv_val_environment"])
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith("panoenv: the model sees at most 1605632 pixels")
    assert "max_pixels=3276800" in said


@pytest.mark.parametrize(
    ("limit", "task"),
    [(FULL_PIXELS, "panoenv_val_distance"), (None, "panoenv"), (LOW, "mme"), (LOW, "panoenv_noimage")],
)
def test_nothing_is_said_when_all_is_seen_or_nothing_shown(capsys, limit, task):
    warn(limit, [task])
    assert capsys.readouterr().err == ""


def test_what_was_watched_goes_before_what_is_stated(monkeypatch):
    monkeypatch.setenv("PANOENV_SEEN", "1000x500")
    assert size_seen(PANORAMA, []) == (1000, 500)
    assert size_seen(PANORAMA, [(2548, 1260)]) == (2548, 1260)
    # A panorama's size says nothing about a face, nor does a face's about a panorama.
    assert size_seen(FACE, []) is None
    assert size_seen(FACE, [(2548, 1260), (644, 644)]) == (644, 644)
    assert size_seen(PANORAMA, [(644, 644)]) == (1000, 500)


def test_what_is_not_known_is_none():
    assert size_seen(PANORAMA, []) is None
    assert size_seen(None, [(2548, 1260)]) is None
    # Two sizes of one shape: nobody can say which question saw which.
    assert size_seen(PANORAMA, [(2548, 1260), (1960, 980)]) is None


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """A tiny random Qwen2.5-VL, and its processor."""
    from transformers import AutoModelForImageTextToText, AutoProcessor

    checkpoint = make_tiny_qwen2_5_vl(tmp_path_factory.mktemp("checkpoint") / "tiny")
    return AutoModelForImageTextToText.from_pretrained(checkpoint), AutoProcessor.from_pretrained(checkpoint)


@pytest.mark.slow
def test_a_network_is_watched_while_it_runs_and_no_longer(network):
    network, processor = network
    text = "<|im_start|>user\n<|vision_start|><|image_pad|><|vision_end|>hi<|im_end|>\n"

    def look(*size):
        inputs = processor(text=[text], images=[Image.new("RGB", size)], return_tensors="pt")
        network.generate(**inputs, max_new_tokens=2)

    with watching(SimpleNamespace(model=network)) as sizes:
        # Multiples of 28 nearest to what is shown: 569 / 28 = 20.3, 300 / 28 = 10.7.
        look(569, 300)
        look(140, 140)
    assert sizes == {(560, 308), (140, 140)}
    look(280, 280)
    assert sizes == {(560, 308), (140, 140)}


@pytest.mark.parametrize("model", [None, SimpleNamespace(), SimpleNamespace(model=object())])
def test_what_cannot_be_watched_yields_nothing(model):
    with watching(model) as sizes:
        pass
    assert sizes == set()


def test_records_say_what_was_seen():
    shown = {"image": {"kind": "erp", "width": 2560, "height": 1280}}
    none = {"image": {"kind": "none", "width": None, "height": None}}
    note_seen([shown, none], LOW, {(2548, 1260)})
    assert shown["image"]["seen"] == {"width": 2548, "height": 1260}
    assert shown["image"]["max_pixels"] == LOW
    assert none["image"]["seen"] is None
