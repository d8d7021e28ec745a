"""Other people's judgments, brought in as a round of their own: all of them or none, and each once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import Connection, select

from annotate.store import decisions, people, rounds, schema
from annotate.store.base import new_client
from annotate.store.codebooks import Codebooks
from annotate.store.entries import Decision
from annotate.store.plans import Draw, Plan, Round
from annotate.store.writer import Transaction

_AT_ONCE: Final = 500  # databases limit how many values a statement takes


class Imported(NamedTuple):
    """What an import brought: the round, None if nothing was new; how many judgments were new; who is new."""

    round: Round | None
    new: int
    known: int
    coders: tuple[str, ...]


def bring_in(transaction: Transaction, name: str, entries: Sequence[Decision], *, source: str, sha256: str) -> Imported:
    """Store the entries that are not there yet in a new round, whatever round they name.

    Raises
    ------
    ProjectError
        If there is a round of this name.
    CodebookError, InputError
        See :func:`annotate.store.decisions.take`.
    """
    connection = transaction.connection
    codebooks = Codebooks(connection)
    there = _there(connection, [entry.client for entry in entries])
    new = [entry for entry in entries if entry.client not in there]
    if not new:
        return Imported(None, 0, len(entries), ())
    coders = _join(transaction, sorted({entry.coder for entry in new}))
    made = rounds.create(transaction, _plan(name, new, source, sha256), codebooks.present.fingerprint, new_client())
    for first in range(0, len(new), _AT_ONCE):
        some = [msgspec.structs.replace(entry, round=made.id) for entry in new[first : first + _AT_ONCE]]
        decisions.gather(transaction, some)
        for entry in some:
            decisions.take(transaction, entry, codebooks)
    transaction.append("import", new_client(), round=made.id, note=source, variables={"sha256": sha256})
    return Imported(made, len(new), len(there), coders)


def outlook(connection: Connection, entries: Sequence[Decision]) -> Imported:
    """Return what bringing entries in would come to."""
    there = _there(connection, [entry.client for entry in entries])
    new = [entry for entry in entries if entry.client not in there]
    strangers = sorted({entry.coder for entry in new})
    return Imported(None, len(new), len(there), tuple(key for key in strangers if people.find(connection, key) is None))


def _there(connection: Connection, clients: Sequence[str]) -> set[str]:
    event = schema.event.c.client
    found: set[str] = set()
    for first in range(0, len(clients), _AT_ONCE):
        found.update(connection.scalars(select(event).where(event.in_(clients[first : first + _AT_ONCE]))))
    return found


def _join(transaction: Transaction, keys: Iterable[str]) -> tuple[str, ...]:
    new = [key for key in keys if people.find(transaction.connection, key) is None]
    for key in new:
        people.join(transaction, key)
    return tuple(new)


def _plan(name: str, entries: Sequence[Decision], source: str, sha256: str) -> Plan:
    units = sorted({entry.unit for entry in entries})
    queues: dict[str, list[int]] = {}
    for entry in sorted(entries, key=lambda entry: entry.unit):
        queues.setdefault(entry.coder, []).append(entry.unit)
    return Plan(
        name=name,
        purpose="import",
        design=f"imported from {source}",
        seed=0,
        frame=sha256,
        frame_size=len(units),
        draws=[Draw(unit, None, "import") for unit in units],
        queues=queues,
    )
