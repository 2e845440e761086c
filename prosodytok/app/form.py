"""The left of the page: which sound, how its units are found, and which levels are shown."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import gradio as gr

from prosodytok.app.opening import MOST_SECONDS, Upload
from prosodytok.manifest import read_manifest
from prosodytok.samples import sample_manifest
from prosodytok.segmentation import Source as Means
from prosodytok.tokens.types import LEVELS

UNITS = (
    ("Acoustic: onsets, dips and pauses, by rule", "acoustic"),
    ("Learned: what sounds like words, any language", "learned"),
    ("Even: all of one length", "even"),
    ("TextGrid: the words of your annotation", "textgrid"),
    ("Transcript: English words, aligned", "transcript"),
)
#: How many of the bundled recordings are offered.
EXAMPLES = 3


@dataclass(frozen=True)
class Form:
    """The components that a person fills in."""

    sound: gr.Audio
    units: gr.Radio
    text: gr.Textbox
    textgrid: gr.File
    words_tier: gr.Textbox
    phrases_tier: gr.Textbox
    levels: gr.CheckboxGroup
    submit: gr.Button
    message: gr.HTML

    @property
    def upload(self) -> list[gr.components.Component]:
        """What `upload_of` takes, in its order."""
        return [
            self.sound,
            self.units,
            self.textgrid,
            self.words_tier,
            self.phrases_tier,
            self.text,
        ]


def make_form() -> Form:
    """Make the components, inside the column that shall hold them."""
    sound = gr.Audio(
        label=f"Sound (at most {MOST_SECONDS:.0f} s)",
        sources=["upload", "microphone"],
        type="filepath",
        buttons=[],
        elem_id="sound",
    )
    text = gr.Textbox(
        label="Transcript (English)",
        placeholder="What is said, word for word",
        lines=2,
        visible=False,
        elem_id="text",
        render=False,
    )
    _examples(sound, text)
    units = gr.Radio(UNITS, value="acoustic", label="Words and phrases", elem_id="units")
    text.render()  # type: ignore[no-untyped-call]
    textgrid = gr.File(
        label="TextGrid (optional; its tiers are shown)",
        file_types=[".TextGrid"],
        height=110,
        elem_id="textgrid",
    )
    with gr.Row(visible=False) as tiers:
        words = _tier("Words tier", "words-tier")
        phrases = _tier("Phrases tier", "phrases-tier")
    units.change(
        lambda means: (
            gr.update(visible=means == "transcript"),
            gr.update(visible=means == "textgrid"),
        ),
        units,
        [text, tiers],
        queue=False,
        api_visibility="private",
    )
    levels = gr.CheckboxGroup(
        [*LEVELS],
        value=[*LEVELS],
        label="Levels",
        info="That are decoded, heard and downloaded",
        elem_id="levels",
    )
    submit = gr.Button("Make tokens", variant="primary", elem_id="submit")
    message = gr.HTML(elem_id="message")
    return Form(sound, units, text, textgrid, words, phrases, levels, submit, message)


def upload_of(
    sound: str | None,
    units: Means,
    textgrid: str | None,
    words_tier: str,
    phrases_tier: str,
    text: str,
) -> Upload:
    """What the components of `Form.upload` hold."""
    return Upload(
        Path(sound) if sound else None,
        units,
        Path(textgrid) if textgrid else None,
        words_tier or "",
        phrases_tier or "",
        text or "",
    )


def _examples(sound: gr.Audio, text: gr.Textbox) -> None:
    """Offer the bundled recordings, with their transcripts."""
    samples = read_manifest(sample_manifest())[:EXAMPLES]
    gr.Examples(
        [[str(sample.audio), sample.text or ""] for sample in samples],
        [sound, text],
        label="Or an example",
        example_labels=[sample.id for sample in samples],
        cache_examples=False,
        api_visibility="private",
        elem_id="examples",
    )


def _tier(label: str, name: str) -> gr.Textbox:
    return gr.Textbox(label=label, placeholder="found by its name", min_width=120, elem_id=name)
