"""Pick the questions of ``panoenv_mini`` anew: after each change of scenes or questions.

    python -m panoenv_tasks.commands.mini_choice

Writes ``synthesis/mini_kept.txt`` and prints how each kind of question fared; a few minutes of one core.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from panoenv_tasks.blind.pick import PickedKind, pick_one_each
from panoenv_tasks.items import Item, fingerprint
from panoenv_tasks.markdown import table
from panoenv_tasks.sources.rows import Row, to_item
from panoenv_tasks.synthesis import mini
from panoenv_tasks.synthesis.build import BUILDER, scene_frames
from panoenv_tasks.synthesis.choose import choose
from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.job import SceneFrame
from panoenv_tasks.synthesis.objects import measure
from panoenv_tasks.synthesis.panorama import FrameError, Panorama
from panoenv_tasks.synthesis.questions import Question, ask
from panoenv_tasks.synthesis.scenes.families import ENVIRONMENTS
from panoenv_tasks.synthesis.scenes.render import panorama
from panoenv_tasks.synthesis.scenes.source import scene_of, with_truth
from panoenv_tasks.whole_file import write_whole

#: Panoramas that the answerers are fitted on; their seed is not that of any set.
_OTHERS, _OTHER_SEED = 80, 1
_LIST = Path(mini.__file__).with_name(mini.KEPT)


def choice() -> tuple[list[Item], list[Item], dict[str, PickedKind]]:
    """Return all candidates, those picked, and how each kind fared."""
    with ProcessPoolExecutor() as pool:
        candidates = _flat(pool.map(_candidates, mini.MINI))
        others = _flat(
            pool.map(questions_of, scene_frames(list(ENVIRONMENTS), _OTHERS, _OTHER_SEED), chunksize=4)
        )
    picked, kinds = pick_one_each(candidates, others)
    return candidates, picked, kinds


def list_text(candidates: Sequence[Item], picked: Sequence[Item]) -> str:
    """Return the list as it is published: what it was picked from, and the ids."""
    ids = sorted(item.id for item in picked)
    digest = hashlib.sha256("".join(f"{name}\n" for name in ids).encode()).hexdigest()
    return "\n".join(
        [
            "# The questions of panoenv_mini, picked by python -m panoenv_tasks.commands.mini_choice",
            f"# builder {BUILDER}, {len(candidates)} candidates with fingerprint {fingerprint(candidates)}",
            f"# sha256 of the ids below, one a line: {digest}",
            *ids,
            "",
        ]
    )


def render(kinds: Mapping[str, PickedKind]) -> str:
    """Return how each kind fared as a table: percent right before and after, per blind answerer."""
    rungs = next(iter(kinds.values())).before
    rows = []
    for kind, one in kinds.items():
        shares = [f"{100 * one.before[rung]:.0f} -> {100 * one.after[rung]:.0f}" for rung in rungs]
        rows.append([kind, one.candidates, f"{100 * one.chance:.0f}", *shares])
    return table(["kind", "candidates", "chance", *rungs], rows)


def _candidates(environment: str) -> list[Item]:
    shown = _seen(environment, mini.FRAME, mini.SEED)
    _, questions = mini.mini_candidates(shown)
    return list(_items("mini", shown, questions))


def questions_of(frame: SceneFrame) -> list[Item]:
    """Return the questions that a build asks of a scene, made without its picture; none if it is skipped."""
    try:
        shown = _seen(frame.environment, frame.name, frame.seed)
        dice = Dice("questions", frame.environment, frame.name, frame.seed)
        objects = choose(measure(shown), "ours", dice)
    except FrameError:
        return []
    return list(_items("train", shown, ask(objects, frame.environment, "ours", dice)))


def _seen(environment: str, frame: str, seed: int) -> Panorama:
    scene = scene_of(environment, frame, seed)
    return with_truth(frame, scene, panorama(scene, coloured=False))


def _items(split: str, shown: Panorama, questions: Iterable[Question]) -> Iterator[Item]:
    for question in questions:
        row = Row(
            split=split,
            environment=shown.environment,
            frame=shown.frame,
            question=question.text,
            question_type=question.template.question_type,
            answer=question.answer,
            method="",
            image=None,
            image_kind="none",
            origin=shown.environment,
        )
        yield to_item(row)


def _flat(groups: Iterable[Sequence[Item]]) -> list[Item]:
    return [item for group in groups for item in group]


def main() -> None:
    """Write the list and print the table."""
    candidates, picked, kinds = choice()
    write_whole(_LIST, list_text(candidates, picked))
    print(render(kinds))
    print(f"{_LIST}: {len(picked)} of {len(candidates)} questions")


if __name__ == "__main__":
    main()
