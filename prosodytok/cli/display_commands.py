"""Commands that display: `plot`, `report`, `app` and `demo`."""

from __future__ import annotations

from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Annotated

import typer

from prosodytok.cli import options
from prosodytok.cli.command_inputs import Tokenizers, choose, load_sound_of, load_tokenizer
from prosodytok.cli.console import Run, print_error, print_warning, sentences_of
from prosodytok.types.errors import ConfigError, require
from prosodytok.types.f0_range import F0Range


def plot(
    audio: options.OneAudio,
    out: Annotated[Path, typer.Option("--out", help="FIGURE.png, .pdf or .svg.")],
    tokens: Annotated[
        Path | None, typer.Option(help="Token file; by default the sound is tokenized.")
    ] = None,
    id: options.TokensId = None,
    segments: options.Segments = None,
    words_tier: options.WordsTier = None,
    phrases_tier: options.PhrasesTier = None,
    silence_labels: options.SilenceLabels = "",
    checkpoint: options.Checkpoint = None,
    f0: options.F0 = options.Tracker.praat,
    f0_floor: options.F0Floor = None,
    f0_ceiling: options.F0Ceiling = None,
    waveform: Annotated[bool, typer.Option(help="Waveform instead of spectrogram.")] = False,
) -> None:
    """Plot the sound, F0 with the contour of each level, energy, and lanes of tokens.

    With --segments FILE.TextGrid, its tiers are drawn below: tokens beside a hand annotation.
    """
    from prosodytok.corpus import Recording, tokenize_recording, with_units
    from prosodytok.features import extract
    from prosodytok.io import read_textgrid
    from prosodytok.viz import plot_prosody, save_figure

    if tokens is not None and segments is not None:
        raise ConfigError("--tokens have their own units: leave out --segments")
    f0_range, textgrid = F0Range(f0_floor, f0_ceiling), None
    if tokens is not None:
        chosen = choose(tokens, audio, id)
        sound = load_sound_of(chosen, audio)
        prosody = extract(sound, f0.value, f0_range=f0_range)
        tokenizer = Tokenizers(checkpoint).of(chosen)
    else:
        tokenizer = load_tokenizer(checkpoint, f0)
        (recording,) = with_units(
            [Recording(audio.stem, audio)],
            segments=segments,
            words_tier=words_tier,
            phrases_tier=phrases_tier,
            silence_labels=options.parse_labels(silence_labels),
        )
        utterance = tokenize_recording(tokenizer, recording.with_f0_range(f0_range))
        sound, prosody, chosen = utterance.audio, utterance.prosody, utterance.tokens
        textgrid = recording.units.textgrid
    print_warning(audio, sentences_of(chosen))
    figure = plot_prosody(
        prosody,
        chosen,
        tokenizer.decode_prefixes(chosen),
        audio=sound,
        sound="waveform" if waveform else "spectrogram",
        title=chosen.id or audio.stem,
        tiers=read_textgrid(textgrid, sound.duration) if textgrid else (),
    )
    save_figure(figure, out)


def report(
    audio: options.AudioArgument,
    out: Annotated[Path, typer.Option("--out", help="REPORT.html, the page.")],
    segments: options.Segments = None,
    words_tier: options.WordsTier = None,
    phrases_tier: options.PhrasesTier = None,
    silence_labels: options.SilenceLabels = "",
    compare: Annotated[
        Path | None,
        typer.Option(
            help="Output folder of `prosodytok compare`, whose tables and figures are added."
        ),
    ] = None,
    checkpoint: options.Checkpoint = None,
    f0: options.F0 = options.Tracker.praat,
    f0_floor: options.F0Floor = None,
    f0_ceiling: options.F0Ceiling = None,
) -> None:
    """Write an HTML page with contours, tokens, annotation and sound.

    One file that any browser opens without network. It shows the measured prosody, the decoding of
    each prefix of levels, lanes of tokens and the tiers of the TextGrids, and plays the recording
    and its resynthesis from each prefix. A five-second utterance takes about 200 kB.

    [dim]prosodytok report clips/ --out report.html[/dim]

    [dim]prosodytok report clips/ --segments grids/ --words-tier ortho --out report.html[/dim]

    [dim]prosodytok report clips/ --segments learned --compare results/ --out report.html[/dim]
    """
    from prosodytok.corpus import find_recordings, with_units
    from prosodytok.ui.report import comparison_to_html, tokenize_for_report, write_report

    run, f0_range = Run(), F0Range(f0_floor, f0_ceiling)
    recordings = with_units(
        find_recordings(audio, run.fail, print_error),
        segments=segments,
        words_tier=words_tier,
        phrases_tier=phrases_tier,
        silence_labels=options.parse_labels(silence_labels),
    )
    recordings = [recording.with_f0_range(f0_range) for recording in recordings]
    tables = comparison_to_html(compare) if compare else ""
    tokenize = partial(tokenize_for_report, load_tokenizer(checkpoint, f0))
    utterances = run.each(recordings, options.audio_of, tokenize, "making the report")
    utterances = run.watch(utterances, attrgetter("tokens"))
    run.write(utterances, partial(write_report, out=out, tables=tables))
    run.finish()


def serve_app(
    host: Annotated[
        str, typer.Option(help="Address to bind; 0.0.0.0 admits other machines.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to bind.")] = 7860,
    checkpoint: options.Checkpoint = None,
    f0: options.F0 = options.Tracker.praat,
    f0_floor: options.F0Floor = None,
    f0_ceiling: options.F0Ceiling = None,
) -> None:
    """Serve a web page to upload or record speech, inspect and swap its tokens, and download them.

    By default it is available on this machine alone, and it needs no network. There is no password:
    everyone who can reach the page can use it. Browsers allow the microphone on loopback or https
    only.

    [dim]prosodytok app --port 8000[/dim]
    """
    require("gradio", "app")
    from prosodytok.ui.app.app_server import serve

    serve(load_tokenizer(checkpoint, f0), host, port, F0Range(f0_floor, f0_ceiling))


def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder to write into.")] = Path("demo"),
) -> None:
    """Run the whole pipeline on bundled speech: tokens, figures, resynthesis, a report."""
    from prosodytok.ui.demo import run_demo

    print(run_demo(out))
