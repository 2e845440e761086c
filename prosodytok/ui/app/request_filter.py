"""What the server refuses before Gradio sees it."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

#: The largest request (bytes): Gradio limits each file of an upload, and not their number.
MOST_REQUEST = 64 << 20


class Guard:
    """Lets through what the page needs: no addresses to fetch, and no endless requests.

    Gradio fetches an address that is asked for as a file (``/gradio_api/file=https://...``) and
    hands it on: whoever reaches the page could use its machine to reach others.

    Parameters
    ----------
    app : ASGI application
        What is guarded.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that is refused, or pass it on."""
        answer = _refusal(scope) if scope["type"] == "http" else None
        await (answer or self.app)(scope, receive, send)


def _refusal(scope: Scope) -> PlainTextResponse | None:
    path = scope["path"]
    if "=" in path and "://" in path.replace(":/", "://"):
        return PlainTextResponse("this page fetches no addresses", 403)
    if scope["method"] not in ("POST", "PUT"):
        return None
    length = Headers(scope=scope).get("content-length", "")
    if not length.isdecimal():
        return PlainTextResponse("the request must tell its length", 411)
    if int(length) > MOST_REQUEST:
        return PlainTextResponse(f"requests of at most {MOST_REQUEST} bytes are taken", 413)
    return None
