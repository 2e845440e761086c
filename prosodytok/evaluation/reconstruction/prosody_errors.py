"""Reconstruction error of one prosody against another: standard measures of F0, voicing, energy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prosodytok.evaluation.stats.bootstrap import Floats, Interval, bootstrap, ratio
from prosodytok.types.errors import ProsodytokError
from prosodytok.types.prosody import Prosody
from prosodytok.types.units import hz_to_cents

#: Relative F0 difference above which two estimates disagree, and an error is gross.
GROSS = 0.2
#: Standard deviation (cents) up to which a contour counts as flat.
FLAT_CENTS = 0.01


@dataclass(frozen=True)
class ProsodyErrors:
    """Sums over frames, which add up over utterances before they are divided.

    `scores` returns: ``f0_mae`` and ``f0_rmse`` (cents, frames voiced in the reference),
    ``f0_corr`` (correlation of log-F0 on the same frames, each utterance about its own mean:
    agreement of the movement, independent of the level), ``f0_mae_agreed`` and ``f0_rmse_agreed``
    (the errors where a second tracker agrees), ``gpe`` (gross pitch error: share of frames voiced
    in both and off by more than 20 %), ``vde`` (voicing decision error: share of all frames),
    ``ffe`` (F0 frame error: either; Chu and Alwan, 2009) and ``energy_rmse`` (dB).

    A flat estimate has no movement to correlate: alone its ``f0_corr`` is NaN, and pooled with
    other utterances it counts as missed movement, which lowers ``f0_corr``.
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
        """The sums as a vector, the input of `scores_of`."""
        return np.array(astuple(self), dtype=np.float64)

    @property
    def scores(self) -> dict[str, float]:
        """Measures by name; NaN where no frame counts."""
        return {name: float(value) for name, value in scores_of(self.sums).items()}


def scores_of(sums: ArrayLike) -> dict[str, Floats]:
    """Measures, (...) each or NaN, of sums (..., 14) in the order of `ProsodyErrors`."""
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


def prosody_errors(
    reference: Prosody, estimate: Prosody, second: Prosody | None = None
) -> ProsodyErrors:
    """Error sums of an estimate against a reference on the same frames.

    Parameters
    ----------
    reference, estimate : Prosody
        T frames each.
    second : Prosody, optional
        Prosody of the same sound by a second tracker. ``f0_mae_agreed`` and ``f0_rmse_agreed``
        cover the frames where its F0 is within 20 % of the reference; without it, they are NaN.

    Raises
    ------
    ProsodytokError
        If the numbers of frames differ.
    """
    others = [estimate] if second is None else [estimate, second]
    if any(p.num_frames != reference.num_frames for p in others):
        counts = ", ".join(str(p.num_frames) for p in [reference, *others])
        raise ProsodytokError(f"prosodies of different lengths cannot be compared: {counts} frames")
    true, estimated = (hz_to_cents(p.f0.astype(np.float64), 1.0) for p in (reference, estimate))
    cents = estimated - true
    voiced, both = reference.voiced, reference.voiced & estimate.voiced
    agreed = voiced & _agree(reference, second) if second is not None else np.zeros_like(voiced)
    energy = (estimate.energy - reference.energy).astype(np.float64)
    moved, moved_estimate = _movement(true[voiced]), _movement(estimated[voiced])
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


def error_intervals(
    errors: Sequence[ProsodyErrors],
    speakers: Sequence[str | None],
    *,
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, Interval]:
    """Measures of pooled utterances (see `ProsodyErrors`) with their intervals."""
    sums = np.array([e.sums for e in errors])
    return bootstrap(sums, speakers, scores_of, resamples=resamples, seed=seed)


def _agree(reference: Prosody, other: Prosody) -> NDArray[np.bool_]:
    close: NDArray[np.bool_] = np.abs(other.f0 - reference.f0) <= GROSS * reference.f0
    return close & reference.voiced & other.voiced


def _movement(cents: NDArray[np.floating]) -> Floats:
    """A contour about its mean; zeros where the deviation is only rounding."""
    if cents.size == 0 or cents.std() <= FLAT_CENTS:
        return np.zeros(cents.size)
    return np.asarray(cents - cents.mean(), dtype=np.float64)
