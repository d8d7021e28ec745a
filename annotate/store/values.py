"""What comes out of the store: articles, queues, progress, judgments, coders; frozen, without SQL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from annotate.store.plans import Purpose
from annotate.types import Article, Sentence

Role = Literal["lead", "coder", "adjudicator"]


class Unit(msgspec.Struct, frozen=True):
    """A sentence as the store knows it: by number.

    Parameters
    ----------
    id
        The number that events, draws and assignments name.
    sentence
        The sentence with its place in its article.
    """

    id: int
    sentence: Sentence


class Page(msgspec.Struct, frozen=True):
    """An article with all its units in page order.

    Parameters
    ----------
    cluster
        The article's number, or that of the first article it is a near-duplicate of.
    """

    id: int
    article: Article
    units: tuple[Unit, ...]
    cluster: int


class Frame(msgspec.Struct, frozen=True):
    """One unit that could be drawn, with what designs need to know of it."""

    unit: int
    article: str
    position: int
    cluster: int
    outlet: str | None
    published: str | None


class Assignment(msgspec.Struct, frozen=True):
    """A unit that a coder is to code in a round.

    Parameters
    ----------
    position
        Its place in the coder's queue, from 0.
    decision
        The event in force, None while it is open.
    label
        The label in force.
    again
        Whether it must be coded again because the codebook changed.
    """

    round: int
    coder: str
    unit: int
    position: int
    decision: int | None = None
    label: str | None = None
    again: bool = False


class Progress(msgspec.Struct, frozen=True):
    """How far a coder is in a round; ``done`` includes ``skipped`` and ``again``."""

    round: int
    coder: str
    assigned: int
    done: int
    skipped: int
    again: int
    active_ms: int

    @property
    def open(self) -> int:
        """Return how many units are left, those to be coded again included."""
        return self.assigned - self.done + self.again


class Judgment(msgspec.Struct, frozen=True):
    """A decision in force with its unit, as reliability, gold and training take it.

    Parameters
    ----------
    label
        None for a skip.
    article, start, end
        The unit's place, in code points.
    probability
        The unit's inclusion probability in the round, None where none is known.
    time, active_ms
        Server time in microseconds since 1970, UTC; work in milliseconds.
    note
        Of a skip, its reason.
    """

    event: int
    unit: int
    article: str
    start: int
    end: int
    coder: str
    label: str | None
    round: int
    purpose: Purpose
    codebook: str
    probability: float | None
    time: int
    active_ms: int | None
    unsure: bool
    outlet: str | None
    variables: Mapping[str, Any] = {}
    spans: tuple[tuple[int, int], ...] = ()
    note: str | None = None


class Coder(msgspec.Struct, frozen=True):
    """Someone who works on the project.

    Parameters
    ----------
    key
        What stands in events: short, unique, for good.
    password
        The hash of it as the session made it; never the password.
    left
        When they left, microseconds since 1970, or None.
    preferences
        Their own keys and the like.
    """

    key: str
    name: str
    role: Role
    joined: int
    password: str | None = None
    left: int | None = None
    preferences: Mapping[str, Any] = {}
