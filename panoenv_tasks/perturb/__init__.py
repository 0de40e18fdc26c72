"""Conditions: the same questions shown differently, so that what a score rests on can be measured."""

from panoenv_tasks.perturb.conditions import CONDITIONS, Condition, Picture, Presentation, present
from panoenv_tasks.perturb.pictures import draw

__all__ = ["CONDITIONS", "Condition", "Picture", "Presentation", "draw", "present"]
