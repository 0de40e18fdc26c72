"""From a question's text to an answer: one solver per sub-category, a constant for all else."""

from __future__ import annotations

from collections.abc import Callable

from panoenv_tasks.blind import environment_questions, metric_questions, view_questions
from panoenv_tasks.blind.boxes import BY_GEOMETRY, BoxEstimates
from panoenv_tasks.blind.guess import Guess, constant
from panoenv_tasks.items import Item
from panoenv_tasks.taxonomy import Wording, recognise

#: Solvers that estimate ranges and sizes from boxes, and those that do not.
METRIC_SOLVERS: dict[str, Callable[[Wording, BoxEstimates], Guess]] = {
    "depth_compare": metric_questions.name_nearer,
    "depth_binary": metric_questions.say_whether_nearer,
    "depth_similarity": metric_questions.say_whether_as_far,
    "distance_description": metric_questions.state_range,
    "depth_triplet_farthest": metric_questions.name_farthest,
    "relpos_binary": metric_questions.say_whether_on_side,
    "relpos_cardinal": metric_questions.describe_relation,
    "relpos_distance_straightline": metric_questions.state_distance_apart,
    "relpos_distance_components": metric_questions.state_component_apart,
    "relpos_triplet_extreme": metric_questions.name_outermost,
    "volume_comparison": metric_questions.name_largest_or_smallest,
    "volume_binary": metric_questions.say_whether_larger_or_smaller,
    "size_triplet_extreme": metric_questions.name_largest_or_smallest,
}
OTHER_SOLVERS: dict[str, Callable[[Wording], Guess]] = {
    "primary_view": view_questions.name_primary_view,
    "multi_view_visibility": view_questions.count_views,
    "seam_attribution": view_questions.name_primary_view,
    "shared_visibility": view_questions.say_whether_shown_together,
    "multi_object_relationship": view_questions.compare_views,
    "env_mcq": environment_questions.name_environment,
    "env_binary_judgement": environment_questions.say_whether_environment,
    "env_attribute": environment_questions.say_indoors_or_outdoors,
    "env_scene_judgement": environment_questions.say_whether_environment,
    "env_confusable_pair": environment_questions.name_environment,
    "env_category_identification": environment_questions.name_environment_class,
    "shape_flatness": metric_questions.name_most_oblong,
    "shape_elongation": metric_questions.name_most_oblong,
}
#: Solvers for the kinds that the release does not have.
EXTRA_METRIC_SOLVERS: dict[str, Callable[[Wording, BoxEstimates], Guess]] = {
    "occlusion_order": metric_questions.say_whether_nearer,
    "viewpoint_change": metric_questions.name_side_from_elsewhere,
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


def guess(item: Item, estimates: BoxEstimates = BY_GEOMETRY) -> Guess:
    """Return the blind answer with its reason; see ``answer``.

    Args:
        item: The question.
        estimates: What to believe of an object from its box.
    """
    wording = recognise(item.question)
    if wording is None:
        return constant(item)
    metric = METRIC_SOLVERS | EXTRA_METRIC_SOLVERS
    if wording.subcategory in metric:
        return metric[wording.subcategory](wording, estimates)
    if wording.subcategory == "instance_count":
        return view_questions.count_instances(wording)
    return OTHER_SOLVERS[wording.subcategory](wording)
