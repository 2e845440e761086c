"""Intervention: effect of replaced codes on the decoded prosody."""

from prosodytok.evaluation.intervention.measure_intervention import (
    Intervention,
    SwapEffect,
    measure_intervention,
)
from prosodytok.evaluation.intervention.swap_checks import DurationEffect, NullEffect

__all__ = ["DurationEffect", "Intervention", "NullEffect", "SwapEffect", "measure_intervention"]
