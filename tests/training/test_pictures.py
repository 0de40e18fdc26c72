"""Preparing each picture once gives the same tensors, for less work, and a processor that still saves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from training.model import load_processor
from training.pictures import encode_each_picture_once, prepare_each_picture_once
from training.recipe import load_recipe


@pytest.fixture
def processor(tiny_model: Path) -> Any:
    return load_processor(str(tiny_model), load_recipe("smoke"))


def _pictures() -> list[Any]:
    from PIL import Image

    shapes = [(112, 56), (300, 200), (112, 56)]
    return [Image.effect_noise(size, 80).convert("RGB") for size in shapes]


@pytest.mark.parametrize("order", [[0, 1, 2], [0, 0, 0], [0, 0, 1, 1, 2, 2], [2, 0, 2, 1, 0]])
@pytest.mark.parametrize("nested", [False, True])
def test_the_tensors_are_the_same(order: list[int], nested: bool, processor: Any) -> None:
    import torch

    pictures = _pictures()
    flat = [pictures[number] for number in order]
    batch = [[picture] for picture in flat] if nested else flat
    texts = ["<|vision_start|><|image_pad|><|vision_end|>What?"] * len(flat)
    plain = processor(images=batch, text=texts, padding=True, return_tensors="pt")
    prepare_each_picture_once(processor)
    once = processor(images=batch, text=texts, padding=True, return_tensors="pt")
    assert plain.keys() == once.keys()
    assert all(torch.equal(plain[name], once[name]) for name in plain)


def test_copies_cost_nothing(processor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    library = type(processor.image_processor)
    work = library._preprocess
    counts = []

    def counted(self: Any, images: list[Any], *arguments: Any, **options: Any) -> Any:
        counts.append(len(images))
        return work(self, images, *arguments, **options)

    monkeypatch.setattr(library, "_preprocess", counted)
    one, other, _ = _pictures()
    processor.image_processor(images=[one] * 4 + [other] * 4)
    prepare_each_picture_once(processor)
    features = processor.image_processor(images=[one] * 4 + [other] * 4)
    assert len(features["image_grid_thw"]) == 8
    assert counts == [8, 2]


def test_the_processor_is_saved_as_what_it_was(processor: Any, tmp_path: Path) -> None:
    from transformers import AutoProcessor

    name = type(processor.image_processor).__name__
    prepare_each_picture_once(processor)
    processor.save_pretrained(tmp_path)
    assert type(AutoProcessor.from_pretrained(tmp_path).image_processor).__name__ == name


def _patches(tower: Any, grids: list[tuple[int, int, int]], seed: int) -> list[Any]:
    import torch

    config = tower.config
    values = config.in_channels * config.temporal_patch_size * config.patch_size**2
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(t * h * w, values, generator=generator) for t, h, w in grids]


@pytest.fixture(scope="module", params=["qwen2_5_vl", "qwen3_vl"])
def vlm_folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from support.tiny_families import make_tiny_qwen3_vl
    from support.tiny_vlm import make_tiny_qwen2_5_vl

    make = {"qwen2_5_vl": make_tiny_qwen2_5_vl, "qwen3_vl": make_tiny_qwen3_vl}[request.param]
    return make(tmp_path_factory.mktemp(request.param))


@pytest.fixture
def model(vlm_folder: Path) -> Any:
    from transformers import AutoModelForImageTextToText

    return AutoModelForImageTextToText.from_pretrained(vlm_folder).eval()


def test_a_tower_says_the_same_and_encodes_each_picture_once(model: Any) -> None:
    import torch

    tower = model.model.visual
    shapes = [(1, 4, 8), (1, 6, 4), (1, 4, 8)]
    pictures = _patches(tower, shapes, seed=1)
    order = [0, 0, 1, 1, 2, 0]
    patches = torch.cat([pictures[number] for number in order])
    grid = torch.tensor([shapes[number] for number in order])
    with torch.no_grad():
        plain = tower(patches, grid_thw=grid, return_dict=True)
        passed = []
        forward = tower.forward
        tower.forward = lambda *a, **k: passed.append(len(k["grid_thw"])) or forward(*a, **k)
        assert encode_each_picture_once(model, kept=3) == ["model.visual"]
        once, again = (tower(patches, grid_thw=grid, return_dict=True) for _ in range(2))
        # One value changed: another picture.
        patches[0, 0] += 1
        changed = tower(patches[:32], grid_thw=grid[:1], return_dict=True)
    assert passed == [3, 1]
    assert type(once) is type(plain)
    for key, expected in plain.items():
        for one in (once, again):
            got, want = (x if isinstance(x, (list, tuple)) else [x] for x in (one[key], expected))
            assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(got, want, strict=True))
    assert not torch.allclose(changed.pooler_output, plain.pooler_output[:8], atol=1e-5)


def test_a_tower_keeps_only_the_newest_pictures(model: Any) -> None:
    import torch

    tower = model.model.visual
    encode_each_picture_once(model, kept=2)
    for seed in range(5):
        (patches,) = _patches(tower, [(1, 4, 8)], seed)
        with torch.no_grad():
            tower(patches, grid_thw=torch.tensor([[1, 4, 8]]), return_dict=True)
    assert len(tower.forward.memory) == 2
