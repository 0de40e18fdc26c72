"""Leaving out groups whose completions all earn the same: they say nothing about what is better."""

from __future__ import annotations

from typing import Any

#: Rewards closer than this are the same.
_SAME = 1e-6


def without_equal_groups(plain: type) -> type:
    """Return a ``GRPOTrainer`` class whose loss leaves out groups that earn the same throughout.

    Their advantages are zero in any case. What changes is that the KL term no longer pulls on them, and
    that the loss is the mean over what is left instead of being thinned out by them. DAPO (Yu et al., arXiv
    2503.14476) samples further questions until a batch is full; here none is sampled, so a step costs what it
    did and sees fewer groups. Under ``bnpo`` each micro-batch already divides by its own tokens.

    Args:
        plain: TRL's ``GRPOTrainer``.
    """
    import torch

    class Filtering(plain):  # type: ignore[misc]
        def _calculate_rewards(self, *arguments: Any, **options: Any) -> Any:
            # Of all processes, K completions of a question side by side.
            each = super()._calculate_rewards(*arguments, **options)
            total = (each * self.reward_weights.to(each.device)).nansum(dim=1)
            group = total.view(-1, self.num_generations)
            differs = group.amax(dim=1) - group.amin(dim=1) > _SAME
            self._telling = differs.repeat_interleave(self.num_generations)
            return each

        def _generate_and_score_completions(self, inputs: Any) -> Any:
            batch = super()._generate_and_score_completions(inputs)
            count, process = len(inputs), self.accelerator.process_index
            telling = self._telling[process * count : (process + 1) * count]
            batch["completion_mask"] = batch["completion_mask"] * telling.unsqueeze(1)
            batch["num_items_in_batch"] = self.accelerator.gather(batch["completion_mask"].sum()).sum()
            batch["telling_share"] = self._telling.float().mean()
            return batch

        def compute_loss(self, model: Any, inputs: Any, *arguments: Any, **options: Any) -> Any:
            loss = super().compute_loss(model, inputs, *arguments, **options)
            if self.loss_type not in ("grpo", "dr_grpo"):
                return loss  # These divide by the tokens that are left.
            share = inputs["telling_share"]
            return loss / torch.where(share > 0, share, 1.0)

    return Filtering
