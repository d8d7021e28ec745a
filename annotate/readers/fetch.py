"""Fetch what the user names by its address: politely, within limits, and nothing else."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from email.message import Message
from typing import Final, NamedTuple
from urllib.parse import quote, urljoin, urlsplit
from urllib.robotparser import RobotFileParser

from annotate import __version__
from annotate.errors import InputError, NoSuchFile
from annotate.readers.html import MAX_PAGE
from annotate.readers.http import unpack
from annotate.readers.options import Fetched

AGENT: Final = "nutgraf"
_TIMEOUT: Final = 20.0  # seconds that a server may stay silent
_DEADLINE: Final = 120.0  # seconds that one answer may take
_REDIRECTS: Final = 5
_PAUSE: Final = 1.0  # seconds between two requests to one server
_ROBOTS: Final = 512 << 10  # bytes of a robots.txt that count (RFC 9309, 2.5)
_SENT_AS_IT_IS: Final = "%/:=&?~+!$,;'@()*[]"  # of an address; other characters are escaped
_SCHEMES: Final = frozenset(["http", "https"])


class Answer(NamedTuple):
    """What a server sent: headers in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes


Get = Callable[[str], Answer]
"""The seam: asks for one address, follows nothing. Raises :class:`InputError` if there is no answer."""


def is_address(source: object) -> bool:
    """Return whether a source names something to be fetched rather than a file."""
    return "://" in str(source)


class Fetcher:
    """Fetches documents; asks every server for its robots.txt first, and not faster than once a second.

    Parameters
    ----------
    get
        What asks for one address.
    pause
        What waits a number of seconds.
    clock
        Seconds, from any beginning.
    """

    def __init__(
        self,
        get: Get | None = None,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._get = get or get_with_urllib
        self._pause, self._clock = pause, clock
        self._robots: dict[str, RobotFileParser] = {}
        self._last: dict[str, float] = {}

    def __call__(self, url: str) -> Fetched:
        """Return the document at an address, following at most five redirects.

        Raises
        ------
        NoSuchFile
            If the address is none, or the server has nothing there.
        InputError
            If the server does not answer, its robots.txt forbids it, or the document is too large.
        """
        address = url
        for _ in range(_REDIRECTS + 1):
            self._refuse_forbidden(address)
            answer = self._ask(address)
            target = answer.headers.get("location")
            if answer.status in {301, 302, 303, 307, 308} and target:
                address = urljoin(address, target)
                continue
            if not 200 <= answer.status < 300:
                raise NoSuchFile(f"the server answered {answer.status}", where=address, remedy="check the address")
            return _fetched(address, answer)
        raise InputError(f"redirects more than {_REDIRECTS} times", where=url, remedy="check the address")

    def _ask(self, url: str) -> Answer:
        server = _server(url)
        wait = self._last.get(server, -_PAUSE) + _PAUSE - self._clock()
        if wait > 0:
            self._pause(wait)
        try:
            return self._get(url)
        finally:
            self._last[server] = self._clock()

    def _refuse_forbidden(self, url: str) -> None:
        server = _server(url)
        if server not in self._robots:
            self._robots[server] = self._rules(server)
        if not self._robots[server].can_fetch(AGENT, url):
            raise InputError(
                "the server's robots.txt asks programs not to fetch this", where=url, remedy="save it yourself"
            )

    def _rules(self, server: str) -> RobotFileParser:
        """Return a server's rules: without a robots.txt all is allowed, while it fails nothing is (RFC 9309, 2.3.1)."""
        rules = RobotFileParser()
        address = f"{server}/robots.txt"
        for _ in range(_REDIRECTS + 1):
            answer = self._ask(address)
            if answer.status in {301, 302, 303, 307, 308} and answer.headers.get("location"):
                address = urljoin(address, answer.headers["location"])
                _server(address)
                continue
            if answer.status >= 500:
                raise InputError(f"the server answers {answer.status} for robots.txt", where=server, remedy="try later")
            content = answer.content[:_ROBOTS] if answer.status < 300 else b""
            rules.parse(content.decode("utf-8", "replace").splitlines())
            return rules
        rules.parse([])
        return rules


def get_with_urllib(url: str) -> Answer:
    """Ask for one address with the standard library; see :data:`Get`."""
    request = urllib.request.Request(  # noqa: S310 - http and https only, checked before
        quote(urlsplit(url)._replace(fragment="").geturl(), safe=_SENT_AS_IT_IS),
        headers={"User-Agent": f"{AGENT}/{__version__}", "Accept-Encoding": "gzip"},
    )
    opener = urllib.request.build_opener(_NoRedirects)
    try:
        with opener.open(request, timeout=_TIMEOUT) as response:
            return Answer(response.status, _lower(response.headers), _read(response, url))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, _lower(error.headers), b"")
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise InputError(
            f"cannot be fetched ({reason})", where=url, remedy="check the address and the network"
        ) from error


def _read(response: http.client.HTTPResponse, url: str) -> bytes:
    pieces: list[bytes] = []
    size, end = 0, time.monotonic() + _DEADLINE
    while piece := response.read1(1 << 16):
        pieces.append(piece)
        size += len(piece)
        if size > MAX_PAGE:
            raise InputError(f"is larger than {MAX_PAGE >> 20} MiB", where=url, remedy="fetch it yourself")
        if time.monotonic() > end:
            raise InputError(f"took longer than {_DEADLINE:.0f} seconds", where=url, remedy="try later")
    return b"".join(pieces)


def _fetched(url: str, answer: Answer) -> Fetched:
    kind, *parameters = answer.headers.get("content-type", "").lower().split(";")
    charset = next((p.partition("=")[2].strip(" \"'") for p in parameters if p.strip().startswith("charset=")), None)
    content = unpack(answer.content, answer.headers.get("content-encoding", ""), where=url)
    return Fetched(url, content, kind.strip() in {"text/html", "application/xhtml+xml"}, charset or None)


def _server(url: str) -> str:
    """Return scheme, host and port of an address.

    Raises
    ------
    NoSuchFile
        If it is no http or https address.
    """
    try:
        parts = urlsplit(url)
        server = f"{parts.scheme}://{parts.netloc}" if parts.hostname else ""
    except ValueError:
        server = ""
    if not server or parts.scheme not in _SCHEMES:
        raise NoSuchFile("only http and https addresses are fetched", where=url, remedy="check the address")
    return server


def _lower(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Hand redirects back: each is checked against robots.txt before it is followed."""

    def redirect_request(self, *_: object) -> None:
        return None
