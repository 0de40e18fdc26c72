"""Where questions come from: every on-disk form, read into the same ``Item``."""

from panoenv_tasks.sources.locate import load_items, read_items
from panoenv_tasks.sources.rows import Problem

__all__ = ["Problem", "load_items", "read_items"]
