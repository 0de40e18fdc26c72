"""How much of a score needs the image, and does it survive turning one's head?

``results`` pairs the runs of one model under several conditions, ``meaning`` says what an answer claims,
``measures`` compares, ``report`` and ``chart`` show. Everything is computed from saved samples.
"""

from panoenv_tasks.audit.measures import MEASURES, NEEDS, Audit, Measure, audit_subject, audit_totals
from panoenv_tasks.audit.results import Subject, read_subjects

__all__ = [
    "MEASURES",
    "NEEDS",
    "Audit",
    "Measure",
    "Subject",
    "audit_subject",
    "audit_totals",
    "read_subjects",
]
