"""Rounds: what was drawn, with which probability, and who codes it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, func, select, update

from annotate.errors import NotHonest, ProjectError
from annotate.store import rows, schema
from annotate.store.ledger import Event
from annotate.store.plans import FIGURES, Batch, Draw, Move, Plan, Round, Suggested
from annotate.store.values import Assignment
from annotate.store.writer import Transaction

_ROUND: Final = schema.round_
_DRAW: Final = schema.draw
_ASSIGNMENT: Final = schema.assignment
_ENCODER: Final = msgspec.json.Encoder(order="sorted")
_LONGEST: Final = 200


def create(transaction: Transaction, plan: Plan, codebook: str, client: str) -> Round:
    """Make a round.

    Raises
    ------
    ProjectError
        If there is a round of this name, or a coder is to code what was not drawn.
    NotHonest
        If a round that carries figures holds a unit without a probability.
    """
    connection = transaction.connection
    _check(connection, plan)
    number = (connection.scalar(select(func.max(_ROUND.c.id))) or 0) + 1
    seq = transaction.seq + 1
    values: dict[str, Any] = {
        "id": number,
        "name": plan.name,
        "purpose": plan.purpose,
        "codebook": codebook,
        "design": plan.design,
        "seed": plan.seed,
        "frame": plan.frame,
        "frame_size": plan.frame_size,
        "settings": _ENCODER.encode(plan.settings).decode(),
        "event": seq,
        "closed": None,
    }
    draws = sorted(({"round": number, **msgspec.structs.asdict(draw)} for draw in plan.draws), key=_by_unit)
    assignments = _assignment_rows(connection, number, plan.queues, since=seq)
    said: dict[str, Any] = {"sha256": digest(values, draws), "assignments": assigned_digest(assignments)}
    if plan.model:
        said["model"] = plan.model
    transaction.append("round", client, round=number, codebook=codebook, variables=said)
    connection.execute(_ROUND.insert(), values)
    connection.execute(_DRAW.insert(), draws)
    if assignments:
        connection.execute(_ASSIGNMENT.insert(), assignments)
    return rows.round_(values)


def extend(transaction: Transaction, round_: int, batch: Batch, client: str) -> None:
    """Let an active round grow by a batch; the event holds its draws.

    Raises
    ------
    NotHonest
        If the round is no active one: what carries figures is drawn once.
    ProjectError
        If it is closed, holds one of the units already, or has grown since the batch was drawn.
    """
    connection = transaction.connection
    grown = get(connection, round_)
    if grown.purpose != "active":
        raise NotHonest(f"the round {grown.name!r} is for {grown.purpose} and can't grow", remedy="draw another round")
    if grown.closed is not None:
        raise ProjectError(f"the round {grown.name!r} is closed", remedy="draw another round")
    there = {one.unit for one in draws(connection, round_)}
    if len(there) != batch.before or not there.isdisjoint(draw.unit for draw in batch.draws):
        raise ProjectError(f"the round {grown.name!r} has grown meanwhile", remedy="draw again")
    _refuse_undrawn(batch.queues, batch.draws)
    assignments = _assignment_rows(connection, round_, batch.queues, since=transaction.seq + 1)
    rows_ = sorted(({"round": round_, **msgspec.structs.asdict(draw)} for draw in batch.draws), key=_by_unit)
    said: dict[str, Any] = {
        "draws": [[row["unit"], row["probability"], row["reason"], row["stratum"]] for row in rows_],
        "design": batch.design,
        "frame": batch.frame,
        "frame_size": batch.frame_size,
        "assignments": assigned_digest(assignments),
    }
    if batch.model:
        said["model"] = batch.model
    transaction.append("draw", client, round=round_, codebook=grown.codebook, variables=said)
    connection.execute(_DRAW.insert(), rows_)
    connection.execute(_ASSIGNMENT.insert(), assignments)


def growth(connection: Connection, round_: int) -> list[Event]:
    """Return the events that drew a round's units: the one that made it, then one for each batch."""
    event = schema.event
    query = select(event).where(event.c.round == round_, event.c.kind.in_(("round", "draw"))).order_by(event.c.seq)
    return [rows.event(row) for row in connection.execute(query).mappings()]


def move(transaction: Transaction, round_: int, moves: Sequence[Move], client: str) -> None:
    """Give open units to other coders; what was decided stays with who decided it.

    Raises
    ------
    ProjectError
        If a unit is not open with its giver, or its taker has it already.
    """
    connection = transaction.connection
    open_ = connection.execute(
        select(_ASSIGNMENT.c.id, _ASSIGNMENT.c.coder, _ASSIGNMENT.c.unit).where(
            _ASSIGNMENT.c.round == round_, _ASSIGNMENT.c.decision.is_(None), _ASSIGNMENT.c.until.is_(None)
        )
    ).all()
    numbers = {(row.coder, row.unit): row.id for row in open_}
    everyone = select(_ASSIGNMENT.c.coder, _ASSIGNMENT.c.unit).where(_ASSIGNMENT.c.round == round_)
    taken = {(row.coder, row.unit) for row in connection.execute(everyone)}
    queues: dict[str, list[int]] = {}
    for step in moves:
        if (step.giver, step.unit) not in numbers:
            raise ProjectError(f"{step.giver} has no open unit {step.unit} in round {round_}")
        if step.taker is not None:
            if (step.taker, step.unit) in taken:
                raise ProjectError(f"{step.taker} has unit {step.unit} in round {round_} already")
            queues.setdefault(step.taker, []).append(step.unit)
            taken.add((step.taker, step.unit))
    assignments = _assignment_rows(connection, round_, queues, since=transaction.seq + 1)
    event = transaction.append(
        "assign",
        client,
        round=round_,
        variables={
            "moves": [[step.unit, step.giver, step.taker] for step in moves],
            "assignments": assigned_digest(assignments),
        },
    )
    for step in moves:
        withdrawn = update(_ASSIGNMENT).where(_ASSIGNMENT.c.id == numbers[step.giver, step.unit])
        connection.execute(withdrawn.values(until=event["seq"]))
    if assignments:
        connection.execute(_ASSIGNMENT.insert(), assignments)


def close(transaction: Transaction, round_: int, client: str) -> None:
    """Close a round: nothing is decided in it any more."""
    get(transaction.connection, round_)
    event = transaction.append("close", client, round=round_)
    transaction.connection.execute(update(_ROUND).where(_ROUND.c.id == round_).values(closed=event["seq"]))


def get(connection: Connection, round_: int | str) -> Round:
    """Return a round by number or name.

    Raises
    ------
    ProjectError
        If there is none.
    """
    column = _ROUND.c.name if isinstance(round_, str) else _ROUND.c.id
    row = connection.execute(select(_ROUND).where(column == round_)).mappings().one_or_none()
    if row is None:
        raise ProjectError(f"there is no round {round_!r}", remedy="nutgraf status lists them")
    return rows.round_(row)


def every(connection: Connection) -> list[Round]:
    """Return all rounds in the order they were made."""
    return [rows.round_(row) for row in connection.execute(select(_ROUND).order_by(_ROUND.c.id)).mappings()]


def draws(connection: Connection, round_: int) -> list[Draw]:
    """Return what was drawn in a round, in the order of the units' numbers."""
    query = select(_DRAW.c.unit, _DRAW.c.probability, _DRAW.c.reason, _DRAW.c.stratum)
    return [Draw(*row) for row in connection.execute(query.where(_DRAW.c.round == round_).order_by(_DRAW.c.unit))]


def drawn(connection: Connection) -> dict[int, set[str]]:
    """Return, for every unit ever drawn, the purposes it was drawn for."""
    query = select(_DRAW.c.unit, _ROUND.c.purpose).join(_ROUND, _ROUND.c.id == _DRAW.c.round)
    purposes: dict[int, set[str]] = {}
    for unit, purpose in connection.execute(query):
        purposes.setdefault(unit, set()).add(purpose)
    return purposes


def assignments(connection: Connection, round_: int, coder: str | None = None) -> list[Assignment]:
    """Return who is to code what in a round, in the order of the queues."""
    query = select(*(_ASSIGNMENT.c[field] for field in Assignment.__struct_fields__)).where(
        _ASSIGNMENT.c.round == round_, _ASSIGNMENT.c.until.is_(None)
    )
    if coder is not None:
        query = query.where(_ASSIGNMENT.c.coder == coder)
    found = connection.execute(query.order_by(_ASSIGNMENT.c.coder, _ASSIGNMENT.c.position))
    return [rows.assignment(row) for row in found]


def set_answers(transaction: Transaction, round_: int, answers: Mapping[int, tuple[str, str | None]]) -> None:
    """Store the known answers of a training round: unit to label and explanation."""
    made = [
        {"round": round_, "unit": unit, "label": label, "note": note} for unit, (label, note) in sorted(answers.items())
    ]
    transaction.connection.execute(schema.answer.delete().where(schema.answer.c.round == round_))
    if made:
        transaction.connection.execute(schema.answer.insert(), made)


def answers(connection: Connection, round_: int) -> dict[int, tuple[str, str | None]]:
    """Return the known answers of a round: unit to label and explanation."""
    table = schema.answer
    query = select(table.c.unit, table.c.label, table.c.note).where(table.c.round == round_).order_by(table.c.unit)
    return {row.unit: (row.label, row.note) for row in connection.execute(query)}


def set_suggestions(
    transaction: Transaction, model: str, suggestions: Mapping[int, tuple[str, Mapping[str, float]]]
) -> None:
    """Store what a model says of units: label and probabilities; what it said of them before is replaced."""
    table = schema.suggestion
    made = [
        {"unit": unit, "model": model, "label": label, "probabilities": _ENCODER.encode(probabilities).decode()}
        for unit, (label, probabilities) in sorted(suggestions.items())
    ]
    if made:
        transaction.connection.execute(
            table.delete().where(table.c.model == model, table.c.unit == bindparam("unit_")),
            [{"unit_": row["unit"]} for row in made],
        )
        transaction.connection.execute(table.insert(), made)


def suggestion(connection: Connection, model: str, unit: int) -> tuple[str, dict[str, float]] | None:
    """Return the label and probabilities that a model gave a unit, or None."""
    table = schema.suggestion
    query = select(table.c.label, table.c.probabilities).where(table.c.model == model, table.c.unit == unit)
    row = connection.execute(query).one_or_none()
    return None if row is None else (row.label, rows.mapping(row.probabilities))


def suggested(connection: Connection, round_: int, model: str) -> list[Suggested]:
    """Return coders' first judgments in a round of units that a model has labelled, in the order they were made."""
    event, said, unit = schema.event, schema.suggestion, schema.unit
    query = (
        select(event, said.c.label.label("said"), schema.article.c.key, _ASSIGNMENT.c.label.label("now"))
        .join(said, said.c.unit == event.c.unit)
        .join(unit, unit.c.id == event.c.unit)
        .join(schema.article, schema.article.c.id == unit.c.article)
        .join(
            _ASSIGNMENT,
            (_ASSIGNMENT.c.round == event.c.round)
            & (_ASSIGNMENT.c.coder == event.c.coder)
            & (_ASSIGNMENT.c.unit == event.c.unit),
        )
        .where(event.c.round == round_, event.c.kind == "judgment", said.c.model == model)
        .order_by(event.c.seq)
    )
    first: dict[tuple[str, int], Suggested] = {}
    for row in connection.execute(query).mappings():
        arm = rows.mapping(row["shown"]).get("arm")
        if arm is not None and row["label"] is not None:
            one = Suggested(
                row["coder"], row["unit"], row["key"], arm, row["label"], row["now"], row["said"], row["active_ms"]
            )
            first.setdefault((one.coder, one.unit), one)
    return list(first.values())


def digest(round_: rows.Columns, drawn_: Iterable[rows.Columns]) -> str:
    """Return the SHA-256 of a round and its draws, in the order of the units' numbers."""
    kept = {name: value for name, value in round_.items() if name != "closed" and value is not None}
    total = hashlib.sha256(_ENCODER.encode(kept) + b"\n")
    for row in drawn_:
        total.update(_ENCODER.encode([row["unit"], row["probability"], row["reason"], row["stratum"]]) + b"\n")
    return total.hexdigest()


def assigned_digest(assigned: Iterable[rows.Columns]) -> str:
    """Return the SHA-256 of assignments made at one time, in the order of their numbers."""
    total = hashlib.sha256()
    for row in assigned:
        total.update(_ENCODER.encode([row["id"], row["coder"], row["unit"], row["position"]]) + b"\n")
    return total.hexdigest()


def _check(connection: Connection, plan: Plan) -> None:
    name = plan.name
    if not name or len(name) > _LONGEST or not name.isprintable() or name != name.strip():
        raise ProjectError(f"{name!r} can't be a round's name", remedy=f"1 to {_LONGEST} visible characters")
    if connection.scalar(select(_ROUND.c.id).where(_ROUND.c.name == plan.name)) is not None:
        raise ProjectError(f"there is a round {plan.name!r} already", remedy="choose another name")
    if not plan.draws:
        raise ProjectError(f"nothing was drawn for the round {plan.name!r}", remedy="nutgraf status shows what is left")
    _refuse_undrawn(plan.queues, plan.draws)
    if plan.settings.suggestions != "off" and plan.purpose == "evaluation":
        raise NotHonest(
            f"the round {plan.name!r} would test a model against labels that a model suggested",
            remedy="suggest nothing in a round for evaluation",
        )
    if plan.settings.growth is not None and plan.purpose != "active":
        raise NotHonest(f"a round for {plan.purpose} can't grow", remedy="only an active round grows while it is coded")
    if plan.purpose in FIGURES and any(draw.reason != "random" or draw.probability is None for draw in plan.draws):
        raise NotHonest(
            f"the round {plan.name!r} holds units that were not drawn at random",
            remedy=f"a round for {plan.purpose} takes only units drawn with a known probability",
        )


def _refuse_undrawn(queues: Mapping[str, Sequence[int]], drawn_: Sequence[Draw]) -> None:
    strays = sorted({unit for queue in queues.values() for unit in queue} - {draw.unit for draw in drawn_})
    if strays:
        raise ProjectError(f"unit {strays[0]} is to be coded but was not drawn")


def _assignment_rows(
    connection: Connection, round_: int, queues: Mapping[str, Sequence[int]], *, since: int
) -> list[dict[str, Any]]:
    """Return the rows of new assignments; they follow what each coder has in the round already."""
    number = (connection.scalar(select(func.max(_ASSIGNMENT.c.id))) or 0) + 1
    made: list[dict[str, Any]] = []
    for coder in sorted(queues):
        last = select(func.max(_ASSIGNMENT.c.position)).where(
            _ASSIGNMENT.c.round == round_, _ASSIGNMENT.c.coder == coder
        )
        last_position = connection.scalar(last)
        first = 0 if last_position is None else last_position + 1
        for position, unit in enumerate(queues[coder], start=first):
            made.append(
                {
                    "id": number + len(made),
                    "round": round_,
                    "coder": coder,
                    "unit": unit,
                    "position": position,
                    "since": since,
                    "until": None,
                    "decision": None,
                    "label": None,
                    "again": None,
                }
            )
    return made


def _by_unit(row: Mapping[str, Any]) -> int:
    unit: int = row["unit"]
    return unit
