"""Layout and event handlers of the page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

import gradio as gr

from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types.errors import ConfigError, ProsodytokError
from prosodytok.types.f0_range import FITTED, F0Range
from prosodytok.ui.app.edit_session import Session, reset, select, show_levels, swap, undo
from prosodytok.ui.app.live_stream import build_live_panel
from prosodytok.ui.app.request_filter import refuse_urls
from prosodytok.ui.app.session_html import message_html
from prosodytok.ui.app.session_view import SessionView, Updates, build_session_view
from prosodytok.ui.app.upload_form import UploadForm, build_upload_form, form_to_upload
from prosodytok.ui.app.uploads import Upload, open_recording

HEAD = """
# prosodytok
Speech to phrase, word and frame tokens of prosody, and back. Swap tokens to hear their effect.
"""
DISMISS = """
element.addEventListener("click", (event) => {
  if (event.target.closest("button")) props.value = "";
});
"""
#: Lifetime of uploads and of inactive sessions (s).
LIFETIME = 3600
#: Sequential execution over all sessions: Praat is not thread-safe, and the steps of a session must
#: stay in order.
SEQUENTIAL = {"concurrency_limit": 1, "concurrency_id": "work"}


def build_page(tokenizer: ProsodyTokenizer, f0_range: F0Range = FITTED) -> gr.Blocks:
    """Build the page around one checkpoint; each browser tab has a session of its own."""
    page = gr.Blocks(title="prosodytok", analytics_enabled=False, delete_cache=(600, LIFETIME))
    with page:
        gr.Markdown(HEAD)
        message = gr.HTML(elem_id="message", js_on_load=DISMISS, apply_default_css=False)
        session = gr.State(None, time_to_live=LIFETIME)
        with gr.Row():
            with gr.Column(scale=1, min_width=340):
                form = build_upload_form(tokenizer.frontend.units)
            with gr.Column(scale=3, min_width=480):
                view = build_session_view(tokenizer)
        build_live_panel(partial(_on, message), f0_range)
        tokenize = partial(open_recording, tokenizer, f0_range=f0_range)
        _connect(tokenizer, tokenize, session, form, view, partial(_on, message))
        refuse_urls(page)
    return page


def _connect(
    tokenizer: ProsodyTokenizer,
    tokenize: Callable[[Upload], Session],
    session: gr.State,
    form: UploadForm,
    view: SessionView,
    on: Callable[..., None],
) -> None:
    def show(now: Session) -> Updates:
        return {session: now} | view.show(now, tokenizer)

    def open_(levels: list[str], *uploaded: Any) -> Updates:
        opened = tokenize(form_to_upload(*uploaded))
        return show(show_levels(opened, levels)) | view.show_original(opened)

    def select_token(now: Session | None, event: gr.EventData) -> Updates:
        changed = select(_existing(now), str(event.level), int(event.unit))
        return {session: changed} | view.show_selection(changed)

    def edit(change: Callable[..., Session], now: Session | None, *values: Any) -> Updates:
        return show(change(_existing(now), *values))

    def change_levels(now: Session | None, levels: list[str]) -> Updates:
        return show(show_levels(now, levels)) if now else {session: now}

    every = [session, *view.all]
    on = partial(on, show_progress_on=[view.welcome, view.figure])  # the visible one of these
    on(form.submit.click, open_, [form.levels, *form.upload], [*every, view.original])
    on(form.levels.input, change_levels, [session, form.levels], every)
    selection = [session, *view.selection]
    on(view.figure.click, select_token, [session], selection, show_progress="hidden")
    on(view.swap.click, partial(edit, _swap), [session, *view.codes], every)
    on(view.undo.click, partial(edit, undo), [session], every)
    on(view.reset.click, partial(edit, reset), [session], every)


def _on(
    message: gr.HTML,
    event: Callable[..., Any],
    handler: Callable[..., Updates],
    inputs: list[Any],
    outputs: list[Any],
    **options: Any,
) -> None:
    """Connect an event with a handler; an error is shown as a message and changes nothing else."""

    @wraps(handler)  # Gradio inspects the parameters
    def guarded(*values: Any) -> Updates:
        try:
            return {message: ""} | handler(*values)
        except ProsodytokError as error:
            return {message: message_html(str(error))}

    event(guarded, inputs, [message, *outputs], api_visibility="private", **SEQUENTIAL, **options)


def _swap(session: Session, *codes: float) -> Session:
    """Swap the selected token by the values of the sliders; surplus sliders are ignored."""
    if session.selected is None:
        return swap(session, ())
    count = len(session.tokens[session.selected.level].codebook_sizes)
    return swap(session, [int(code) for code in codes[:count]])


def _existing(session: Session | None) -> Session:
    if session is None:
        raise ConfigError("there are no tokens, or the session has expired: press Make tokens")
    return session
