"""What a CPU server's number format costs a judge: bfloat16 against float32, on the same samples in turns.

Two real vLLM servers of one small model, which differ in ``--dtype`` only; whole strict verdicts. Says
nothing of GPUs, and on processors that multiply in bfloat16 (``cpu_dtype``) the ratio is another one.

    python benchmarks/bench_judge_dtype.py [MODEL_FOLDER]
"""

from __future__ import annotations

import sys
from pathlib import Path

from bench_judge_throughput import Way, made_up_samples, take_turns, whole_verdicts

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.small_lm import small_lm  # noqa: E402
from support.vllm_server import start  # noqa: E402

from panoenv_tasks.vllm_server import cpu_dtype  # noqa: E402

COUNT = 8


def main() -> None:
    """Measure and print."""
    model = Path(sys.argv[1]) if len(sys.argv) > 1 else small_lm()

    def ways(dtype: str) -> Way:
        url = start(model, "--dtype", dtype)
        # The first request builds grammars and warms caches.
        whole_verdicts(url, made_up_samples(2, seed=99))
        return lambda turn: whole_verdicts(url, made_up_samples(COUNT, seed=turn))

    sides = [ways("bfloat16"), ways("float32")]
    print(f"here `judge serve` takes {cpu_dtype()}")
    print("| verdicts/s (prompt tokens cached) | bfloat16 | float32 | ratio (rounds) |")
    print("|---" * 4 + "|")
    take_turns("whole strict verdicts", (COUNT, COUNT), sides)


if __name__ == "__main__":
    main()
