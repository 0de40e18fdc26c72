"""Twenty-six kinds of question, one small function each, and how 25 of them are asked of a frame."""

from panoenv_tasks.synthesis.questions.ask import ask
from panoenv_tasks.synthesis.questions.question import Question

__all__ = ["Question", "ask"]
