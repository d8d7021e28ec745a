"""What there is to do and what was done: queues, progress, judgments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal

from sqlalchemy import Connection, and_, case, func, select

from annotate.store import rows, schema
from annotate.store.entries import DECISIONS
from annotate.store.ledger import Event
from annotate.store.values import Assignment, Judgment, Progress

_ASSIGNMENT: Final = schema.assignment
_EVENT: Final = schema.event
_FIELDS: Final = tuple(_ASSIGNMENT.c[field] for field in Assignment.__struct_fields__)
_AT_ONCE: Final = 5000

Moment = Literal["now", "undiscussed"]


def following(connection: Connection, round_: int, coder: str, *, after: int | None = None) -> Assignment | None:
    """Return the next open unit of a coder's queue, or the next that must be coded again, or None.

    Parameters
    ----------
    after
        Look behind this place of the queue first, then from its beginning.
    """
    mine = and_(_ASSIGNMENT.c.coder == coder, _ASSIGNMENT.c.round == round_, _ASSIGNMENT.c.until.is_(None))
    for wanted in (_ASSIGNMENT.c.decision.is_(None), _ASSIGNMENT.c.again.is_not(None)):
        query = select(*_FIELDS).where(mine, wanted).order_by(_ASSIGNMENT.c.position).limit(1)
        later = None if after is None else query.where(_ASSIGNMENT.c.position > after)
        for attempt in (later, query):
            row = None if attempt is None else connection.execute(attempt).one_or_none()
            if row is not None:
                return rows.assignment(row)
    return None


def assigned(connection: Connection, round_: int, coder: str, units: Sequence[int]) -> dict[int, Assignment]:
    """Return a coder's assignments among some units, by unit."""
    query = select(*_FIELDS).where(
        _ASSIGNMENT.c.round == round_,
        _ASSIGNMENT.c.coder == coder,
        _ASSIGNMENT.c.unit.in_(units),
        _ASSIGNMENT.c.until.is_(None),
    )
    return {row.unit: rows.assignment(row) for row in connection.execute(query)}


def at(connection: Connection, round_: int, coder: str, position: int, *, back: bool = False) -> Assignment | None:
    """Return what stands at a place of a coder's queue, else next behind it (or before it), or None.

    Units that went to others leave gaps.
    """
    place = _ASSIGNMENT.c.position
    mine = and_(_ASSIGNMENT.c.round == round_, _ASSIGNMENT.c.coder == coder, _ASSIGNMENT.c.until.is_(None))
    near, order = (place <= position, place.desc()) if back else (place >= position, place)
    row = connection.execute(select(*_FIELDS).where(mine, near).order_by(order).limit(1)).one_or_none()
    return None if row is None else rows.assignment(row)


def rounds_of(connection: Connection, coder: str) -> list[int]:
    """Return the numbers of the rounds that a coder has units in."""
    query = select(_ASSIGNMENT.c.round).where(_ASSIGNMENT.c.coder == coder, _ASSIGNMENT.c.until.is_(None)).distinct()
    return sorted(connection.scalars(query))


def progress(connection: Connection, round_: int | None = None, coder: str | None = None) -> list[Progress]:
    """Return how far each coder is in each round."""
    active = func.coalesce(func.sum(_EVENT.c.active_ms), 0)
    query = (
        select(
            _ASSIGNMENT.c.round,
            _ASSIGNMENT.c.coder,
            func.count(),
            func.count(_ASSIGNMENT.c.decision),
            func.count(case((_EVENT.c.kind == "skip", 1))),
            func.count(_ASSIGNMENT.c.again),
            active,
        )
        .join(_EVENT, _EVENT.c.seq == _ASSIGNMENT.c.decision, isouter=True)
        .where(_ASSIGNMENT.c.until.is_(None))
        .group_by(_ASSIGNMENT.c.round, _ASSIGNMENT.c.coder)
        .order_by(_ASSIGNMENT.c.round, _ASSIGNMENT.c.coder)
    )
    if round_ is not None:
        query = query.where(_ASSIGNMENT.c.round == round_)
    if coder is not None:
        query = query.where(_ASSIGNMENT.c.coder == coder)
    return [Progress(*map(_counted, row)) for row in connection.execute(query)]


def in_force(
    connection: Connection, round_: int, *, coder: str | None = None, article: int | None = None
) -> list[Event]:
    """Return the decisions in force in a round, of a coder and on an article where asked, by unit."""
    query = (
        select(_EVENT)
        .join(_ASSIGNMENT, _ASSIGNMENT.c.decision == _EVENT.c.seq)
        .where(_ASSIGNMENT.c.round == round_)
        .order_by(_ASSIGNMENT.c.unit, _ASSIGNMENT.c.coder)
    )
    if coder is not None:
        query = query.where(_ASSIGNMENT.c.coder == coder)
    if article is not None:
        query = query.join(schema.unit, schema.unit.c.id == _ASSIGNMENT.c.unit).where(schema.unit.c.article == article)
    return [rows.event(row) for row in connection.execute(query).mappings()]


def adjudicated(connection: Connection, round_: int) -> list[Event]:
    """Return the adjudications in force in a round, by unit."""
    view = schema.in_force
    query = select(view).where(view.c.round == round_, view.c.kind == "adjudication").order_by(view.c.unit)
    return [rows.event(row) for row in connection.execute(query).mappings()]


def comments(connection: Connection, round_: int, coder: str | None = None) -> list[Event]:
    """Return the comments in a round, of a coder where asked, in order."""
    query = select(_EVENT).where(_EVENT.c.round == round_, _EVENT.c.kind == "comment").order_by(_EVENT.c.seq)
    if coder is not None:
        query = query.where(_EVENT.c.coder == coder)
    return [rows.event(row) for row in connection.execute(query).mappings()]


def history(connection: Connection, unit: int, round_: int | None = None) -> list[Event]:
    """Return everything that happened to a unit, in order."""
    query = select(_EVENT).where(_EVENT.c.unit == unit).order_by(_EVENT.c.seq)
    if round_ is not None:
        query = query.where(_EVENT.c.round == round_)
    return [rows.event(row) for row in connection.execute(query).mappings()]


def course(connection: Connection, round_: int, coder: str) -> list[Event]:
    """Return what a coder decided, took back and took up again in a round, in order."""
    query = (
        select(_EVENT)
        .where(_EVENT.c.coder == coder, _EVENT.c.round == round_, _EVENT.c.kind.in_((*DECISIONS, "undo", "redo")))
        .order_by(_EVENT.c.seq)
    )
    return [rows.event(row) for row in connection.execute(query).mappings()]


def events(connection: Connection, *, after: int = 0) -> Iterator[Event]:
    """Yield all events behind a number, in order, without holding them all in memory."""
    while True:
        query = select(_EVENT).where(_EVENT.c.seq > after).order_by(_EVENT.c.seq).limit(_AT_ONCE)
        found = connection.execute(query).mappings().all()
        yield from (rows.event(row) for row in found)
        if len(found) < _AT_ONCE:
            return
        after = found[-1]["seq"]


def judgments(
    connection: Connection, *, rounds: Sequence[int] | None = None, moment: Moment = "now"
) -> Iterator[Judgment]:
    """Yield the decisions of coders in force, by round, unit and coder.

    Parameters
    ----------
    moment
        ``now``, or ``undiscussed``: as they stood before anyone began to discuss or adjudicate the unit in that round.
    """
    decisions = _now(connection, rounds) if moment == "now" else _undiscussed(connection, rounds)
    event, unit, article, round_, draw = _EVENT, schema.unit, schema.article, schema.round_, schema.draw
    query = (
        select(
            event.c.seq,
            event.c.unit,
            article.c.key,
            unit.c.start,
            unit.c.end,
            event.c.coder,
            event.c.label,
            event.c.round,
            round_.c.purpose,
            event.c.codebook,
            draw.c.probability,
            event.c.server_time,
            event.c.active_ms,
            event.c.unsure,
            article.c.outlet,
            event.c.variables,
            event.c.spans,
            event.c.note,
        )
        .join(unit, unit.c.id == event.c.unit)
        .join(article, article.c.id == unit.c.article)
        .join(round_, round_.c.id == event.c.round)
        .join(draw, and_(draw.c.round == event.c.round, draw.c.unit == event.c.unit), isouter=True)
        .order_by(event.c.round, event.c.unit, event.c.coder)
    )
    if isinstance(decisions, list):
        # In slices: databases limit how many numbers a statement takes.
        for first in range(0, len(decisions), _AT_ONCE):
            chosen = query.where(event.c.seq.in_(decisions[first : first + _AT_ONCE]))
            yield from map(rows.judgment, connection.execute(chosen))
    else:
        yield from map(rows.judgment, connection.execute(query.where(event.c.seq.in_(decisions))))


def _now(connection: Connection, rounds: Sequence[int] | None) -> Any:  # noqa: ARG001 - one shape for both moments
    query = select(_ASSIGNMENT.c.decision).where(_ASSIGNMENT.c.decision.is_not(None))
    return query if rounds is None else query.where(_ASSIGNMENT.c.round.in_(rounds))


def _undiscussed(connection: Connection, rounds: Sequence[int] | None) -> list[int]:
    """Return the decisions that stood when discussion of their unit began, or stand now if none did."""
    columns = (_EVENT.c.seq, _EVENT.c.kind, _EVENT.c.round, _EVENT.c.unit, _EVENT.c.coder, _EVENT.c.supersedes)
    query = select(*columns).where(_EVENT.c.round.is_not(None), _EVENT.c.unit.is_not(None)).order_by(_EVENT.c.seq)
    if rounds is not None:
        query = query.where(_EVENT.c.round.in_(rounds))
    standing = Standing()
    discussed: set[tuple[int, int]] = set()
    for seq, kind, round_, unit, coder, supersedes in connection.execute(query):
        if kind in {"adjudication", "discussion"}:
            discussed.add((round_, unit))
        elif (round_, unit) not in discussed:
            standing.take(seq, kind, (round_, unit, coder), supersedes)
    found = [(key, seq) for key, seq in standing.decisions.items() if seq is not None]
    return [seq for _, seq in sorted(found)]


class Standing:
    """Which decision stands for each coder and unit, told event by event in their order."""

    def __init__(self) -> None:
        self.decisions: dict[tuple[int, int, str], int | None] = {}
        self._replaced: dict[int, int | None] = {}
        self._undone: dict[int, int] = {}

    def take(self, seq: int, kind: str, key: tuple[int, int, str], supersedes: int | None) -> None:
        """Take the next event of a coder about a unit in a round."""
        if kind in DECISIONS:
            self._replaced[seq] = supersedes
            self.decisions[key] = seq
        elif kind == "undo" and supersedes in self._replaced:
            self._undone[seq] = supersedes
            self.decisions[key] = self._replaced[supersedes]
        elif kind == "redo" and supersedes in self._undone:
            self.decisions[key] = self._undone[supersedes]


def _counted(value: Any) -> Any:
    return value if isinstance(value, str) else int(value)  # PostgreSQL sums to a Decimal
