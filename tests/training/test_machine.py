"""What a vLLM server must be started with to sample for a recipe."""

from __future__ import annotations

import json
import warnings

from training.machine import server_flags
from training.recipe import load_recipe


def test_the_server_gets_what_trl_imposes() -> None:
    """An upgrade of TRL that imposes more, or something else, is seen here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from trl.scripts.vllm_serve import ScriptArguments, build_command
    command = build_command(ScriptArguments(model="M"))
    imposed = command[command.index("--uvicorn-log-level") + 2 :]
    flags = server_flags(load_recipe("balanced"))
    assert [flag for flag in imposed if flag not in flags] == []
    # TRL adds it itself where vLLM 0.30 or later is installed.
    assert "--enable-scale-out" in flags


def test_the_server_prepares_the_recipes_pictures() -> None:
    def value(flag: str, *overrides: str) -> object:
        flags = server_flags(load_recipe("balanced", overrides))
        return json.loads(flags[flags.index(flag) + 1]) if flag in flags else None

    assert value("--mm-processor-kwargs") == {"min_pixels": 3136, "max_pixels": 3276800}
    assert value("--mm-processor-kwargs", "min_pixels=null", "max_pixels=null") is None
    assert value("--limit-mm-per-prompt") == {"image": 1}
    assert value("--limit-mm-per-prompt", "conditions=[full, cubemap]") == {"image": 6}
