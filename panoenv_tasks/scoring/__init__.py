"""The scoring protocols. Metrics, rewards, re-scoring and audits all come here.

``paper@1`` reproduces the released scorer of PanoEnv (Lin and Zheng, CVPR 2026) exactly; ``strict@2``
credits what an answer commits to and nothing else; ``strict@1`` searched answers for words and is kept to
score old runs again. None ever raises on an answer, whatever the text.
"""

from panoenv_tasks.scoring.router import Score, score, score_answer
from panoenv_tasks.scoring.vocabulary import (
    CORRECT_FROM,
    PROTOCOL_NAMES,
    PROTOCOLS,
    STATUSES,
    VERSIONS,
    Protocol,
    ProtocolName,
    Status,
    Version,
    version_of,
)

__all__ = [
    "CORRECT_FROM",
    "PROTOCOLS",
    "PROTOCOL_NAMES",
    "STATUSES",
    "VERSIONS",
    "Protocol",
    "ProtocolName",
    "Score",
    "Status",
    "Version",
    "score",
    "score_answer",
    "version_of",
]
