"""The whole way on bundled real speech: sound, tokens, contours, figures, sound again, a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.progress import track

from prosodytok.corpus import Recording, tokenize_recording
from prosodytok.evaluation import ProsodyErrors, prosody_errors
from prosodytok.io import write_jsonl, write_textgrid
from prosodytok.io.atomic import write_text
from prosodytok.io.manifest import Utterance, read_manifest
from prosodytok.samples import sample_manifest
from prosodytok.sequences import ProsodyVocabulary
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.tts import resynthesize
from prosodytok.types import ProsodyTokens
from prosodytok.types.audio import Audio
from prosodytok.types.prosody import Prosody
from prosodytok.viz import plot_prosody, save_figure

#: Tokens of each clip that the report shows.
SHOWN_TOKENS = 16

INTRODUCTION = """\
# prosodytok: the demo

Sentences of real speech went the whole way: F0, voicing and energy were measured, words were
aligned with the transcript, and prosody became tokens of phrases, words and frames. Each prefix of
these levels was decoded again, from the tokens alone. Checkpoint: `{checkpoint}`. The recordings
are LibriVox's, in the public domain.

In the figures, dots are what was measured and lines are what the tokens say; the lanes below hold
the codes, coloured by number. Zero semitones are the voice's median F0.
"""

FILES = """\
## What the files are

- `tokens.jsonl`: the tokens of all clips, a line each; `prosodytok decode` needs nothing else.
- `ID.wav`: the recording.
- `ID.phrase+word.wav`, `ID.phrase+word+frame.wav`: the recording with the prosody that these levels
  decode to, by the World vocoder.
- `ID.png`: the figure.
- `ID.TextGrid`: words and tokens, to open in Praat beside `ID.wav`.

Errors are those of the decoded against the measured prosody: F0 in cents over the voiced frames
(mean absolute error, and root mean square, which trackers' octave errors dominate), the share of
frames with the wrong voicing, and energy in dB. Bit rates count the codes and the edges of words
and phrases.
"""

TABLE_HEAD = """\
| levels | bit/s | F0 MAE (cents) | F0 RMSE (cents) | voicing error (%) | energy RMSE (dB) |
|:--|--:|--:|--:|--:|--:|
"""


@dataclass(frozen=True)
class Clip:
    """One sentence, with its measured and its decoded prosody by prefix of levels."""

    utterance: Utterance
    audio: Audio
    prosody: Prosody
    tokens: ProsodyTokens
    decoded: Mapping[str, Prosody]

    @property
    def id(self) -> str:
        """The utterance's id."""
        return self.utterance.id


def run_demo(out: str | Path) -> Path:
    """Take the bundled recordings the whole way, and write all that comes of it.

    Parameters
    ----------
    out : path
        Folder to write to, made if need be: ``report.md``, which shows and names the other files,
        ``tokens.jsonl``, and for each clip a figure, a TextGrid and sounds.

    Returns
    -------
    Path
        The report.

    Raises
    ------
    MissingExtraError
        If the extra ``align``, which finds the words, is not installed.
    """
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    tokenizer = ProsodyTokenizer.from_pretrained()
    clips = []
    console = Console(stderr=True)
    utterances = read_manifest(sample_manifest())
    for utterance in track(utterances, "demo", console=console, disable=not console.is_terminal):
        clip = _tokenize(tokenizer, utterance)
        _write_clip(clip, out)
        clips.append(clip)
    write_jsonl(out / "tokens.jsonl", (clip.tokens for clip in clips))
    report = out / "report.md"
    write_text(report, _report(clips))
    return report


def _tokenize(tokenizer: ProsodyTokenizer, utterance: Utterance) -> Clip:
    found = tokenize_recording(tokenizer, Recording.of(utterance))
    tokens = replace(found.tokens, audio=f"{utterance.id}.wav")
    return Clip(utterance, found.audio, found.prosody, tokens, tokenizer.decode_prefixes(tokens))


def _write_clip(clip: Clip, out: Path) -> None:
    clip.audio.write(out / f"{clip.id}.wav")
    write_textgrid(out / f"{clip.id}.TextGrid", clip.tokens)
    figure = plot_prosody(
        clip.prosody, clip.tokens, clip.decoded, audio=clip.audio, title=clip.utterance.text or ""
    )
    save_figure(figure, out / f"{clip.id}.png", dpi=150)
    for name, file in _spoken(clip).items():
        resynthesize(clip.audio, clip.decoded[name]).write(out / file)


def _spoken(clip: Clip) -> dict[str, str]:
    """The prefixes that are made to sound, and their files: all but the phrases alone."""
    return {name: f"{clip.id}.{name.replace(' ', '')}.wav" for name in list(clip.decoded)[1:]}


def _report(clips: Sequence[Clip]) -> str:
    introduction = INTRODUCTION.format(checkpoint=clips[0].tokens.checkpoint)
    everything = f"## All {len(clips)} clips together\n\n{_table(clips)}"
    return "\n".join([introduction, everything, *map(_section, clips), FILES])


def _section(clip: Clip) -> str:
    vocabulary = ProsodyVocabulary.of(clip.tokens)
    stream = " ".join(vocabulary.tokens[i] for i in vocabulary.to_ids(clip.tokens)[:SHOWN_TOKENS])
    sounds = {"recording": f"{clip.id}.wav"} | _spoken(clip)
    listen = ", ".join(f"[{name}]({file})" for name, file in sounds.items())
    return f"""\
## {clip.id}

> {clip.utterance.text}

![{clip.id}]({clip.id}.png)

{_table([clip])}
Listen: {listen}. In Praat: [TextGrid]({clip.id}.TextGrid).

The first tokens: `{stream}` ...
"""


def _table(clips: Sequence[Clip]) -> str:
    """Bit rate and errors of each prefix of levels, over all of the clips' frames."""
    return TABLE_HEAD + "".join(
        _row(clips, depth, name) for depth, name in enumerate(clips[0].decoded, 1)
    )


def _row(clips: Sequence[Clip], depth: int, name: str) -> str:
    chosen = [clip.tokens.select(clip.tokens.names[:depth]) for clip in clips]
    bitrate = sum(sum(t.bits.values()) for t in chosen) / sum(t.duration for t in chosen)
    errors = [prosody_errors(clip.prosody, clip.decoded[name]) for clip in clips]
    scores = sum(errors, ProsodyErrors()).scores
    return (
        f"| {name} | {bitrate:.0f} | {scores['f0_mae']:.0f} | {scores['f0_rmse']:.0f} "
        f"| {100 * scores['vde']:.1f} | {scores['energy_rmse']:.1f} |\n"
    )
