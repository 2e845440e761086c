"""Commands that synthesize speech: `resynthesize` and `say`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from prosodytok.cli import options
from prosodytok.cli.command_inputs import Tokenizers, choose, load_sound_of, load_tokenizer, read
from prosodytok.cli.console import print_warning, sentences_of
from prosodytok.types.errors import AudioError, ConfigError, SegmentationError, TokenError
from prosodytok.types.f0_range import F0Range

if TYPE_CHECKING:
    from prosodytok.tokenizer import ProsodyTokenizer
    from prosodytok.types import ProsodyTokens


def resynthesize(
    audio: options.OneAudio,
    tokens: Annotated[Path, typer.Option(help="Token file.")],
    out: options.OutFile,
    id: options.TokensId = None,
    levels: options.Levels = "all",
    checkpoint: options.Checkpoint = None,
    f0_floor: options.F0Floor = None,
    f0_ceiling: options.F0Ceiling = None,
) -> None:
    """Resynthesize a sound with the prosody of tokens (World vocoder)."""
    from prosodytok.tts import resynthesize as speak

    chosen = choose(tokens, audio, id)
    print_warning(audio, sentences_of(chosen))
    prosody = Tokenizers(checkpoint).of(chosen).decode(chosen, options.parse_levels(levels))
    sound = load_sound_of(chosen, audio)
    speak(sound, prosody, F0Range(f0_floor, f0_ceiling)).write(out)


def say(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Text to speak, in English.")],
    out: options.OutFile,
    prosody_from: Annotated[
        Path | None, typer.Option(metavar="AUDIO", help="Recording whose prosody is used.")
    ] = None,
    tokens: Annotated[Path | None, typer.Option(help="Token file whose prosody is used.")] = None,
    levels: options.Levels = "all",
    by: Annotated[
        options.By | None,
        typer.Option(
            help="Granularity of the transfer: word, for the same words; phrase, for any.",
            show_default="word, if the word level is used",
        ),
    ] = None,
    f0_amount: Annotated[
        float, typer.Option(help="Share of its F0: 0 keeps the voice's own, 1 takes all.")
    ] = 1.0,
    energy_amount: Annotated[float, typer.Option(help="Share of its energy.")] = 1.0,
    duration_amount: Annotated[float, typer.Option(help="Share of its timing.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Random seed of the language model.")] = 0,
    temperature: Annotated[
        float, typer.Option(help="Sampling temperature; 0 takes the most probable token.")
    ] = 1.0,
    top_p: Annotated[
        float, typer.Option(help="Nucleus sampling: probability mass of the candidates.")
    ] = (0.9),
    checkpoint: options.Checkpoint = None,
    f0: options.F0 = options.Tracker.praat,
    f0_floor: options.F0Floor = None,
    f0_ceiling: options.F0Ceiling = None,
) -> None:
    """Speak a text (hibari TTS) with the prosody of a recording, of tokens, or of a model.

    Only the recording's tokens are used, in the voice's own register. Without a recording or
    tokens, the bundled language model generates tokens for the text, different ones for each
    --seed. With amounts of 0 the voice keeps its own prosody.

    [dim]prosodytok say "It is not." --seed 3 --out said.wav[/dim]

    [dim]prosodytok say "It is not." --prosody-from not.wav --out said.wav[/dim]

    [dim]prosodytok say "What a day!" --prosody-from not.wav --by phrase --out said.wav[/dim]
    """
    from prosodytok.lm import ProsodyLM
    from prosodytok.tts import Amounts, HibariVoice, Reference, tokens_by_model
    from prosodytok.tts import say as speak

    if prosody_from is not None and tokens is not None:
        raise ConfigError("--prosody-from makes the tokens: leave out --tokens")
    amounts = Amounts(f0_amount, energy_amount, duration_amount)
    names, f0_range = options.parse_levels(levels), F0Range(f0_floor, f0_ceiling)
    voice = HibariVoice()
    plan = voice.plan(text)
    words = plan.transcript
    if prosody_from is not None:
        by_phrase = by is options.By.phrase or (names is not None and "word" not in names)
        tokenizer = load_tokenizer(checkpoint, f0)
        like = _tokens_of(tokenizer, prosody_from, None if by_phrase else words, f0_range)
        print_warning(prosody_from, like.warnings)
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


def _tokens_of(
    tokenizer: ProsodyTokenizer, audio: Path, transcript: str | None, f0_range: F0Range
) -> ProsodyTokens:
    """Tokens of a recording; errors name the file."""
    from prosodytok.io.sound import load
    from prosodytok.tts import tokens_of_reading

    sound = load(audio)
    try:
        return tokens_of_reading(tokenizer, sound, transcript, f0_range)
    except (AudioError, SegmentationError) as error:
        raise type(error)(f"{audio}: {error}") from error


def _tokens_of_words(path: Path, words: str) -> ProsodyTokens:
    """Tokens in a token file: the only utterance, or the one with the same words."""
    from prosodytok.tts import same_words

    utterances = read(path)
    if len(utterances) == 1:
        return utterances[0]
    same = [u for u in utterances if "word" in u and same_words(u["word"].segmentation, words)]
    if len(same) != 1:
        raise TokenError(
            f"{path}: {len(same)} of {len(utterances)} utterances have the words of the text: "
            "pass a file with the right one alone"
        )
    return same[0]
