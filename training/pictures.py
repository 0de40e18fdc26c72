"""Each picture of a batch prepared and encoded once, however many completions are sampled for it."""

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


def encode_each_picture_once(model: Any, kept: int) -> list[str]:
    """Let a Qwen-VL model's frozen vision tower encode each distinct picture once, and keep the newest.

    A group's completions share one picture, and sampling, the policy's and the anchor's log-probabilities
    each pass over it again; the tower never changes. Pictures are told apart by their patches, exactly.
    Other families' towers are left alone.

    Args:
        model: The base model, its vision tower frozen.
        kept: Pictures whose patches and features stay in memory (about 0.1 GB each at 2548x1260).

    Returns:
        The names of the towers that do so.
    """
    found = []
    for name, tower in model.named_modules():
        if name.rpartition(".")[2] == "visual" and hasattr(tower, "spatial_merge_size"):
            tower.forward = _Remembering(tower.forward, kept)
            found.append(name)
    return found


class _Remembering:
    """A vision tower's forward that passes only pictures it has not seen lately."""

    def __init__(self, forward: Any, kept: int) -> None:
        self.forward, self.kept = forward, kept
        self.memory: list[tuple[Any, Any, dict[str, Any]]] = []

    def __call__(self, hidden_states: Any, grid_thw: Any, **options: Any) -> Any:
        """Return the tower's output for all pictures.

        Args:
            hidden_states: Patches of all pictures, ``(patches, values)``.
            grid_thw: Per picture its frames, rows and columns of patches, ``(pictures, 3)``.
            **options: Passed on.
        """
        import torch

        pieces = torch.split(hidden_states, grid_thw.prod(dim=1).tolist())
        keys = [(piece, tuple(grid.tolist())) for piece, grid in zip(pieces, grid_thw, strict=True)]
        new: list[tuple[Any, Any]] = []
        for key in keys:
            if self._recall(key) is None and not any(_same_picture(key, other) for other in new):
                new.append(key)
        if new:
            output = self.forward(
                torch.cat([piece for piece, _ in new]),
                grid_thw=torch.tensor(
                    [grid for _, grid in new], device=grid_thw.device, dtype=grid_thw.dtype
                ),
                **options,
            )
            features = [_part(output, new, number) for number in range(len(new))]
            fresh = [(piece.clone(), grid, part) for (piece, grid), part in zip(new, features, strict=True)]
            # Enough for this call, whatever its size; afterwards only the newest stay.
            self.memory = [*self.memory, *fresh]
            self.shape = type(output)
        parts = [self._recall(key) for key in keys]
        self.memory = self.memory[-self.kept :]
        return self.shape(**_joined(parts))

    def _recall(self, key: tuple[Any, Any]) -> dict[str, Any] | None:
        return next((part for piece, grid, part in self.memory if _same_picture(key, (piece, grid))), None)


def _same_picture(one: tuple[Any, Any], other: tuple[Any, Any]) -> bool:
    import torch

    return one[1] == other[1] and one[0].dtype == other[0].dtype and torch.equal(one[0], other[0])


def _part(output: Any, pictures: list[tuple[Any, Any]], number: int) -> dict[str, Any]:
    """Cut one picture's share out of every tensor of a tower's output."""
    import torch

    sizes = [piece.shape[0] for piece, _ in pictures]

    def cut(tensor: Any) -> Any:
        # Merged features are fewer than patches by a whole factor.
        factor = sum(sizes) // tensor.shape[0]
        return torch.split(tensor, [size // factor for size in sizes])[number].clone()

    return {
        key: [cut(tensor) for tensor in value] if isinstance(value, (list, tuple)) else cut(value)
        for key, value in output.items()
    }


def _joined(parts: list[Any]) -> dict[str, Any]:
    import torch

    return {
        key: [torch.cat([part[key][level] for part in parts]) for level in range(len(value))]
        if isinstance(value, list)
        else torch.cat([part[key] for part in parts])
        for key, value in parts[0].items()
    }
