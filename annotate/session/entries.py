"""What browsers send: decisions, steps back and forth, remarks; checked, stored, and answered one by one."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Annotated, Final, Literal

import msgspec

from annotate.errors import NutgrafError, OutputFailed, StoreRefused
from annotate.session import hints
from annotate.session.session import Session
from annotate.session.shown import ShownDecision, show_decision
from annotate.session.visitors import Visitor
from annotate.store import Decision, Entry, Event, Receipt, Remark, Step

MOST: Final = 100
"""Entries in one request."""

Number = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
Client = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Key = Annotated[str, msgspec.Meta(max_length=100)]
Answers = Annotated[dict[Key, Key | Annotated[list[Key], msgspec.Meta(max_length=100)]], msgspec.Meta(max_length=100)]
Span = tuple[Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)], Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]]


class Sent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that a page sends.

    Parameters
    ----------
    client
        The page's own name for it, a UUID: sent twice, it is stored once.
    base, after
        What the coder saw in force: an event's number, or the client's name of something sent before this.
    variables
        Answers by the variable's key: a value's key, or those chosen of a multiple choice.
    spans
        In code points from the unit's first.
    time, active
        The browser's clock, and how long the coder worked on it, in milliseconds.
    """

    kind: Literal["judgment", "skip", "adjudication", "undo", "redo", "flag", "comment"]
    client: Client
    round: Number
    unit: Number | None = None
    label: Key | None = None
    variables: Answers = {}
    spans: Annotated[tuple[Span, ...], msgspec.Meta(max_length=50)] = ()
    unsure: bool = False
    note: Annotated[str, msgspec.Meta(max_length=4000)] | None = None
    base: Number | None = None
    after: Client | None = None
    lane: Literal["coding", "adjudication"] = "coding"
    on: bool = True
    codebook: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    time: Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None = None
    active: Annotated[int, msgspec.Meta(ge=0, le=86_400_000)] | None = None


class Batch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a page sends at once, in order, with whose page of which project it is."""

    project: str
    coder: str
    entries: Annotated[tuple[Sent, ...], msgspec.Meta(min_length=1, max_length=MOST)]


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of an entry.

    Parameters
    ----------
    outcome
        As in :class:`annotate.store.Receipt`, or ``refused``: sending it again would not help.
    seq
        The event's number.
    in_force
        The decision now in force for the unit.
    known
        In a training round, once the coder has decided: the known answer and its explanation.
    suggestion
        In a round that shows it then, once the coder has decided: the model's label.
    problem
        Why it was refused.
    """

    client: str
    outcome: Literal["stored", "repeated", "stale", "nothing", "refused"]
    seq: int | None = None
    unit: int | None = None
    in_force: ShownDecision | None = None
    known: tuple[str, str | None] | None = None
    suggestion: str | None = None
    problem: str | None = None


class Desk:
    """Takes what one visitor sends in one request."""

    def __init__(self, session: Session, visitor: Visitor) -> None:
        self._session = session
        self._store = session.store
        self._visitor = visitor
        self._coder = visitor.coder.key

    async def take(self, entries: tuple[Sent, ...]) -> list[Answer]:
        """Store entries in their order and answer each once it is on disk.

        Raises
        ------
        OutputFailed, StoreRefused
            The store can take nothing at present: send the same again later.
        """
        waiting: list[tuple[Sent, Future[Receipt] | NutgrafError]] = []
        for place, sent in enumerate(entries, start=1):
            try:
                waiting.append((sent, self._store.submit(await self._entry(sent, entries[place:]))))
            except (OutputFailed, StoreRefused):
                raise
            except NutgrafError as error:
                waiting.append((sent, error))
        return [await self._answer(sent, outcome) for sent, outcome in waiting]

    async def _answer(self, sent: Sent, outcome: Future[Receipt] | NutgrafError) -> Answer:
        if isinstance(outcome, NutgrafError):
            return _refused(sent, outcome)
        try:
            receipt = await self._session.arrivals().wait(outcome)
        except (OutputFailed, StoreRefused):
            raise
        except NutgrafError as error:
            return _refused(sent, error)
        if receipt.event is not None and receipt.event.coder != self._coder:
            # A client's name that somebody else has used: what they sent is not told.
            return Answer(sent.client, "refused", unit=sent.unit, problem="sent under a name that is taken")
        decision, seq = None, None if receipt.event is None else receipt.event.seq
        known, suggestion = None, None
        if receipt.in_force is not None:
            decision = await self._shown(receipt.in_force)
            if sent.kind == "judgment" and hints.tells_after(await self._session.round(sent.round)):
                known, suggestion = await self._session.read(hints.after, self._session, self._coder, receipt.in_force)
        return Answer(sent.client, receipt.outcome, seq, receipt.unit, decision, known, suggestion)

    async def _entry(self, sent: Sent, behind: tuple[Sent, ...]) -> Entry:
        self._check_role(sent)
        if sent.kind == "undo" or sent.kind == "redo":  # noqa: PLR1714 - so that the types are told apart
            return Step(
                client=sent.client,
                coder=self._coder,
                round=sent.round,
                kind=sent.kind,
                lane=sent.lane,
                base=sent.base,
                after=sent.after,
                followed_by=tuple(one.client for one in behind),
                client_time=sent.time,
            )
        kind, unit = sent.kind, sent.unit
        if unit is None:
            raise NutgrafError("names no unit", remedy="reload the page")
        if kind == "flag" or kind == "comment":  # noqa: PLR1714 - so that the types are told apart
            await self._check_near(sent.round, unit)
            return Remark(
                client=sent.client,
                coder=self._coder,
                unit=unit,
                kind=kind,
                note=sent.note or "",
                round=sent.round,
                variables={} if sent.on else {"on": False},
                client_time=sent.time,
            )
        round_ = await self._session.round(sent.round)
        shown = hints.was_shown(round_)
        if round_.settings.suggestions != "off" and sent.kind == "judgment":
            shown |= await self._session.read(hints.suggestion_shown, self._session, round_, self._coder, unit)
        start = await self._start(unit) if sent.spans else 0
        return Decision(
            client=sent.client,
            coder=self._coder,
            round=sent.round,
            unit=unit,
            kind=kind,
            label=sent.label,
            variables=sent.variables,
            spans=tuple((first + start, last + start) for first, last in sent.spans),
            unsure=sent.unsure,
            note=sent.note,
            shown=shown,
            base=sent.base,
            after=sent.after,
            codebook=sent.codebook,
            client_time=sent.time,
            active_ms=sent.active,
        )

    def _check_role(self, sent: Sent) -> None:
        if (sent.kind == "adjudication" or sent.lane == "adjudication") and not self._visitor.adjudicates:
            raise NutgrafError("only an adjudicator decides where coders differ", remedy="ask the lead for that role")

    async def _check_near(self, round_: int, unit: int) -> None:
        """Let people speak only of units they were given, or may adjudicate."""
        if self._visitor.adjudicates:
            return
        if not await self._session.read(self._store.assigned, round_, self._coder, [unit]):
            raise NutgrafError(f"unit {unit} was not given to {self._coder}", remedy="reload the page")

    async def _start(self, unit: int) -> int:
        (found,) = await self._session.read(self._store.units, [unit])
        return found.sentence.start

    async def _shown(self, event: Event) -> ShownDecision:
        start = await self._start(event.unit) if event.spans and event.unit is not None else 0
        return show_decision(event, start)


def _refused(sent: Sent, error: NutgrafError) -> Answer:
    return Answer(sent.client, "refused", unit=sent.unit, problem=str(error))
