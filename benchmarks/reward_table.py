"""What the two protocols pay for the same completions: the table of ``docs/training.md``, as Markdown.

The completions are written from the validation questions in the file given.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from panoenv_tasks import load_items  # noqa: E402
from panoenv_tasks.blind import answer  # noqa: E402
from panoenv_tasks.items import Item  # noqa: E402
from panoenv_tasks.markdown import table  # noqa: E402
from panoenv_tasks.scoring import version_of  # noqa: E402
from training.rewards import accuracy_reward, format_reward  # noqa: E402

ACCURACY, FORMAT = 0.9, 0.1


def main() -> None:
    items = load_items(Path(sys.argv[1]), "val")
    completions: dict[str, Callable[[Item], str]] = {
        "the gold answer, in form": lambda item: _tagged(item.answer),
        "the gold answer without tags": lambda item: item.answer,
        "every option, in form": lambda item: _tagged(" or ".join(_options(item))),
        "what panoenv blind answers": answer,
    }
    rows = []
    for name, write in completions.items():
        asked = [item for item in items if _options(item)] if "option" in name else items
        rows.append(
            [name, f"{len(asked):,}", *(f"{_mean(asked, write, p):.3f}" for p in ("paper", "strict"))]
        )
    print(table(("completions", "n", version_of("paper"), version_of("strict")), rows))


def _mean(items: list[Item], write: Callable[[Item], str], protocol: str) -> float:
    texts = [write(item) for item in items]
    columns = {
        "method": [item.method for item in items],
        "answer": [item.answer for item in items],
        "question": [item.question for item in items],
        "protocol": [protocol] * len(items),
    }
    accuracy, form = accuracy_reward(texts, **columns), format_reward(texts)
    return sum(
        ACCURACY * (a or 0.0) + FORMAT * (f or 0.0) for a, f in zip(accuracy, form, strict=True)
    ) / len(items)


def _tagged(text: str) -> str:
    return f"<Reasoning>I look at the picture.</Reasoning><Answer>{text}</Answer>"


def _options(item: Item) -> tuple[str, ...]:
    return ("Yes", "No") if item.question_type == "true_false" else tuple(item.options)


if __name__ == "__main__":
    main()
