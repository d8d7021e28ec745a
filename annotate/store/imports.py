"""Other people's judgments, brought in as a round of their own: all of them or none, and each once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import Connection, select

from annotate.errors import NutgrafError
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


class Rehearsed(Exception):
    """What a dry run would have brought; raised, so that the transaction leaves no trace."""

    def __init__(self, brought: Imported) -> None:
        super().__init__()
        self.brought = brought


def bring_in(
    transaction: Transaction,
    name: str,
    entries: Sequence[Decision],
    *,
    source: str,
    sha256: str,
    places: Mapping[str, str],
    dry_run: bool = False,
) -> Imported:
    """Store the entries that are not there yet in a new round, whatever round they name.

    Parameters
    ----------
    places
        Where entries stand in the source, by their clients, for messages.

    Raises
    ------
    Rehearsed
        If it is a dry run and all is well.
    ProjectError
        If there is a round of this name, or a coder can't be called so.
    CodebookError, InputError
        See :func:`annotate.store.decisions.take`.
    """
    connection = transaction.connection
    codebooks = Codebooks(connection)
    there = _there(connection, [entry.client for entry in entries])
    new = [entry for entry in entries if entry.client not in there]
    if not new:
        return Imported(None, 0, len(entries), ())
    coders = _join(transaction, new, places)
    made = rounds.create(transaction, _plan(name, new, source, sha256), codebooks.present.fingerprint, new_client())
    for first in range(0, len(new), _AT_ONCE):
        some = [msgspec.structs.replace(entry, round=made.id) for entry in new[first : first + _AT_ONCE]]
        decisions.gather(transaction, some)
        for entry in some:
            try:
                decisions.take(transaction, entry, codebooks)
            except NutgrafError as error:
                raise error.at(places.get(entry.client, source)) from error.__cause__
    transaction.append("import", new_client(), round=made.id, note=source, variables={"sha256": sha256})
    if dry_run:
        raise Rehearsed(Imported(None, len(new), len(there), coders))
    return Imported(made, len(new), len(there), coders)


def _there(connection: Connection, clients: Sequence[str]) -> set[str]:
    event = schema.event.c.client
    found: set[str] = set()
    for first in range(0, len(clients), _AT_ONCE):
        found.update(connection.scalars(select(event).where(event.in_(clients[first : first + _AT_ONCE]))))
    return found


def _join(transaction: Transaction, entries: Sequence[Decision], places: Mapping[str, str]) -> tuple[str, ...]:
    first = {entry.coder: entry for entry in reversed(entries)}
    new = [coder for coder in sorted(first) if people.find(transaction.connection, coder) is None]
    for coder in new:
        try:
            people.join(transaction, coder)
        except NutgrafError as error:
            raise error.at(places.get(first[coder].client, "the import")) from error.__cause__
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
