"""How a token is drawn from what the model thinks likely."""

from __future__ import annotations

import math

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor


class Sampling(BaseModel):
    """How tokens are drawn.

    Parameters
    ----------
    temperature : float
        Logits are divided by it: 1 draws as the model thinks, less draws the likely more often, 0
        always takes the likeliest (greedy).
    top_k : int, optional
        Only the k likeliest may be drawn.
    top_p : float, optional
        Only the likeliest may be drawn that together have at least this probability (nucleus
        sampling; Holtzman et al. 2020, "The curious case of neural text degeneration").
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    temperature: float = Field(default=1.0, ge=0, allow_inf_nan=False)
    top_k: int | None = Field(default=None, ge=1)
    top_p: float | None = Field(default=None, gt=0, le=1)

    def draw(self, logits: Tensor, generator: torch.Generator) -> int:
        """Draw one of V tokens by their logits (V,)."""
        if self.temperature == 0:
            return int(logits.argmax())
        chances = torch.softmax(self.restrict(logits / self.temperature), dim=0)
        return int(torch.multinomial(chances, 1, generator=generator))

    def restrict(self, logits: Tensor) -> Tensor:
        """Logits (V,) with those that may not be drawn at minus infinity."""
        ordered, order = logits.sort(descending=True, stable=True)
        barred = torch.zeros_like(order, dtype=torch.bool)
        if self.top_k is not None:
            barred[self.top_k :] = True
        if self.top_p is not None:
            chances = ordered.masked_fill(barred, -math.inf).softmax(0)
            barred |= chances.cumsum(0) - chances >= self.top_p
        return logits.masked_fill(barred[order.argsort()], -math.inf)
