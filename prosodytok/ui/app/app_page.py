"""The page: its layout, and what happens when something on it is pressed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

import gradio as gr

from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types.errors import ConfigError, ProsodytokError
from prosodytok.ui.app.edit_session import Session, reset, select, show_levels, swap, undo
from prosodytok.ui.app.live_stream import make_live
from prosodytok.ui.app.session_html import message_html
from prosodytok.ui.app.session_view import Desk, Updates, make_desk
from prosodytok.ui.app.upload_form import Form, make_form, upload_of
from prosodytok.ui.app.uploads import open_recording

HEAD = """
# prosodytok
Speech to phrase, word and frame tokens of prosody, and back. Swap tokens to hear what they mean.
"""
DISMISS = """
element.addEventListener("click", (event) => {
  if (event.target.closest("button")) props.value = "";
});
"""
#: Uploads, and sessions that nobody touches, are forgotten after this time (s).
KEPT = 3600
#: One job at a time, whoever asks: Praat is not made for threads, and steps of one person stay in
#: their order.
ONE_AT_A_TIME = {"concurrency_limit": 1, "concurrency_id": "work"}


def build_page(tokenizer: ProsodyTokenizer) -> gr.Blocks:
    """Build the page around one checkpoint.

    What a person does lives in their own session, which their browser's tab alone can reach.
    """
    page = gr.Blocks(title="prosodytok", analytics_enabled=False, delete_cache=(600, KEPT))
    with page:
        gr.Markdown(HEAD)
        message = gr.HTML(elem_id="message", js_on_load=DISMISS, apply_default_css=False)
        session = gr.State(None, time_to_live=KEPT)
        with gr.Row():
            with gr.Column(scale=1, min_width=340):
                form = make_form()
            with gr.Column(scale=3, min_width=480):
                desk = make_desk(tokenizer)
        make_live(partial(_on, message))
        _connect(tokenizer, session, form, desk, partial(_on, message))
        _refuse_addresses(page)
    return page


def _connect(
    tokenizer: ProsodyTokenizer,
    session: gr.State,
    form: Form,
    desk: Desk,
    on: Callable[..., None],
) -> None:
    def show(now: Session) -> Updates:
        return {session: now} | desk.show(now, tokenizer)

    def open_(levels: list[str], *uploaded: Any) -> Updates:
        opened = open_recording(tokenizer, upload_of(*uploaded))
        return show(show_levels(opened, levels)) | desk.show_original(opened)

    def choose(now: Session | None, event: gr.EventData) -> Updates:
        chosen = select(_begun(now), str(event.level), int(event.unit))
        return {session: chosen} | desk.show_selection(chosen)

    def step(change: Callable[..., Session], now: Session | None, *values: Any) -> Updates:
        return show(change(_begun(now), *values))

    def change_levels(now: Session | None, levels: list[str]) -> Updates:
        return show(show_levels(now, levels)) if now else {session: now}

    every = [session, *desk.all]
    on = partial(on, show_progress_on=[desk.welcome, desk.figure])  # whichever is there
    on(form.submit.click, open_, [form.levels, *form.upload], [*every, desk.original])
    on(form.levels.input, change_levels, [session, form.levels], every)
    on(desk.figure.click, choose, [session], [session, *desk.selection], show_progress="hidden")
    on(desk.swap.click, partial(step, _swap), [session, *desk.codes], every)
    on(desk.undo.click, partial(step, undo), [session], every)
    on(desk.reset.click, partial(step, reset), [session], every)


def _on(
    message: gr.HTML,
    event: Callable[..., Any],
    work: Callable[..., Updates],
    inputs: list[Any],
    outputs: list[Any],
    **options: Any,
) -> None:
    """Do some work when something happens; what goes wrong is said, and all else stays."""

    @wraps(work)  # Gradio looks at what the work takes
    def guarded(*values: Any) -> Updates:
        try:
            return {message: ""} | work(*values)
        except ProsodytokError as error:
            return {message: message_html(str(error))}

    event(
        guarded,
        inputs,
        [message, *outputs],
        api_visibility="private",
        **ONE_AT_A_TIME,
        **options,
    )


def _swap(session: Session, *codes: float) -> Session:
    """Swap by the sliders; those that the level has no codebook for say nothing."""
    if session.selected is None:
        return swap(session, ())
    count = len(session.tokens[session.selected.level].codebook_sizes)
    return swap(session, [int(code) for code in codes[:count]])


def _begun(session: Session | None) -> Session:
    if session is None:
        raise ConfigError("there are no tokens yet, or they were forgotten: press Make tokens")
    return session


def _refuse_addresses(page: gr.Blocks) -> None:
    """Take files that were uploaded, and fetch none: Gradio would load an address in a request."""
    for block in page.blocks.values():
        keep = block.async_move_resource_to_block_cache
        block.async_move_resource_to_block_cache = partial(_only_files, keep)  # type: ignore[method-assign]


async def _only_files(keep: Callable[..., Any], name: object) -> Any:
    if "://" in str(name):
        raise gr.Error("this page takes uploaded files, and no addresses")
    return await keep(name)
