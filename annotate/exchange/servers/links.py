"""What was pushed where: remembered in the project, so that `pull` need not be told again. No secrets."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from annotate.errors import ProjectError
from annotate.store import Round, Store

_KEPT: Final = "link:"
_MARK: Final = "nutgraf:"


class Link(msgspec.Struct, frozen=True):
    """A project on a server that holds units of a round.

    Parameters
    ----------
    kind, url, project
        Which server, and the project's number there.
    name, mark
        See :class:`annotate.exchange.servers.server.Wish`.
    series
        What the name was asked to be; where coders have projects of their own, theirs stands behind it.
    user
        Who signed in to push it.
    codebook
        Fingerprint of the codebook whose labels and guidelines the coders have before them there.
    accounts
        Coder of this project to the name of their account.
    number
        Counts the projects pushed to: of several with the same round, the last one counts.
    """

    kind: str
    url: str
    project: str
    name: str
    series: str
    mark: str
    user: str
    round: int
    codebook: str
    accounts: Mapping[str, str]
    number: int

    @property
    def origin(self) -> str:
        """Return what the client ids of all events begin with that were pulled from this project."""
        place = f"{self.kind} {self.url} {self.project} {self.mark}"
        return f"{self.kind}:{hashlib.sha256(place.encode()).hexdigest()[:12]}:"


def mark(store: Store, round_: Round, codebook: str, name: str) -> str:
    """Return the mark of a project with units of a round: the same whenever it is pushed again."""
    parts = (store.identity(), round_.name, codebook, name)
    return _MARK + hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:24]


def links(store: Store) -> list[Link]:
    """Return the projects on servers that were pushed to, in the order of their first push."""
    kept = store.remembered(_KEPT)
    found = [msgspec.json.decode(text, type=Link) for text in kept.values()]
    return sorted(found, key=lambda link: link.number)


def remember(store: Store, link: Link) -> None:
    """Remember a project on a server; what was known of it is replaced."""
    store.remember(f"{_KEPT}{link.kind}:{link.mark}", msgspec.json.encode(link).decode())


def to_pull(
    known: Sequence[Link], rounds: Mapping[int, Round], *, url: str | None, round_: str | None, name: str | None
) -> list[Link]:
    """Return the links to pull from: those asked for, else the last of every round and coder that is still open.

    Raises
    ------
    ProjectError
        If nothing was pushed, or nothing that matches.
    """
    if not known:
        raise ProjectError("nothing was pushed to such a server yet", remedy="nutgraf push comes first")
    wanted = [
        link
        for link in known
        if url in {None, link.url}
        and name in {None, link.name, link.project}
        and round_ in {None, rounds[link.round].name}
        and (round_ is not None or rounds[link.round].closed is None)
    ]
    if name is None:
        # Of several projects with one round only the last counts, or their coders would change their minds to and fro.
        last = {(link.round, coder): link.mark for link in wanted for coder in link.accounts}
        wanted = [link for link in wanted if any(last[link.round, coder] == link.mark for coder in link.accounts)]
    if not wanted:
        pushed = ", ".join(f"{rounds[link.round].name} to {link.url} ({link.name})" for link in known)
        raise ProjectError("nothing that was pushed matches", remedy=f"pushed were: {pushed}")
    return wanted
