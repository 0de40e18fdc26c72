"""Which questions a model may find easier or harder for a reason of their geometry."""

from __future__ import annotations

from panoenv_tasks.records import Sample
from panoenv_tasks.taxonomy import recognise

_ORDERS_DISTANCES = ("depth_compare", "depth_binary", "depth_triplet_farthest")


def touches_seam(sample: Sample) -> bool:
    """Whether a box of the question reaches the left or right edge of the panorama."""
    wording = recognise(sample.question)
    return wording is not None and any(box.touches_seam for box in wording.objects)


def height_agrees(sample: Sample) -> bool | None:
    """Whether the gold answer is what heights in the image suggest: the lower the nearer.

    On level ground an object's lower edge tells its distance, which makes height a shortcut that vision
    models are known to take ("Why Far Looks Up", 2026).

    Returns:
        None for questions that do not order distances, and where the decisive edges are level.
    """
    wording = recognise(sample.question)
    if wording is None or wording.subcategory not in _ORDERS_DISTANCES:
        return None
    edges = [box.y2 for box in wording.objects]
    suggested = min(edges) if wording.subcategory == "depth_triplet_farthest" else max(edges)
    if edges.count(suggested) > 1:
        return None
    if wording.subcategory == "depth_binary":
        return (edges[0] == suggested) == (sample.answer == "Yes")
    return wording.options[edges.index(suggested)] == sample.answer
