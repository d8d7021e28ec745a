"""The codebooks a project has used, and what a new one asks to be coded again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection, select, update

from annotate.codebook import checked_answers, judged
from annotate.errors import CodebookError
from annotate.store import schema
from annotate.store.rows import mapping
from annotate.store.writer import LAST_CODEBOOK, Transaction
from annotate.types import Codebook, Variable

ALL: Final = "*"
"""Stands for every label, and for skips."""

_DECODER: Final = msgspec.json.Decoder(Codebook)
_ENCODER: Final = msgspec.json.Encoder()
_TABLE: Final = schema.codebook


class Change(NamedTuple):
    """A codebook taken into use: the event, its fingerprint, and the labels whose units must be coded again."""

    event: int
    fingerprint: str
    again: frozenset[str]


class Codebooks:
    """All codebooks a project has used, as one moment of the store knows them."""

    def __init__(self, connection: Connection) -> None:
        rows = connection.execute(select(_TABLE)).all()
        self.by_fingerprint = {row.fingerprint: _DECODER.decode(row.content) for row in rows}
        self._keys = {fingerprint: frozenset(book.keys) for fingerprint, book in self.by_fingerprint.items()}
        events = connection.execute(
            select(schema.event.c.seq, schema.event.c.codebook, schema.event.c.variables)
            .where(schema.event.c.kind == "codebook")
            .order_by(schema.event.c.seq)
        )
        self.changes = [
            Change(row.seq, row.codebook, frozenset(mapping(row.variables).get("again", ()))) for row in events
        ]

    @property
    def event(self) -> int:
        """Return the last change's event, 0 if there is no codebook yet."""
        return self.changes[-1].event if self.changes else 0

    @property
    def present(self) -> Codebook:
        """Return the codebook in use."""
        return self.by_fingerprint[self.changes[-1].fingerprint]

    def get(self, fingerprint: str) -> Codebook:
        """Return the codebook with this fingerprint.

        Raises
        ------
        CodebookError
            If the project never used it.
        """
        try:
            return self.by_fingerprint[fingerprint]
        except KeyError:
            raise CodebookError(
                f"the project never used the codebook {fingerprint[:12]}", remedy="reload the page"
            ) from None

    def check_label(self, label: str, fingerprint: str) -> None:
        """Raise :class:`CodebookError` if the codebook has no such label."""
        self.get(fingerprint)
        if label not in self._keys[fingerprint]:
            raise CodebookError(f"the codebook has no label {label!r}", remedy="reload the page")

    def check_answers(
        self, label: str | None, given: Mapping[str, Any], fingerprint: str, *, complete: bool
    ) -> dict[str, str | list[str]]:
        """Return answers to a codebook's variables in its form; see :func:`annotate.codebook.checked_answers`."""
        return checked_answers(self.get(fingerprint), label, given, complete=complete)

    def again(self, label: str | None, fingerprint: str | None) -> int | None:
        """Return the last change that asks for a decision made under a codebook to be made again, or None."""
        for change in reversed(self.changes):
            if change.fingerprint == fingerprint:
                return None
            if ALL in change.again or label in change.again:
                return change.event
        return None


def last_change(connection: Connection) -> int:
    """Return the event of the last change of codebook, 0 if there was none."""
    return connection.scalar(LAST_CODEBOOK) or 0


def to_code_again(old: Codebook, new: Codebook) -> tuple[str, ...]:
    """Return the labels whose units a new codebook asks to be coded again, ``("*",)`` for all.

    Where labels are asked in another order, one is new, or unit or guidelines changed, any unit may now get another
    label. Where only a label's own words changed, those units that carry it; units that carry another label might now
    carry it too, which is for the lead to judge. Where a variable is new or its words changed, those units after whose
    label it is asked; where one is gone, none.
    """
    kept = tuple(key for key in new.keys if key in old.keys)
    was = tuple(key for key in old.keys if key in new.keys)
    if kept != was or len(kept) < len(new.keys) or (old.unit, old.guidelines) != (new.unit, new.guidelines):
        return (ALL,)
    again = {label.key for label in old.labels if label.key not in kept or judged(label) != judged(new[label.key])}
    for variable in new.variables:
        again |= _to_answer_again(_find(old, variable.key), variable, kept)
    return tuple(key for key in old.keys if key in again)


def _to_answer_again(old: Variable | None, new: Variable, labels: Iterable[str]) -> set[str]:
    """Return the labels whose units have no answer to a variable, or one that was given to other words."""
    asked = {label for label in labels if new.follows(label)}
    if old is None or judged(_everywhere(old)) != judged(_everywhere(new)):
        return asked
    return {label for label in asked if not old.follows(label)}


def _everywhere(variable: Variable) -> Variable:
    return msgspec.structs.replace(variable, when=())


def _find(codebook: Codebook, key: str) -> Variable | None:
    return next((variable for variable in codebook.variables if variable.key == key), None)


def adopt(transaction: Transaction, codebook: Codebook, again: Iterable[str], client: str) -> int:
    """Take a codebook into use and mark what must be coded again; return the number of assignments marked."""
    fingerprint = codebook.fingerprint
    known = transaction.connection.scalar(select(_TABLE.c.event).where(_TABLE.c.fingerprint == fingerprint))
    again = sorted(again)
    row = transaction.append(
        "codebook",
        client,
        codebook=fingerprint,
        note=f"{codebook.name}, version {codebook.version}",
        variables={"again": again} if again else {},
    )
    if known is None:
        content = _ENCODER.encode(codebook).decode()
        values = {"fingerprint": fingerprint, "content": content, "event": row["seq"]}
        transaction.connection.execute(_TABLE.insert(), values)
    transaction.flush()
    return mark_again(transaction.connection, Codebooks(transaction.connection))


def mark_again(connection: Connection, codebooks: Codebooks) -> int:
    """Set for every assignment whether it must be coded again; return how many must."""
    table, event = schema.assignment, schema.event
    rows = connection.execute(
        select(table.c.id, table.c.label, table.c.again, event.c.codebook).join(event, event.c.seq == table.c.decision)
    ).all()
    wanted = {row.id: codebooks.again(row.label, row.codebook) for row in rows}
    for row in rows:
        if wanted[row.id] != row.again:
            connection.execute(update(table).where(table.c.id == row.id).values(again=wanted[row.id]))
    return sum(change is not None for change in wanted.values())
