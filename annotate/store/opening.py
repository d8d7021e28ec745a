"""Make a project's database, or open one and bring it up to date."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import inspect

from annotate.errors import OutputExists, ProjectError, StoreRefused
from annotate.store import codebooks, schema
from annotate.store.base import new_client
from annotate.store.engine import database_url, describe, in_files_words, make_private
from annotate.store.migrations import migrate, pending
from annotate.store.store import Store
from annotate.store.writer import Clock, Transaction, clock
from annotate.types import Codebook

_SQLITE: Final = b"SQLite format 3\x00"


def create_store(place: str | Path, codebook: Codebook, *, now: Clock = clock) -> Store:
    """Make a project's database and take its first codebook into use.

    Parameters
    ----------
    place
        A path, or a URL of SQLite or PostgreSQL.

    Raises
    ------
    OutputExists
        If there is a project already.
    """
    url = database_url(place)
    if url.get_backend_name() == "sqlite" and Path(str(url.database)).exists():
        raise OutputExists("exists already", where=describe(url), remedy="choose another place")
    if url.get_backend_name() == "sqlite":
        with in_files_words(describe(url)):
            make_private(Path(str(url.database)))
    store = Store(place, now=now)
    with _closing_on_error(store), store.begin_writing() as connection:
        if inspect(connection).has_table("migration"):
            raise OutputExists("there is a project already", where=store.where, remedy="choose another database")
        migrate(connection)
        identity = secrets.token_hex(16)
        connection.execute(schema.project.insert(), {"key": "id", "value": identity})
        transaction = Transaction(connection, now)
        transaction.append("project", new_client(), variables={"id": identity})
        codebooks.adopt(transaction, codebook, (), new_client())
    return store


def open_store(
    place: str | Path, *, now: Clock = clock, before_migration: Callable[[Store], object] | None = None
) -> Store:
    """Open a project's database, brought up to this version's schema.

    Parameters
    ----------
    before_migration
        Called before the schema is changed: for a backup.

    Raises
    ------
    StoreRefused
        If there is none, it is damaged or no project's, or a newer nutgraf made it.
    """
    url = database_url(place)
    if url.get_backend_name() == "sqlite":
        _refuse_no_project(Path(str(url.database)))
    store = Store(place, now=now)
    with _closing_on_error(store):
        with store.reading() as connection:
            if not inspect(connection).has_table("migration"):
                raise StoreRefused("holds no project", where=store.where, remedy="make one with nutgraf new")
            behind = pending(connection)
        if behind:
            if before_migration is not None:
                before_migration(store)
            with store.begin_writing() as connection:
                migrate(connection)
    return store


def _refuse_no_project(path: Path) -> None:
    if not path.is_file():
        raise ProjectError("there is no project", where=path, remedy="make one with nutgraf new")
    # Looked at before SQLite opens it: that would make a database of an empty file.
    with path.open("rb") as stream:
        if stream.read(len(_SQLITE)) != _SQLITE:
            raise StoreRefused("is no project's database", where=path, remedy="restore the latest backup")


@contextmanager
def _closing_on_error(store: Store) -> Iterator[None]:
    try:
        yield
    except BaseException:
        store.close()
        raise
