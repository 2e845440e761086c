"""The command line: every command is a call or two of the library."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from prosodytok.console import Run, exit_code, path_for, say_error
from prosodytok.errors import (
    AudioError,
    CheckpointError,
    ConfigError,
    ProsodytokError,
    SegmentationError,
    TokenError,
    require,
)

if TYPE_CHECKING:
    from prosodytok.corpus import Source
    from prosodytok.manifest import Utterance
    from prosodytok.model import ProsodyTokenizer, Tokenizer
    from prosodytok.prosody import Prosody
    from prosodytok.tokens import ProsodyTokens
    from prosodytok.tts import FastSpeech2Utterance

app = typer.Typer(
    help="Speech to phrase, word and frame tokens of prosody, and back.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


class Tracker(StrEnum):
    """Pitch trackers."""

    praat = "praat"
    world = "world"
    harvest = "harvest"
    swift_f0 = "swift-f0"


class Format(StrEnum):
    """What tokens can be exported to."""

    lm = "lm"
    textgrid = "textgrid"
    fastspeech2 = "fastspeech2"
    fastpitch = "fastpitch"
    parquet = "parquet"


class Units(StrEnum):
    """Where words come from."""

    acoustic = "acoustic"
    learned = "learned"
    even = "even"
    given = "given"


class By(StrEnum):
    """From what to what prosody goes when another voice takes it."""

    word = "word"
    phrase = "phrase"


AudioArgument = Annotated[
    list[Path], typer.Argument(metavar="AUDIO...", help="Sound files, or folders to search.")
]
OneAudio = Annotated[Path, typer.Argument(metavar="AUDIO", help="A sound file.")]
TokensArgument = Annotated[Path, typer.Argument(metavar="TOKENS.jsonl", help="A token file.")]
Checkpoint = Annotated[
    str | None,
    typer.Option(
        help="A checkpoint folder, a bundled checkpoint's name, org/name on the Hugging Face Hub, "
        "or, to tokenize and decode, what export-onnx wrote.",
        show_default="bundled",
    ),
]
F0 = Annotated[Tracker, typer.Option(help="Pitch tracker.")]
Segments = Annotated[
    Path | None,
    typer.Option(
        help="Words from a TextGrid, a folder of ID.TextGrid files, or a manifest (.jsonl); "
        "or found in the sound, by rule (acoustic, the default) or by a trained network (learned); "
        "or units of one length (even)."
    ),
]
WordsTier = Annotated[str | None, typer.Option(help="TextGrid tier that holds the words.")]
PhrasesTier = Annotated[str | None, typer.Option(help="TextGrid tier that marks phrases.")]
OutFile = Annotated[Path, typer.Option("--out", help="File to write.")]
OutFolder = Annotated[Path, typer.Option("--out", help="Folder to write into.")]
Levels = Annotated[
    str, typer.Option(help="Levels to use, comma-separated: any of phrase,word,frame.")
]


@app.command()
def tokenize(
    audio: AudioArgument,
    out: OutFile,
    segments: Segments = None,
    words_tier: WordsTier = None,
    phrases_tier: PhrasesTier = None,
    text: Annotated[str | None, typer.Option(help="Transcript of the one sound (English).")] = None,
    text_file: Annotated[
        Path | None,
        typer.Option(
            help="Transcript of the one sound; for several, lines of ID<tab>text or ID|text."
        ),
    ] = None,
    checkpoint: Checkpoint = None,
    f0: F0 = Tracker.praat,
) -> None:
    """Turn speech into prosody tokens, one JSON object a line.

    [dim]prosodytok tokenize clips/ --out tokens.jsonl[/dim]

    [dim]prosodytok tokenize a.wav --text "She had your dark suit." --out tokens.jsonl[/dim]
    """
    from prosodytok.corpus import encode_all, find_files, find_sources, prepare
    from prosodytok.tokens import write_jsonl

    run = Run()
    sources = find_sources(
        find_files(audio, run.fail),
        segments=segments,
        words_tier=words_tier,
        phrases_tier=phrases_tier,
        text=text,
        text_file=text_file,
    )
    tokenizer = _any_tokenizer(checkpoint, f0)
    prepared = run.each(sources, _audio_of, partial(prepare, tokenizer), "tokenizing")
    run.write(encode_all(tokenizer, prepared), partial(write_jsonl, out))
    run.finish()


@app.command()
def extract(
    inputs: Annotated[
        list[Path],
        typer.Argument(
            metavar="MANIFEST_OR_DIR...",
            help="A manifest (.jsonl), a folder, or .tar archives, as in shard-{000..009}.tar.",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder of the dataset.")],
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Processes.", show_default="one for each processor"),
    ] = None,
    ray: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Work on a Ray cluster; `local` starts one here."),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on after an interruption.")] = False,
    segments: Annotated[
        Units,
        typer.Option(
            help="Words as the corpus gives them, by rule where it does not; or from the sound."
        ),
    ] = Units.given,
    checkpoint: Checkpoint = None,
    f0: F0 = Tracker.praat,
    search: Annotated[
        bool, typer.Option(help="Choose codes by what they decode to; without, faster.")
    ] = True,
    shard_size: Annotated[
        int | None, typer.Option(min=1, help="Utterances of a shard.", show_default="128")
    ] = None,
) -> None:
    """Turn a corpus into a dataset of tokens: Parquet shards, by many processes, resumable.

    What is written does not depend on how many there are. See docs/extract.md.

    [dim]prosodytok extract corpus.jsonl --out tokens/ --workers 8[/dim]

    [dim]prosodytok extract 'shard-{000000..000123}.tar' --out tokens/ --ray auto --resume[/dim]
    """
    from prosodytok.corpus import SHARD_SIZE
    from prosodytok.corpus import extract as extract_corpus
    from prosodytok.model import DEFAULT

    run = Run()
    with run.corpus("extracting") as (begin, tell):
        summary = extract_corpus(
            inputs,
            out,
            segments=segments.value,
            checkpoint=checkpoint or DEFAULT,
            f0=f0.value,
            search=search,
            shard_size=shard_size or SHARD_SIZE,
            workers=workers,
            ray=ray,
            resume=resume,
            begin=begin,
            tell=tell,
        )
    run.recall(summary.failed, f"{out / 'errors'} tells of all")
    run.finish()


@app.command()
def features(audio: AudioArgument, out: OutFolder, f0: F0 = Tracker.praat) -> None:
    """Measure F0, voicing and energy: one ID.npz for each sound, 100 frames a second.

    Keys: time_s, f0_hz (interpolated through unvoiced frames), voiced, energy_db.
    """
    from prosodytok.audio import load
    from prosodytok.corpus import find_files
    from prosodytok.features import extract

    def work(source: Source) -> None:
        extract(load(source.audio), f0.value).to_npz(out / f"{source.id}.npz")

    run = Run()
    run.all(find_files(audio, run.fail), _audio_of, work, "measuring")
    run.finish()


@app.command()
def decode(
    tokens: TokensArgument,
    out: OutFolder,
    levels: Levels = "all",
    checkpoint: Checkpoint = None,
) -> None:
    """Turn tokens back into F0, voicing and energy: the npz files of `features`."""
    utterances = _read(tokens)
    decoder = _Decoder(_Tokenizers(checkpoint), utterances, _levels(levels))

    def work(index: int) -> None:
        decoder(index).to_npz(path_for(out, utterances[index].id, ".npz"))

    run = Run()
    run.all(range(len(utterances)), lambda index: utterances[index].id, work, "decoding")
    run.finish()


@app.command()
def plot(
    audio: OneAudio,
    out: Annotated[Path, typer.Option("--out", help="FIGURE.png, .pdf or .svg.")],
    tokens: Annotated[
        Path | None, typer.Option(help="Token file; else tokens are made now.")
    ] = None,
    segments: Segments = None,
    words_tier: WordsTier = None,
    phrases_tier: PhrasesTier = None,
    checkpoint: Checkpoint = None,
    f0: F0 = Tracker.praat,
    waveform: Annotated[bool, typer.Option(help="Waveform instead of spectrogram.")] = False,
) -> None:
    """Draw the sound, F0 with what each level adds, energy, and the lanes of tokens.

    With --segments FILE.TextGrid, its tiers stand below: tokens beside a hand annotation.
    """
    from prosodytok.audio import load
    from prosodytok.corpus import Source, find_sources, given_units
    from prosodytok.features import extract
    from prosodytok.segmentation import read_textgrid
    from prosodytok.viz import plot_prosody, save_figure

    if tokens is not None and segments is not None:
        raise ConfigError("--tokens bring their own units: leave out --segments")
    sound = load(audio)
    textgrid = None
    if tokens is not None:
        prosody = extract(sound, f0.value)
        chosen = _choose(tokens, audio)
        tokenizer = _Tokenizers(checkpoint).of(chosen)
    else:
        tokenizer = _any_tokenizer(checkpoint, f0)
        prosody = tokenizer.extract(sound)
        (source,) = find_sources(
            [Source(audio.stem, audio)],
            segments=segments,
            words_tier=words_tier,
            phrases_tier=phrases_tier,
        )
        chosen = tokenizer.encode(prosody, given_units(source, sound, prosody), audio=sound)
        textgrid = source.textgrid
    figure = plot_prosody(
        prosody,
        chosen,
        tokenizer.decode_prefixes(chosen),
        audio=sound,
        sound="waveform" if waveform else "spectrogram",
        title=chosen.id or audio.stem,
        tiers=read_textgrid(textgrid) if textgrid else (),
    )
    save_figure(figure, out)


@app.command()
def report(
    audio: AudioArgument,
    out: Annotated[Path, typer.Option("--out", help="REPORT.html, the page.")],
    segments: Segments = None,
    words_tier: WordsTier = None,
    phrases_tier: PhrasesTier = None,
    compare: Annotated[
        Path | None,
        typer.Option(
            help="Folder that `prosodytok compare` wrote: tables and figures are shown too."
        ),
    ] = None,
    checkpoint: Checkpoint = None,
    f0: F0 = Tracker.praat,
) -> None:
    """Make a page to look at and listen to: contours, tokens, annotation, sound.

    One HTML file that any browser opens, without network. It shows what was measured, what each
    prefix of levels decodes to, the lanes of tokens and the tiers of the TextGrids, and it plays
    the recording and its resynthesis from each prefix. Of five-second utterances, each takes about
    200 kB.

    [dim]prosodytok report clips/ --out report.html[/dim]

    [dim]prosodytok report clips/ --segments grids/ --words-tier ortho --out report.html[/dim]

    [dim]prosodytok report clips/ --segments learned --compare results/ --out report.html[/dim]
    """
    from prosodytok.corpus import find_files, find_sources
    from prosodytok.report import collect, tables_from_folder, write_report

    run = Run()
    sources = find_sources(
        find_files(audio, run.fail),
        segments=segments,
        words_tier=words_tier,
        phrases_tier=phrases_tier,
    )
    tables = tables_from_folder(compare) if compare else ""
    exhibits = run.each(
        sources, _audio_of, partial(collect, _tokenizer(checkpoint, f0)), "making the report"
    )
    run.write(exhibits, partial(write_report, out=out, tables=tables))
    run.finish()


@app.command()
def resynthesize(
    audio: OneAudio,
    tokens: Annotated[Path, typer.Option(help="Token file.")],
    out: OutFile,
    levels: Levels = "all",
    checkpoint: Checkpoint = None,
) -> None:
    """Speak a sound again with the prosody of tokens (World vocoder)."""
    from prosodytok.audio import load
    from prosodytok.tts import resynthesize as speak

    chosen = _choose(tokens, audio)
    prosody = _Tokenizers(checkpoint).of(chosen).decode(chosen, _levels(levels))
    speak(load(audio), prosody).write(out)


@app.command()
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
    amounts, names = Amounts(f0_amount, energy_amount, duration_amount), _levels(levels)
    voice = HibariVoice()
    plan = voice.plan(text)
    words = plan.transcript
    # What says how to speak is tokens, wherever they are from.
    if prosody_from is not None:
        by_phrase = by is By.phrase or (names is not None and "word" not in names)
        tokenizer = _tokenizer(checkpoint, f0)
        like = _tokens_of(tokenizer, prosody_from, None if by_phrase else words)
        reference = Reference.of(tokenizer, like, voice.register, names)
    elif tokens is not None:
        like = _tokens_of_words(tokens, words)
        reference = Reference.of(_Tokenizers(checkpoint).of(like), like, voice.register, names)
    else:
        drawing = {"seed": seed, "temperature": temperature, "top_p": top_p}
        model = ProsodyLM.from_pretrained()
        like = tokens_by_model(model, text, plan, voice.register, **drawing)
        reference = Reference.of(model.tokenizer, like, voice.register, names)
    by_what: Literal["word", "phrase"] | None = by.value if by else None
    speak(voice, text, reference, by=by_what, amounts=amounts).write(out)


@app.command()
def train(
    config: Annotated[Path, typer.Argument(help="YAML file, e.g. recipes/tokenizer/base.yaml.")],
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the last checkpoint.")
    ] = False,
) -> None:
    """Train a tokenizer; the finished checkpoint's folder is the last line printed."""
    for module in ("lightning", "tensorboard", "webdataset", "yaml"):
        require(module, "train")
    from prosodytok.training import is_first_process
    from prosodytok.training import train as run_training

    folder = run_training(config, resume=resume)
    if is_first_process():
        print(folder)


@app.command()
def shards(
    config: Annotated[Path, typer.Argument(help="Training config whose features these are.")],
    manifests: Annotated[list[Path], typer.Argument(metavar="MANIFEST...")],
    out: OutFolder,
    size: Annotated[int, typer.Option(min=1, help="Utterances of a shard.")] = 1000,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
    part: Annotated[
        str, typer.Option(metavar="I/N", help="Write only each N-th shard, from the I-th on.")
    ] = "0/1",
) -> None:
    """Extract features for `train` into shards, for speech that does not fit into memory.

    A call that was ended goes on where it was. Utterances that fail are named in .failed.txt files.
    """
    for module in ("lightning", "webdataset", "yaml"):
        require(module, "train")
    from prosodytok.training import load_config, write_shards

    index, _, parts = part.partition("/")
    if not (index.isdecimal() and parts.isdecimal() and int(index) < int(parts)):
        raise ConfigError(f"--part {part}: expected I/N, e.g. 0/8 up to 7/8")
    settings = load_config(config)
    failed = False
    for manifest in manifests:
        written = write_shards(
            settings, manifest, out, size=size, workers=workers, part=(int(index), int(parts))
        )
        failed |= any(path.with_suffix(".failed.txt").is_file() for path in written)
        print(f"{len(written)} shards of {manifest} are in {out}")
    if failed:
        raise typer.Exit(1)


@app.command()
def export(
    tokens: TokensArgument,
    format: Annotated[Format, typer.Option(help="What to write.")],
    out: Annotated[Path, typer.Option("--out", help="File (lm, parquet) or folder to write.")],
    levels: Levels = "all",
    checkpoint: Checkpoint = None,
    with_words: Annotated[
        bool, typer.Option("--with-words", help="lm: each word before its tokens.")
    ] = False,
    phones: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="fastspeech2, fastpitch: a value a phone, of DIR/ID.TextGrid or "
            "DIR/SPEAKER/ID.TextGrid.",
        ),
    ] = None,
    speaker: Annotated[
        str, typer.Option(help="fastspeech2: who speaks, where --phones does not tell.")
    ] = "speaker",
    mel_rate: Annotated[
        float, typer.Option(min=1, help="fastspeech2, fastpitch: mel frames per second.")
    ] = 22050 / 256,
) -> None:
    """Write tokens for other tools.

    lm: a line ID<tab>tokens for each utterance. textgrid: a Praat TextGrid each, a tier a level.
    parquet: one table. fastspeech2: pitch, energy and duration of each phone (of each word without
    --phones) as github.com/ming024/FastSpeech2 reads them. fastpitch: likewise, as NVIDIA's
    FastPitch 1.0 does.

    [dim]prosodytok export tokens.jsonl --format fastspeech2 --phones TextGrid/ --out LJ/[/dim]
    """
    from prosodytok.tokens import ProsodyVocabulary, to_text, write_parquet, write_textgrid
    from prosodytok.tts import (
        PhoneFolder,
        fastspeech2_utterance,
        write_fastpitch,
        write_fastspeech2,
    )

    tokenizers, names, run = _Tokenizers(checkpoint), _levels(levels), Run()
    folder = PhoneFolder(phones) if phones else None

    def choose(utterance: ProsodyTokens) -> ProsodyTokens:
        return utterance if names is None else utterance.select(names)

    def to_line(utterance: ProsodyTokens) -> str:
        chosen = choose(utterance)
        vocabulary = ProsodyVocabulary.of(chosen)
        stream = to_text(vocabulary, chosen) if with_words else vocabulary.to_string(chosen)
        return f"{chosen.id}\t{stream}\n"

    def to_grid(utterance: ProsodyTokens) -> None:
        write_textgrid(path_for(out, utterance.id, ".TextGrid"), choose(utterance))

    def to_arrays(utterance: ProsodyTokens) -> FastSpeech2Utterance:
        chosen = choose(utterance)
        return fastspeech2_utterance(
            chosen,
            tokenizers.of(chosen).decode(chosen),
            folder.phones(chosen) if folder else None,
            speaker=(folder.speaker(chosen) if folder else None) or speaker,
            mel_rate=mel_rate,
        )

    each = partial(run.each, _read(tokens), _id_of, what="exporting")
    if format is Format.lm:
        run.write(each(work=to_line), partial(_write_lines, out))
    elif format is Format.parquet:
        run.write(each(work=choose), partial(write_parquet, out))
    elif format is Format.fastspeech2:
        run.write(each(work=to_arrays), partial(write_fastspeech2, folder=out))
    elif format is Format.fastpitch:
        run.write(each(work=to_arrays), partial(write_fastpitch, folder=out))
    else:
        run.all(_read(tokens), _id_of, to_grid, "exporting")
    run.finish()


@app.command("export-onnx")
def export_to_onnx(
    checkpoint: Annotated[
        str, typer.Argument(help="A bundled checkpoint's name or a checkpoint folder.")
    ],
    out: OutFolder,
) -> None:
    """Write a checkpoint as ONNX graphs, which make and read tokens without torch.

    Takes minutes. The folder is then a --checkpoint of tokenize and decode.

    [dim]prosodytok export-onnx base --out base-onnx[/dim]

    [dim]prosodytok tokenize clips/ --checkpoint base-onnx --out tokens.jsonl[/dim]
    """
    from prosodytok.onnx.export import export_onnx

    export_onnx(checkpoint, out)


@app.command()
def evaluate(
    manifest: Annotated[
        list[Path], typer.Argument(metavar="MANIFEST...", help="Manifests, each a corpus.")
    ],
    out: OutFolder,
    checkpoint: Checkpoint = None,
    segments: Annotated[
        Units,
        typer.Option(help="Words from the sound, by rule or network, or as the manifest gives."),
    ] = Units.acoustic,
    every: Annotated[int, typer.Option(help="Take every n-th utterance.")] = 1,
    skip: Annotated[
        str,
        typer.Option(help="What to leave out, comma-separated: boundaries,intervention,leakage."),
    ] = "",
    seed: Annotated[int, typer.Option(help="Of the resampling.")] = 0,
) -> None:
    """Measure rate, distortion, codebook use, boundaries, intervention and leakage.

    Writes evaluation.json, evaluation.md, and rate_distortion.png and .pdf.

    [dim]prosodytok evaluate dev.jsonl --out results/ --skip leakage[/dim]
    """
    from prosodytok.evaluation import evaluate as summarise
    from prosodytok.evaluation import measure, parse_skip, read_corpora, write_evaluation

    skipped, corpora, run = parse_skip(skip), read_corpora(manifest, every), Run()
    tokenizer = _tokenizer(checkpoint)
    work = partial(
        measure,
        tokenizer,
        units=segments.value,
        boundaries="boundaries" not in skipped,
        keep_sound="leakage" not in skipped,
    )
    measured = {
        name: list(run.each(utterances, _audio_of, work, f"measuring {name}"))
        for name, utterances in corpora.items()
    }
    left_out = {name: len(corpora[name]) - len(found) for name, found in measured.items()}
    if any(measured.values()):
        evaluation = summarise(
            tokenizer,
            {name: found for name, found in measured.items() if found},
            segments=segments.value,
            left_out=left_out,
            skip=skipped,
            seed=seed,
        )
        write_evaluation(evaluation, out)
    run.finish()


@app.command()
def compare(
    manifest: Annotated[
        Path, typer.Argument(metavar="MANIFEST.jsonl", help="A manifest of annotated speech.")
    ],
    out: OutFolder,
    checkpoint: Checkpoint = None,
    segments: Annotated[
        Units, typer.Option(help="Units of the tokens: the annotation's words, or found otherwise.")
    ] = Units.given,
    every: Annotated[int, typer.Option(help="Take every n-th utterance.")] = 1,
    seed: Annotated[int, typer.Option(help="Of what is drawn.")] = 0,
) -> None:
    """Compare tokens with hand annotation: ToBI, ToDI, IViE, or what the manifest's tiers name.

    What codes and labels share, how well accents, boundaries and their types are told from codes
    alone beside raw prosody and baselines, and how much of F0 labels and tokens keep. Writes
    compare.json, and compare.md with figures of these and of what codes are.

    [dim]prosodytok compare tobi.jsonl --out comparison/[/dim]
    """
    from prosodytok.evaluation.compare import compare as against
    from prosodytok.evaluation.compare_report import write_comparison
    from prosodytok.evaluation.labelled import read_labelled
    from prosodytok.manifest import read_manifest

    utterances, run = read_manifest(manifest)[::every], Run()
    tokenizer = _tokenizer(checkpoint)
    work = partial(read_labelled, tokenizer, units=segments.value)
    labelled = list(run.each(utterances, _audio_of, work, "reading"))
    if labelled:
        found = against(tokenizer, labelled, segments=segments.value, seed=seed)
        write_comparison(found, out, tokenizer, labelled)
    run.finish()


@app.command("app")
def serve_app(
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 lets other machines in.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 7860,
    checkpoint: Checkpoint = None,
    f0: F0 = Tracker.praat,
) -> None:
    """Serve a web page: upload or record, see and hear tokens, swap them, download.

    On this machine alone unless told otherwise, and without network. Everyone who reaches the page
    can use it: there is no password. Browsers lend a microphone to pages on loopback or https only.

    [dim]prosodytok app --port 8000[/dim]
    """
    require("gradio", "app")
    from prosodytok.app.serve import serve

    serve(_tokenizer(checkpoint, f0), host, port)


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder to write into.")] = Path("demo"),
) -> None:
    """Run the whole way on bundled real speech: tokens, figures, sound, a report."""
    from prosodytok.demo import run_demo

    print(run_demo(out))


def main() -> None:
    """Run the command line: exit 0, 1 when some inputs failed, 2 when the call itself is wrong."""
    try:
        app()
    except (ProsodytokError, OSError) as error:
        say_error(error)
        raise SystemExit(exit_code(error)) from None


class _Tokenizers:
    """The checkpoints that tokens name, each loaded once; or the one that the user names."""

    def __init__(self, checkpoint: str | None) -> None:
        self.checkpoint = checkpoint
        self.loaded: dict[str | Path | None, Tokenizer] = {}

    def of(self, tokens: ProsodyTokens) -> Tokenizer:
        """The tokenizer for these tokens; a checkpoint that only they name is their own fault."""
        # A file of tokens may name what lies here, but not make us download anything: hence a path.
        name = self.checkpoint or (Path(tokens.checkpoint) if tokens.checkpoint else None)
        if name not in self.loaded:
            try:
                self.loaded[name] = _any_tokenizer(name)
            except CheckpointError as error:
                if self.checkpoint:
                    raise
                raise TokenError(str(error)) from error
        return self.loaded[name]


class _Decoder:
    """Decodes utterances some at once, which is faster, and hands them out one by one."""

    AT_ONCE = 64

    def __init__(
        self, tokenizers: _Tokenizers, utterances: list[ProsodyTokens], levels: list[str] | None
    ) -> None:
        self.tokenizers, self.utterances, self.levels = tokenizers, utterances, levels
        self.ready: dict[int, Prosody] = {}

    def __call__(self, index: int) -> Prosody:
        """Decode the utterance of this index; indices come in order."""
        if index not in self.ready:
            first, ahead = self.utterances[index], self.utterances[index : index + self.AT_ONCE]
            like_it = [
                i
                for i, t in enumerate(ahead, index)
                if (t.checkpoint, t.names) == (first.checkpoint, first.names)
            ]
            self._decode(like_it)
        return self.ready.pop(index)

    def _decode(self, indices: list[int]) -> None:
        chosen = [self.utterances[i] for i in indices]
        tokenizer = self.tokenizers.of(chosen[0])
        try:
            prosodies = tokenizer.decode_batch(chosen, self.levels)
        except TokenError:  # one of them: say which when its turn comes
            indices, prosodies = indices[:1], [tokenizer.decode(chosen[0], self.levels)]
        self.ready.update(zip(indices, prosodies, strict=True))


def _tokenizer(checkpoint: str | Path | None, f0: Tracker = Tracker.praat) -> ProsodyTokenizer:
    from prosodytok.model import DEFAULT, ProsodyTokenizer

    return ProsodyTokenizer.from_pretrained(checkpoint or DEFAULT, f0=f0.value)


def _any_tokenizer(checkpoint: str | Path | None, f0: Tracker = Tracker.praat) -> Tokenizer:
    """Of a folder that `export-onnx` wrote, the tokenizer that needs no torch."""
    from prosodytok.onnx import OnnxTokenizer, is_export

    if checkpoint and is_export(checkpoint):
        return OnnxTokenizer.from_folder(checkpoint, f0=f0.value)
    return _tokenizer(checkpoint, f0)


def _read(path: Path) -> list[ProsodyTokens]:
    from prosodytok.tokens import read_tokens

    return read_tokens(path)


def _choose(path: Path, audio: Path) -> ProsodyTokens:
    """The tokens of a sound in a token file: the only ones, or those with its name."""
    utterances = _read(path)
    named = utterances if len(utterances) == 1 else [u for u in utterances if u.id == audio.stem]
    if len(named) != 1:
        raise TokenError(
            f"{path}: {len(named)} of {len(utterances)} utterances have id {audio.stem!r}"
        )
    return named[0]


def _tokens_of(tokenizer: ProsodyTokenizer, audio: Path, transcript: str | None) -> ProsodyTokens:
    """The tokens of a recording to speak like; its errors name the file."""
    from prosodytok.audio import load
    from prosodytok.tts import tokens_of_reading

    sound = load(audio)
    try:
        return tokens_of_reading(tokenizer, sound, transcript)
    except (AudioError, SegmentationError) as error:
        raise type(error)(f"{audio}: {error}") from error


def _tokens_of_words(path: Path, words: str) -> ProsodyTokens:
    """The tokens to speak like in a token file: the only ones, or those of the same words."""
    from prosodytok.tts import same_words

    utterances = _read(path)
    if len(utterances) == 1:
        return utterances[0]
    same = [u for u in utterances if "word" in u and same_words(u["word"].segmentation, words)]
    if len(same) != 1:
        raise TokenError(
            f"{path}: {len(same)} of {len(utterances)} utterances have the words of the text: "
            "pass a file with the one to speak like"
        )
    return same[0]


def _levels(text: str) -> list[str] | None:
    """The levels of an option; None for all that there are."""
    from prosodytok.tokens import LEVELS

    names = [name.strip() for name in text.split(",") if name.strip()]
    if names == ["all"]:
        return None
    if not names or not set(names) <= set(LEVELS):
        raise ConfigError(f"--levels {text}: choose from {','.join(LEVELS)}")
    return names


def _write_lines(out: Path, lines: Iterable[str]) -> None:
    from prosodytok.files import atomic_path

    with atomic_path(out) as path, path.open("w", encoding="utf-8") as file:
        file.writelines(lines)


def _audio_of(source: Source | Utterance) -> Path:
    return source.audio


def _id_of(tokens: ProsodyTokens) -> str:
    return tokens.id
