"""How long a run takes to start again when every verdict is in the store already.

Beside it, what hashing the judge's identity anew for every prompt would cost: that is how it was done.

    python benchmarks/bench_judge_resume.py [VERDICTS]
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.faulty_server import FaultyServer  # noqa: E402
from support.judge_samples import sample_of  # noqa: E402

from judges import Client, Store, Usage, Verdict, load_protocol, score_records  # noqa: E402
from judges.judge_one import JudgeQuestion  # noqa: E402
from judges.protocol import ModelProtocol  # noqa: E402
from judges.server import ServedJudge  # noqa: E402
from judges.store import judge_identity, verdict_keys  # noqa: E402

BOX = "(boundingbox: [10, 20, 30, 40])"


def main() -> None:
    """Measure and print; processor time, because other work on the machine is no part of it."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    protocol = load_protocol("qscore/strict")
    assert isinstance(protocol, ModelProtocol)
    samples = [
        sample_of(
            f"<Answer>About {i / 10} meters</Answer>", "About 3.0 meters", method="distance", name=str(i)
        )
        for i in range(count)
    ]
    judge = ServedJudge("judge", "org/judge", "abc", "unknown")
    questions = [
        JudgeQuestion(protocol.build(s, f"About {i / 10} meters"), protocol.pattern)
        for i, s in enumerate(samples)
    ]
    verdict = Verdict("scored", 7, "Score: 7", "judge@abc/0", Usage(500, 5, 300), expected=6.5)

    began = time.process_time()
    keys = verdict_keys(protocol, judge, questions)
    once = time.process_time() - began
    began = time.process_time()
    for question in questions:
        identity = judge_identity(protocol, judge)
        hashlib.sha256(json.dumps([identity, question.prompt], sort_keys=True).encode()).hexdigest()
    anew = time.process_time() - began

    with tempfile.TemporaryDirectory() as folder, FaultyServer(models=("judge",), root="org/judge") as server:
        path = Path(folder) / "store.jsonl"
        with Store(path) as store:
            for key in keys.values():
                store.add(key, verdict)
        began = time.process_time()
        with Store(path) as store:
            verdicts = score_records(samples, protocol, Client(server.url, revision="abc"), store)
        whole = time.process_time() - began
    reused = sum(v.reused for v in verdicts)
    print(
        f"{count} verdicts, {reused} reused: {whole:.1f} s; their keys {once:.1f} s, the old way {anew:.1f} s"
    )
    print(f"the old way of making keys takes {anew / once:.1f} times as long")


if __name__ == "__main__":
    main()
