"""lmms-eval scores in four threads at once: the very same records come out, from the first answer on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
#: Scores all answers in threads first, with nothing prepared, and then one after the other.
PROGRAM = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
sys.setswitchinterval(1e-6)
from panoenv_tasks.tasks.panoenv.utils import process_results
cases = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
def score(case):
    return json.dumps(process_results(case["doc"], [case["text"]]), sort_keys=True)
with ThreadPoolExecutor(8) as pool:
    together = list(pool.map(score, cases))
alone = [score(case) for case in cases]
print(len(cases), sum(a == b for a, b in zip(together, alone)), len(set(alone)))
"""


def test_scoring_in_threads_gives_what_scoring_alone_gives(tmp_path):
    from support.result_folders import guesser, made_up_items, sample

    texts = [guesser(seed, 0.6) for seed in range(4)]
    lines = []
    for item in made_up_items(8):
        record = sample(item, "", {"dataset_sha256": "", "dataset_items": 80, "condition_items": 80})[
            "panoenv"
        ]
        doc = {"record": json.dumps({**record, "pair": f"{item.environment}/1"})}
        lines += [json.dumps({"doc": doc, "text": text(item)}) for text in texts]
        lines.append(json.dumps({"doc": doc, "text": "[LMMS_EVAL_REQUEST_FAILED after 5 retries] 500"}))
    file = tmp_path / "cases.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    command = [sys.executable, "-c", PROGRAM, str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
    cases, same, different = map(int, done.stdout.split())
    assert cases == same == len(lines)
    # The cases are told apart, so a mix-up would show.
    assert different > cases / 3
