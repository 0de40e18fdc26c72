"""From a question's text to an answer: one solver per sub-category, a constant for all else."""

from __future__ import annotations

from collections.abc import Callable

from panoenv_tasks.blind import attributes, distances, environments, positions, views
from panoenv_tasks.blind.constant import constant
from panoenv_tasks.blind.guess import Guess
from panoenv_tasks.items import Item
from panoenv_tasks.taxonomy import Wording, recognise

Solver = Callable[[Wording], Guess]

SOLVERS: dict[str, Solver] = {
    "primary_view": views.primary_view,
    "multi_view_visibility": views.view_count,
    "seam_attribution": views.primary_view,
    "shared_visibility": views.shared_visibility,
    "multi_object_relationship": views.same_view,
    "depth_compare": distances.nearer,
    "depth_binary": distances.is_nearer,
    "depth_similarity": distances.is_similar,
    "distance_description": distances.description,
    "depth_triplet_farthest": distances.farthest,
    "env_mcq": environments.which_environment,
    "env_binary_judgement": environments.is_environment,
    "env_attribute": environments.indoors_or_outdoors,
    "env_scene_judgement": environments.is_environment,
    "env_confusable_pair": environments.which_environment,
    "env_category_identification": environments.which_class,
    "relpos_binary": positions.lies_towards,
    "relpos_cardinal": positions.relation,
    "relpos_distance_straightline": positions.straight_line,
    "relpos_distance_components": positions.component,
    "relpos_triplet_extreme": positions.extreme,
    "volume_comparison": attributes.by_volume,
    "volume_binary": attributes.compares_in_volume,
    "shape_flatness": attributes.most_oblong,
    "shape_elongation": attributes.most_oblong,
    "size_triplet_extreme": attributes.by_volume,
}


def answer(item: Item) -> str:
    """Answer a question without its image.

    Reads the question's text only (and, when the wording is unknown, the type and options): not the
    image, not the environment's name, not the gold answer. Never raises.

    Returns:
        A full completion, ``<Reasoning>...</Reasoning><Answer>...</Answer>``; the reasoning says what
        was computed.
    """
    return guess(item).completion


def guess(item: Item) -> Guess:
    """Return the blind answer with its reason; see ``answer``."""
    wording = recognise(item.question)
    if wording is None:
        return constant(item)
    return SOLVERS[wording.subcategory](wording)
