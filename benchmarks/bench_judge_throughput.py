"""How fast the judge client is against a sequential loop, and against the released scripts' way of asking.

One real vLLM server with a small real model; questions are made up and all different. Three pairs, each
side on the same prompts, the sides taking turns (A B, B A, A B), so that what else the machine does meets
both:

- constrained (``qscore/strict@2``): a sequential loop, and 32 in flight;
- free-form (``qscore/reference@1``): the same;
- the released way (one at a time, free-form, no prefix cache), and whole strict verdicts with everything
  that belongs to them (expected score, store).

A salt per pass keeps the server's prefix cache from carrying prompts from one pass into the next; within a
pass it works, except for the released way, where every request has a salt of its own. Free-form replies are
capped at 32 tokens here (2,000 in the protocol), which favours the released way.

    python benchmarks/bench_judge_throughput.py [MODEL_FOLDER_OR_URL]
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.small_lm import small_lm  # noqa: E402
from support.vllm_server import start  # noqa: E402

from judges import Client, Store, Usage, load_protocol, score_records  # noqa: E402
from judges.protocol import ModelProtocol  # noqa: E402
from judges.wire import Request  # noqa: E402
from panoenv_tasks.records import Sample  # noqa: E402

FREE_CAP = 32
IN_FLIGHT = 32
ROUNDS = 3
#: Of a round's number to seconds and the share of prompt tokens from the cache.
Way = Callable[[int], tuple[float, float]]


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


def requests(name: str, samples: Sequence[Sample], salt: str = "", *, each: bool = False) -> list[Request]:
    """The requests that a protocol makes of samples, all with one salt, or ``each`` with its own."""
    protocol = load_protocol(name, max_tokens=FREE_CAP if "reference" in name else None)
    assert isinstance(protocol, ModelProtocol)
    return [
        Request(
            protocol.build(sample, protocol.extract(sample.text) or ""),
            protocol.sampling,
            protocol.pattern,
            cache_salt=f"{salt}-{sample.id}" if each else salt or None,
        )
        for sample in samples
    ]


async def seconds(url: str, asked: Sequence[Request], in_flight: int) -> tuple[float, float]:
    """Send all requests, ``in_flight`` at a time; also returns the share of prompt tokens from the cache."""
    usage, waiting = Usage(), iter(asked)
    async with Client(url).session(constrained=False) as session:

        async def work() -> None:
            nonlocal usage
            for request in waiting:
                reply, _ = await session.ask(request)
                usage += reply.usage

        started = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(in_flight)))
        return time.perf_counter() - started, usage.cached / usage.prompt


def whole_verdicts(url: str, samples: Sequence[Sample]) -> tuple[float, float]:
    """Seconds for strict verdicts, from samples to entries in the store, and the share from the cache."""
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "store.jsonl") as store:
        started = time.perf_counter()
        verdicts = score_records(samples, load_protocol("qscore/strict@2"), Client(url), store)
        elapsed = time.perf_counter() - started
    assert all(v.status == "scored" for v in verdicts)
    usage = sum((v.usage for v in verdicts), Usage())
    return elapsed, usage.cached / usage.prompt


def take_turns(
    label: str, counts: tuple[int, int], ways: Sequence[Callable[[int], tuple[float, float]]]
) -> None:
    """Measure both ways in every round, in turns, and print their rates and the rounds' ratios."""
    rates: list[list[float]] = [[], []]
    cached: list[list[float]] = [[], []]
    for turn in range(ROUNDS):
        for side in (0, 1) if turn % 2 == 0 else (1, 0):
            elapsed, share = ways[side](turn)
            rates[side].append(counts[side] / elapsed)
            cached[side].append(share)
    ratios = [new / old for old, new in zip(*rates, strict=True)]
    slow, fast = (f"{median(r):.2f}/s ({100 * median(c):.0f} %)" for r, c in zip(rates, cached, strict=True))
    spread = ", ".join(f"{ratio:.1f}" for ratio in sorted(ratios))
    print(f"| {label} | {slow} | {fast} | {median(ratios):.1f} ({spread}) |", flush=True)


def main() -> None:
    """Measure and print."""
    target = sys.argv[1] if len(sys.argv) > 1 else ""
    url = target if target.startswith("http") else start(Path(target) if target else small_lm())
    # The first request of each kind builds grammars and warms caches.
    for name in ("qscore/reference@1", "qscore/strict@2"):
        asyncio.run(seconds(url, requests(name, made_up_samples(4, seed=99)), 4))
    print(f"| requests/s (prompt tokens cached) | one at a time | {IN_FLIGHT} in flight | ratio (rounds) |")
    print("|---" * 4 + "|")
    for name, count in (("qscore/strict@2", 24), ("qscore/reference@1", 8)):
        samples = made_up_samples(count, seed=count)

        def asking(in_flight: int, name: str = name, samples: Sequence[Sample] = samples) -> Way:
            def ask(turn: int) -> tuple[float, float]:
                asked = requests(name, samples, f"{turn}-{in_flight}")
                return asyncio.run(seconds(url, asked, in_flight))

            return ask

        take_turns(name, (count, count), [asking(1), asking(IN_FLIGHT)])

    few = made_up_samples(4, seed=50)

    def released(turn: int) -> tuple[float, float]:
        asked = requests("qscore/reference@1", few, f"released-{turn}", each=True)
        return asyncio.run(seconds(url, asked, 1))

    def ours(turn: int) -> tuple[float, float]:
        return whole_verdicts(url, made_up_samples(24, seed=60 + turn))

    take_turns("the released way; whole strict verdicts", (len(few), 24), [released, ours])


if __name__ == "__main__":
    main()
