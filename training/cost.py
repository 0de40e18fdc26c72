"""What work costs on a machine: its operations, counted on torch's meta device, times three measured numbers.

Nothing is computed. The work runs as it would in training, on tensors without data, and each operation that
torch would start costs the longest of three times: its arithmetic, the bytes that it reads and writes, and
the time that starting any operation takes. What is measured on a machine is a large matrix product, a sum
over a long line, and a small adapted layer (its time over its operations, with what Python and PEFT add).

Not in it: other programs on the same processor, the warm-up of a first step, transfers between devices and
processes, and kernels that reach less of the machine than the large product and the long line do. On a GPU,
starting the next operation overlaps with the one before; that is not in it either.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

#: What is measured is repeated for so long, in seconds.
_MEASURED = 0.25
#: Operations that hand their input on, though torch does not call them views.
_HANDED_ON = ("aten::_unsafe_view", "aten::lift_fresh")
#: Operations that read of their first input only what they write.
_PICKED = ("aten::embedding", "aten::index", "aten::index_select", "aten::gather")


@dataclass(frozen=True)
class Machine:
    """What a machine does in a second.

    Floating-point operations and bytes a second, the seconds that starting an operation takes, and what
    linear layers compute in.
    """

    rate: float
    bandwidth: float
    launch: float
    precision: str = "bfloat16"


@dataclass
class Tally:
    """Operations started, their arithmetic, the bytes they read and write, and the seconds they take."""

    operations: int = 0
    arithmetic: float = 0.0
    traffic: float = 0.0
    seconds: float = 0.0


@contextmanager
def counting(machine: Machine | None = None) -> Iterator[Tally]:
    """Count and price all that torch is asked to do inside; without a machine it is only counted.

    The work must run on the meta device. A value that it asks a tensor for is False (a batch is padded), and
    places that it looks up are all there (no part of a picture is empty).
    """
    import torch
    from torch.fx.experimental import _config
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils._pytree import tree_map_only
    from torch.utils.flop_counter import flop_registry

    patched: Any = _config.patch  # type: ignore[attr-defined]
    tally = Tally()
    known: dict[Any, tuple[float, int]] = {}

    class Count(TorchDispatchMode):  # type: ignore[no-untyped-call]
        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            kwargs = kwargs or {}
            if func.is_view:
                return func(*args, **kwargs)
            name = func.name().partition(".")[0]
            tensors = list(tensors_of((args, kwargs)))
            if name == "aten::_local_scalar_dense" and args[0].is_meta:
                return False
            if len({one.is_meta for one in tensors}) > 1:
                # Places of patches are known beforehand, and real until they meet what has no data.
                args, kwargs = tree_map_only(torch.Tensor, lambda one: one.to("meta"), (args, kwargs))
            out = func(*args, **kwargs)
            if name in _HANDED_ON:
                return out
            tensors += tensors_of(out)
            key = (func, *((one.shape, one.dtype) for one in tensors))
            if key not in known:
                formula = flop_registry.get(func._overloadpacket)
                sums = formula(*args, **kwargs, out_val=out) if formula else 0
                known[key] = sums, 2 * _bytes(tensors_of(out)) if name in _PICKED else _bytes(tensors)
            sums, moved = known[key]
            tally.operations += 1
            tally.arithmetic += sums
            tally.traffic += moved
            if machine:
                tally.seconds += max(sums / machine.rate, moved / machine.bandwidth, machine.launch)
            return out

    functional: Any = torch.nn.functional
    plain_attention, plain_linear = functional.scaled_dot_product_attention, functional.linear
    product = getattr(torch, machine.precision) if machine else None

    def attention(query: Any, key: Any, value: Any, attn_mask: Any = None, **options: Any) -> Any:
        """One kernel, as on a device that is trained on; on the meta device it would be many."""
        if not query.is_meta:
            return plain_attention(query, key, value, attn_mask, **options)
        if options.get("enable_gqa"):
            each = query.shape[1] // key.shape[1]
            key, value = key.repeat_interleave(each, 1), value.repeat_interleave(each, 1)
        return torch.ops.aten._scaled_dot_product_efficient_attention(
            query,
            key,
            value,
            attn_mask,
            torch.is_grad_enabled(),
            options.get("dropout_p", 0.0),
            options.get("is_causal", False),
            scale=options.get("scale"),
        )[0]

    def linear(row: Any, weight: Any, bias: Any = None) -> Any:
        """In the precision that autocast, which the meta device lacks, would choose."""
        if product and row.is_meta:
            row, weight = row.to(product), weight.to(product)
            bias = None if bias is None else bias.to(product)
        return plain_linear(row, weight, bias)

    functional.scaled_dot_product_attention, functional.linear = attention, linear
    try:
        with patched(meta_nonzero_assume_all_nonzero=True), Count():  # type: ignore[no-untyped-call]
            yield tally
    finally:
        functional.scaled_dot_product_attention, functional.linear = plain_attention, plain_linear


def measure_machine(precision: str) -> Machine:
    """Measure this machine's accelerator, or its processor where it has none, for about a second."""
    import torch

    device = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
    size, length = (8192, 2**28) if device else (1024, 2**24)
    place = device or torch.device("cpu")
    square = torch.ones(size, size, device=place, dtype=getattr(torch, precision))
    line = torch.ones(length, device=place)
    layer, row = _small_layer(place, precision)
    with torch.no_grad():
        with counting() as one:
            layer(row)
        product = _seconds(lambda: square @ square)
        total = _seconds(line.sum)
        small = _seconds(lambda: layer(row), times=50)
    return Machine(2 * size**3 / product, 4 * length / total, small / one.operations, precision)


def _small_layer(place: Any, precision: str) -> tuple[Any, Any]:
    """Return an adapted linear layer of next to no arithmetic, and a row for it."""
    import torch
    from peft import LoraConfig, get_peft_model

    kind = getattr(torch, precision)
    plain = torch.nn.Sequential(torch.nn.Linear(16, 16, device=place, dtype=kind))
    adapted = get_peft_model(plain, LoraConfig(r=4, lora_dropout=0.05, target_modules=["0"])).train()
    return adapted, torch.ones(1, 16, device=place, dtype=kind)


def _seconds(work: Callable[[], Any], times: int = 1) -> float:
    """Return what ``work`` takes when it is done many times over."""
    import torch

    work()
    began, count = time.perf_counter(), 0
    while time.perf_counter() - began < _MEASURED:
        for _ in range(times):
            work()
        count += times
        if torch.accelerator.is_available():
            torch.accelerator.synchronize()
    return (time.perf_counter() - began) / count


def tensors_of(values: Any) -> Iterator[Any]:
    """Yield the tensors in a nest of values."""
    if hasattr(values, "untyped_storage"):
        yield values
    elif isinstance(values, (tuple, list, dict)):
        for value in values.values() if isinstance(values, dict) else values:
            yield from tensors_of(value)


def _bytes(tensors: Iterable[Any]) -> int:
    """Return the bytes that tensors hold; of an expanded one, what lies in memory."""
    return sum(min(one.numel() * one.element_size(), one.untyped_storage().nbytes()) for one in tensors)
