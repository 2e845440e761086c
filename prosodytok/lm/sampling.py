"""Sampling of a token from the logits of the model."""

from __future__ import annotations

import math

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor


class Sampling(BaseModel):
    """Sampling options.

    Parameters
    ----------
    temperature : float
        Divisor of the logits: 1 samples from the predicted distribution, less sharpens it, 0 takes
        the most likely token (greedy).
    top_k : int, optional
        Restricts sampling to the k most likely tokens.
    top_p : float, optional
        Restricts sampling to the most likely tokens that together have at least this probability
        (nucleus sampling; Holtzman et al. 2020, "The curious case of neural text degeneration").
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    temperature: float = Field(default=1.0, ge=0, allow_inf_nan=False)
    top_k: int | None = Field(default=None, ge=1)
    top_p: float | None = Field(default=None, gt=0, le=1)

    def draw(self, logits: Tensor, generator: torch.Generator) -> int:
        """Sample one of V tokens by their logits (V,)."""
        if self.temperature == 0:
            return int(logits.argmax())
        probabilities = torch.softmax(self.restrict(logits / self.temperature), dim=0)
        return int(torch.multinomial(probabilities, 1, generator=generator))

    def restrict(self, logits: Tensor) -> Tensor:
        """Logits (V,), minus infinity for tokens that `top_k` and `top_p` exclude."""
        ordered, order = logits.sort(descending=True, stable=True)
        excluded = torch.zeros_like(order, dtype=torch.bool)
        if self.top_k is not None:
            excluded[self.top_k :] = True
        if self.top_p is not None:
            probabilities = ordered.masked_fill(excluded, -math.inf).softmax(0)
            excluded |= probabilities.cumsum(0) - probabilities >= self.top_p
        return logits.masked_fill(excluded[order.argsort()], -math.inf)
