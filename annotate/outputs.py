"""Write results so that nothing is overwritten by accident and nothing is left half-written."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from annotate.errors import OutputExists, OutputFailed

STDOUT: Final = "-"
_MARK: Final = ".nutgraf"


@contextmanager
def new_file(path: str | Path, *, force: bool = False) -> Iterator[BinaryIO]:
    """Open a file that appears under its name only when the block ends without an error.

    ``"-"`` is standard output.

    Raises
    ------
    OutputExists
        If the path exists and ``force`` is false.
    OutputFailed
        If it can't be written; what stood there before is unchanged.
    """
    if str(path) == STDOUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with _appearing(Path(path), force=force, make=_empty_file) as temporary, temporary.open("wb") as stream:
        yield stream
        stream.flush()
        os.fsync(stream.fileno())


@contextmanager
def new_folder(path: str | Path, *, force: bool = False) -> Iterator[Path]:
    """Give a folder to fill; it appears under its name only when the block ends without an error.

    A file ``.nutgraf`` in it says that it may be replaced; ``force`` replaces no other folder, unless it is empty.

    Raises
    ------
    OutputExists
        If the path exists and ``force`` is false, or what is there was not made here.
    OutputFailed
        If it can't be written; what stood there before is unchanged.
    """
    path = Path(path)
    if force and path.is_dir() and any(path.iterdir()) and not (path / _MARK).is_file():
        raise OutputExists("is a folder that nutgraf did not make", where=path, remedy="choose another name")
    with _appearing(path, force=force, make=_empty_folder) as temporary:
        (temporary / _MARK).write_text(
            "Made by nutgraf, which may replace this folder with --force.\n", encoding="ascii"
        )
        yield temporary


@contextmanager
def _appearing(path: Path, *, force: bool, make: Callable[[Path], Path]) -> Iterator[Path]:
    refuse_existing(path, force=force)
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = make(path)
        yield temporary
        if temporary.is_dir() and path.is_dir():
            shutil.rmtree(path)
        temporary.replace(path)
    except OSError as error:
        raise OutputFailed(
            f"could not be written ({error.strerror or error})",
            where=path,
            remedy="nothing was changed: free some space or choose another place",
        ) from error
    finally:
        if temporary is not None:
            _remove(temporary)


def refuse_existing(path: str | Path, *, force: bool = False) -> None:
    """Raise :class:`OutputExists` if the path exists and ``force`` is false; ``"-"`` never exists."""
    if str(path) != STDOUT and not force and Path(path).exists():
        raise OutputExists("exists already", where=path, remedy="choose another name or add --force")


def _empty_file(path: Path) -> Path:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    os.close(handle)
    # mkstemp makes it private; a result is as readable as any file the user makes.
    umask = os.umask(0)
    os.umask(umask)
    Path(name).chmod(0o666 & ~umask)
    return Path(name)


def _empty_folder(path: Path) -> Path:
    name = tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    umask = os.umask(0)
    os.umask(umask)
    Path(name).chmod(0o777 & ~umask)
    return Path(name)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
