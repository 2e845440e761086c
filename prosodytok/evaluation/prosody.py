"""How far one prosody is from another: the standard measures of F0, voicing and energy."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prosodytok.types.errors import ProsodytokError
from prosodytok.types.prosody import Prosody
from prosodytok.types.units import hz_to_cents

Floats = NDArray[np.float64]

#: Two F0 estimates agree, and one is no gross error, within this share of the reference.
GROSS = 0.2
#: A contour that moves by less than this (cents, standard deviation) does not move at all.
LEAST_MOVEMENT = 0.01


@dataclass(frozen=True)
class ProsodyErrors:
    """Sums over frames, so that errors of many utterances add up before they are divided.

    `scores` gives: ``f0_mae`` and ``f0_rmse`` (cents, frames voiced in the reference), ``f0_corr``
    (correlation of log-F0 on the same frames, each utterance about its own mean: how much of the
    movement is right, whatever the level), ``f0_mae_agreed`` and ``f0_rmse_agreed`` (the errors
    where a second tracker agrees), ``gpe`` (gross pitch error: share of frames voiced in both and
    off by more than 20 %), ``vde`` (voicing decision error: share of all frames), ``ffe`` (F0 frame
    error: either; Chu and Alwan, 2009) and ``energy_rmse`` (dB).

    A flat estimate has no movement to correlate: alone it scores NaN, and among other utterances it
    only adds movement that was missed, which lowers ``f0_corr``.
    """

    absolute: float = 0.0
    squared: float = 0.0
    voiced: float = 0
    absolute_agreed: float = 0.0
    squared_agreed: float = 0.0
    agreed: float = 0
    gross: float = 0
    both_voiced: float = 0
    wrong_voicing: float = 0
    energy_squared: float = 0.0
    frames: float = 0
    moved: float = 0.0
    moved_estimate: float = 0.0
    moved_together: float = 0.0

    def __add__(self, other: ProsodyErrors) -> ProsodyErrors:
        return ProsodyErrors(*(self.sums + other.sums).tolist())

    @property
    def sums(self) -> Floats:
        """The sums as a vector, which `scores_of` takes."""
        return np.array(astuple(self), dtype=np.float64)

    @property
    def scores(self) -> dict[str, float]:
        """The measures by name; NaN where no frame counts."""
        return {name: float(value) for name, value in scores_of(self.sums).items()}


def scores_of(sums: ArrayLike) -> dict[str, Floats]:
    """Turn vectors of sums, (..., 14) in the order of the fields of `ProsodyErrors`, into scores.

    Returns
    -------
    dict of str to (...) float64
        The measures by name; NaN where no frame counts.
    """
    columns = np.moveaxis(np.asarray(sums, dtype=np.float64), -1, 0)
    of = dict(zip((f.name for f in fields(ProsodyErrors)), columns, strict=True))
    return {
        "f0_mae": ratio(of["absolute"], of["voiced"]),
        "f0_rmse": ratio(of["squared"], of["voiced"]) ** 0.5,
        "f0_mae_agreed": ratio(of["absolute_agreed"], of["agreed"]),
        "f0_rmse_agreed": ratio(of["squared_agreed"], of["agreed"]) ** 0.5,
        "f0_corr": ratio(of["moved_together"], (of["moved"] * of["moved_estimate"]) ** 0.5),
        "gpe": ratio(of["gross"], of["both_voiced"]),
        "vde": ratio(of["wrong_voicing"], of["frames"]),
        "ffe": ratio(of["wrong_voicing"] + of["gross"], of["frames"]),
        "energy_rmse": ratio(of["energy_squared"], of["frames"]) ** 0.5,
    }


def ratio(total: ArrayLike, count: ArrayLike) -> Floats:
    """Divide; NaN where there is nothing to divide by."""
    total, count = np.asarray(total, dtype=np.float64), np.asarray(count, dtype=np.float64)
    undefined = np.full(np.broadcast_shapes(total.shape, count.shape), np.nan)
    return np.asarray(np.divide(total, count, out=undefined, where=count > 0))


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
        make ``f0_mae_agreed`` and ``f0_rmse_agreed``; without it, these are NaN.

    Raises
    ------
    ProsodytokError
        If the numbers of frames differ.
    """
    others = [estimate] if second is None else [estimate, second]
    if any(p.num_frames != reference.num_frames for p in others):
        counts = ", ".join(str(p.num_frames) for p in [reference, *others])
        raise ProsodytokError(f"only prosodies of the same length compare; got {counts} frames")
    true, said = (hz_to_cents(p.f0.astype(np.float64), 1.0) for p in (reference, estimate))
    cents = said - true
    voiced, both = reference.voiced, reference.voiced & estimate.voiced
    agreed = voiced & _agree(reference, second) if second is not None else np.zeros_like(voiced)
    energy = (estimate.energy - reference.energy).astype(np.float64)
    moved, moved_estimate = _movement(true[voiced]), _movement(said[voiced])
    return ProsodyErrors(
        absolute=float(np.abs(cents[voiced]).sum()),
        squared=float(np.square(cents[voiced]).sum()),
        voiced=int(voiced.sum()),
        absolute_agreed=float(np.abs(cents[agreed]).sum()),
        squared_agreed=float(np.square(cents[agreed]).sum()),
        agreed=int(agreed.sum()),
        gross=int((both & ~_agree(reference, estimate)).sum()),
        both_voiced=int(both.sum()),
        wrong_voicing=int((reference.voiced != estimate.voiced).sum()),
        energy_squared=float(np.square(energy).sum()),
        frames=reference.num_frames,
        moved=float(moved @ moved),
        moved_estimate=float(moved_estimate @ moved_estimate),
        moved_together=float(moved @ moved_estimate),
    )


def _agree(reference: Prosody, other: Prosody) -> NDArray[np.bool_]:
    close: NDArray[np.bool_] = np.abs(other.f0 - reference.f0) <= GROSS * reference.f0
    return close & reference.voiced & other.voiced


def _movement(cents: NDArray[np.floating]) -> Floats:
    """What is left of a contour without its mean; zeros where that is rounding and no movement."""
    if cents.size == 0 or cents.std() <= LEAST_MOVEMENT:
        return np.zeros(cents.size)
    return np.asarray(cents - cents.mean(), dtype=np.float64)
