"""How far around a unit or a frame the network looks, from its config alone."""

from __future__ import annotations

from collections.abc import Sequence

from prosodytok.nn.config import FRAME_WIDTH, ModelConfig

#: Frames before and after a unit that count in the search for its codes.
SEARCH_REACH = {"word": 8, "frame": 12}


def decoder_reaches(config: ModelConfig) -> tuple[int, ...]:
    """What a frame's prosody depends on, for `windows`: the fine stage, then the coarse one."""
    return _single_frames(config) + _steps(config, config.fine_dilations), _steps(
        config, config.coarse_dilations
    )


def encoder_reaches(config: ModelConfig) -> tuple[int, ...]:
    """What a code depends on, for `windows`.

    A frame token is told what phrases and words around it decode to, and chosen by what it makes of
    that. The words were chosen by what they decode to beside others, which the encoder found.
    """
    phrase, word, frame = (level.dilations for level in config.levels)
    if config.lookahead is not None:  # levels apart; of causal blocks, which look back twice as far
        steps = _steps(config, (*config.encoder_dilations, *frame))
        return (max(2 * steps, config.patch * (config.lookahead + 1)),)
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


def _single_frames(config: ModelConfig) -> int:
    """Frames that the layers over single frames look to either side, all together."""
    return (config.frame_blocks + 1) * (FRAME_WIDTH // 2)


def _steps(config: ModelConfig, dilations: Sequence[int]) -> int:
    """Frames that blocks over steps look to either side, from anywhere within a step."""
    return config.patch * (sum(dilations) + 1)
