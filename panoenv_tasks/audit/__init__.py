"""How much of a score needs the image, and does it survive turning one's head?

``model_runs`` pairs the runs of one model under several conditions, ``meaning`` says what an answer claims,
``measures`` compares, ``report`` and ``chart`` show. Everything is computed from saved samples.
"""

from panoenv_tasks.audit.measures import MEASURES, NEEDS, Audit, Measure, audit_model, audit_totals
from panoenv_tasks.audit.model_runs import ModelRuns, read_model_runs

__all__ = [
    "MEASURES",
    "NEEDS",
    "Audit",
    "Measure",
    "ModelRuns",
    "audit_model",
    "audit_totals",
    "read_model_runs",
]
