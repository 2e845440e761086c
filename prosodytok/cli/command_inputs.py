"""Checkpoints and token files of the commands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from prosodytok.cli.options import Tracker
from prosodytok.types.errors import CheckpointError, TokenError

if TYPE_CHECKING:
    from prosodytok.tokenizer import Tokenizer
    from prosodytok.types import ProsodyTokens
    from prosodytok.types.audio import Audio
    from prosodytok.types.prosody import Prosody

#: Ids that are named in a message.
MAX_NAMED = 5


class Tokenizers:
    """The checkpoints that made tokens, each loaded once; or the one named by the user."""

    def __init__(self, checkpoint: str | None) -> None:
        self.checkpoint = checkpoint
        self.loaded: dict[str | Path | None, Tokenizer] = {}

    def of(self, tokens: ProsodyTokens) -> Tokenizer:
        """The tokenizer of tokens. Raises TokenError if their checkpoint is missing."""
        # A path, not a name: a token file must not cause a download.
        name = self.checkpoint or (Path(tokens.checkpoint) if tokens.checkpoint else None)
        if name not in self.loaded:
            try:
                self.loaded[name] = load_tokenizer(name)
            except CheckpointError as error:
                if self.checkpoint:
                    raise
                raise TokenError(str(error)) from error
        return self.loaded[name]


class Decoder:
    """Decodes several utterances at once, which is faster, and returns them one by one."""

    AT_ONCE = 64

    def __init__(
        self, tokenizers: Tokenizers, utterances: list[ProsodyTokens], levels: list[str] | None
    ) -> None:
        self.tokenizers, self.utterances, self.levels = tokenizers, utterances, levels
        self.ready: dict[int, Prosody] = {}

    def __call__(self, index: int) -> Prosody:
        """Decode the utterance with this index; calls are in order of the indices."""
        if index not in self.ready:
            first, ahead = self.utterances[index], self.utterances[index : index + self.AT_ONCE]
            similar = [
                i
                for i, t in enumerate(ahead, index)
                if (t.checkpoint, t.names) == (first.checkpoint, first.names)
            ]
            self._decode(similar)
        return self.ready.pop(index)

    def _decode(self, indices: list[int]) -> None:
        chosen = [self.utterances[i] for i in indices]
        tokenizer = self.tokenizers.of(chosen[0])
        try:
            prosodies = tokenizer.decode_batch(chosen, self.levels)
        except TokenError:  # of one of them: decode them singly, to report the right one
            indices, prosodies = indices[:1], [tokenizer.decode(chosen[0], self.levels)]
        self.ready.update(zip(indices, prosodies, strict=True))


def load_tokenizer(checkpoint: str | Path | None, f0: Tracker = Tracker.praat) -> Tokenizer:
    """Load the tokenizer named by the user, or the bundled one."""
    from prosodytok.tokenizer import DEFAULT, Tokenizer

    return Tokenizer.from_pretrained(checkpoint or DEFAULT, f0=f0.value)


def read(path: Path) -> list[ProsodyTokens]:
    """Read the utterances of a token file."""
    from prosodytok.io import read_tokens

    return read_tokens(path)


def choose(path: Path, audio: Path, id: str | None = None) -> ProsodyTokens:
    """Tokens of a sound in a token file: those with an id, the only ones, or those of its name."""
    utterances = read(path)
    named = utterances
    if id is not None or len(utterances) > 1:
        named = [u for u in utterances if u.id == (id or audio.stem)]
    if len(named) != 1:
        own = [u.id for u in utterances if Path(u.audio).name == audio.name][:MAX_NAMED]
        others = f": choose with --id, such as {', '.join(own)}" if own and id is None else ""
        raise TokenError(
            f"{path}: {len(named)} of {len(utterances)} utterances have id "
            f"{id or audio.stem!r}{others}"
        )
    return named[0]


def load_sound_of(tokens: ProsodyTokens, audio: Path) -> Audio:
    """The sound of tokens in a file: all of it, or the part that they are of."""
    from prosodytok.io.sound import load

    if tokens.offset is None:
        return load(audio)
    return load(audio, tokens.offset, tokens.sound_duration or tokens.duration)
