"""Open the database: SQLite by path or URL, PostgreSQL by URL, both through SQLAlchemy; errors in the user's words."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from annotate.errors import MissingExtra, NutgrafError, OutputFailed, StoreRefused

WRITING: Final = "nutgraf_writing"
"""Execution option of connections that will write."""

_BUSY_SECONDS: Final = 30
_CONNECTIONS: Final = 12
"""Kept open to PostgreSQL: a session reads from eight threads, writes from one and holds its right to serve."""
_WRITER_LOCK: Final = 0x6E75_7401  # PostgreSQL's advisory locks are numbers; these are ours
_OWNER_LOCK: Final = 0x6E75_7402
_FULL: Final = ("disk is full", "disk full", "no space left", "disk i/o error", "could not extend file", "53100")
_READ_ONLY: Final = ("readonly database", "read-only")
_BROKEN: Final = ("malformed", "not a database", "file is encrypted")


def database_url(place: str | Path) -> URL:
    """Return the URL of a database given by path or URL.

    Raises
    ------
    StoreRefused
        If it is a URL of something else than SQLite or PostgreSQL.
    """
    if isinstance(place, Path) or "://" not in place:
        return URL.create("sqlite+pysqlite", database=str(place))
    try:
        url = make_url(place)
    except ArgumentError as error:
        raise StoreRefused("is no database URL", where=repr(place), remedy="postgresql://user@host/database") from error
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite" and url.database:
        return url.set(drivername="sqlite+pysqlite")
    raise StoreRefused(
        f"nutgraf keeps no project in {url.get_backend_name()}",
        where=url.render_as_string(),
        remedy="name a file for SQLite, or postgresql://user@host/database",
    )


def open_engine(url: URL) -> Engine:
    """Return an engine whose transactions are what the store promises.

    SQLite: write-ahead log, foreign keys, every commit synchronised to disk. PostgreSQL: readers see one moment.
    """
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        engine = create_engine(
            url,
            pool_size=_CONNECTIONS,
            pool_use_lifo=True,  # the writer finds its statements prepared
            pool_pre_ping=True,
            connect_args={"connect_timeout": 10},
        )
    except ModuleNotFoundError as error:
        raise MissingExtra("postgres", "a project in PostgreSQL") from error
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def describe(url: URL) -> str:
    """Return a database's place for messages: the file, or the URL without its password."""
    return str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


@contextmanager
def guarded(where: str) -> Iterator[None]:
    """Say in the user's words what a database refused.

    Raises
    ------
    OutputFailed
        The disk is full or read-only; nothing of the transaction is there.
    StoreRefused
        It is locked, broken, or can't be reached.
    """
    try:
        yield
    except SQLAlchemyError as error:
        raise in_words(error, where) from error


def in_words(error: SQLAlchemyError, where: str) -> NutgrafError:
    """Return the error a user understands for one of the database's."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    said = " ".join(str(cause).split()).casefold()
    state = getattr(cause, "sqlstate", None) or ""
    if any(word in said for word in _FULL) or state == "53100":
        return OutputFailed("the disk is full", where=where, remedy="nothing was stored: free some space and try again")
    if any(word in said for word in _READ_ONLY):
        return OutputFailed("can't be written to", where=where, remedy="look at its permissions; nothing was stored")
    if any(word in said for word in _BROKEN):
        return StoreRefused("is damaged or no project's database", where=where, remedy="restore the latest backup")
    if "database is locked" in said:
        return StoreRefused(f"another program held it for {_BUSY_SECONDS} s", where=where, remedy="try again")
    return StoreRefused(f"the database said: {str(cause).strip().splitlines()[0]}", where=where)


def make_private(path: Path) -> None:
    """Make an empty file that only its owner can read: it will hold names, password hashes and judgments."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


@contextmanager
def in_files_words(where: object) -> Iterator[None]:
    """Raise :class:`OutputFailed` where the system refuses a file."""
    try:
        yield
    except OSError as error:
        raise OutputFailed(
            f"could not be written ({error.strerror or error})", where=where, remedy="choose another place"
        ) from error


class Owner:
    """The right to serve a project, which one process has at a time; the system takes it back when the process dies."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock: FileLock | None = None
        self._connection: Connection | None = None

    def take(self) -> None:
        """Take it; who has it keeps it, and takes it anew if the connection that held it was lost.

        Raises
        ------
        StoreRefused
            If another process has it.
        """
        if self._held():
            return
        where = describe(self._engine.url)
        refusal = StoreRefused(
            "another session is running on this project", where=where, remedy="use that one, or stop it first"
        )
        if self._engine.dialect.name == "sqlite":
            lock = FileLock(f"{self._engine.url.database}.lock", timeout=0)
            try:
                lock.acquire()
            except Timeout as error:
                raise refusal from error
            self._lock = lock
            return
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _OWNER_LOCK}):
            connection.close()
            raise refusal
        self._connection = connection

    def _held(self) -> bool:
        if self._connection is None:
            return self._lock is not None
        try:
            self._connection.exec_driver_sql("SELECT 1")
        except SQLAlchemyError:
            self.give_back()
            return False
        return True

    def give_back(self) -> None:
        """Give it back; without it, do nothing."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None
        if self._connection is not None:
            # Closed for good: back in the pool it would go on holding the lock.
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin when _begin_sqlite says so
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "fullfsync=ON", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    # IMMEDIATE: a writer waits for the other at the beginning, where waiting is safe.
    writing = connection.get_execution_options().get(WRITING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
        return
    if connection.get_execution_options().get(WRITING):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")
    else:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
