"""Each picture of a batch prepared once, however many completions are sampled for it."""

from __future__ import annotations

from typing import Any


def prepare_each_picture_once(processor: Any) -> None:
    """Let a Qwen-VL processor's image processor work on the distinct pictures of a call only.

    TRL passes the picture of a group once per completion, and twice over; a full panorama takes about
    0.2 s of CPU each time. The rows of a group share one picture object, by which copies are known.
    The result is bit for bit what it would have been. Other families' processors are left alone.
    """
    import torch
    from transformers.image_utils import make_flat_list_of_images

    images = processor.image_processor
    plain = type(images)
    if not hasattr(images, "merge_size"):
        return

    def preprocess(self: Any, pictures: Any, *arguments: Any, **options: Any) -> Any:
        flat = make_flat_list_of_images(pictures)
        distinct = {id(picture): picture for picture in flat}
        features = plain.preprocess(self, list(distinct.values()), *arguments, **options)
        if len(distinct) < len(flat):
            place = {key: number for number, key in enumerate(distinct)}
            chosen = [place[id(picture)] for picture in flat]
            grid = torch.as_tensor(features["image_grid_thw"])
            patches = torch.split(torch.as_tensor(features["pixel_values"]), grid.prod(dim=1).tolist())
            features["pixel_values"] = torch.cat([patches[number] for number in chosen])
            features["image_grid_thw"] = grid[chosen]
        return features

    # A subclass under the same name: the name is what a saved processor is found by.
    images.__class__ = type(plain.__name__, (plain,), {"preprocess": preprocess})
