"""Answers from the question's text alone: what a score is worth without the image.

``answer`` uses closed-form panorama geometry on the boxes that questions print; ``constant_answer`` not
even that. Both are honest floors for every table, not models of vision.
"""

from panoenv_tasks.blind.answerer import answer
from panoenv_tasks.blind.guess import constant_answer

__all__ = ["answer", "constant_answer"]
