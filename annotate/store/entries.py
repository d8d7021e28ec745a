"""What coders send to the store, and the receipt they get: frozen, without SQL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec

from annotate.store.ledger import Event

DECISIONS: Final = ("judgment", "skip")
"""What a coder decides about a unit; the other lane of decisions is ``adjudication``."""


class Decision(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A coder's or adjudicator's decision about a unit, to be stored.

    Parameters
    ----------
    base
        The event that the coder saw in force for this unit, None if none: if another has won meanwhile, nothing is
        stored and the sender gets the one that won.
    after
        Names that event by its client instead, where its number is not known yet.
    codebook
        Fingerprint of the codebook that the coder saw; None for the project's present one.
    """

    client: str
    coder: str
    round: int
    unit: int
    kind: Literal["judgment", "skip", "adjudication"] = "judgment"
    label: str | None = None
    variables: Mapping[str, Any] = {}
    spans: tuple[tuple[int, int], ...] = ()
    unsure: bool = False
    note: str | None = None
    shown: Mapping[str, Any] = {}
    base: int | None = None
    after: str | None = None
    codebook: str | None = None
    client_time: int | None = None
    active_ms: int | None = None


class Step(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An undo or a redo, to be stored.

    Parameters
    ----------
    lane
        Whose stack: the decisions of a coder or those of an adjudicator.
    base
        The event that the sender means to take back: for an undo a decision, for a redo an undo. If it is not the one
        on top, nothing is stored. None takes whatever is on top.
    after
        Names that event by its client instead, where its number is not known yet.
    unit
        An undo only: take back the decision in force for this unit, wherever in the stack it stands.
    followed_by
        Clients of what was sent with it, behind it. Where one of these is stored and the step is not, the step came to
        nothing when it was first sent: nothing was to be taken back then, and nothing is now.
    """

    client: str
    coder: str
    round: int
    kind: Literal["undo", "redo"]
    lane: Literal["coding", "adjudication"] = "coding"
    base: int | None = None
    after: str | None = None
    unit: int | None = None
    followed_by: tuple[str, ...] = ()
    client_time: int | None = None


class Remark(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A flag, a comment or the beginning of a discussion, to be stored; it changes no decision.

    Parameters
    ----------
    note
        The comment's words, or the flag's name.
    variables
        For a flag ``{"on": false}`` takes it away again.
    """

    client: str
    coder: str
    unit: int
    kind: Literal["flag", "comment", "discussion"]
    note: str
    round: int | None = None
    variables: Mapping[str, Any] = {}
    client_time: int | None = None


Entry = Decision | Step | Remark

Outcome = Literal["stored", "repeated", "stale", "nothing"]


class Receipt(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of something sent; given out only when it is on disk.

    Parameters
    ----------
    outcome
        ``stored``: a new event. ``repeated``: it was there already, sent twice or decided alike in another tab.
        ``stale``: another decision had won. ``nothing``: nothing to undo or redo.
    event
        The event stored, or the one there already.
    unit
        The unit it is about.
    in_force
        The decision now in force for the unit and coder (for an adjudication: for the unit), None if there is none.
    """

    outcome: Outcome
    event: Event | None = None
    unit: int | None = None
    in_force: Event | None = None
