"""What `push` and `pull` share: which servers there are, how to sign in, what is said meanwhile."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeVar

import click

from annotate.cli import arguments
from annotate.errors import ServerFailed
from annotate.exchange.servers.patience import Patience, Watch
from annotate.exchange.servers.server import Server

F = TypeVar("F", bound=Callable[..., Any])


class Kind(NamedTuple):
    """A kind of server.

    Parameters
    ----------
    module
        Has ``connect(url, user, secret, patience)``, which returns a :class:`Server` with somebody signed in.
    secret
        What one signs in with, in words.
    """

    module: str
    secret: str

    @property
    def variable(self) -> str:
        """Return the environment variable that may hold the secret."""
        name = self.module.rpartition(".")[2].upper()
        return f"NUTGRAF_{name}_{self.secret.upper()}"


KINDS: Final = {
    "doccano": Kind("annotate.exchange.servers.doccano", "password"),
    "label-studio": Kind("annotate.exchange.servers.label_studio", "token"),
}


def kind(function: F) -> F:
    """Add the argument that says what kind of server it is."""
    return click.argument("kind", metavar=f"{'|'.join(KINDS)}", type=click.Choice(list(KINDS)))(function)


def account(function: F) -> F:
    """Add the options that say whose account it is, and how long to wait."""
    for option in (
        click.option(
            "--patience",
            "seconds",
            type=click.FloatRange(1),
            default=120,
            show_default=True,
            help="Seconds that the server may be away, or take for one import.",
        ),
        click.option("--dry-run", is_flag=True, help="Look, and say what would be done."),
        click.option("--user", metavar="NAME", help="Who signs in; may be left out where remembered or not needed."),
    ):
        function = option(function)
    return function


def connect(kind: str, url: str, user: str, patience: Patience) -> Server:
    """Sign in to a server.

    Raises
    ------
    ServerFailed
        If there is no secret, it is wrong, or the server is away.
    MissingExtra
        If what speaks to it is not installed.
    """
    module = importlib.import_module(KINDS[kind].module)
    connect: Callable[[str, str, str, Patience], Server] = module.connect
    return connect(url, user, _secret(KINDS[kind], url, user), patience)


def patience(seconds: float) -> Patience:
    """Return patience with a server, whose troubles are told on standard error."""
    return Patience(seconds, _Screen())


class _Screen(Watch):
    """Standard error: a bar if it is a terminal, and lines for troubles."""

    def __init__(self) -> None:
        self._bar: Any = None

    def expect(self, steps: int, what: str) -> None:
        """Begin a bar; one of before is over."""
        self.close()
        if steps and sys.stderr.isatty():
            self._bar = click.progressbar(length=steps, label=what, file=sys.stderr)
            self._bar.__enter__()

    def step(self, steps: int) -> None:
        """Move the bar on."""
        if self._bar is not None:
            self._bar.update(steps)
            if self._bar.finished:
                self.close()

    def tell(self, line: str) -> None:
        """Say it on a line of its own."""
        if self._bar is not None:
            click.echo(err=True)
        arguments.tell(line)

    def close(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None


def _secret(kind: Kind, url: str, user: str) -> str:
    """Return a password or token from the environment, a keyring if there is one, or whoever sits there."""
    given = os.environ.get(kind.variable) or _kept(url, user)
    if given:
        return given
    if not sys.stdin.isatty():
        raise ServerFailed(
            f"wants a {kind.secret}", where=url, remedy=f"put it into the environment variable {kind.variable}"
        )
    answer: str = click.prompt(
        f"{kind.secret.capitalize()} of {user or 'your account'} at {url}", hide_input=True, err=True
    )
    return answer


def _kept(url: str, user: str) -> str | None:
    """Return what a keyring holds under the server's address, None if there is no keyring or nothing in it."""
    try:
        keyring = importlib.import_module("keyring")
    except ModuleNotFoundError:
        return None
    try:
        kept: str | None = keyring.get_password(url, user)
    except keyring.errors.KeyringError:
        return None
    return kept


def pairs(_context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]) -> Mapping[str, str]:
    """Turn ``("ana=a.berg",)`` into ``{"ana": "a.berg"}``."""
    found = dict(pair.split("=", 1) for pair in given if "=" in pair)
    if len(found) < len(given) or not all(found.values()):
        raise click.BadParameter("say CODER=ACCOUNT, such as ana=a.berg, each coder once")
    return found


def address(url: str) -> str:
    """Return a server's address as it is remembered.

    Raises
    ------
    ServerFailed
        If it is none, or holds a password.
    """
    if not url.startswith(("http://", "https://")):
        raise ServerFailed("is no server's address", where=url, remedy="write it as http://127.0.0.1:8000")
    if "@" in url.split("/")[2]:
        raise ServerFailed("a password does not belong into an address", remedy="leave it out; you will be asked")
    return url.rstrip("/")
