"""What our wording of the judge prompt changes against the published one, under one judge.

Both prompts grade the same validation answers (half of them right): with ``qscore/reference``, where the
published prompt is read from a clone of the released code, or with ``prometheus/absolute``, where it comes
from an installed prometheus-eval. Neither is part of this project.

    python benchmarks/bench_judge_prompts.py CLONE_OR_prometheus-eval [MODEL_FOLDER_OR_URL] [ANSWERS]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.judge_samples import val_outputs  # noqa: E402
from support.small_lm import small_lm  # noqa: E402
from support.vllm_server import start  # noqa: E402

from judges import Client, load_protocol, score_records  # noqa: E402
from judges.published import PROMETHEUS_EVAL  # noqa: E402
from judges.records import JudgedSample  # noqa: E402
from judges.report import agreement_markdown, agreement_report  # noqa: E402
from panoenv_tasks.records import read_samples  # noqa: E402


def main() -> None:
    """Measure and print."""
    published = Path(sys.argv[1])
    name = "prometheus/absolute" if published == Path(PROMETHEUS_EVAL) else "qscore/reference"
    target = sys.argv[2] if len(sys.argv) > 2 else ""
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 100
    client = Client(target if target.startswith("http") else start(Path(target) if target else small_lm()))
    with tempfile.TemporaryDirectory() as folder:
        samples = list(read_samples(val_outputs(count, Path(folder) / "outputs.jsonl")))
    files = {}
    # A short reply is enough to see a score, and keeps a CPU run short.
    for whose, prompt in {"ours": None, "published": published}.items():
        protocol = load_protocol(name, prompt, max_tokens=64)
        verdicts = score_records(samples, protocol, client)
        files[whose] = [JudgedSample(protocol.id, s, v) for s, v in zip(samples, verdicts, strict=True)]
        scores = [v.score for v in verdicts if v.score is not None]
        mean = sum(scores) / max(1, len(scores))
        forced = sum("rescued" in v.flags for v in verdicts)
        read = f"{len(scores)} of {len(samples)} read ({forced} forced)"
        print(f"{whose}: {protocol.id}, {read}, mean {mean:.2f}")
    pairs = [
        (a.verdict.score, b.verdict.score)
        for a, b in zip(*files.values(), strict=True)
        if a.verdict.score is not None and b.verdict.score is not None
    ]
    same = sum(a == b for a, b in pairs)
    shift = sum(abs(a - b) for a, b in pairs) / len(pairs)
    print(f"both read {len(pairs)}: the same score {same}, mean distance {shift:.2f}\n")
    print(agreement_markdown(agreement_report(files)))


if __name__ == "__main__":
    main()
