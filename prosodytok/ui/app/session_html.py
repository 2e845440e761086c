"""HTML of a session: sounds, selected token, changes, downloads; and of error messages."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path

from prosodytok.io import write_jsonl, write_textgrid
from prosodytok.types.audio import Audio
from prosodytok.types.tokens import ProsodyTokens
from prosodytok.ui.app.edit_session import Session, codes_of
from prosodytok.ui.app.token_figure import codes_text, token_name
from prosodytok.ui.embedded_media import data_uri, written_uri

#: Largest number of listed changes.
MAX_LISTED = 8


def summary_html(session: Session) -> str:
    """Id, duration, tokens and register of the recording in one line, and what is doubtful."""
    tokens = session.tokens
    counts = ", ".join(f"{len(level)} {level.name}" for level in tokens.levels)
    facts = [
        f"<b>{escape(tokens.id)}</b>",
        f"{session.recording.audio.duration:.2f} s",
        f"{counts} tokens",
        f"{tokens.bitrate:.0f} bit/s",
        f"units: {escape(tokens.source)}",
        f"median F0 {tokens.register.f0_median_hz:.0f} Hz",
    ]
    doubts = f'<p class="doubts">⚠ {escape("; ".join(tokens.warnings))}</p>'
    return f'<p class="summary">{" · ".join(facts)}</p>' + doubts * bool(tokens.warnings)


def sound_html(title: str, audio: Audio) -> str:
    """Sound with playback controls."""
    return (
        f'<figure class="sound"><figcaption>{escape(title)}</figcaption>'
        f'<audio controls preload="auto" aria-label="{escape(title)}" '
        f'src="{data_uri(audio.to_bytes(), "audio/wav")}"></audio></figure>'
    )


def selected_html(session: Session) -> str:
    """Level, word, times, codes and original codes of the selected token."""
    if session.selected is None:
        return '<p class="hint">Click a token in the figure to swap it.</p>'
    token, tokens = session.selected, session.tokens
    edges = tokens[token.level].segmentation.boundaries / tokens.frame_rate
    start, end = edges[token.unit], edges[token.unit + 1]
    before = session.changed.get(token)
    was = f" (was {codes_text(before)})" if before is not None else ""
    return (
        f'<p class="selected"><b>{escape(token_name(tokens, token))}</b>'
        f" of {len(tokens[token.level])} · {start:.2f} to {end:.2f} s "
        f"({1000 * (end - start):.0f} ms) · "
        f"codes <b>{codes_text(codes_of(tokens, token))}</b>{was}</p>"
    )


def changed_html(session: Session) -> str:
    """List of the swapped tokens with their original and current codes."""
    changed = session.changed
    if not changed:
        return '<p class="hint">No token is changed.</p>'
    rows = [
        f"{escape(token_name(session.tokens, token))}: {codes_text(before)} → "
        f"{codes_text(codes_of(session.tokens, token))}"
        for token, before in changed.items()
    ]
    more = f"<li>and {len(rows) - MAX_LISTED} more</li>" if len(rows) > MAX_LISTED else ""
    listed = "".join(f"<li>{row}</li>" for row in rows[:MAX_LISTED])
    count = "1 token is changed" if len(rows) == 1 else f"{len(rows)} tokens are changed"
    return f'<div class="changes"><p>{count}:</p><ul>{listed}{more}</ul></div>'


def downloads_html(tokens: ProsodyTokens) -> str:
    """Links with embedded files, so that no recording stays on the disk of the server."""
    links = (
        ("tokens.jsonl", "application/jsonl", lambda path: write_jsonl(path, [tokens])),
        (f"{tokens.id}.TextGrid", "text/plain", lambda path: write_textgrid(path, tokens)),
    )
    return f'<p class="downloads">{"".join(_link(*link) for link in links)}</p>'


def message_html(message: str) -> str:
    """Error message with a button that dismisses it."""
    return (
        f'<div class="message" role="alert"><span>{escape(message)}</span>'
        '<button type="button" aria-label="Dismiss">&times;</button></div>'
    )


def _link(name: str, mime_type: str, write: Callable[[Path], object]) -> str:
    address = written_uri("download", mime_type, write)
    return (
        f'<a class="download" download="{escape(name)}" href="{address}">'
        f"Download {escape(name)}</a>"
    )
