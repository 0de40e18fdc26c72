"""How fast the judge client is, against the released scripts' way of asking.

One real vLLM server with a small real model; questions are made up and all different. Measured in one run:
requests a second at 1, 8 and 32 in flight, free-form (``qscore/reference@1``) and constrained
(``qscore/strict@2``), the share of prompt tokens that came from the prefix cache, and whole verdicts a
second with everything that belongs to them (expected score, store). The released way is one question at
a time, free-form, without a prefix cache; the cache is kept from it by a salt per request.

Free-form replies are capped at 64 tokens here (2,000 in the protocol), which favours the released way.

    python benchmarks/bench_judge_throughput.py [MODEL_FOLDER_OR_URL]
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.small_lm import small_lm  # noqa: E402
from support.vllm_server import start  # noqa: E402

from judges import Client, Store, Usage, load_protocol, score_records  # noqa: E402
from judges.protocol import ModelProtocol  # noqa: E402
from judges.wire import Request  # noqa: E402
from panoenv_tasks.records import Sample  # noqa: E402

FREE_CAP = 64
#: In flight, and how many requests that takes to measure.
LEVELS = {1: 10, 8: 32, 32: 64}


@dataclass(frozen=True)
class Speed:
    """What one way of asking reached."""

    rate: float
    completion: float
    cached: float


def made_up_samples(count: int, seed: int) -> list[Sample]:
    """Distance questions with answers between half and twice the gold."""
    dice = random.Random(seed)
    found = []
    for index in range(count):
        a, b = dice.sample(["lamp", "crate", "barrel", "chair", "pipe", "statue", "door", "car"], 2)
        gold = dice.uniform(0.5, 40)
        found.append(
            Sample(
                id=f"{seed}-{index}",
                environment="Nowhere",
                frame=f"P{index // 25}",
                question=f"How far is the {a} (boundingbox: [{index}, 40, {index + 50}, 90]) from the {b}?",
                question_type="open_ended",
                category="distance",
                subcategory="",
                method="distance",
                answer=f"About {gold:.1f} meters",
                text=f"<Answer>About {gold * dice.uniform(0.5, 2):.1f} meters</Answer>",
            )
        )
    return found


def requests(name: str, samples: Sequence[Sample], *, salted: bool = False) -> list[Request]:
    """The requests that a protocol makes of samples."""
    protocol = load_protocol(name, max_tokens=FREE_CAP if "reference" in name else None)
    assert isinstance(protocol, ModelProtocol)
    return [
        Request(
            protocol.build(sample, protocol.extract(sample.text) or ""),
            protocol.sampling,
            protocol.pattern,
            cache_salt=sample.id if salted else None,
        )
        for sample in samples
    ]


async def measure(url: str, asked: Sequence[Request], in_flight: int) -> Speed:
    """Send all requests, ``in_flight`` at a time."""
    usage, waiting = Usage(), iter(asked)
    async with Client(url).session(constrained=False) as session:

        async def work() -> None:
            nonlocal usage
            for request in waiting:
                reply, _ = await session.ask(request)
                usage += reply.usage

        started = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(in_flight)))
        elapsed = time.perf_counter() - started
    return Speed(len(asked) / elapsed, usage.completion / len(asked), usage.cached / usage.prompt)


def whole_verdicts(url: str, samples: Sequence[Sample]) -> float:
    """Strict verdicts a second, from samples to an entry in the store."""
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "store.jsonl") as store:
        started = time.perf_counter()
        verdicts = score_records(samples, load_protocol("qscore/strict@2"), Client(url), store)
        elapsed = time.perf_counter() - started
    assert all(v.status == "scored" for v in verdicts)
    return len(verdicts) / elapsed


def main() -> None:
    """Measure and print."""
    target = sys.argv[1] if len(sys.argv) > 1 else ""
    url = target if target.startswith("http") else start(Path(target) if target else small_lm())
    # The first request of each kind builds grammars and warms caches.
    for name in ("qscore/reference@1", "qscore/strict@2"):
        asyncio.run(measure(url, requests(name, made_up_samples(4, seed=99)), 4))

    print(
        "| way of asking | in flight | requests/s | tokens out | prompt tokens cached |\n" + "|---" * 5 + "|"
    )
    seed = 0
    for name in ("qscore/reference@1", "qscore/strict@2"):
        for in_flight, count in LEVELS.items():
            seed += 1
            speed = asyncio.run(measure(url, requests(name, made_up_samples(count, seed)), in_flight))
            row(name, in_flight, speed)
    asked = requests("qscore/reference@1", made_up_samples(LEVELS[1], seed=50), salted=True)
    released = asyncio.run(measure(url, asked, 1))
    row("released way: no cache", 1, released)
    ours = whole_verdicts(url, made_up_samples(64, seed=51))
    print(f"\nwhole strict verdicts, 32 in flight: {ours:.2f}/s")
    print(f"ratio to the released way: {ours / released.rate:.1f}x")


def row(name: str, in_flight: int, speed: Speed) -> None:
    """Print one line of the table."""
    cells = f"{speed.rate:.2f} | {speed.completion:.1f} | {100 * speed.cached:.0f} %"
    print(f"| {name} | {in_flight} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
