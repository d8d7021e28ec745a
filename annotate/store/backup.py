"""Copy a store while it is in use, as it is at one moment."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Engine

from annotate.errors import NutgrafError, OutputFailed, StoreRefused
from annotate.outputs import refuse_existing
from annotate.store.engine import describe, in_files_words, make_private

_PAGES: Final = 2048  # 8 MB at a time, between which others may write
_STEM: Final = "store-"


def backup(engine: Engine, target: Path, *, force: bool = False) -> Path:
    """Copy the store to a file and return its path: an SQLite database, or what ``pg_dump`` writes.

    Raises
    ------
    OutputExists, OutputFailed
        See :func:`annotate.outputs.new_file`.
    """
    refuse_existing(target, force=force)
    part = target.with_name(f".{target.name}.part")
    try:
        with in_files_words(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            part.unlink(missing_ok=True)
            make_private(part)
        if engine.dialect.name == "sqlite":
            _copy_sqlite(str(engine.url.database), part)
        else:
            _dump_postgresql(engine.url, part)
        _synchronise(part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target


def backup_name(engine: Engine, moment: datetime | None = None) -> str:
    """Return a backup's name: it says when, and sorts by it."""
    suffix = "db" if engine.dialect.name == "sqlite" else "pgdump"
    return f"{_STEM}{(moment or datetime.now(UTC)).strftime('%Y%m%dT%H%M%S%fZ')}.{suffix}"


def backups(folder: Path) -> list[Path]:
    """Return a folder's backups, oldest first."""
    return sorted(path for path in folder.glob(f"{_STEM}*") if path.suffix in {".db", ".pgdump"})


def thin(folder: Path, keep: int) -> Sequence[Path]:
    """Delete all but the newest backups and return those deleted."""
    old = backups(folder)[:-keep] if keep > 0 else []
    for path in old:
        path.unlink()
    return old


def _copy_sqlite(source: str, target: Path) -> None:
    try:
        with closing(sqlite3.connect(source)) as origin, closing(sqlite3.connect(target)) as copy:
            origin.backup(copy, pages=_PAGES, sleep=0.01)
            # One file that stands for itself: without its log beside it.
            copy.execute("PRAGMA journal_mode=DELETE").close()
            (verdict,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error as error:
        raise _failed(error, target) from error
    if verdict != "ok":
        raise StoreRefused(f"is damaged: {verdict}", where=source, remedy="restore an earlier backup")


def _failed(error: sqlite3.Error, target: Path) -> NutgrafError:
    return OutputFailed(
        f"could not be written ({error})", where=target, remedy="free some space or choose another place"
    )


def _dump_postgresql(url: URL, target: Path) -> None:
    dsn = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environment = dict(os.environ)
    if url.password is not None:
        # Beside the arguments, which every user of the machine can see.
        environment["PGPASSWORD"] = str(url.password)
    command = ["pg_dump", "--format=custom", "--no-owner", f"--file={target}", f"--dbname={dsn}"]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, check=False)  # noqa: S603 - no shell
    except FileNotFoundError as error:
        raise OutputFailed(
            "pg_dump is not installed", where=describe(url), remedy="install PostgreSQL's client programs"
        ) from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
        raise OutputFailed(f"pg_dump failed: {said[0]}", where=describe(url))


def _synchronise(path: Path) -> None:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
