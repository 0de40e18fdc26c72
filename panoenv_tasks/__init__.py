"""PanoEnv-QA: questions, scoring, prompts, harness tasks, blind baselines, synthesis."""

from panoenv_tasks.items import Box, DataError, Item, fingerprint
from panoenv_tasks.scoring import Score, score, score_answer
from panoenv_tasks.sources import load_items

__all__ = [
    "Box",
    "DataError",
    "Item",
    "Score",
    "fingerprint",
    "load_items",
    "score",
    "score_answer",
]
