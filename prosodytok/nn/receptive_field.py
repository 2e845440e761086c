"""How far around a unit or a frame the network looks, from its config alone. Needs no torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from prosodytok.nn.config import FRAME_WIDTH, EncoderKind, ModelConfig

#: Frames before and after a unit that count in the search for its codes.
SEARCH_REACH = {"word": 8, "frame": 12}


def decoder_reaches(config: ModelConfig) -> tuple[int, ...]:
    """Frames on which a frame's decoding depends, for `tokenizer.windows`: fine, coarse stage."""
    return _single_frames(config) + _steps(config, config.fine_dilations), _steps(
        config, config.coarse_dilations
    )


def encoder_reaches(config: ModelConfig) -> tuple[int, ...]:
    """Frames on which a code depends, for `tokenizer.windows`.

    Each number is frames to either side of the whole units reached by the number before it.
    """
    return _REACHES[config.encoder](config)


def _whole_reaches(config: ModelConfig) -> tuple[int, ...]:
    # A frame token depends on the decoded phrases and words around it, whose codes depend on
    # neighbouring words through the search, and on the encoder's receptive field.
    phrase, word, frame = (level.dilations for level in config.levels)
    fine, coarse = decoder_reaches(config)
    single = _single_frames(config)
    return (
        SEARCH_REACH["frame"] + fine + single + _steps(config, frame),
        coarse,
        SEARCH_REACH["word"] + single,
        coarse,
        _steps(config, word),
        _steps(config, config.encoder_dilations) + _steps(config, phrase),
    )


def _causal_reaches(config: ModelConfig) -> tuple[int, ...]:
    # Levels are independent; causal blocks look back twice as far as others to either side.
    steps = _steps(config, (*config.encoder_dilations, *config.levels[2].dilations))
    return (max(2 * steps, config.patch * ((config.lookahead or 0) + 1)),)


_REACHES: dict[EncoderKind, Callable[[ModelConfig], tuple[int, ...]]] = {
    "whole": _whole_reaches,
    "causal": _causal_reaches,
}


def _single_frames(config: ModelConfig) -> int:
    """Total receptive field of the layers over single frames (frames to either side)."""
    return (config.frame_blocks + 1) * (FRAME_WIDTH // 2)


def _steps(config: ModelConfig, dilations: Sequence[int]) -> int:
    """Receptive field of blocks over steps (frames to either side), from any frame of a step."""
    return config.patch * (sum(dilations) + 1)
