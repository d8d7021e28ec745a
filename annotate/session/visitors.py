"""Who is there: one-time links, sign-ins, cookies. The store sees only digests of what the browser holds."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from annotate.session.settings import Settings
from annotate.store import Coder, Store

DAYS: Final = 7
"""How long a sign-in holds; it is renewed while it is used."""

_LIFE: Final = DAYS * 86_400
_REMEMBERED: Final = 5.0


class Visitor(msgspec.Struct, frozen=True):
    """Someone signed in.

    Parameters
    ----------
    secret
        What their cookie holds.
    expires
        Microseconds since 1970, UTC.
    """

    coder: Coder
    secret: str
    expires: int

    @property
    def proof(self) -> str:
        """Return what forms and scripts of this visitor's pages send along, which no other site can know."""
        return proof(self.secret)

    @property
    def leads(self) -> bool:
        """Return whether they may see what the lead sees."""
        return self.coder.role == "lead"

    @property
    def adjudicates(self) -> bool:
        """Return whether they may decide where coders differ."""
        return self.coder.role in ("lead", "adjudicator")


class Visitors:
    """The sign-ins of a session.

    Parameters
    ----------
    now
        Returns microseconds since 1970, UTC.
    """

    def __init__(self, store: Store, settings: Settings, now: Callable[[], int]) -> None:
        self._store = store
        self._settings = settings
        self._now = now
        self._link = secrets.token_urlsafe(32)
        self._told = False
        self.tell: Callable[[str], None] = _keep_quiet
        self._known: dict[str, tuple[float, Visitor]] = {}

    @property
    def link(self) -> str:
        """Return the token of the link that signs in whoever started the session; it works once."""
        return self._link

    def use_link(self, token: str) -> bool:
        """Return whether a token is the link's; if so it has now been used and the next link has another."""
        right = hmac.compare_digest(token.encode(), self._link.encode())
        if right:
            self._link = secrets.token_urlsafe(32)
            self._told = False
        return right

    def tell_link(self) -> None:
        """Tell whoever started the session the link, on their terminal; the same link only once."""
        if not self._told:
            self._told = True
            self.tell(self._link)

    def remember(self, request: Request) -> Visitor | None:
        """Return who sends a request if they were looked up a moment ago: without waiting for the store."""
        secret = request.cookies.get(self._settings.cookie)
        remembered = self._known.get(digest(secret)) if secret else None
        if remembered is None or time.monotonic() - remembered[0] > _REMEMBERED:
            return None
        return remembered[1]

    def find(self, request: Request) -> Visitor | None:
        """Return who sends a request, None if nobody who is signed in."""
        secret = request.cookies.get(self._settings.cookie)
        if not secret:
            return None
        key = digest(secret)
        found = self._store.signed_in(key)
        if found is None:
            self._known.pop(key, None)
            return None
        visitor = Visitor(found[0], secret, found[1])
        self._known[key] = (time.monotonic(), visitor)
        return visitor

    def sign_in(self, response: Response, key: str, *, instead_of: str | None = None) -> None:
        """Give a browser a new secret; one it came with is forgotten, so nobody can have planted it."""
        secret = secrets.token_urlsafe(32)
        self._store.sign_in(digest(secret), key, expires=self._now() + _LIFE * 1_000_000)
        if instead_of:
            self._forget(instead_of)
        self._set(response, secret, _LIFE)

    def renew(self, response: Response, visitor: Visitor) -> None:
        """Give a visitor a new secret once half of the old one's time is over; tabs that hold it may use it up."""
        if visitor.expires - self._now() < _LIFE * 500_000:
            self.sign_in(response, visitor.coder.key)

    def sign_out(self, response: Response, visitor: Visitor) -> None:
        """Forget a sign-in."""
        self._forget(visitor.secret)
        self._set(response, "", 0)

    def forget(self, coder: str) -> None:
        """Forget all sign-ins of a coder."""
        self._store.sign_out(key=coder)
        self.refresh()

    def refresh(self) -> None:
        """Look everybody up anew: roles or preferences have changed."""
        self._known.clear()

    def _forget(self, secret: str) -> None:
        self._known.pop(digest(secret), None)
        self._store.sign_out(digest=digest(secret))

    def _set(self, response: Response, secret: str, seconds: int) -> None:
        response.set_cookie(
            self._settings.cookie,
            secret,
            max_age=seconds,
            path="/",
            secure=self._settings.secure,
            httponly=True,
            samesite="strict",
        )


def _keep_quiet(_token: str) -> None:
    """Tell nobody."""


def digest(secret: str) -> str:
    """Return what the store keeps of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def proof(secret: str) -> str:
    """Return the word that proves a form was made for the holder of a secret; it does not give the secret away."""
    return hmac.new(secret.encode(), b"nutgraf form", hashlib.sha256).hexdigest()


def proves(given: str | None, secret: str | None) -> bool:
    """Return whether a form's word belongs to a secret."""
    return bool(given and secret) and hmac.compare_digest(str(given).encode(), proof(str(secret)).encode())


def new_token() -> tuple[str, str]:
    """Return a token for an invitation, and the digest that the store keeps of it."""
    token = secrets.token_urlsafe(32)
    return token, digest(token)
