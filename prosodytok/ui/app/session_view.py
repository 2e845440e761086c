"""Right column of the page: figure, sounds, and the selected token with its controls."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from itertools import zip_longest
from typing import Any

import gradio as gr

from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.ui.app import session_html
from prosodytok.ui.app.edit_session import Session, codes_of
from prosodytok.ui.app.token_figure import figure_html

WELCOME = """
<div class="welcome">
<p>Choose a sound and press <b>Make tokens</b> to see its F0, energy and tokens with the decoded
contour of each prefix of levels, and to hear the recording and its resynthesis.</p>
<p>Then click a token in the figure and change its code: figure and sound are updated.</p>
</div>
"""

Updates = dict[Any, Any]


@dataclass(frozen=True)
class SessionView:
    """Components that show a session."""

    welcome: gr.HTML
    work: gr.Column
    summary: gr.HTML
    original: gr.HTML
    resynthesis: gr.HTML
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
        """Outputs of `show_selection`."""
        return [self.selected, *self.codes, self.swap]

    @property
    def all(self) -> list[Any]:
        """Outputs of `show`."""
        parts = [self.welcome, self.work, self.summary, self.resynthesis, self.figure]
        return [*parts, *self.selection, self.undo, self.reset, self.changed, self.downloads]

    def show(self, session: Session, tokenizer: ProsodyTokenizer) -> Updates:
        """Update everything but the recording."""
        tokens = session.tokens
        decoded = tokenizer.decode_prefixes(tokens)
        *_, finest = decoded.values()
        resynthesis = session.recording.voice.synthesize(finest)
        return self.show_selection(session) | {
            self.welcome: gr.update(visible=False),
            self.work: gr.update(visible=True),
            self.summary: session_html.summary_html(session),
            self.resynthesis: session_html.sound_html("Resynthesis from the tokens", resynthesis),
            self.figure: figure_html(session, decoded),
            self.undo: gr.update(interactive=bool(session.swaps)),
            self.reset: gr.update(interactive=bool(session.swaps)),
            self.changed: session_html.changed_html(session),
            self.downloads: session_html.downloads_html(tokens),
        }

    def show_original(self, session: Session) -> Updates:
        """Update the recording."""
        return {self.original: session_html.sound_html("Original", session.recording.audio)}

    def show_selection(self, session: Session) -> Updates:
        """Update the selected token and the sliders of its codebooks."""
        token, tokens = session.selected, session.tokens
        sizes = tokens[token.level].codebook_sizes if token else ()
        codes = codes_of(tokens, token) if token else ()
        updates: Updates = {
            self.selected: session_html.selected_html(session),
            self.swap: gr.update(interactive=token is not None),
        }
        for number, (slider, size, code) in enumerate(zip_longest(self.codes, sizes, codes), 1):
            updates[slider] = _slider_update(number, len(sizes), size, code)
        return updates


def build_session_view(tokenizer: ProsodyTokenizer) -> SessionView:
    """Build the components within the current column."""
    welcome = gr.HTML(WELCOME, elem_id="welcome")
    with gr.Column(visible=False, elem_id="work") as work:
        summary = gr.HTML(elem_id="summary")
        with gr.Row():
            original, resynthesis = gr.HTML(elem_id="original"), gr.HTML(elem_id="spoken")
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
    shown = (summary, original, resynthesis, figure, selected)
    return SessionView(welcome, work, *shown, codes, swap, undo, reset, changed, downloads)


def _sliders(tokenizer: ProsodyTokenizer) -> list[gr.Slider]:
    """One slider for each codebook of the level with the most codebooks."""
    sizes = zip_longest(*(level.codebook_sizes for level in tokenizer.config.levels), fillvalue=1)
    return [
        gr.Slider(0, max(each) - 1, step=1, visible=False, buttons=[], elem_id=f"code-{number}")
        for number, each in enumerate(sizes, 1)
    ]


def _slider_update(number: int, count: int, size: int | None, code: int | None) -> Any:
    if size is None:
        return gr.update(visible=False)
    suffix = f" of codebook {number}" if count > 1 else ""
    return gr.update(visible=True, label=f"Code{suffix}", maximum=size - 1, value=code)
