"""Calls to a server that speaks JSON over HTTP: to it and no other, within time and size, with errors in our words."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import msgspec

from annotate import __version__
from annotate.errors import MissingExtra, ServerFailed
from annotate.exchange.servers.server import ServerAway

try:
    import httpx2
except ImportError as error:
    raise MissingExtra("label-studio", "speaking to Label Studio") from error

T = TypeVar("T")

LARGEST_ANSWER: Final = 1 << 30  # bytes
_SILENCE: Final = 60.0  # seconds that a server may take for the next piece of its answer
_AWAY: Final = frozenset([408, 425, 429, 500, 502, 503, 504])  # what a server says that is starting, stopping or busy
_SHOWN: Final = 200  # characters of a server's own words


class Refused(ServerFailed):
    """The server has understood and does not want to; ``status`` is HTTP's."""

    def __init__(self, status: int, problem: str, *, where: object, remedy: str) -> None:
        super().__init__(problem, where=where, remedy=remedy)
        self.status = status


class Calls:
    """Calls to one server, as one user.

    Redirects are not followed: a token goes to the address that the user gave and nowhere else.

    Parameters
    ----------
    url
        The server's address, maybe with a path, without a slash at its end.
    auth
        What signs requests.
    seconds
        How long one call may take as a whole.
    transport
        What carries requests, for tests; None for the network.
    """

    def __init__(
        self,
        url: str,
        auth: httpx2.Auth | None,
        *,
        seconds: float,
        transport: httpx2.BaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.url, self._seconds, self._clock = url, seconds, clock
        self._client = httpx2.Client(
            auth=auth,
            headers={"User-Agent": f"nutgraf/{__version__}", "Accept": "application/json"},
            timeout=min(seconds, _SILENCE),
            follow_redirects=False,
            transport=transport,
        )

    def get(self, path: str, kind: type[T], **query: str | int) -> T:
        """Return what stands under a path, as a type.

        Raises
        ------
        ServerAway, Refused
            If there is no answer, or a no.
        ServerFailed
            If the answer is none of this type.
        """
        return self._decoded(path, self._ask("GET", path, query=query), kind)

    def post(self, path: str, kind: type[T], body: Any, **query: str | int) -> T:
        """Send something and return the answer, as a type; raises as `get` does."""
        return self._decoded(path, self._ask("POST", path, query=query, body=body), kind)

    def patch(self, path: str, kind: type[T], body: Any) -> T:
        """Change something and return the answer, as a type; raises as `get` does."""
        return self._decoded(path, self._ask("PATCH", path, body=body), kind)

    def delete(self, path: str) -> None:
        """Delete what stands under a path; what is gone already is no error."""
        try:
            self._ask("DELETE", path)
        except Refused as no:
            if no.status != 404:
                raise

    def _ask(self, method: str, path: str, *, query: Mapping[str, str | int] | None = None, body: Any = None) -> bytes:
        content = None if body is None else msgspec.json.encode(body)
        headers = {} if body is None else {"Content-Type": "application/json"}
        end = self._clock() + self._seconds
        try:
            with self._client.stream(
                method, f"{self.url}{path}", params=query or None, content=content, headers=headers
            ) as response:
                answer = b"".join(self._within(response.iter_bytes(), end))
        except httpx2.TimeoutException as error:
            raise ServerAway("does not answer in time", where=self.url, remedy="try again later") from error
        except httpx2.TransportError as error:
            raise ServerAway(f"is away ({error or type(error).__name__})", where=self.url, remedy=_IS_IT_UP) from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise ServerFailed(f"cannot be asked ({error})", where=self.url, remedy="check the address") from error
        self._refuse_bad(response, answer)
        return answer

    def _within(self, pieces: Iterator[bytes], end: float) -> Iterator[bytes]:
        """Yield the pieces of an answer until it is too long or takes too long."""
        size = 0
        for piece in pieces:
            size += len(piece)
            if size > LARGEST_ANSWER:
                raise ServerFailed(f"answers with more than {LARGEST_ANSWER >> 20} MiB", where=self.url)
            if self._clock() > end:
                raise ServerAway("does not answer in time", where=self.url, remedy="try again later")
            yield piece

    def _refuse_bad(self, response: httpx2.Response, answer: bytes) -> None:
        status = response.status_code
        if 200 <= status < 300:
            return
        if 300 <= status < 400:
            raise ServerFailed(
                f"sends us elsewhere: {response.headers.get('location', 'it does not say where')}"[:_SHOWN],
                where=self.url,
                remedy="if that is the same server, give its address as it stands there",
            )
        words = _words(answer)
        said = f"answers {status}{f': {words}' if words else ''}"
        if status in _AWAY:
            raise ServerAway(said, where=self.url, remedy="look into the server's log, or try again later")
        remedy = _REMEDIES.get(status, "look into the server's log")
        raise Refused(status, said, where=f"{self.url}{urlsplit(str(response.url)).path}", remedy=remedy)

    def _decoded(self, path: str, answer: bytes, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(answer or b"null", type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ServerFailed(
                f"answers something unexpected ({error})",
                where=f"{self.url}{path}",
                remedy="is that the server's address, and a version that nutgraf knows?",
            ) from error


_IS_IT_UP: Final = "check the address, and whether the server runs"
_REMEDIES: Final = {
    401: "check the token: it may have been revoked, or be of a kind that is switched off there",
    403: "ask whoever runs the server for the right to do this",
    404: "is that the server's address? If so, what was asked for has been deleted there",
}


def _words(answer: bytes) -> str:
    """Return what a server says about an error, in one line."""
    try:
        said = msgspec.json.decode(answer)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    if isinstance(said, dict):
        details = said.get("validation_errors") or said.get("detail") or said
        said = details if isinstance(details, str) else msgspec.json.encode(details).decode()
    line = " ".join(str(said).split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
