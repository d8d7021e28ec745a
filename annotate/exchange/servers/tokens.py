"""Label Studio's two kinds of tokens: legacy ones, sent as they are, and personal ones, good for short-lived access."""

from __future__ import annotations

from collections.abc import Generator
from typing import Final

import httpx2
import msgspec

from annotate.errors import ServerFailed

_RENEW: Final = "/api/token/refresh"
_PERSONAL: Final = 2  # dots in a JSON web token


class _Access(msgspec.Struct):
    access: str


def auth(url: str, token: str) -> httpx2.Auth:
    """Return what signs requests with a token, whichever kind it is.

    Raises
    ------
    ServerFailed
        If it can't be a token.
    """
    token = token.strip()
    if not token.isascii() or not token.isprintable() or not token or " " in token:
        raise ServerFailed("what was given is no token", where=url, remedy="copy it from Account & Settings there")
    return Personal(url, token) if token.count(".") == _PERSONAL else Legacy(token)


class Legacy(httpx2.Auth):
    """A legacy token: goes with every request."""

    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Sign a request."""
        request.headers["Authorization"] = f"Token {self._token}"
        yield request


class Personal(httpx2.Auth):
    """A personal access token: fetches an access token that lasts minutes, and a new one when that has run out."""

    requires_response_body = True

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url, token
        self._access: str | None = None

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Sign a request; if it is answered 401, fetch new access once and repeat it, as nothing was done then.

        If the token is not accepted either, that is the answer to the request.
        """
        if self._access is not None:
            response = yield self._signed(request)
            if response.status_code != 401:
                return
        answer = yield httpx2.Request("POST", f"{self._url}{_RENEW}", json={"refresh": self._token})
        if answer.status_code == 200:
            self._access = self._fresh(answer.content)
            yield self._signed(request)

    def _signed(self, request: httpx2.Request) -> httpx2.Request:
        request.headers["Authorization"] = f"Bearer {self._access}"
        return request

    def _fresh(self, answer: bytes) -> str:
        try:
            return msgspec.json.decode(answer, type=_Access).access
        except msgspec.DecodeError as error:
            raise ServerFailed(
                "gives no access for the token", where=self._url, remedy="is that Label Studio's address?"
            ) from error
