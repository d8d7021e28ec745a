"""The store's schema, step by step. A step, once released, is never edited: a new one is added.

Each step is SQL that both databases read, and beside it what only one of them reads. Statements end with a blank line.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from importlib.resources import files
from typing import Final, NamedTuple

from sqlalchemy import Connection, inspect, text

from annotate.errors import StoreRefused
from annotate.store.schema import migration as applied_steps


class Step(NamedTuple):
    """One step of the schema; ``name`` is that of its files without the extension."""

    version: int
    name: str

    def statements(self, dialect: str) -> list[str]:
        """Return its SQL statements for a database: ``sqlite`` or ``postgresql``."""
        folder = files(__package__)
        parts = (folder / f"{self.name}.sql", folder / f"{self.name}.{dialect}.sql")
        sql = "\n".join(part.read_text(encoding="utf-8") for part in parts if part.is_file())
        return [statement for statement in sql.split("\n\n") if statement.strip()]


STEPS: Final = (Step(1, "0001_first"),)

_LEDGER: Final = (
    "CREATE TABLE IF NOT EXISTS migration"
    " (version INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL, applied BIGINT NOT NULL)"
)


def pending(connection: Connection, steps: Sequence[Step] = STEPS) -> list[Step]:
    """Return the steps that the database has not had.

    Raises
    ------
    StoreRefused
        If a newer nutgraf made it.
    """
    done: set[int] = set()
    if inspect(connection).has_table("migration"):
        done = set(connection.scalars(applied_steps.select().with_only_columns(applied_steps.c.version)))
    newest = max(step.version for step in steps)
    if done and max(done) > newest:
        raise StoreRefused(
            f"was made by a newer nutgraf (its schema is version {max(done)}, this one knows {newest})",
            where="the store",
            remedy="upgrade nutgraf",
        )
    return [step for step in steps if step.version not in done]


def migrate(connection: Connection, steps: Sequence[Step] = STEPS) -> None:
    """Apply the steps that are pending; the caller's transaction holds them and their record together."""
    for step in pending(connection, steps):
        connection.execute(text(_LEDGER))
        for statement in step.statements(connection.dialect.name):
            # As it is, so that a colon is no parameter; psycopg takes a per cent sign for one all the same.
            connection.exec_driver_sql(statement)
        connection.execute(
            applied_steps.insert(), {"version": step.version, "name": step.name, "applied": time.time_ns() // 1000}
        )
