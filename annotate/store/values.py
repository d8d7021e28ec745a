"""The values that go into the store and come out of it: frozen, without SQL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec

from annotate.types import Article, Sentence

Kind = Literal[
    "project",
    "codebook",
    "articles",
    "round",
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

Purpose = Literal["training", "reliability", "evaluation", "active", "import"]
"""What a round is for. Only ``reliability`` and ``evaluation`` are probability samples that carry figures."""

Role = Literal["lead", "coder", "adjudicator"]

DECISIONS: Final = ("judgment", "skip")
"""What a coder decides about a unit; the other lane of decisions is ``adjudication``."""

FIGURES: Final = ("reliability", "evaluation")
"""The purposes whose units may carry a published figure."""


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


class Decision(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A coder's or adjudicator's decision about a unit, to be stored.

    Parameters
    ----------
    base
        The event that the coder saw in force for this unit, None if none: if another has won meanwhile, nothing is
        stored and the sender gets the one that won.
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
    unit
        An undo only: take back the decision in force for this unit, wherever in the stack it stands.
    """

    client: str
    coder: str
    round: int
    kind: Literal["undo", "redo"]
    lane: Literal["coding", "adjudication"] = "coding"
    base: int | None = None
    unit: int | None = None
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


class RoundSettings(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How a round is shown to coders.

    Parameters
    ----------
    hide
        What a blind round keeps from coders: any of ``title``, ``outlet``, ``byline``, ``published``, ``url``.
    context
        The whole article around the unit, or the unit alone.
    suggestions
        ``after``: the model's label is shown after the coder's own choice. ``randomised``: before it, for a random
        half of the units.
    feedback
        Whether coders see the known answer after their own (training).
    spans
        Whether coders mark the words that carry the framing.
    """

    hide: tuple[Literal["title", "outlet", "byline", "published", "url"], ...] = ()
    context: Literal["article", "unit"] = "article"
    suggestions: Literal["off", "after", "randomised"] = "off"
    feedback: bool = False
    spans: bool = False


class Round(msgspec.Struct, frozen=True):
    """A set of units drawn for a purpose.

    Parameters
    ----------
    codebook
        Fingerprint of the codebook in use when it was drawn.
    design
        How the units were drawn, in words.
    seed, frame, frame_size
        What repeats the draw: the seed, the SHA-256 of the list drawn from, and that list's length.
    closed
        The event that closed it, or None.
    """

    id: int
    name: str
    purpose: Purpose
    codebook: str
    design: str
    seed: int
    frame: str
    frame_size: int
    settings: RoundSettings
    created: int
    closed: int | None = None


class Draw(msgspec.Struct, frozen=True):
    """A unit drawn.

    Parameters
    ----------
    probability
        Its first-order inclusion probability, 0 to 1; None where none is known (picked by a model, imported).
    reason
        ``random`` or ``active`` (picked by a model) or ``import``.
    stratum
        The stratum it was drawn in.
    """

    unit: int
    probability: float | None
    reason: Literal["random", "active", "import"] = "random"
    stratum: str | None = None


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


class Flaw(msgspec.Struct, frozen=True):
    """Something in the store that does not fit.

    Parameters
    ----------
    where
        ``event 17``, ``article 'a'``, ``assignments``.
    problem
        What is wrong with it.
    """

    where: str
    problem: str


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
