"""Serving the page, on loopback unless told otherwise."""

from __future__ import annotations

import socket
from importlib.resources import files
from pathlib import Path

import gradio as gr
from gradio.themes.utils.fonts import Font
from starlette.middleware import Middleware

from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types.errors import ConfigError
from prosodytok.ui.app.app_page import build_page
from prosodytok.ui.app.request_filter import Guard

#: The largest file that is taken: half a minute of any sound, and no more.
MOST_BYTES = "32mb"
#: How many people's sessions are held, each up to 50 MB; the oldest is forgotten first.
MOST_SESSIONS = 20
#: Fonts that the reader's own system has: nothing is fetched.
SANS = ("system-ui", "Segoe UI", "Roboto", "Liberation Sans", "Noto Sans", "sans-serif")
MONO = ("ui-monospace", "Liberation Mono", "monospace")


def serve(tokenizer: ProsodyTokenizer, host: str = "127.0.0.1", port: int = 7860) -> None:
    """Serve the page until it is interrupted; print its address when it is ready.

    Parameters
    ----------
    tokenizer : ProsodyTokenizer
        The checkpoint and the pitch tracker that everyone works with.
    host : str
        Address to listen on; ``0.0.0.0`` lets other machines in.
    port : int
        Port to listen on.

    Raises
    ------
    ConfigError
        If nothing can listen there.
    """
    check_free(host, port)
    page = build_page(tokenizer)
    page.queue(max_size=MOST_SESSIONS, api_open=False)
    page.launch(
        server_name=host,
        server_port=port,
        share=False,
        quiet=True,
        prevent_thread_lock=True,
        max_file_size=MOST_BYTES,
        allowed_paths=[],
        app_kwargs={"middleware": [Middleware(Guard)]},
        state_session_capacity=MOST_SESSIONS,
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        mcp_server=False,
        ssr_mode=False,
        theme=make_theme(),
        css_paths=[Path(str(files(__package__) / "static" / "app.css"))],
    )
    print(f"prosodytok app: {page.local_url} (Ctrl+C stops it)", flush=True)
    page.block_thread()


def make_theme() -> gr.themes.Base:
    """Gradio's own looks, but legible hints, and fonts that nothing has to fetch."""
    theme = gr.themes.Default(
        primary_hue="blue", font=[*map(Font, SANS)], font_mono=[*map(Font, MONO)]
    )
    hints = {"block_info_text_color": "*neutral_600", "body_text_color_subdued": "*neutral_600"}
    dark = {f"{name}_dark": "*neutral_300" for name in hints}
    return theme.set(**hints, **dark)


def check_free(host: str, port: int) -> None:
    """Refuse an address where nothing can listen, before the page is built.

    Raises
    ------
    ConfigError
        With the reason and the way out.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as listening:
            # As servers do: else a port stays taken for a minute after its last connection.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((host, port))
    except OSError as error:
        raise ConfigError(
            f"cannot listen on {host}, port {port} ({error.strerror}): choose another with "
            "--port or --host"
        ) from error
