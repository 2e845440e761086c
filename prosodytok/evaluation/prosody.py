"""How far one prosody is from another: the standard measures of F0, voicing and energy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prosodytok.errors import ProsodytokError
from prosodytok.prosody import Prosody
from prosodytok.units import hz_to_cents

#: Two F0 estimates agree, and one is no gross error, within this share of the reference.
GROSS = 0.2


@dataclass(frozen=True)
class ProsodyErrors:
    """Sums over frames, so that errors of many utterances add up before they are divided.

    `scores` gives: ``f0_mae`` and ``f0_rmse`` (cents, frames voiced in the reference),
    ``f0_rmse_agreed`` (the same where a second tracker agrees), ``gpe`` (gross pitch error: share
    of frames voiced in both and off by more than 20 %), ``vde`` (voicing decision error: share of
    all frames), ``ffe`` (F0 frame error: either; Chu and Alwan, 2009) and ``energy_rmse`` (dB).
    """

    absolute: float = 0.0
    squared: float = 0.0
    voiced: int = 0
    squared_agreed: float = 0.0
    agreed: int = 0
    gross: int = 0
    both_voiced: int = 0
    wrong_voicing: int = 0
    energy_squared: float = 0.0
    frames: int = 0

    def __add__(self, other: ProsodyErrors) -> ProsodyErrors:
        return ProsodyErrors(*(a + b for a, b in zip(self._sums, other._sums, strict=True)))

    @property
    def _sums(self) -> tuple[Any, ...]:
        return tuple(vars(self).values())

    @property
    def scores(self) -> dict[str, float]:
        """The measures by name; NaN where no frame counts."""
        return {
            "f0_mae": _ratio(self.absolute, self.voiced),
            "f0_rmse": _ratio(self.squared, self.voiced) ** 0.5,
            "f0_rmse_agreed": _ratio(self.squared_agreed, self.agreed) ** 0.5,
            "gpe": _ratio(self.gross, self.both_voiced),
            "vde": _ratio(self.wrong_voicing, self.frames),
            "ffe": _ratio(self.wrong_voicing + self.gross, self.frames),
            "energy_rmse": _ratio(self.energy_squared, self.frames) ** 0.5,
        }


def prosody_errors(
    reference: Prosody, estimate: Prosody, second: Prosody | None = None
) -> ProsodyErrors:
    """Compare an estimate with a reference on the same frames.

    Parameters
    ----------
    reference, estimate : Prosody
        What was and what is claimed, T frames each.
    second : Prosody, optional
        The same sound by a second tracker: frames where it agrees with the reference within 20 %
        make ``f0_rmse_agreed``; without it, that measure is NaN.

    Raises
    ------
    ProsodytokError
        If the numbers of frames differ.
    """
    others = [estimate] if second is None else [estimate, second]
    if any(p.num_frames != reference.num_frames for p in others):
        counts = ", ".join(str(p.num_frames) for p in [reference, *others])
        raise ProsodytokError(f"only prosodies of the same length compare; got {counts} frames")
    cents = hz_to_cents(estimate.f0.astype(np.float64), 1.0) - hz_to_cents(
        reference.f0.astype(np.float64), 1.0
    )
    voiced, both = reference.voiced, reference.voiced & estimate.voiced
    agreed = voiced & _agree(reference, second) if second is not None else np.zeros_like(voiced)
    energy = (estimate.energy - reference.energy).astype(np.float64)
    return ProsodyErrors(
        absolute=float(np.abs(cents[voiced]).sum()),
        squared=float(np.square(cents[voiced]).sum()),
        voiced=int(voiced.sum()),
        squared_agreed=float(np.square(cents[agreed]).sum()),
        agreed=int(agreed.sum()),
        gross=int((both & ~_agree(reference, estimate)).sum()),
        both_voiced=int(both.sum()),
        wrong_voicing=int((reference.voiced != estimate.voiced).sum()),
        energy_squared=float(np.square(energy).sum()),
        frames=reference.num_frames,
    )


def _agree(reference: Prosody, other: Prosody) -> NDArray[np.bool_]:
    close: NDArray[np.bool_] = np.abs(other.f0 - reference.f0) <= GROSS * reference.f0
    return close & reference.voiced & other.voiced


def _ratio(total: float, count: float) -> float:
    return total / count if count else float("nan")
