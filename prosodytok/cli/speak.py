"""Commands that speak."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from prosodytok.cli.options import (
    F0,
    By,
    Checkpoint,
    Levels,
    OneAudio,
    OutFile,
    Tracker,
    parse_levels,
)
from prosodytok.cli.tokenizers import Tokenizers, choose, load_tokenizer, read
from prosodytok.types.errors import AudioError, ConfigError, SegmentationError, TokenError

if TYPE_CHECKING:
    from prosodytok.tokenizer import ProsodyTokenizer
    from prosodytok.types import ProsodyTokens


def resynthesize(
    audio: OneAudio,
    tokens: Annotated[Path, typer.Option(help="Token file.")],
    out: OutFile,
    levels: Levels = "all",
    checkpoint: Checkpoint = None,
) -> None:
    """Speak a sound again with the prosody of tokens (World vocoder)."""
    from prosodytok.io.sound import load
    from prosodytok.tts import resynthesize as speak

    chosen = choose(tokens, audio)
    prosody = Tokenizers(checkpoint).of(chosen).decode(chosen, parse_levels(levels))
    speak(load(audio), prosody).write(out)


def say(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What to say, in English.")],
    out: OutFile,
    prosody_from: Annotated[
        Path | None, typer.Option(metavar="AUDIO", help="A recording to speak like.")
    ] = None,
    tokens: Annotated[Path | None, typer.Option(help="Token file to speak like.")] = None,
    levels: Levels = "all",
    by: Annotated[
        By | None,
        typer.Option(
            help="Word to word, for a recording of the same words; or phrase to phrase, for any.",
            show_default="word, where the word level is used",
        ),
    ] = None,
    f0_amount: Annotated[
        float, typer.Option(help="How much of its F0 to take: 0 is the voice's own, 1 all.")
    ] = 1.0,
    energy_amount: Annotated[float, typer.Option(help="How much of its energy.")] = 1.0,
    duration_amount: Annotated[float, typer.Option(help="How much of its timing.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Of what the language model draws.")] = 0,
    temperature: Annotated[
        float, typer.Option(help="How freely it draws; 0 takes the likeliest.")
    ] = 1.0,
    top_p: Annotated[float, typer.Option(help="Share of what is likeliest that it draws from.")] = (
        0.9
    ),
    checkpoint: Checkpoint = None,
    f0: F0 = Tracker.praat,
) -> None:
    """Speak a text (hibari TTS), with the prosody of a recording, of tokens, or of a model.

    Nothing of the recording is used but its tokens, in the voice's own register. Without a
    recording or tokens, the bundled language model says tokens for the text, others for each
    --seed. With amounts of 0 the voice speaks as it would by itself.

    [dim]prosodytok say "It is not." --seed 3 --out said.wav[/dim]

    [dim]prosodytok say "It is not." --prosody-from not.wav --out said.wav[/dim]

    [dim]prosodytok say "What a day!" --prosody-from not.wav --by phrase --out said.wav[/dim]
    """
    from prosodytok.lm import ProsodyLM
    from prosodytok.tts import Amounts, HibariVoice, Reference, tokens_by_model
    from prosodytok.tts import say as speak

    if prosody_from is not None and tokens is not None:
        raise ConfigError("--prosody-from makes the tokens: leave out --tokens")
    amounts, names = Amounts(f0_amount, energy_amount, duration_amount), parse_levels(levels)
    voice = HibariVoice()
    plan = voice.plan(text)
    words = plan.transcript
    # What says how to speak is tokens, wherever they are from.
    if prosody_from is not None:
        by_phrase = by is By.phrase or (names is not None and "word" not in names)
        tokenizer = load_tokenizer(checkpoint, f0)
        like = _tokens_of(tokenizer, prosody_from, None if by_phrase else words)
        reference = Reference.of(tokenizer, like, voice.register, names)
    elif tokens is not None:
        like = _tokens_of_words(tokens, words)
        reference = Reference.of(Tokenizers(checkpoint).of(like), like, voice.register, names)
    else:
        drawing = {"seed": seed, "temperature": temperature, "top_p": top_p}
        model = ProsodyLM.from_pretrained()
        like = tokens_by_model(model, text, plan, voice.register, **drawing)
        reference = Reference.of(model.tokenizer, like, voice.register, names)
    by_what: Literal["word", "phrase"] | None = by.value if by else None
    speak(voice, text, reference, by=by_what, amounts=amounts).write(out)


def _tokens_of(tokenizer: ProsodyTokenizer, audio: Path, transcript: str | None) -> ProsodyTokens:
    """The tokens of a recording to speak like; its errors name the file."""
    from prosodytok.io.sound import load
    from prosodytok.tts import tokens_of_reading

    sound = load(audio)
    try:
        return tokens_of_reading(tokenizer, sound, transcript)
    except (AudioError, SegmentationError) as error:
        raise type(error)(f"{audio}: {error}") from error


def _tokens_of_words(path: Path, words: str) -> ProsodyTokens:
    """The tokens to speak like in a token file: the only ones, or those of the same words."""
    from prosodytok.tts import same_words

    utterances = read(path)
    if len(utterances) == 1:
        return utterances[0]
    same = [u for u in utterances if "word" in u and same_words(u["word"].segmentation, words)]
    if len(same) != 1:
        raise TokenError(
            f"{path}: {len(same)} of {len(utterances)} utterances have the words of the text: "
            "pass a file with the one to speak like"
        )
    return same[0]
