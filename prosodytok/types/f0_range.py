"""`F0Range`: the range in which F0 is searched."""

from __future__ import annotations

from dataclasses import dataclass

from prosodytok.types.errors import ConfigError

#: Lowest floor and highest ceiling (Hz).
FLOOR_LIMIT, CEILING_LIMIT = 40.0, 1000.0


@dataclass(frozen=True)
class F0Range:
    """Limits of the search for F0; a limit that is None is fitted to the speaker.

    Parameters
    ----------
    floor, ceiling : float, optional
        Lowest and highest F0 (Hz).

    Raises
    ------
    ConfigError
        If a limit is outside `FLOOR_LIMIT` to `CEILING_LIMIT`, or the floor is not below the
        ceiling.
    """

    floor: float | None = None
    ceiling: float | None = None

    def __post_init__(self) -> None:
        for name, limit in (("floor", self.floor), ("ceiling", self.ceiling)):
            if limit is not None and not FLOOR_LIMIT <= limit <= CEILING_LIMIT:
                raise ConfigError(
                    f"the F0 {name} is {limit:g} Hz: give {FLOOR_LIMIT:g} to {CEILING_LIMIT:g} Hz"
                )
        if self.floor is not None and self.ceiling is not None and self.floor >= self.ceiling:
            raise ConfigError(
                f"the F0 floor of {self.floor:g} Hz is not below the ceiling of {self.ceiling:g} Hz"
            )

    def fill(self, default: F0Range) -> F0Range:
        """The range, with limits that are None taken from another."""
        return F0Range(
            default.floor if self.floor is None else self.floor,
            default.ceiling if self.ceiling is None else self.ceiling,
        )

    def fit(self, fitted: F0Range) -> F0Range:
        """The range, with limits that are None taken from a fitted one.

        A fitted limit that contradicts the given one is replaced by the widest: a floor of 500 Hz
        also searches a voice of 100 Hz, and finds nothing.
        """
        floor = fitted.floor if self.floor is None else self.floor
        ceiling = fitted.ceiling if self.ceiling is None else self.ceiling
        if floor is not None and ceiling is not None and floor >= ceiling:
            return self.fill(F0Range(FLOOR_LIMIT, CEILING_LIMIT))
        return F0Range(floor, ceiling)


#: The range that is fitted to the speaker.
FITTED = F0Range()
