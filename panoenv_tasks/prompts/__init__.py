"""What a model is asked: one template per category and kind of question, versioned and hashed.

The harness and the trainer both come here, so a model is evaluated on the sentences it was trained on.
"""

from panoenv_tasks.prompts.pack import PromptPack, active_pack, load_pack, render

__all__ = ["PromptPack", "active_pack", "load_pack", "render"]
