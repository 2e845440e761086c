"""Protection of the server: size limits, and no URLs that it would fetch."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import gradio as gr
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

#: The largest request (bytes): Gradio limits the size of each uploaded file, but not their number.
MAX_REQUEST_BYTES = 64 << 20


class RequestFilter:
    """ASGI middleware that rejects requests for URLs and requests without a size limit.

    Gradio fetches a URL that is requested as a file (``/gradio_api/file=https://...``) and returns
    the content: anyone who can reach the page could use its machine to reach others.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reject a request or pass it on."""
        response = _rejection(scope) if scope["type"] == "http" else None
        await (response or self.app)(scope, receive, send)


def _rejection(scope: Scope) -> PlainTextResponse | None:
    path = scope["path"]
    if "=" in path and "://" in path.replace(":/", "://"):
        return PlainTextResponse("this page fetches no URLs", 403)
    if scope["method"] not in ("POST", "PUT"):
        return None
    length = Headers(scope=scope).get("content-length", "")
    if not length.isdecimal():
        return PlainTextResponse("the request needs a Content-Length", 411)
    if int(length) > MAX_REQUEST_BYTES:
        return PlainTextResponse(f"the request exceeds {MAX_REQUEST_BYTES} bytes", 413)
    return None


def refuse_urls(page: gr.Blocks) -> None:
    """Accept only uploaded files: Gradio would fetch a URL that a request names."""
    for block in page.blocks.values():
        keep = block.async_move_resource_to_block_cache
        block.async_move_resource_to_block_cache = partial(_keep_file, keep)  # type: ignore[method-assign]


async def _keep_file(keep: Callable[..., Any], name: object) -> Any:
    if "://" in str(name):
        raise gr.Error("this page takes uploaded files, not URLs")
    return await keep(name)
