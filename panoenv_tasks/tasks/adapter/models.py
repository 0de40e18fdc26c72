"""Our models, as lmms-eval's registry wants them described."""

from __future__ import annotations

from typing import Any

#: Our models that need no picture, so that a set without panoramas can still be answered.
TEXT_ONLY = {"panoenv_blind": "Blind", "panoenv_constant": "Constant", "panoenv_oracle": "Oracle"}


def manifests() -> list[Any]:
    """Return the descriptions by which lmms-eval finds our models."""
    from lmms_eval.models.registry_v2 import ModelManifest

    module = "panoenv_tasks.models.text_only"
    return [
        ModelManifest(model_id=name, chat_class_path=f"{module}.{class_name}")
        for name, class_name in TEXT_ONLY.items()
    ]
