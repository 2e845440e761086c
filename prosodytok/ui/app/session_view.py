"""The right of the page: the figure, the sounds, the selected token, and what can be done to it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from itertools import zip_longest
from typing import Any

import gradio as gr

from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.ui.app.edit_session import Session, codes_of
from prosodytok.ui.app.session_html import (
    changed_html,
    downloads_html,
    selected_html,
    sound_html,
    summary_html,
)
from prosodytok.ui.app.token_figure import figure_html

WELCOME = """
<div class="welcome">
<p>Choose a sound and press <b>Make tokens</b>. Here you will see its F0, energy and tokens, with
the contour that each further level decodes to, and hear the recording beside its resynthesis.</p>
<p>Then click a token in the figure and give it another code: figure and sound follow.</p>
</div>
"""

Updates = dict[Any, Any]


@dataclass(frozen=True)
class Desk:
    """The components that show a session."""

    welcome: gr.HTML
    work: gr.Column
    summary: gr.HTML
    original: gr.HTML
    spoken: gr.HTML
    figure: gr.HTML
    selected: gr.HTML
    codes: list[gr.Slider]
    swap: gr.Button
    undo: gr.Button
    reset: gr.Button
    changed: gr.HTML
    downloads: gr.HTML

    @property
    def selection(self) -> list[Any]:
        """What `show_selection` changes."""
        return [self.selected, *self.codes, self.swap]

    @property
    def all(self) -> list[Any]:
        """What `show` changes."""
        parts = [self.welcome, self.work, self.summary, self.spoken, self.figure]
        return [*parts, *self.selection, self.undo, self.reset, self.changed, self.downloads]

    def show(self, session: Session, tokenizer: ProsodyTokenizer) -> Updates:
        """Everything but the recording itself."""
        tokens = session.tokens
        decoded = tokenizer.decode_prefixes(tokens)
        *_, finest = decoded.values()
        spoken = session.recording.voice.speak(finest)
        return self.show_selection(session) | {
            self.welcome: gr.update(visible=False),
            self.work: gr.update(visible=True),
            self.summary: summary_html(session),
            self.spoken: sound_html("Resynthesis from the tokens", spoken),
            self.figure: figure_html(session, decoded),
            self.undo: gr.update(interactive=bool(session.swaps)),
            self.reset: gr.update(interactive=bool(session.swaps)),
            self.changed: changed_html(session),
            self.downloads: downloads_html(tokens),
        }

    def show_original(self, session: Session) -> Updates:
        """The recording."""
        return {self.original: sound_html("Original", session.recording.audio)}

    def show_selection(self, session: Session) -> Updates:
        """The selected token, and a slider for each of its codebooks."""
        token, tokens = session.selected, session.tokens
        sizes = tokens[token.level].codebook_sizes if token else ()
        codes = codes_of(tokens, token) if token else ()
        updates: Updates = {
            self.selected: selected_html(session),
            self.swap: gr.update(interactive=token is not None),
        }
        for number, (slider, size, code) in enumerate(zip_longest(self.codes, sizes, codes), 1):
            updates[slider] = _slider_update(number, len(sizes), size, code)
        return updates


def make_desk(tokenizer: ProsodyTokenizer) -> Desk:
    """Make the components, inside the column that shall hold them."""
    welcome = gr.HTML(WELCOME, elem_id="welcome")
    with gr.Column(visible=False, elem_id="work") as work:
        summary = gr.HTML(elem_id="summary")
        with gr.Row():
            original, spoken = gr.HTML(elem_id="original"), gr.HTML(elem_id="spoken")
        script = (files(__package__) / "static" / "figure.js").read_text(encoding="utf-8")
        figure = gr.HTML(elem_id="figure", js_on_load=script, apply_default_css=False)
        selected = gr.HTML(elem_id="selected")
        with gr.Row(equal_height=True):
            codes = _sliders(tokenizer)
        with gr.Row():
            swap = gr.Button("Swap", variant="primary", elem_id="swap", min_width=90)
            undo = gr.Button("Undo", elem_id="undo", min_width=90)
            reset = gr.Button("Reset", elem_id="reset", min_width=90)
        changed = gr.HTML(elem_id="changed")
        downloads = gr.HTML(elem_id="downloads")
    buttons = (swap, undo, reset)
    return Desk(
        welcome,
        work,
        summary,
        original,
        spoken,
        figure,
        selected,
        codes,
        *buttons,
        changed,
        downloads,
    )


def _sliders(tokenizer: ProsodyTokenizer) -> list[gr.Slider]:
    """As many as the level with the most codebooks needs."""
    sizes = zip_longest(*(level.codebook_sizes for level in tokenizer.config.levels), fillvalue=1)
    return [
        gr.Slider(0, max(each) - 1, step=1, visible=False, buttons=[], elem_id=f"code-{number}")
        for number, each in enumerate(sizes, 1)
    ]


def _slider_update(number: int, count: int, size: int | None, code: int | None) -> Any:
    if size is None:
        return gr.update(visible=False)
    which = f" of codebook {number}" if count > 1 else ""
    return gr.update(visible=True, label=f"Code{which}", maximum=size - 1, value=code)
