"""Figures of the original and the decoded contours, drawn after each validation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import lightning
from lightning.pytorch.loggers import TensorBoardLogger

from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.training.feature_cache import CachedUtterance
from prosodytok.training.lightning_module import ProsodyModule
from prosodytok.viz import plot_prosody, save_figure

#: Number of utterances drawn, from short to long, and dots per inch.
NUM_FIGURES, DPI = 4, 110


class ValidationFigures(lightning.Callback):
    """Callback that draws the same few dev utterances after each validation.

    The folder has ``0.png``, ``1.png``, ..., the newest only; TensorBoard keeps all.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def on_validation_epoch_end(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule
    ) -> None:
        """Encode, decode each prefix of levels, and draw, in the first process only."""
        assert isinstance(pl_module, ProsodyModule)
        if not trainer.is_global_zero:
            return
        tokenizer = ProsodyTokenizer.from_network(
            pl_module.network, f"step{trainer.global_step}@training"
        )
        dev_set: Sequence[CachedUtterance] = trainer.datamodule.dev_set  # type: ignore[attr-defined]
        stride = max(1, len(dev_set) // NUM_FIGURES)
        for number, utterance in enumerate(dev_set[stride // 2 :: stride][:NUM_FIGURES]):
            example = utterance.example(pauses=tokenizer.config.codes_pauses)
            (tokens,) = tokenizer.encode_batch([example])
            title = f"{utterance.id}, step {trainer.global_step}"
            figure = plot_prosody(
                example.prosody, tokens, tokenizer.decode_prefixes(tokens), title=title
            )
            # Numbered, since an id may be no valid file name, or point to another folder.
            save_figure(figure, self.folder / f"{number}.png", dpi=DPI)
            for logger in trainer.loggers:
                if isinstance(logger, TensorBoardLogger):
                    logger.experiment.add_figure(utterance.id, figure, trainer.global_step)
