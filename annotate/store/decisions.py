"""Turn what coders send into events: once each, never over someone's head, always with what it replaces."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Column, Label, and_, exists, func, not_, select

from annotate.errors import CodebookError, InputError, NotAssigned, ProjectError
from annotate.store import rows, schema
from annotate.store.arrays import array_rows
from annotate.store.codebooks import Codebooks
from annotate.store.entries import DECISIONS, Decision, Entry, Receipt, Remark, Step
from annotate.store.ledger import Event
from annotate.store.writer import Transaction

_EVENT: Final = schema.event
_ASSIGNMENT: Final = schema.assignment
_CLIENTS: Final = array_rows("sent")
_SENT: Final = select(_EVENT).select_from(_CLIENTS).join(_EVENT, _EVENT.c.client == _CLIENTS.c.value[0].as_string())
_WANTED: Final = array_rows("wanted")


def _of_assignment(column: Column[Any], key: Column[Any], named: Column[Any]) -> Label[Any]:
    """Return a column of what an assignment names, looked up for each row: with a join, PostgreSQL may begin there."""
    return select(column).where(key == named).scalar_subquery().label(column.name)


_ASSIGNED: Final = (
    select(
        _ASSIGNMENT,
        *(
            _of_assignment(column, schema.unit.c.id, _ASSIGNMENT.c.unit)
            for column in (schema.unit.c.start, schema.unit.c.end)
        ),
        *(
            _of_assignment(column, schema.round_.c.id, _ASSIGNMENT.c.round)
            for column in (schema.round_.c.closed, schema.round_.c.purpose)
        ),
    )
    .select_from(_WANTED)
    .join(
        _ASSIGNMENT,
        and_(
            _ASSIGNMENT.c.round == _WANTED.c.value[0].as_integer(),
            _ASSIGNMENT.c.coder == _WANTED.c.value[1].as_string(),
            _ASSIGNMENT.c.unit == _WANTED.c.value[2].as_integer(),
        ),
    )
)
_LANES: Final = {"coding": DECISIONS, "adjudication": ("adjudication",)}
_COMPARED: Final = ("kind", "label", "variables", "spans", "unsure", "note")

_NEVER: Final = -1
"""The number of no event."""

_undo, _redo = _EVENT.alias("undo"), _EVENT.alias("redo")
_NOT_REDONE: Final = not_(exists().where(_redo.c.supersedes == _undo.c.seq, _redo.c.kind == "redo"))
_NOT_UNDONE: Final = not_(exists().where(_undo.c.supersedes == _EVENT.c.seq, _undo.c.kind == "undo", _NOT_REDONE))


def gather(transaction: Transaction, entries: Sequence[Entry]) -> None:
    """Look up, for a whole batch at once, which entries are there already and what is in force for their units."""
    clients = {entry.client for entry in entries}
    clients |= {entry.after for entry in entries if not isinstance(entry, Remark) and entry.after is not None}
    clients |= {client for entry in entries if isinstance(entry, Step) for client in entry.followed_by}
    known = transaction.connection.execute(_SENT, {"sent": [[client] for client in clients]}).mappings()
    transaction.found |= {("client", row["client"]): dict(row) for row in known}
    wanted = {
        (entry.round, entry.coder, entry.unit)
        for entry in entries
        if isinstance(entry, Decision) and entry.kind != "adjudication"
    }
    if wanted:
        _look_up(transaction, wanted)


def take(transaction: Transaction, entry: Entry, codebooks: Codebooks) -> Receipt:
    """Append what an entry says and return what became of it.

    Raises
    ------
    NotAssigned
        If the coder was not given the unit.
    CodebookError
        If the label or an answer is not in the codebook that the coder saw, or an answer is missing.
    InputError
        If spans lie outside the unit, or a text can't be stored.
    """
    known = transaction.found.get(("client", entry.client))
    if known is not None:
        return _repeated(transaction, known)
    _refuse_unstorable(entry)
    if isinstance(entry, Remark):
        return _remark(transaction, entry)
    entry = _numbered(transaction, entry)
    if isinstance(entry, Step):
        return _step(transaction, entry, codebooks)
    _check(entry, codebooks)
    if entry.kind == "adjudication":
        return _adjudicate(transaction, entry, codebooks)
    return _decide(transaction, entry, codebooks)


def _decide(transaction: Transaction, decision: Decision, codebooks: Codebooks) -> Receipt:
    assigned = _assigned(transaction, decision)
    _check_spans(decision, assigned["start"], assigned["end"])
    decision = _answered(decision, codebooks, assigned["purpose"])
    lost = _overtaken(transaction, decision, assigned["decision"], again=assigned["again"] is not None)
    if lost is not None:
        return lost
    row = _append(transaction, decision, codebooks, supersedes=assigned["decision"])
    _settle(transaction, assigned, row, codebooks)
    return Receipt("stored", event := rows.event(row), decision.unit, event)


def _adjudicate(transaction: Transaction, decision: Decision, codebooks: Codebooks) -> Receipt:
    transaction.flush()
    unit, draw, round_ = schema.unit, schema.draw, schema.round_
    drawn = transaction.connection.execute(
        select(unit.c.start, unit.c.end, round_.c.purpose)
        .join(draw, draw.c.unit == unit.c.id)
        .join(round_, round_.c.id == draw.c.round)
        .where(draw.c.round == decision.round, draw.c.unit == decision.unit)
    ).one_or_none()
    if drawn is None:
        raise NotAssigned(f"unit {decision.unit} was not drawn in round {decision.round}", remedy="reload the page")
    _check_spans(decision, drawn.start, drawn.end)
    decision = _answered(decision, codebooks, drawn.purpose)
    current = _adjudicated(transaction, decision.round, decision.unit)
    lost = _overtaken(transaction, decision, current)
    if lost is not None:
        return lost
    row = _append(transaction, decision, codebooks, supersedes=current)
    return Receipt("stored", event := rows.event(row), decision.unit, event)


def _step(transaction: Transaction, step: Step, codebooks: Codebooks) -> Receipt:
    if any(("client", client) in transaction.found for client in step.followed_by):
        return Receipt("nothing")
    transaction.flush()
    if step.unit is not None:
        top = _withdrawable(transaction, step)
    else:
        top = _undoable(transaction, step) if step.kind == "undo" else _redoable(transaction, step)
    if top is None:
        return Receipt("nothing")
    decision = top if step.kind == "undo" else _row(transaction, top["supersedes"])
    if step.base is not None and step.base != top["seq"]:
        return Receipt("stale", None, decision["unit"], _in_force(transaction, decision))
    row = _append_row(transaction, step, unit=decision["unit"], supersedes=top["seq"], codebook=decision["codebook"])
    now = decision["supersedes"] if step.kind == "undo" else decision["seq"]
    in_force = None if now is None else _row(transaction, now)
    if decision["kind"] != "adjudication":
        assigned = _assigned(transaction, step, unit=decision["unit"], open_only=False)
        _settle(transaction, assigned, in_force, codebooks)
    return Receipt("stored", rows.event(row), decision["unit"], None if in_force is None else rows.event(in_force))


def _numbered(transaction: Transaction, entry: Decision | Step) -> Decision | Step:
    """Return an entry that names what it replaces by its number; what did not come to be is never in force."""
    if entry.after is None:
        return entry
    named = transaction.found.get(("client", entry.after))
    base = named["seq"] if named is not None and named["coder"] == entry.coder else _NEVER
    return msgspec.structs.replace(entry, base=base, after=None)


def _remark(transaction: Transaction, remark: Remark) -> Receipt:
    row = _append_row(transaction, remark, unit=remark.unit, note=remark.note, variables=remark.variables)
    return Receipt("stored", rows.event(row), remark.unit)


def _repeated(transaction: Transaction, known: dict[str, Any]) -> Receipt:
    return Receipt("repeated", rows.event(known), known["unit"], _in_force(transaction, known))


def _overtaken(
    transaction: Transaction, decision: Decision, current: int | None, *, again: bool = False
) -> Receipt | None:
    """Return the answer to a decision that comes too late or changes nothing, None if it is to be stored."""
    if current is None:
        return None if decision.base is None else Receipt("stale", None, decision.unit)
    won = rows.event(_row(transaction, current))
    if not again and all(getattr(won, field) == getattr(decision, field) for field in _COMPARED):
        transaction.found.setdefault(("client", decision.client), _row(transaction, current))
        return Receipt("repeated", won, decision.unit, won)
    return None if decision.base == current else Receipt("stale", None, decision.unit, won)


def _append(
    transaction: Transaction, decision: Decision, codebooks: Codebooks, *, supersedes: int | None
) -> dict[str, Any]:
    return _append_row(
        transaction,
        decision,
        unit=decision.unit,
        codebook=decision.codebook or codebooks.present.fingerprint,
        label=decision.label,
        variables=decision.variables,
        spans=decision.spans,
        unsure=decision.unsure,
        note=decision.note,
        shown=decision.shown,
        active_ms=decision.active_ms,
        supersedes=supersedes,
    )


def _append_row(transaction: Transaction, entry: Entry, **columns: Any) -> dict[str, Any]:
    row = transaction.append(
        entry.kind, entry.client, coder=entry.coder, round=entry.round, client_time=entry.client_time, **columns
    )
    transaction.found["client", entry.client] = row
    return row


def _settle(
    transaction: Transaction, assigned: dict[str, Any], row: dict[str, Any] | None, codebooks: Codebooks
) -> None:
    """Let the assignment show what is in force, also to what follows in this batch."""
    if row is None:
        decision, label, again = None, None, None
    else:
        decision, label = row["seq"], row["label"]
        again = codebooks.again(label, row["codebook"])
    assigned |= {"decision": decision, "label": label, "again": again}
    transaction.mark(assigned["id"], decision=decision, label=label, again=again)


def _assigned(
    transaction: Transaction, entry: Decision | Step, *, unit: int | None = None, open_only: bool = True
) -> dict[str, Any]:
    unit = entry.unit if isinstance(entry, Decision) else unit
    key = (entry.round, entry.coder, unit)
    if key not in transaction.found and unit is not None:
        _look_up(transaction, {(entry.round, entry.coder, unit)})
    assigned: dict[str, Any] | None = transaction.found.get(key)
    if assigned is None or (open_only and assigned["until"] is not None):
        raise NotAssigned(
            f"{entry.coder} was not given unit {unit} in round {entry.round}", remedy="reload the page for the next one"
        )
    if assigned["closed"] is not None:
        raise ProjectError(f"round {entry.round} is closed", remedy="ask the lead to draw a new one")
    return assigned


def _look_up(transaction: Transaction, wanted: Collection[tuple[int, str, int]]) -> None:
    """Find out what is in force for units, each named as round, coder and unit; those not given out are not found."""
    found = transaction.connection.execute(_ASSIGNED, {"wanted": sorted(wanted)}).mappings()
    transaction.found |= {(row["round"], row["coder"], row["unit"]): dict(row) for row in found}


def _in_force(transaction: Transaction, row: dict[str, Any]) -> Event | None:
    """Return what is in force where an event belongs: for its coder, or for all if it is an adjudication."""
    if row["unit"] is None or row["round"] is None:
        return None
    origin = row
    while origin["kind"] in {"undo", "redo"}:
        origin = _row(transaction, origin["supersedes"])
    if origin["kind"] == "adjudication":
        transaction.flush()
        seq = _adjudicated(transaction, row["round"], row["unit"])
    elif origin["kind"] in DECISIONS:
        key = (row["round"], row["coder"], row["unit"])
        if key not in transaction.found:
            _look_up(transaction, {key})
        seq = transaction.found[key]["decision"]
    else:
        return None
    return None if seq is None else rows.event(_row(transaction, seq))


def _adjudicated(transaction: Transaction, round_: int | None, unit: int) -> int | None:
    view = schema.in_force
    seq: int | None = transaction.connection.scalar(
        select(func.max(view.c.seq)).where(view.c.kind == "adjudication", view.c.round == round_, view.c.unit == unit)
    )
    return seq


def _undoable(transaction: Transaction, step: Step) -> dict[str, Any] | None:
    query = select(_EVENT).where(_of(step), _EVENT.c.kind.in_(_LANES[step.lane]), _NOT_UNDONE)
    found = transaction.connection.execute(query.order_by(_EVENT.c.seq.desc()).limit(1)).mappings().one_or_none()
    return None if found is None else dict(found)


def _withdrawable(transaction: Transaction, step: Step) -> dict[str, Any] | None:
    """Return the coder's decision in force for one unit."""
    if step.kind != "undo" or step.lane != "coding":
        raise InputError("only a coder's own decision about a unit can be taken back by the unit")
    seq = _assigned(transaction, step, unit=step.unit, open_only=False)["decision"]
    return None if seq is None else _row(transaction, seq)


def _redoable(transaction: Transaction, step: Step) -> dict[str, Any] | None:
    """Return the last undo that was not redone; a decision made since has cleared what could be redone."""
    lane = _LANES[step.lane]
    last = select(_EVENT.c.seq).where(_of(step), _EVENT.c.kind.in_(lane)).order_by(_EVENT.c.seq.desc()).limit(1)
    taken_back = _EVENT.alias("taken_back")
    query = (
        select(_undo)
        .join(taken_back, taken_back.c.seq == _undo.c.supersedes)
        .where(
            and_(_undo.c.coder == step.coder, _undo.c.round == step.round, _undo.c.kind == "undo"),
            taken_back.c.kind.in_(lane),
            _undo.c.seq > last.scalar_subquery(),
            _NOT_REDONE,
        )
    )
    found = transaction.connection.execute(query.order_by(_undo.c.seq.desc()).limit(1)).mappings().one_or_none()
    return None if found is None else dict(found)


def _of(step: Step) -> Any:
    return and_(_EVENT.c.coder == step.coder, _EVENT.c.round == step.round)


def _row(transaction: Transaction, seq: int) -> dict[str, Any]:
    if seq in transaction.rows:
        return transaction.rows[seq]
    return dict(transaction.connection.execute(select(_EVENT).where(_EVENT.c.seq == seq)).mappings().one())


def _check(decision: Decision, codebooks: Codebooks) -> None:
    if decision.kind == "skip":
        if decision.label is not None:
            raise InputError("a skipped unit has no label", where=f"unit {decision.unit}")
        return
    if decision.label is None:
        raise CodebookError("a judgment needs a label", where=f"unit {decision.unit}", remedy="choose one, or skip")
    fingerprint = decision.codebook or codebooks.present.fingerprint
    codebooks.check_label(decision.label, fingerprint)


def _answered(decision: Decision, codebooks: Codebooks, purpose: str) -> Decision:
    """Return a decision with its answers in the codebook's form; what comes from elsewhere may lack some."""
    fingerprint = decision.codebook or codebooks.present.fingerprint
    complete = purpose != "import"
    given = codebooks.check_answers(decision.label, decision.variables, fingerprint, complete=complete)
    return decision if given == decision.variables else msgspec.structs.replace(decision, variables=given)


def _check_spans(decision: Decision, start: int, end: int) -> None:
    for first, last in decision.spans:
        if not start <= first < last <= end:
            raise InputError(
                f"the words marked ({first} to {last}) are outside the unit ({start} to {end})",
                where=f"unit {decision.unit}",
                remedy="mark them again",
            )


def _refuse_unstorable(entry: Entry) -> None:
    """Raise InputError at a text that PostgreSQL or UTF-8 can't hold."""
    for field in ("client", "after", "note", "label"):
        text = getattr(entry, field, None)
        if text is not None and ("\x00" in text or not _encodable(text)):
            raise InputError(f"the {field} holds a character that can't be stored", remedy="take it out")
    if not entry.client:
        raise InputError("an entry needs a client id", remedy="send a UUID")


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
