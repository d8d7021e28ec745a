"""A project: a folder with its settings, its codebook, its database and the backups of it."""

from __future__ import annotations

import getpass
import re
import shutil
import tomllib
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from annotate.codebook import read_codebook
from annotate.counts import count
from annotate.errors import CodebookError, NutgrafError, OutputExists, OutputFailed, ProjectError, StoreRefused
from annotate.resources import carried
from annotate.sentences import Quotes, languages
from annotate.store import Store, backups, create_store, open_store, thin
from annotate.types import Codebook

SETTINGS: Final = "nutgraf.toml"
CODEBOOK: Final = "codebook.toml"
DATABASE: Final = "store.db"
BACKUPS: Final = "backups"
KEEP: Final = 14
"""How many daily backups are kept."""

_DAY: Final = timedelta(days=1)
_LITTLE_SPACE: Final = 200 * 1024 * 1024
_LARGEST_SEED: Final = 2**63 - 1


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``nutgraf.toml`` says.

    Parameters
    ----------
    database
        A path from the project's folder, or a PostgreSQL URL without a password.
    codebook
        A path from the project's folder.
    language, quotes
        How articles are split; see :func:`annotate.sentences.split`.
    seed
        What draws are made from, unless they are given another.
    """

    name: str
    seed: int
    database: str = DATABASE
    codebook: str = CODEBOOK
    language: str = "en"
    quotes: Quotes = "split"


class Finding(msgspec.Struct, frozen=True):
    """Something a check of the project found.

    Parameters
    ----------
    remedy
        Empty where all is well.
    mendable
        Whether :func:`repair` mends it.
    """

    state: Literal["ok", "look", "broken"]
    line: str
    remedy: str = ""
    mendable: bool = False


class Project(msgspec.Struct, frozen=True):
    """A project's folder and settings."""

    folder: Path
    settings: Settings

    @property
    def backups(self) -> Path:
        """Return the folder of the backups."""
        return self.folder / BACKUPS

    @property
    def place(self) -> str:
        """Return the database's path or URL."""
        database = self.settings.database
        return database if "://" in database else str(self.folder / database)

    def codebook(self) -> Codebook:
        """Read the codebook that lies in the folder; the one in use is the store's."""
        return read_codebook(self.folder / self.settings.codebook)

    @contextmanager
    def store(self) -> Iterator[Store]:
        """Open the store; before its schema is brought up to date, it is backed up."""
        with open_store(self.place, before_migration=self.backup) as store:
            yield store

    def backup(self, store: Store) -> Path:
        """Back the store up into the project's folder and return the file."""
        self.backups.mkdir(exist_ok=True)
        return store.backup(self.backups)

    def daily_backup(self, store: Store, *, now: datetime | None = None) -> Path | None:
        """Back up if the last backup is a day old, keep the newest few, and return the new file or None."""
        last = self.last_backup()
        if last is not None and (now or datetime.now(UTC)) - last < _DAY:
            return None
        made = self.backup(store)
        thin(self.backups, KEEP)
        return made

    def last_backup(self) -> datetime | None:
        """Return when the newest backup was made, None if there is none."""
        newest = backups(self.backups)[-1:]
        return datetime.fromtimestamp(newest[0].stat().st_mtime, UTC) if newest else None


def create_project(
    folder: str | Path,
    *,
    seed: int,
    name: str | None = None,
    database: str = DATABASE,
    codebook: str | Path | None = None,
    language: str = "en",
    quotes: Quotes = "split",
    lead: str | None = None,
) -> Project:
    """Make a project; if that fails, nothing is left of it.

    Parameters
    ----------
    codebook
        Copied into the project with its guidelines; None for the one nutgraf comes with.
    lead
        The key of its first coder, who leads it; None for the name of the user.

    Raises
    ------
    OutputExists
        If the folder is there and not empty.
    CodebookError
        See :func:`annotate.codebook.read_codebook`.
    """
    path = Path(folder)
    settings = Settings(name or path.resolve().name, seed, database, language=language, quotes=quotes)
    _check(settings, path)
    source = carried("data", "codebook.toml") if codebook is None else Path(codebook)
    read_codebook(source)
    with _new_folder(path):
        _copy_codebook(source, path)
        (path / SETTINGS).write_text(_as_toml(settings), encoding="utf-8")
        project = Project(path, settings)
        with create_store(project.place, project.codebook()) as store:
            store.add_coder(lead or user_key(), role="lead")
    return project


def open_project(folder: str | Path = ".") -> Project:
    """Read a project's settings.

    Raises
    ------
    ProjectError
        If there is no project in the folder, or its settings are not understood.
    """
    path = Path(folder)
    file = path / SETTINGS
    if not file.is_file():
        raise ProjectError(
            f"there is no project here (no {SETTINGS})",
            where=path,
            remedy="make one with nutgraf new, or name it with -C",
        )
    try:
        table: dict[str, Any] = tomllib.loads(file.read_bytes().decode("utf-8-sig"))
        settings = msgspec.convert(table, Settings)
    except (ValueError, msgspec.ValidationError) as error:
        raise ProjectError(
            f"is not understood: {error}", where=file, remedy="docs/project.md shows the form"
        ) from error
    _check(settings, path)
    return Project(path, settings)


def examine(project: Project) -> list[Finding]:
    """Check a project: its database, the ledger's chain, codebook, backups and disk."""
    findings: list[Finding] = []
    try:
        with project.store() as store:
            findings += [
                Finding("broken", f"the database is damaged: {line}", "restore the latest backup")
                for line in store.damage()
            ]
            findings += _ledger_findings(store)
            findings.append(_codebook_finding(project, store.codebook()))
    except NutgrafError as error:
        findings.append(Finding("broken", str(error), error.remedy or ""))
    findings += [_backup_finding(project), _space_finding(project)]
    return findings


def repair(project: Project) -> tuple[Path, int]:
    """Rebuild what can be rebuilt from the ledger; return the backup made before, and how many assignments were wrong.

    Raises
    ------
    StoreRefused
        If a session is running on the project, or its ledger is not whole: nothing can be rebuilt from that.
    """
    with project.store() as store:
        store.own()
        flaws = [flaw for flaw in store.verify().flaws if not flaw.rebuilds]
        if flaws:
            raise StoreRefused(
                f"{flaws[0].where} {flaws[0].problem}",
                where=store.where,
                remedy="restore the latest backup that verifies",
            )
        return project.backup(store), store.rebuild()


def user_key() -> str:
    """Return the user's name as a coder's key."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = ""
    return re.sub(r"\W+", "-", name).strip("-")[:64] or "lead"


def _ledger_findings(store: Store) -> Iterator[Finding]:
    verified = store.verify()
    if not verified.flaws:
        yield Finding("ok", f"the ledger is as it was written: {count(verified.events, 'event')}")
    for flaw in verified.flaws:
        remedy = "nutgraf doctor --repair rebuilds it from the ledger" if flaw.rebuilds else "compare with a backup"
        yield Finding("broken", f"{flaw.where}: {flaw.problem}", remedy, flaw.rebuilds)


def _codebook_finding(project: Project, in_use: Codebook) -> Finding:
    try:
        here = project.codebook()
    except NutgrafError as error:
        return Finding("look", str(error), "put the codebook back; the one in use is in the database")
    if here.fingerprint == in_use.fingerprint:
        return Finding("ok", f"codebook {in_use.name}, version {in_use.version} ({in_use.fingerprint[:12]})")
    return Finding(
        "look",
        "codebook.toml or its guidelines differ from the codebook in use",
        "take it into use with nutgraf codebook",
    )


def _backup_finding(project: Project) -> Finding:
    last = project.last_backup()
    if last is None:
        return Finding("look", "there is no backup", "nutgraf backup")
    return Finding("ok", f"last backup {last:%Y-%m-%d %H:%M} UTC")


def _space_finding(project: Project) -> Finding:
    free = shutil.disk_usage(project.folder).free
    if free < _LITTLE_SPACE:
        return Finding("look", f"only {free >> 20} MB are free on the disk", "free some space")
    return Finding("ok", f"{free >> 30} GB free on the disk")


def _check(settings: Settings, where: Path) -> None:
    if settings.language not in languages():
        raise ProjectError(
            f"there are no rules for the language {settings.language!r}", where=where, remedy=", ".join(languages())
        )
    if not settings.name.strip() or any(unicodedata.category(c) in {"Cc", "Cs"} for c in settings.name):
        raise ProjectError(f"{settings.name!r} can't be a project's name", where=where, remedy="name it with --name")
    if not -_LARGEST_SEED <= settings.seed <= _LARGEST_SEED:
        raise ProjectError(f"{settings.seed} is too large for a seed", where=where, remedy="give fewer digits")
    if re.search(r"://[^/@]*:[^/@]*@", settings.database):
        raise ProjectError(
            "a password must not stand in a project's settings",
            where=where,
            remedy="leave it out of the URL; give it in PGPASSWORD or a .pgpass file",
        )


@contextmanager
def _new_folder(path: Path) -> Iterator[None]:
    """Give a folder that was not there or empty; take everything away again if the block fails."""
    there = path.exists()
    if there and (not path.is_dir() or any(path.iterdir())):
        raise OutputExists("is there and not empty", where=path, remedy="choose another folder")
    try:
        path.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException as error:
        for child in list(path.iterdir()) if path.is_dir() else []:
            shutil.rmtree(child) if child.is_dir() else child.unlink()
        if path.is_dir() and not there:
            path.rmdir()
        if isinstance(error, OSError):
            raise OutputFailed(
                f"could not be written ({error.strerror or error})", where=path, remedy="choose another place"
            ) from error
        raise


def _copy_codebook(source: Path, folder: Path) -> None:
    raw = source.read_bytes()
    guidelines = tomllib.loads(raw.decode("utf-8-sig")).get("guidelines")
    (folder / CODEBOOK).write_bytes(raw)
    if guidelines:
        if Path(guidelines).name != guidelines or guidelines in {CODEBOOK, SETTINGS, DATABASE}:
            raise CodebookError(f"its guidelines are in {guidelines!r}", where=source, remedy="put them beside it")
        shutil.copyfile(source.parent / guidelines, folder / guidelines)


def _as_toml(settings: Settings) -> str:
    lines = ["# A nutgraf project; docs/project.md explains each line."]
    for field in settings.__struct_fields__:
        value = getattr(settings, field)
        # A JSON string is a TOML string too.
        lines.append(f"{field} = {value if isinstance(value, int) else msgspec.json.encode(value).decode()}")
    return "\n".join(lines) + "\n"
