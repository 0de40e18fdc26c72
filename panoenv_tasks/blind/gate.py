"""The blind gate: out of many candidate questions, those that blind answerers cannot guess.

For builders of question sets. Ask more questions than are wanted, pass all of them, and keep what comes
back. Per kind of question (sub-category) every blind answerer is held against chance; where one is above it,
questions that it gets right are left out, evenly over how sure it was, until right and wrong are as
common as under chance. Leaving out the surest ones alone would turn the answerer's sureness into a new
clue. The answerers are those of ``rungs``: alone with a question, and with all questions of a panorama
together. The fitted ones are then fitted again on what is left, and so on, until all are within
``NEAR_CHANCE`` standard errors: what is reported was always measured after the last question left
(in the manner of iterative bias pruning, Brown et al. 2025, arXiv 2511.04655).
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import mean

from panoenv_tasks.blind.cross_fitting import cross_fit
from panoenv_tasks.blind.encoding import encode, kind_of
from panoenv_tasks.blind.guess import Guess
from panoenv_tasks.blind.guessability import chance_level
from panoenv_tasks.blind.rungs import Rung, by_forest, by_geometry, by_panorama, by_ranges, by_template
from panoenv_tasks.items import Item
from panoenv_tasks.scoring import ProtocolName, score
from panoenv_tasks.stats import clustered_mean

#: An answerer passes when its share of right answers is at most this many standard errors off chance.
NEAR_CHANCE = 2.0
#: A distance within this factor of another is the same answer to the scorers.
_SAME_DISTANCE = math.log(1.1)
#: Groups of sureness within which right and wrong are balanced.
_STRATA = 3
_MOST_ROUNDS = 20
_QUICK: tuple[Rung, ...] = ("template", "geometry", "ranges", "panorama")
RUNGS_AT_THE_GATE: tuple[Rung, ...] = (*_QUICK, "forest")


@dataclass(frozen=True)
class GatedKind:
    """What the gate did with one sub-category.

    Attributes:
        candidates: Questions that came in.
        kept: Questions that are left; 0 when the kind does not pass.
        chance: 1/2 for Yes/No, the mean of 1/options for choices; for open answers the share of the
            candidates that the best single answer gets right.
        before: Share of right answers among the candidates, per answerer.
        after: The same after the last round, also when the kind did not pass.
        passes: Whether all answerers are near chance on enough questions.
    """

    candidates: int
    kept: int
    chance: float
    before: Mapping[Rung, float]
    after: Mapping[Rung, float]
    passes: bool


@dataclass(frozen=True)
class Gate:
    """The questions that passed, in the order they came, and what became of each kind."""

    kept: tuple[Item, ...]
    kinds: Mapping[str, GatedKind]


def blind_gate(
    candidates: Sequence[Item],
    wanted: int | Mapping[str, int] = 100,
    protocol: ProtocolName = "paper",
) -> Gate:
    """Keep the questions that blind answerers cannot guess.

    Args:
        candidates: Questions of many panoramas and at least two environments, several times as many as
            wanted. Their split does not matter: they are no exam yet.
        wanted: How many questions of a kind must be left for it to pass; per sub-category, or one number.
            Few prove little: two standard errors are 10 points at 100 questions, 18 at 30.
        protocol: What counts as right.

    Returns:
        The questions of the kinds that pass. Of a kind that does not, nothing: its ``GatedKind`` says how
        far it got, and whether to ask such questions all the same is the caller's to say.
    """
    by_kind: dict[str, list[Item]] = {}
    for item in candidates:
        by_kind.setdefault(item.subcategory, []).append(item)
    fixed = _fixed(candidates)
    pools = {
        kind: _prune(items, fixed, wanted if isinstance(wanted, int) else wanted.get(kind, 1), protocol)
        for kind, items in by_kind.items()
    }
    left = {item.id for pool, _ in pools.values() for item in pool}
    return Gate(
        kept=tuple(item for item in candidates if item.id in left),
        kinds={kind: gated for kind, (_, gated) in pools.items()},
    )


#: Per rung and item id what does not change when other questions are left out.
_Fixed = Mapping[Rung, Mapping[str, Guess]]


def _fixed(candidates: Sequence[Item]) -> _Fixed:
    """Ask those that are fitted on, or read together, all candidates: as if all of them stayed."""
    pool = _open(candidates)
    told: dict[Rung, list[Guess]] = {
        "geometry": by_geometry(pool),
        "ranges": cross_fit(pool, pool, by_ranges),
        "panorama": cross_fit(pool, pool, by_panorama),
    }
    return {
        rung: {item.id: guess for item, guess in zip(candidates, guesses, strict=True)}
        for rung, guesses in told.items()
    }


def _open(candidates: Sequence[Item]) -> list[Item]:
    """Nothing is fitted on test questions; candidates are no test questions before they have passed."""
    return [replace(item, split="candidate") for item in candidates]


def _prune(
    items: Sequence[Item], fixed: _Fixed, wanted: int, protocol: ProtocolName
) -> tuple[list[Item], GatedKind]:
    """Return what is left of one kind, nothing when it does not pass, and how it went."""
    pool, chance = list(items), chance_of(items)
    before = _shares(_right(pool, _ask(pool, fixed, RUNGS_AT_THE_GATE), protocol))
    after = before
    for _ in range(_MOST_ROUNDS):
        # What needs no forest is cured first: forests take nearly all of the time.
        for rungs in (_QUICK, RUNGS_AT_THE_GATE):
            guesses = _ask(pool, fixed, rungs)
            hits = _right(pool, guesses, protocol)
            after = after | _shares(hits)
            excess = {rung: _excess(pool, right, chance, rung in fixed) for rung, right in hits.items()}
            worst = max(excess, key=lambda rung: abs(excess[rung]))
            if abs(excess[worst]) > NEAR_CHANCE:
                break
        else:
            if len(pool) < wanted:
                break
            return pool, GatedKind(len(items), len(pool), chance, before, after, passes=True)
        dropped = _to_drop(pool, guesses[worst], hits[worst], chance)
        if len(pool) - len(dropped) < max(wanted, 1):
            break
        pool = [item for item in pool if item.id not in dropped]
    return [], GatedKind(len(items), 0, chance, before, after, passes=False)


def _right(
    pool: Sequence[Item], guesses: Mapping[Rung, Sequence[Guess]], protocol: ProtocolName
) -> dict[Rung, list[bool]]:
    right = {}
    for rung, told in guesses.items():
        asked = zip(pool, told, strict=True)
        right[rung] = [score(item, guess.completion, protocol).correct for item, guess in asked]
    return right


def _shares(hits: Mapping[Rung, Sequence[bool]]) -> dict[Rung, float]:
    return {rung: mean(right) for rung, right in hits.items()}


def _ask(pool: Sequence[Item], fixed: _Fixed, rungs: Sequence[Rung]) -> dict[Rung, list[Guess]]:
    candidates = _open(pool)
    fitted: dict[Rung, Callable[[Sequence[Item], Sequence[Item]], list[Guess]]] = {
        "template": by_template,
        "forest": by_forest,
    }
    guesses = {}
    for rung in rungs:
        if rung in fixed:
            guesses[rung] = [fixed[rung][item.id] for item in pool]
        else:
            guesses[rung] = cross_fit(candidates, candidates, fitted[rung])
    return guesses


def _excess(pool: Sequence[Item], right: Sequence[bool], chance: float, fixed: bool) -> float:
    """Return by how many standard errors an answerer is above chance.

    Below chance counts, as a negative number, only for questions with two answers and for answerers that
    learn nothing from the pool: whoever turns their answers round knows as much. One that is fitted on all
    but some falls below chance by itself where answers are balanced.
    """
    share = clustered_mean([float(hit) for hit in right], [item.environment for item in pool])
    assert share is not None
    error = max(math.sqrt(chance * (1 - chance) / share.n), share.se or 0.0)
    excess = (share.mean - chance) / error if error else math.copysign(math.inf, share.mean - chance)
    if share.mean == chance or (excess < 0 and not (fixed and chance == 0.5)):
        return 0.0
    return excess


def _to_drop(
    pool: Sequence[Item], told: Sequence[Guess], right: Sequence[bool], chance: float
) -> frozenset[str]:
    """Return the ids to leave out so that an answerer is right as often as chance, however sure it is."""
    surest_last = sorted(range(len(pool)), key=lambda i: (told[i].margin, _lot(pool[i])))
    dropped: list[str] = []
    for stratum in range(_STRATA):
        rows = surest_last[stratum * len(pool) // _STRATA : (stratum + 1) * len(pool) // _STRATA]
        hit = sorted((i for i in rows if right[i]), key=lambda i: _lot(pool[i]))
        missed = sorted((i for i in rows if not right[i]), key=lambda i: _lot(pool[i]))
        fair = chance / (1 - chance)
        if len(hit) > fair * len(missed):
            dropped += [pool[i].id for i in hit[math.floor(fair * len(missed)) :]]
        elif chance == 0.5:
            dropped += [pool[i].id for i in missed[len(hit) :]]
    return frozenset(dropped)


def chance_of(pool: Sequence[Item]) -> float:
    """Return the chance level of one kind of question; see ``GatedKind``."""
    levels = [chance_level(item) for item in pool]
    return mean(levels) if min(levels) > 0 else _best_single_answer(pool)


def _best_single_answer(pool: Sequence[Item]) -> float:
    targets = [target for item in pool if (target := encode(item)) is not None]
    if not targets:
        return 0.0
    if kind_of(pool[0]) == "distance":
        logs = [target[0] for target in targets]
        best = max(sum(abs(log - other) <= _SAME_DISTANCE for other in logs) for log in logs)
    else:
        best = max(Counter(targets).values())
    return best / len(pool)


def _lot(item: Item) -> str:
    """Return a number drawn for the item, the same on every machine, without regard to anything else."""
    return hashlib.sha256(item.id.encode()).hexdigest()
