"""Server of the page, on the loopback interface by default."""

from __future__ import annotations

import socket
from importlib.resources import files
from pathlib import Path

import gradio as gr
from gradio.themes.utils.fonts import Font
from starlette.middleware import Middleware

from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types.errors import ConfigError
from prosodytok.types.f0_range import FITTED, F0Range
from prosodytok.ui.app.app_page import build_page
from prosodytok.ui.app.request_filter import RequestFilter

#: The largest uploaded file: half a minute of sound in any format, with reserve.
MAX_FILE_SIZE = "32mb"
#: The largest number of sessions, each of up to 50 MB; the oldest is discarded first.
MAX_SESSIONS = 20
#: System fonts: none is fetched.
SANS = ("system-ui", "Segoe UI", "Roboto", "Liberation Sans", "Noto Sans", "sans-serif")
MONO = ("ui-monospace", "Liberation Mono", "monospace")


def serve(
    tokenizer: ProsodyTokenizer,
    host: str = "127.0.0.1",
    port: int = 7860,
    f0_range: F0Range = FITTED,
) -> None:
    """Serve the page until it is interrupted; print its address when it is ready.

    Host ``0.0.0.0`` admits other machines. F0 is searched in a range. Raises `ConfigError` if the
    address is not available.
    """
    check_free(host, port)
    page = build_page(tokenizer, f0_range)
    page.queue(max_size=MAX_SESSIONS, api_open=False)
    page.launch(
        server_name=host,
        server_port=port,
        share=False,
        quiet=True,
        prevent_thread_lock=True,
        max_file_size=MAX_FILE_SIZE,
        allowed_paths=[],
        app_kwargs={"middleware": [Middleware(RequestFilter)]},
        state_session_capacity=MAX_SESSIONS,
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
    """Make Gradio's default theme with legible hints and system fonts."""
    theme = gr.themes.Default(
        primary_hue="blue", font=[*map(Font, SANS)], font_mono=[*map(Font, MONO)]
    )
    hints = {"block_info_text_color": "*neutral_600", "body_text_color_subdued": "*neutral_600"}
    dark = {f"{name}_dark": "*neutral_300" for name in hints}
    return theme.set(**hints, **dark)


def check_free(host: str, port: int) -> None:
    """Raise ConfigError, before the page is built, if an address is not available."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as listening:
            # As servers do; otherwise a port is unavailable for a minute after its last connection.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((host, port))
    except OSError as error:
        raise ConfigError(
            f"cannot listen on {host}, port {port} ({error.strerror}): choose another with "
            "--port or --host"
        ) from error
