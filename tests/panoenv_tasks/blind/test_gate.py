"""The gate on planted questions: what gives itself away goes, what does not stays."""

from __future__ import annotations

from random import Random

import pytest
from support.questions import item_of

from panoenv_tasks.blind.gate import blind_gate
from panoenv_tasks.items import Item

ENVIRONMENTS = [f"Place{n}" for n in range(10)]


def box(x: int, y: int = 600, size: int = 100) -> str:
    return f"(boundingbox: [{x}, {y}, {x + size}, {y + size}])"


def in_same_view(n: int, environment: str, answer: str) -> Item:
    """Which object is flatter: neither geometry nor anything learned from these boxes tells."""
    question = f"Which object looks flatter, the lamp {box(100 + n)} or the sofa {box(1500 + n)}?"
    return item_of(question, answer, environment)


def fair(each: int = 10) -> list[Item]:
    random = Random(1)
    return [
        in_same_view(random.randrange(900), name, random.choice(["The lamp", "The sofa"]))
        for name in ENVIRONMENTS
        for _ in range(each)
    ]


def test_what_nobody_can_guess_passes_whole() -> None:
    items = fair()
    gate = blind_gate(items, wanted=50)
    assert gate.kept == tuple(items)
    kind = gate.kinds["shape_flatness"]
    assert (kind.candidates, kind.kept, kind.chance, kind.passes) == (100, 100, 0.5, True)


def test_what_boxes_decide_cannot_pass() -> None:
    view = "Which view (front/back/left/right/top/bottom) is the lamp {} most likely from?"
    items = [
        item_of(view.format(box(1200 + n, 560 + n)), "Front", name) for name in ENVIRONMENTS for n in range(5)
    ]
    gate = blind_gate(items, wanted=10)
    kind = gate.kinds["primary_view"]
    assert gate.kept == ()
    assert (kind.kept, kind.before["geometry"], kind.passes) == (0, 1.0, False)


def test_what_a_forest_can_learn_is_balanced_out() -> None:
    """The lower object is the flatter one in three of four: only a fitted answerer knows."""
    random, items = Random(2), []
    for name in ENVIRONMENTS:
        for _ in range(20):
            y = random.sample(range(300, 1000), 2)
            low, high = ("lamp", "sofa") if y[0] > y[1] else ("sofa", "lamp")
            flat = low if random.random() < 0.75 else high
            question = f"Which object looks flatter, the lamp {box(300, y[0])} or the sofa {box(900, y[1])}?"
            items.append(item_of(question, f"The {flat}", name))
    gate = blind_gate(items, wanted=50)
    kind = gate.kinds["shape_flatness"]
    assert kind.before["forest"] > 0.65
    assert kind.passes
    assert kind.after["forest"] - 0.5 < 0.15
    # What is left must not be the opposite rule: the lower one is flat in about half.
    lower = [item.answer == f"The {max(item.boxes, key=lambda b: b.y2).label}" for item in gate.kept]
    assert 0.35 < sum(lower) / len(lower) < 0.65


def test_a_constant_answer_earns_chance_afterwards() -> None:
    random = Random(3)
    items = [
        in_same_view(random.randrange(900), name, answer)
        for name in ENVIRONMENTS
        for answer in ["The lamp"] * 8 + ["The sofa"] * 4
    ]
    gate = blind_gate(items, wanted=50)
    lamps = sum(item.answer == "The lamp" for item in gate.kept)
    assert gate.kinds["shape_flatness"].before["template"] == pytest.approx(2 / 3)
    assert 0.35 < lamps / len(gate.kept) < 0.65


def test_too_few_left_is_no_pass() -> None:
    gate = blind_gate(fair(2), wanted={"shape_flatness": 21})
    assert gate.kept == ()
    assert not gate.kinds["shape_flatness"].passes


def test_candidates_of_a_test_split_may_be_gated() -> None:
    from dataclasses import replace

    items = [replace(item, split="test") for item in fair(3)]
    assert {item.split for item in blind_gate(items, wanted=10).kept} == {"test"}
