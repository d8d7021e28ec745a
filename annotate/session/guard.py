"""What every request passes: the host it names, the page it comes from, its size; and what every answer carries."""

from __future__ import annotations

from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from annotate.session.settings import Settings, is_address

MOST_BYTES: Final = 256 * 1024
"""Of a request's body."""

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)

_SAFE: Final = ("GET", "HEAD", "OPTIONS")
_HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with no-referrer, browsers send forms without their origin
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
_YEAR: Final = 31_536_000
_HOSTS: Final = 64
"""Names and origins of which what they are is kept."""


class _TooLarge(Exception):
    """A body that goes on past the limit."""


class Guard:
    """Refuse what a browser on one of the session's own pages would not send.

    Parameters
    ----------
    app
        What stands behind it.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._names = {"localhost", *(name.casefold() for name in settings.names)}
        always = _HEADERS | ({"Strict-Transport-Security": f"max-age={_YEAR}"} if settings.secure else {})
        self._always = _raw(always)
        self._unkept = _raw(always | {"Cache-Control": "no-store"})
        # Asked at every request, and answered alike for the few names that browsers come under.
        self._knows = lru_cache(_HOSTS)(self._looks_known)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answering = self._with_headers(scope, send)
        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, answering)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await answering(message)

        try:
            await self._app(scope, _limited(receive), watched)
        except _TooLarge:
            if started:
                raise
            await _too_large()(scope, receive, answering)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._knows(hosts[0]):
            return PlainTextResponse("This session is not served under that name.\n", 421)
        if scope["method"] not in _SAFE and not _from_here(headers):
            return PlainTextResponse("This did not come from one of the session's own pages.\n", 403)
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            return _too_large()
        return None

    def _looks_known(self, host: str) -> bool:
        """Return whether a request names this server: another site's name pointed here (DNS rebinding) is not it."""
        try:
            name = urlsplit(f"//{host}").hostname
        except ValueError:
            return False
        return name is not None and (is_address(name) or name.casefold() in self._names)

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        unchanging = scope["path"].startswith("/static/")

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = self._always if unchanging and message["status"] == 200 else self._unkept
                given = [pair for pair in message.get("headers", ()) if pair[0].lower() not in added]
                message = {**message, "headers": [*given, *added.items()]}
            await send(message)

        return answer


def _from_here(headers: Headers) -> bool:
    """Return whether a request that changes something was sent by a page of this server."""
    origin = headers.get("origin")
    if origin is None:
        return headers.get("sec-fetch-site") == "same-origin"
    return _is_origin_of(origin, headers["host"])


@lru_cache(_HOSTS)
def _is_origin_of(origin: str, host: str) -> bool:
    parts = urlsplit(origin)
    return parts.scheme in ("http", "https") and parts.netloc.casefold() == host.casefold()


def _raw(headers: dict[str, str]) -> dict[bytes, bytes]:
    """Return headers as they go over the line."""
    return {name.lower().encode("ascii"): value.encode("ascii") for name, value in headers.items()}


def _limited(receive: Receive) -> Receive:
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MOST_BYTES:
            raise _TooLarge
        return message

    return limited


def _too_large() -> PlainTextResponse:
    return PlainTextResponse("That is too large.\n", 413, headers={"Connection": "close"})
