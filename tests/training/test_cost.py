"""Counting work on the meta device: known sums, and what a real pass keeps in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from training.cost import Machine, counting, measure_machine
from training.model import load_model, lora_config
from training.outline import learning, outline
from training.recipe import load_recipe


def test_an_operation_costs_the_longest_of_its_three_times() -> None:
    import torch

    one, other = torch.empty(64, 256, device="meta"), torch.empty(256, 128, device="meta")

    def seconds(machine: Machine) -> float:
        with counting(machine) as tally:
            (one @ other).view(-1)
        assert tally.operations == 1, "a view costs nothing"
        assert tally.arithmetic == 2 * 64 * 256 * 128
        assert tally.traffic == 4 * (64 * 256 + 256 * 128 + 64 * 128)
        return tally.seconds

    assert seconds(Machine(2**22, 1e20, 1e-20)) == pytest.approx(1.0)
    assert seconds(Machine(1e20, 2**16, 1e-20)) == pytest.approx(3.5)
    assert seconds(Machine(1e20, 1e20, 0.25)) == 0.25


def test_a_look_up_reads_what_it_returns() -> None:
    import torch

    table, ids = torch.empty(100_000, 8, device="meta"), torch.zeros(3, dtype=torch.long, device="meta")
    with counting() as tally:
        torch.nn.functional.embedding(ids, table)
    assert tally.traffic == 2 * 3 * 8 * 4


def test_the_libraries_are_left_as_they_were() -> None:
    from torch.nn import functional

    before = functional.linear, functional.scaled_dot_product_attention

    def fail() -> None:
        with counting():
            assert functional.linear is not before[0]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (functional.linear, functional.scaled_dot_product_attention) == before


def test_a_machine_is_measured() -> None:
    machine = measure_machine("float32")
    assert machine.rate > 1e8
    assert machine.bandwidth > 1e7
    assert 1e-7 < machine.launch < 0.1


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_count_keeps_what_a_real_pass_keeps(tiny_model: Path, precision: str) -> None:
    """The adapter's copies in float32, dropout's mask and autocast's copies are in both."""
    import torch
    from peft import get_peft_model

    recipe = load_recipe("smoke", [f"model={tiny_model}", f"precision={precision}"])
    machine = Machine(1e12, 1e12, 1e-6, precision)
    counted = learning(outline(recipe), machine, 2, 300, 10, checkpointing=False)
    model = get_peft_model(load_model(str(tiny_model), recipe), lora_config(recipe)).train()
    weights = {weight.untyped_storage().data_ptr() for weight in model.parameters()}
    kept: dict[int, int] = {}
    alive = []

    def keep(tensor: Any) -> Any:
        place = tensor.untyped_storage()
        alive.append(place)
        if place.data_ptr() not in weights:
            kept[place.data_ptr()] = place.nbytes()
        return tensor

    ids = torch.ones(2, 300, dtype=torch.long)
    mask = ids.clone()
    mask[0, 0] = 0
    with (
        torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor),
        torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"),
    ):
        model(
            input_ids=ids, attention_mask=mask, use_cache=False, logits_to_keep=11
        ).logits.float().log_softmax(-1)
    layers = 2
    assert layers * counted.layer + counted.rest == pytest.approx(sum(kept.values()), rel=0.1)
