"""What a decoder says, as arrays, and the prosody that it makes in a register."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic

import numpy as np
from numpy.typing import NDArray

from prosodytok.nn.layout import Array
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import Register, denormalize


@dataclass(frozen=True)
class DecodedArrays(Generic[Array]):
    """What the decoder says.

    Parameters
    ----------
    f0 : (B, T) float32
        Normalised F0.
    voicing : (B, T) float32
        Logit of being voiced.
    energy : (B, T) float32
        Normalised energy.
    word_timing : (M_word,) float32
        Each word's duration, as `model.timing.word_timing` tells it.
    phrase_timing : (M_phrase, 2) float32
        Each phrase's rate and the pause after it, as `model.timing.phrase_timing` tells them.
    """

    f0: Array
    voicing: Array
    energy: Array
    word_timing: Array
    phrase_timing: Array

    def prosody(
        self: DecodedArrays[NDArray[np.float32]], row: int, num_frames: int, register: Register
    ) -> Prosody:
        """One utterance without its padding, in a register."""
        f0, voicing, energy = (x[row, :num_frames] for x in (self.f0, self.voicing, self.energy))
        return denormalize(f0, voicing > 0, energy, register)
