"""The left of the page: which sound, how its units are found, and which levels are shown."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from prosodytok.io.manifest import read_manifest
from prosodytok.samples import sample_manifest
from prosodytok.types import UnitSource
from prosodytok.types.tokens import LEVELS
from prosodytok.ui.app.uploads import MOST_SECONDS, Upload

UNITS = (
    ("acoustic", "acoustic"),
    ("learned", "learned"),
    ("even", "even"),
    ("TextGrid", "textgrid"),
    ("transcript", "transcript"),
)
UNITS_HELP = (
    "Found in the sound by rule (acoustic) or by a network (learned), in any language; of one "
    "length (even); from your TextGrid; or aligned with an English transcript"
)


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
    units = gr.Radio(
        UNITS, value="acoustic", label="Words and phrases", info=UNITS_HELP, elem_id="units"
    )
    text.render()  # type: ignore[no-untyped-call]
    grid = _annotation(units, text)
    levels = gr.CheckboxGroup(
        [*LEVELS],
        value=[*LEVELS],
        label="Levels",
        info="That are decoded, heard and downloaded",
        elem_id="levels",
    )
    submit = gr.Button("Make tokens", variant="primary", elem_id="submit")
    return Form(sound, units, text, *grid, levels, submit)


def upload_of(
    sound: str | None,
    units: UnitSource,
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


def _annotation(units: gr.Radio, text: gr.Textbox) -> tuple[gr.File, gr.Textbox, gr.Textbox]:
    """Take a TextGrid, and the names of its tiers; what the units do not need is not shown."""
    with gr.Accordion("TextGrid (optional)", open=False) as annotation:
        textgrid = gr.File(
            show_label=False, file_types=[".TextGrid"], height=130, elem_id="textgrid"
        )
        gr.Markdown("Its tiers are shown under the tokens.")
        with gr.Row(visible=False) as tiers:
            words = _tier("Words tier", "words-tier")
            phrases = _tier("Phrases tier", "phrases-tier")
    units.change(
        _what_units_need,
        units,
        [text, annotation, tiers],
        queue=False,
        api_visibility="private",
        show_progress="hidden",
    )
    return textgrid, words, phrases


def _what_units_need(units: UnitSource) -> tuple[Any, Any, Any]:
    """Show where the transcript, the TextGrid and the names of its tiers go."""
    from_grid = units == "textgrid"
    return (
        gr.update(visible=units == "transcript"),
        gr.update(open=True) if from_grid else gr.skip(),
        gr.update(visible=from_grid),
    )


def _examples(sound: gr.Audio, text: gr.Textbox) -> None:
    """Offer the bundled recordings, with their transcripts."""
    samples = read_manifest(sample_manifest())
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
