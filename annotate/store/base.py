"""What every part of the store builds on: the database opened, one way to read and one to write."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, delete, insert, select

from annotate.store import codebooks, decisions, schema
from annotate.store.engine import WRITING, Owner, database_url, describe, guarded, open_engine
from annotate.store.writer import Clock, Job, Transaction, Writer, clock

T = TypeVar("T")


class Base:
    """A database opened for reading from any thread, and for writing through one.

    Parameters
    ----------
    place
        A path, or a URL of SQLite or PostgreSQL.
    now
        Returns microseconds since 1970, UTC.
    """

    def __init__(self, place: str | Path, *, now: Clock = clock) -> None:
        url = database_url(place)
        self.engine = open_engine(url)
        self.place = str(place)
        self.where = describe(url)
        self._now = now
        self._owner = Owner(self.engine)
        self._codebooks: codebooks.Codebooks | None = None
        self._writer = Writer(self.engine, self._gather, now)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Finish what was begun, give back the right to serve, and let go of the database."""
        self._writer.close()
        self._owner.give_back()
        self.engine.dispose()

    def own(self) -> None:
        """Take the right to serve this project, until it is closed or the process dies.

        A server of PostgreSQL that restarts forgets who had it: a session asks again from time to time.

        Raises
        ------
        StoreRefused
            If another process has it.
        """
        with guarded(self.where):
            self._owner.take()

    def identity(self) -> str:
        """Return what tells this project from all others, wherever it is copied to."""
        return self.remembered("id")["id"]

    def remember(self, key: str, value: str) -> None:
        """Keep something about the project that is no event; what stood under the key is replaced."""

        def keep(transaction: Transaction) -> None:
            transaction.connection.execute(delete(schema.project).where(schema.project.c.key == key))
            transaction.connection.execute(insert(schema.project), {"key": key, "value": value})

        self.write(keep)

    def remembered(self, prefix: str) -> dict[str, str]:
        """Return what is kept under keys that begin with a prefix."""
        with self.reading() as connection:
            kept = connection.execute(select(schema.project).order_by(schema.project.c.key))
            return {row.key: row.value for row in kept if row.key.startswith(prefix)}

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees the store as it is at one moment."""
        with guarded(self.where), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def begin_writing(self) -> Iterator[Connection]:
        """Give a connection that may change anything: for what comes before the ledger, its schema."""
        with guarded(self.where), self.engine.execution_options(**{WRITING: True}).begin() as connection:
            yield connection

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Do something in a transaction of its own and return its result once it is on disk."""
        result: T = self._writer.submit(Job(work, alone=True)).result()
        return result

    def _gather(self, transaction: Transaction, entries: Sequence[Any]) -> None:
        self._known_codebooks(transaction.connection, transaction.codebook_event)
        decisions.gather(transaction, entries)

    def _known_codebooks(self, connection: Connection, last: int | None = None) -> codebooks.Codebooks:
        """Return the codebooks, read again if another process changed them; ``last`` is the event that did so last."""
        known = self._codebooks
        if known is None or known.event != (codebooks.last_change(connection) if last is None else last):
            known = self._codebooks = codebooks.Codebooks(connection)
        return known


def new_client() -> str:
    """Return a new client id, for what no client sent."""
    return str(uuid.uuid4())
