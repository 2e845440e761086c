"""Frontends: from sound to prosody, register, units and embeddings. None needs torch by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from prosodytok.features import SSLEncoder, align_frames, extract, load_ssl
from prosodytok.features.initial_register import initial_register
from prosodytok.features.streaming_prosody import extract_streaming
from prosodytok.nn.config import EncoderKind, ModelConfig
from prosodytok.segmentation.acoustic import segment_acoustic
from prosodytok.segmentation.online import segment_online
from prosodytok.segmentation.segment import segment
from prosodytok.types.audio import Audio
from prosodytok.types.errors import ConfigError
from prosodytok.types.f0_range import FITTED, F0Range
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import Register
from prosodytok.types.segmentation import DEFAULT_UNITS, FoundSource, Hierarchy
from prosodytok.types.units import FRAME_RATE


class Frontend(Protocol):
    """Measures a sound as the network was trained on it.

    Attributes
    ----------
    f0 : str
        Name of the pitch tracker.
    units : {"acoustic", "learned", "even"}
        Source of the units of a sound where none is chosen.
    """

    f0: str
    units: FoundSource

    def extract(self, audio: Audio, f0_range: F0Range = FITTED) -> Prosody:
        """F0, voicing and energy of a sound, T frames."""

    def register(self, prosody: Prosody) -> Register:
        """The register of an utterance's own prosody."""

    def segment(
        self, prosody: Prosody, register: Register, audio: Audio | None = None
    ) -> Hierarchy:
        """The units of an utterance where no source is chosen: `units` if there is its sound."""

    def segment_by_rule(self, prosody: Prosody, register: Register) -> Hierarchy:
        """The units of source ``"acoustic"``: found by rule in the prosody."""

    def embed(self, audio: Audio | None, num_frames: int) -> NDArray[np.float32] | None:
        """Self-supervised embeddings (S, D), one a network step; None where none are used."""


class OfflineFrontend:
    """Uses the whole utterance.

    Parameters
    ----------
    config : ModelConfig
        Configuration of the network.
    f0 : {"praat", "world", "harvest", "swift-f0"}
        Pitch tracker.
    units : {"acoustic", "learned", "even"}
        Source of the units of a sound where none is chosen.
    """

    def __init__(
        self, config: ModelConfig, f0: str = "praat", units: FoundSource = DEFAULT_UNITS
    ) -> None:
        self.f0, self.units = f0, units
        self._patch = config.patch
        self._ssl: SSLEncoder | None = load_ssl(config.ssl) if config.ssl else None

    def extract(self, audio: Audio, f0_range: F0Range = FITTED) -> Prosody:
        """F0, voicing and energy; see `features.extract`."""
        prosody = extract(audio, self.f0, f0_range=f0_range)
        return replace(prosody, sound_duration=audio.duration)

    def register(self, prosody: Prosody) -> Register:
        """Statistics of all frames; see `Register.estimate`."""
        return Register.estimate(prosody)

    def segment(
        self, prosody: Prosody, register: Register, audio: Audio | None = None
    ) -> Hierarchy:
        """Units of source `units`, which may need the sound; by rule if there is only prosody."""
        if audio is None:
            return self.segment_by_rule(prosody, register)
        return segment(audio, prosody, self.units)

    def segment_by_rule(self, prosody: Prosody, register: Register) -> Hierarchy:
        """Units by rule; see `segment_acoustic`. The register is not used."""
        del register
        return segment_acoustic(prosody)

    def embed(self, audio: Audio | None, num_frames: int) -> NDArray[np.float32] | None:
        """Embeddings on the network's steps.

        Raises
        ------
        ConfigError
            If the network needs them and there is no audio.
        """
        if self._ssl is None:
            return None
        if audio is None:
            raise ConfigError(
                f"the checkpoint also takes self-supervised features ({self._ssl.name}): "
                "pass audio=, not only its prosody"
            )
        steps = -(-num_frames // self._patch)
        return align_frames(self._ssl(audio), self._ssl.frame_rate, FRAME_RATE / self._patch, steps)


class StreamingFrontend:
    """Measures a whole utterance as `StreamingTokenizer` measures it chunk by chunk.

    Parameters
    ----------
    config : ModelConfig
        Configuration of the network.
    f0 : {"praat"}
        Pitch tracker.

    Raises
    ------
    ConfigError
        If another tracker is given.
    """

    units: FoundSource = "acoustic"

    def __init__(self, config: ModelConfig, f0: str = "praat") -> None:
        del config
        if f0 != "praat":
            raise ConfigError(f"a streaming checkpoint uses the tracker praat, not {f0!r}")
        self.f0 = f0

    def extract(self, audio: Audio, f0_range: F0Range = FITTED) -> Prosody:
        """F0, voicing and energy; see `features.streaming_prosody`."""
        prosody = extract_streaming(audio, f0_range)
        return replace(prosody, sound_duration=audio.duration)

    def register(self, prosody: Prosody) -> Register:
        """The register fixed after half a second of voice; see `features.initial_register`."""
        return initial_register(prosody)

    def segment(
        self, prosody: Prosody, register: Register, audio: Audio | None = None
    ) -> Hierarchy:
        """Units by the online rule, as in a stream. The sound is not used."""
        del audio
        return self.segment_by_rule(prosody, register)

    def segment_by_rule(self, prosody: Prosody, register: Register) -> Hierarchy:
        """Units by the online rule; see `segment_online`."""
        return segment_online(prosody, register)

    def embed(self, audio: Audio | None, num_frames: int) -> NDArray[np.float32] | None:
        """None: causal networks use no embeddings."""
        del audio, num_frames
        return None


#: The frontend of each kind of encoder.
FRONTENDS: dict[EncoderKind, type[OfflineFrontend] | type[StreamingFrontend]] = {
    "whole": OfflineFrontend,
    "causal": StreamingFrontend,
}


def make_frontend(config: ModelConfig, f0: str = "praat") -> Frontend:
    """The frontend of a network.

    Raises
    ------
    ConfigError, CheckpointError, MissingExtraError
        If the tracker or the self-supervised encoder cannot be used.
    """
    return FRONTENDS[config.encoder](config, f0)
