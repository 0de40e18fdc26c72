"""Judges: Q-Score and P-Score from a model behind vLLM, and the rubric computed without one.

``score_records`` does it all; ``load_protocol`` names how, ``Client`` says who, ``Store`` remembers.
"""

from judges.built_in import load_protocol, protocols
from judges.client import Client
from judges.records import Usage, Verdict
from judges.run import score_records
from judges.store import Store
from judges.wire import JudgeError

__all__ = [
    "Client",
    "JudgeError",
    "Store",
    "Usage",
    "Verdict",
    "load_protocol",
    "protocols",
    "score_records",
]
