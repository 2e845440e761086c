"""Demo on bundled speech: tokens, decoded contours, figures, resynthesis and a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.progress import track

from prosodytok.corpus import Recording, tokenize_recording
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
from prosodytok.ui.report.prefix_scores import score_prefixes, scores_to_rows, sum_scores
from prosodytok.viz import plot_prosody, save_figure

#: Number of tokens of each clip in the report.
SHOWN_TOKENS = 16

INTRODUCTION = """\
# prosodytok: the demo

Results for some sentences of real speech: F0, voicing and energy were measured, words were aligned
with the transcript, and prosody was encoded as phrase, word and frame tokens. Each prefix of these
levels was decoded from the tokens alone. Checkpoint: `{checkpoint}`. The recordings are from
LibriVox, in the public domain.

In the figures, dots are measured and lines are decoded contours; the lanes below contain the codes,
coloured by number. Zero semitones are the speaker's median F0.
"""

FILES = """\
## Files

- `tokens.jsonl`: the tokens, one clip per line; the only input of `prosodytok decode`.
- `ID.wav`: the recording.
- `ID.phrase+word.wav`, `ID.phrase+word+frame.wav`: the recording with the prosody decoded from
  these levels, by the World vocoder.
- `ID.png`: the figure.
- `ID.TextGrid`: words and tokens, to open in Praat beside `ID.wav`.

Errors of the decoded relative to the measured prosody: F0 in cents over voiced frames (mean
absolute error, and root mean square error, which is dominated by octave errors of the tracker),
share of frames with wrong voicing, and energy in dB. Bit rates include the codes and the boundaries
of words and phrases.
"""

TABLE_HEAD = """\
| levels | bit/s | F0 MAE (cents) | F0 RMSE (cents) | voicing error (%) | energy RMSE (dB) |
|:--|--:|--:|--:|--:|--:|
"""


@dataclass(frozen=True)
class Clip:
    """One sentence with its measured prosody, and its decoded prosody by prefix of levels."""

    utterance: Utterance
    audio: Audio
    prosody: Prosody
    tokens: ProsodyTokens
    decoded: Mapping[str, Prosody]

    @property
    def id(self) -> str:
        """Id of the utterance."""
        return self.utterance.id


def run_demo(out: str | Path) -> Path:
    """Tokenize, decode and resynthesize the bundled recordings, and write the results.

    Returns ``report.md``, which links to the other files in the folder: ``tokens.jsonl``, and for
    each clip a figure, a TextGrid and sounds. Raises `MissingExtraError` without the extra
    ``align``.
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
    for name, file in _resynthesis_files(clip).items():
        resynthesize(clip.audio, clip.decoded[name]).write(out / file)


def _resynthesis_files(clip: Clip) -> dict[str, str]:
    """File of each resynthesized prefix, which are all except the phrases alone."""
    return {name: f"{clip.id}.{name.replace(' ', '')}.wav" for name in list(clip.decoded)[1:]}


def _report(clips: Sequence[Clip]) -> str:
    introduction = INTRODUCTION.format(checkpoint=clips[0].tokens.checkpoint)
    overall = f"## All {len(clips)} clips\n\n{_table(clips)}"
    return "\n".join([introduction, overall, *map(_section, clips), FILES])


def _section(clip: Clip) -> str:
    vocabulary = ProsodyVocabulary.of(clip.tokens)
    stream = " ".join(vocabulary.tokens[i] for i in vocabulary.to_ids(clip.tokens)[:SHOWN_TOKENS])
    sounds = {"recording": f"{clip.id}.wav"} | _resynthesis_files(clip)
    links = ", ".join(f"[{name}]({file})" for name, file in sounds.items())
    return f"""\
## {clip.id}

> {clip.utterance.text}

![{clip.id}]({clip.id}.png)

{_table([clip])}
Sounds: {links}. For Praat: [TextGrid]({clip.id}.TextGrid).

First tokens: `{stream}` ...
"""


def _table(clips: Sequence[Clip]) -> str:
    """Bit rate and errors of each prefix of levels over the frames of all clips."""
    scores = [score_prefixes(clip.tokens, clip.prosody, clip.decoded) for clip in clips]
    return TABLE_HEAD + "".join(
        f"| {row['name']} | {row['bitrate']:.0f} | {row['f0_mae']:.0f} | {row['f0_rmse']:.0f} "
        f"| {100 * row['vde']:.1f} | {row['energy_rmse']:.1f} |\n"
        for row in scores_to_rows(sum_scores(scores))
    )
