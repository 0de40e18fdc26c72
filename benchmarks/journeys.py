"""Four journeys through the house: how many of our functions, in how many files, one piece of data passes.

Counted while they run, so laziness, caches that are warm and what only some data needs do not matter: every
journey has a process of its own and starts with empty caches, all our modules already imported. A function
counts once, however often it is called; comprehensions and what runs on import do not count.

    python benchmarks/journeys.py [NAME] [--list]

- ``question to metric``: a question for a distance of the bundled set is loaded, shown, answered and scored
  by the hooks of a real lmms-eval task, and its metrics aggregated; the harness's own functions do not count
- ``answer to verdict``: one saved answer, judged by a model behind a local server (a fake one)
- ``reward``: one completion, a distance, through both training rewards
- ``folder to CSV row``: one result folder through ``leaderboard.collect`` into a CSV file
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import os
import pkgutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
PACKAGES = ("panoenv_tasks", "judges", "training", "leaderboard")

from support.faulty_server import FaultyServer  # noqa: E402
from support.judge_samples import sample_of  # noqa: E402
from support.result_folders import guesser, made_up_items, write_run  # noqa: E402


def question_to_metric() -> Callable[[], object]:
    os.environ["HF_HUB_OFFLINE"] = "1"
    from lmms_eval.tasks import TaskManager

    from panoenv_tasks.synthesis.mini import ensure_mini
    from panoenv_tasks.tasks.adapter import TASK_FOLDER

    ensure_mini()
    manager = TaskManager(include_path=str(TASK_FOLDER), include_defaults=False)

    def journey() -> object:
        task = manager.load_task_or_group("panoenv_mini_relative_position")["panoenv_mini_relative_position"]
        doc = next(doc for doc in task.test_docs() if doc["answer"].endswith("meters"))
        task.doc_to_text(doc), task.doc_to_visual(doc)
        found = task.process_results(doc, ["<Reasoning>near</Reasoning><Answer>About 3 m</Answer>"])
        rules = task.aggregation()
        return {name: rules[name]([value]) for name, value in found.items() if name in rules}

    return journey


def answer_to_verdict() -> Callable[[], object]:
    from judges import Client, Store, load_protocol, score_records

    server = FaultyServer(models=("judge",), root="org/judge").__enter__()
    folder = Path(tempfile.mkdtemp())
    sample = sample_of("<Answer>About 3 meters</Answer>", "About 3.0 meters", method="distance")

    def journey() -> object:
        with Store(folder / "store.jsonl") as store:
            client = Client(server.url, revision="abc")
            return score_records([sample], load_protocol("qscore/strict"), client, store)

    return journey


def reward() -> Callable[[], object]:
    from training.rewards import accuracy_reward, format_reward

    question = next(item for item in made_up_items() if item.method == "distance")
    columns = {"method": [question.method], "answer": [question.answer], "question": [question.question]}
    texts = [f"<Reasoning>near</Reasoning><Answer>{question.answer}</Answer>"]
    return lambda: (accuracy_reward(texts, **columns), format_reward(texts, **columns))


def folder_to_row() -> Callable[[], object]:
    from leaderboard import collect
    from leaderboard.csv_files import append_rows

    folder = Path(tempfile.mkdtemp())
    write_run(folder / "seer", made_up_items(), guesser(4, 0.5))
    return lambda: append_rows(folder / "results.csv", collect([folder]))


JOURNEYS = {
    "question to metric": question_to_metric,
    "answer to verdict": answer_to_verdict,
    "reward": reward,
    "folder to CSV row": folder_to_row,
}


def crossed(journey: Callable[[], object]) -> set[tuple[str, str]]:
    """Return file and name of each of our functions that run; other threads' work is seen as well."""
    seen: set[CodeType] = set()

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            seen.add(frame.f_code)

    import threading

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        journey()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    folders = tuple(str(ROOT / package) + os.sep for package in PACKAGES)
    return {
        (os.path.relpath(code.co_filename, ROOT), code.co_qualname)
        for code in seen
        if code.co_filename.startswith(folders)
        and code.co_flags & inspect.CO_OPTIMIZED
        and not code.co_name.startswith("<")
    }


def main() -> None:
    """Print each journey's functions and files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", nargs="?", choices=list(JOURNEYS))
    parser.add_argument("--list", action="store_true", help="print every function as well")
    options = parser.parse_args()
    if options.name is None:
        for name in JOURNEYS:
            listed = ["--list"] if options.list else []
            subprocess.run([sys.executable, __file__, name, *listed], check=True)
        return
    for package in PACKAGES:
        for module in pkgutil.walk_packages([str(ROOT / package)], f"{package}."):
            importlib.import_module(module.name)
    functions = crossed(JOURNEYS[options.name]())
    print(f"{options.name}: {len(functions)} functions in {len({file for file, _ in functions})} files")
    if options.list:
        print("".join(f"  {file}: {name}\n" for file, name in sorted(functions)), end="")


if __name__ == "__main__":
    main()
