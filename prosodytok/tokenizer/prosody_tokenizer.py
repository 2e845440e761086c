"""`ProsodyTokenizer`: the tokenizer with its network in torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from prosodytok.nn.batch import Example
from prosodytok.nn.code_search import Search
from prosodytok.nn.decoded import DecodedArrays
from prosodytok.nn.network import Encoded, ProsodyNetwork
from prosodytok.nn.tensors import Batch, Layout
from prosodytok.tokenizer.pretrained import DEFAULT, load_checkpoint, push_checkpoint
from prosodytok.tokenizer.tokenizer import Tokenizer
from prosodytok.types import Hierarchy
from prosodytok.types.audio import Audio
from prosodytok.types.errors import TokenError
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import Register
from prosodytok.types.tokens import LEVELS, ProsodyTokens


@dataclass(frozen=True)
class TokenizerOutput:
    """What a whole pass through the tokenizer gives.

    Parameters
    ----------
    prosody : Prosody
        What all levels of the tokens decode to.
    tokens : ProsodyTokens
        The tokens.
    loss : float
        How far the units lie from the codes that stand for them (commitment loss, all levels).
    metrics : dict of str to float
        Bits per second: ``bitrate``, and of each level and the boundaries by name.
    """

    prosody: Prosody
    tokens: ProsodyTokens
    loss: float
    metrics: dict[str, float]


class ProsodyTokenizer(Tokenizer):
    """Learned phrase, word and frame tokens of prosody.

    Parameters
    ----------
    network : ProsodyNetwork
        Trained weights.
    checkpoint : str
        The name that tokens carry; tokens decode only with the checkpoint that made them.
    f0 : {"praat", "world", "harvest", "swift-f0"}
        Pitch tracker of `extract`.
    search : bool
        Choose codes by what they decode to (see `model.search`): better tokens, slower.

    Examples
    --------
    >>> tokenizer = ProsodyTokenizer.from_pretrained()
    >>> prosody = tokenizer.extract(load("speech.wav"))
    >>> tokens = tokenizer.encode(prosody)
    >>> contour = tokenizer.decode(tokens, levels=["phrase", "word"])
    """

    def __init__(
        self, network: ProsodyNetwork, checkpoint: str, f0: str = "praat", search: bool = True
    ) -> None:
        super().__init__(network.config, checkpoint, f0, search)
        self.network = network

    @classmethod
    def from_pretrained(
        cls,
        name_or_folder: str | Path = DEFAULT,
        *,
        revision: str | None = None,
        f0: str = "praat",
        search: bool = True,
    ) -> ProsodyTokenizer:
        """Load a tokenizer; without an argument, the bundled one.

        Parameters
        ----------
        name_or_folder, revision
            A folder, a bundled name, or a model of the Hugging Face Hub, ``org/name`` or
            ``org/name@revision``, in this order: see `load_checkpoint`.
        f0, search
            As the class takes them.

        Raises
        ------
        CheckpointError
            If there is no such checkpoint, it is damaged, or cannot be had from the hub.
        """
        return cls(*load_checkpoint(name_or_folder, revision), f0=f0, search=search)

    @property
    def device(self) -> torch.device:
        """Where the network computes."""
        return next(self.network.parameters()).device

    def to(self, device: torch.device | str) -> ProsodyTokenizer:
        """Move the network to another device, such as ``"cuda"``, and give this tokenizer.

        What comes before it (F0, energy, words, self-supervised features) is computed by the
        processor, and what goes in and comes out lies in its memory.
        """
        self.network.to(device)
        return self

    def push_to_hub(self, repo: str, *, license: str = "apache-2.0", private: bool = False) -> str:
        """Put this tokenizer's weights and config into a repository of the Hugging Face Hub.

        The repository is made where it is missing. A README.md with the metadata of a model card is
        written where there is none: tell there what speech the model was trained on.

        Parameters
        ----------
        repo : str
            ``org/name``.
        license : str
            Licence of the weights, as the hub names it.
        private : bool
            Whether a repository that is made now is for its owner alone.

        Returns
        -------
        str
            The address of the commit.

        Raises
        ------
        CheckpointError
            If the hub refuses or is out of reach.
        MissingExtraError
            If huggingface_hub is not installed.
        """
        return push_checkpoint(self.network, repo, license=license, private=private)

    def codebook(self, level: str, index: int = 0) -> NDArray[np.float32]:
        """Vectors (C, D) of the C codes of a level's codebook, of which a level may have several.

        Raises
        ------
        TokenError
            If there is no such level or codebook.
        """
        books: list[Tensor] = self.network.quantizer(level).codebooks if level in LEVELS else []
        if not 0 <= index < len(books):
            raise TokenError(f"no codebook {index} of a level {level!r}")
        return books[index].detach().cpu().numpy().copy()

    def __call__(
        self,
        prosody: Prosody,
        hierarchy: Hierarchy | None = None,
        *,
        register: Register | None = None,
        audio: Audio | None = None,
    ) -> TokenizerOutput:
        """Encode and decode one utterance, whole; parameters as in `encode`."""
        example = self.example(prosody, hierarchy, register=register, audio=audio)
        encoded = self._run([example])
        tokens = self.tokens_of(example, _arrays(encoded.codes))
        metrics = {name: bits / tokens.duration for name, bits in tokens.bits.items()}
        metrics["bitrate"] = tokens.bitrate
        loss = float(sum(encoded.commitment.values()))
        return TokenizerOutput(self.decode(tokens), tokens, loss, metrics)

    @torch.inference_mode()
    def _run(self, examples: Sequence[Example]) -> Encoded:
        batch = Batch.of(examples, self.config.patch).to(self.device)
        return self.network.encode(
            batch, choose=Search(self.network, batch) if self.search else None
        )

    def _encode_codes(self, examples: Sequence[Example]) -> dict[str, NDArray[np.int64]]:
        return _arrays(self._run(examples).codes)

    @torch.inference_mode()
    def _decode_codes(
        self, codes: Mapping[str, NDArray[np.int64]], hierarchies: Sequence[Hierarchy]
    ) -> DecodedArrays[NDArray[np.float32]]:
        tensors = {name: torch.from_numpy(chosen).to(self.device) for name, chosen in codes.items()}
        layout = Layout.of(hierarchies, self.config.patch).to(self.device)
        return self.network.decode(tensors, layout).arrays()


def _arrays(codes: Mapping[str, Tensor]) -> dict[str, NDArray[np.int64]]:
    return {name: chosen.cpu().numpy() for name, chosen in codes.items()}
