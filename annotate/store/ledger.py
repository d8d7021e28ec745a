"""The ledger as values: what happened, and what verifying it found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

Kind = Literal[
    "project",
    "codebook",
    "articles",
    "round",
    "draw",
    "assign",
    "close",
    "judgment",
    "skip",
    "undo",
    "redo",
    "flag",
    "comment",
    "discussion",
    "adjudication",
    "import",
]
"""What an event records. ``discussion`` says that coders now talk about a unit: what they change later is no
independent judgment any more."""


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that happened; never changed, never deleted.

    Parameters
    ----------
    seq
        Its number, from 1, without gaps.
    client
        Unique name given by whoever sent it (a UUID); sending it twice stores it once.
    codebook
        Fingerprint of the codebook that the coder had before them.
    label, variables, spans
        What was decided: the label, further variables, and marked words as ``(start, end)`` in code points of the
        article.
    note
        The reason of a skip, the words of a comment, the name of a flag.
    shown
        What the coder saw: context, masks, suggestion.
    client_time, server_time
        Milliseconds and microseconds since 1970, UTC. Server time never runs backwards.
    active_ms
        How long the coder worked on it.
    supersedes
        A decision: the one that was in force until then. An undo: the decision taken back. A redo: the undo taken
        back.
    hash
        SHA-256 over the hash before it and this event.
    """

    seq: int
    kind: Kind
    client: str
    server_time: int
    hash: str
    coder: str | None = None
    round: int | None = None
    unit: int | None = None
    codebook: str | None = None
    label: str | None = None
    variables: Mapping[str, Any] = {}
    spans: tuple[tuple[int, int], ...] = ()
    unsure: bool = False
    note: str | None = None
    shown: Mapping[str, Any] = {}
    client_time: int | None = None
    active_ms: int | None = None
    supersedes: int | None = None


class Flaw(msgspec.Struct, frozen=True):
    """Something in the store that does not fit.

    Parameters
    ----------
    where
        ``event 17``, ``article 'a'``, ``assignments``.
    problem
        What is wrong with it.
    rebuilds
        Whether it follows from the events and can be rebuilt from them.
    """

    where: str
    problem: str
    rebuilds: bool = False


class Verified(msgspec.Struct, frozen=True):
    """What verifying found.

    Parameters
    ----------
    events
        How many events the chain holds.
    head
        The hash of the last one: written down elsewhere, it proves later that nothing before it was changed.
    flaws
        In the order of the chain; empty if all is well.
    """

    events: int
    head: str
    flaws: tuple[Flaw, ...]
