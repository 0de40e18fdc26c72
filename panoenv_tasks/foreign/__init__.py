"""Prediction files that others publish for PanoEnv-QA, as records that say where they come from."""

from panoenv_tasks.foreign.about import About, read_about
from panoenv_tasks.foreign.predictions import foreign_records, name_of, save
from panoenv_tasks.foreign.tables import is_foreign

__all__ = ["About", "foreign_records", "is_foreign", "name_of", "read_about", "save"]
