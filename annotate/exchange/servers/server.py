"""What an annotation server must be able to do, whichever it is, and the values that go there and come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from annotate.errors import ServerFailed
from annotate.types import Codebook


class ServerAway(ServerFailed):
    """No answer, or none in time: what was asked may have been done or not. Looking again and asking again may help."""


class Task(msgspec.Struct, frozen=True):
    """A unit on its way to a server.

    Parameters
    ----------
    key
        What joins what comes back with what went out.
    text
        The unit's text, sent and expected back to the letter.
    context
        What a coder sees beside it. Every task of a round has the same keys; what is unknown is empty.
    start, end
        The unit's place in its article, in code points.
    """

    key: str
    text: str
    start: int
    end: int
    context: Mapping[str, str] = {}


class Wish(msgspec.Struct, frozen=True):
    """What a project on a server is to be.

    Parameters
    ----------
    name
        What people read in the server's list of projects.
    mark
        Stands in the project's description, so that a project made before a crash is found again.
    codebook
        Its labels, colours, hotkeys and guidelines.
    accounts
        Who codes it: names on the server.
    """

    name: str
    mark: str
    codebook: Codebook
    accounts: tuple[str, ...]


class Row(msgspec.Struct, frozen=True):
    """A unit as it stands on a server; ``key`` is empty if somebody else put it there."""

    id: str
    key: str
    text: str


class Given(msgspec.Struct, frozen=True):
    """What one coder has said of one row of a project, also if that is nothing.

    Parameters
    ----------
    row, key, text
        As in :class:`Row`.
    labels
        Keys of labels, or what else the server holds: none while the row is open, several if the server let them.
    skipped
        Whether the coder said that no label applies.
    time, active_ms
        Milliseconds since 1970, UTC, and of work, where the server knows them.
    variables
        Keys of values that were chosen for the codebook's variables, where the server asks for them.
    foreign
        Whether somebody else wrote or changed it in the coder's name, where the server lets them.
    comments
        What the coder wrote beside it.
    """

    row: str
    key: str
    text: str
    labels: tuple[str, ...] = ()
    skipped: bool = False
    time: int | None = None
    active_ms: int | None = None
    note: str | None = None
    variables: Mapping[str, tuple[str, ...]] = {}
    foreign: bool = False
    comments: tuple[str, ...] = ()


class Server(Protocol):
    """An annotation server with somebody signed in who may make projects.

    Every method raises :class:`ServerAway` where the server does not answer in time, and
    :class:`~annotate.errors.ServerFailed` where it refuses. Only ``send`` may leave something half-done: after it
    failed, any of its tasks may be there, or come later, or not.
    """

    @property
    def kind(self) -> str:
        """Return what kind of server it is: ``doccano``, ``label-studio``."""

    @property
    def url(self) -> str:
        """Return the address without a slash at its end."""

    @property
    def at_once(self) -> int:
        """Return how many tasks ``send`` takes."""

    def unknown(self, accounts: Sequence[str]) -> list[str]:
        """Return those of the accounts that the server does not have."""

    def find(self, mark: str) -> str | None:
        """Return the number of the project whose description holds a mark, None if there is none."""

    def create(self, wish: Wish) -> str:
        """Make a project and return its number; labels, guidelines and members may still be missing."""

    def furnish(self, project: str, wish: Wish) -> None:
        """Give a project its labels, guidelines and members where they are missing; asked twice, change nothing."""

    def rows(self, project: str) -> list[Row]:
        """Return everything in a project, in the order in which coders meet it."""

    def send(self, project: str, tasks: Sequence[Task]) -> None:
        """Add tasks, at most ``at_once``, and return when the server says that all are there."""

    def remove(self, project: str, rows: Sequence[str]) -> None:
        """Delete rows by their ids; those that are gone already are passed over."""

    def given(self, project: str, accounts: Sequence[str]) -> dict[str, list[Given]]:
        """Return for each account what it has said of every row, also where that is nothing.

        An account that the server says nothing of, such as one that is no member any more, is left out.
        """
