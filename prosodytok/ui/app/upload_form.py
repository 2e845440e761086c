"""Left column of the page: sound, source of its units, and shown levels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from prosodytok.io.manifest import read_manifest
from prosodytok.samples import sample_manifest
from prosodytok.types import UnitSource
from prosodytok.types.tokens import LEVELS
from prosodytok.ui.app.uploads import MAX_SECONDS, Upload

UNITS = (
    ("learned", "learned"),
    ("acoustic", "acoustic"),
    ("even", "even"),
    ("TextGrid", "textgrid"),
    ("transcript", "transcript"),
)
UNITS_HELP = (
    "From the boundary model (learned) or acoustic rules (acoustic), for any language; of equal "
    "length (even); from your TextGrid; or aligned with an English transcript"
)


@dataclass(frozen=True)
class UploadForm:
    """Input components."""

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
        """Inputs of `form_to_upload`, in order."""
        return [
            self.sound,
            self.units,
            self.textgrid,
            self.words_tier,
            self.phrases_tier,
            self.text,
        ]


def build_upload_form(chosen: UnitSource) -> UploadForm:
    """Build the components within the current column, with a source of units chosen."""
    sound = gr.Audio(
        label=f"Sound (at most {MAX_SECONDS:.0f} s)",
        sources=["upload", "microphone"],
        type="filepath",
        buttons=[],
        elem_id="sound",
    )
    text = gr.Textbox(
        label="Transcript (English)",
        placeholder="Spoken words, verbatim",
        lines=2,
        visible=False,
        elem_id="text",
        render=False,
    )
    _examples(sound, text)
    units = gr.Radio(
        UNITS, value=chosen, label="Words and phrases", info=UNITS_HELP, elem_id="units"
    )
    text.render()  # type: ignore[no-untyped-call]
    grid = _annotation(units, text)
    levels = gr.CheckboxGroup(
        [*LEVELS],
        value=[*LEVELS],
        label="Levels",
        info="Levels to show, decode and download",
        elem_id="levels",
    )
    submit = gr.Button("Make tokens", variant="primary", elem_id="submit")
    return UploadForm(sound, units, text, *grid, levels, submit)


def form_to_upload(
    sound: str | None,
    units: UnitSource,
    textgrid: str | None,
    words_tier: str,
    phrases_tier: str,
    text: str,
) -> Upload:
    """Convert the values of `UploadForm.upload`."""
    return Upload(
        Path(sound) if sound else None,
        units,
        Path(textgrid) if textgrid else None,
        words_tier or "",
        phrases_tier or "",
        text or "",
    )


def _annotation(units: gr.Radio, text: gr.Textbox) -> tuple[gr.File, gr.Textbox, gr.Textbox]:
    """Build the fields of a TextGrid and its tiers, visible as the source of units requires."""
    with gr.Accordion("TextGrid (optional)", open=False) as annotation:
        textgrid = gr.File(
            show_label=False, file_types=[".TextGrid"], height=130, elem_id="textgrid"
        )
        gr.Markdown("Its tiers are shown below the tokens.")
        with gr.Row(visible=False) as tiers:
            words = _tier("Words tier", "words-tier")
            phrases = _tier("Phrases tier", "phrases-tier")
    units.change(
        _show_required_fields,
        units,
        [text, annotation, tiers],
        queue=False,
        api_visibility="private",
        show_progress="hidden",
    )
    return textgrid, words, phrases


def _show_required_fields(units: UnitSource) -> tuple[Any, Any, Any]:
    """Show the fields of the transcript, of the TextGrid or of its tiers if required."""
    from_grid = units == "textgrid"
    return (
        gr.update(visible=units == "transcript"),
        gr.update(open=True) if from_grid else gr.skip(),
        gr.update(visible=from_grid),
    )


def _examples(sound: gr.Audio, text: gr.Textbox) -> None:
    """Add the bundled recordings with their transcripts as examples."""
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
    return gr.Textbox(label=label, placeholder="detected by its name", min_width=120, elem_id=name)
