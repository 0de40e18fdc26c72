"""The two scoring protocols. Metrics, rewards, re-scoring and audits all come here.

``paper@1`` reproduces the released scorer of PanoEnv (Lin and Zheng, CVPR 2026) exactly; ``strict@1``
keeps its strategies and closes the holes that let hedged or empty answers score. Neither ever raises
on an answer, whatever the text.
"""

from panoenv_tasks.scoring.router import Score, score, score_answer
from panoenv_tasks.scoring.vocabulary import (
    CORRECT_FROM,
    PROTOCOLS,
    STATUSES,
    VERSIONS,
    Protocol,
    Status,
)

__all__ = [
    "CORRECT_FROM",
    "PROTOCOLS",
    "STATUSES",
    "VERSIONS",
    "Protocol",
    "Score",
    "Status",
    "score",
    "score_answer",
]
