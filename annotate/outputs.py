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
MARK: Final = ".nutgraf"


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
        with _standard_output() as stream:
            yield stream
        return
    refuse_existing(path, force=force)
    path = _behind_links(path)
    if path.exists() and not path.is_file():  # a folder, or a device that a rename would do away with
        raise OutputExists("is there and is no file", where=path, remedy="choose another name")
    with _appearing(path, force=force, make=_empty_file) as temporary, temporary.open("wb") as stream:
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
    refuse_folder(path, force=force)
    with _appearing(_behind_links(path), force=force, make=_empty_folder) as temporary:
        (temporary / MARK).write_text(
            "Made by nutgraf, which may replace this folder with --force.\n", encoding="ascii"
        )
        yield temporary


def refuse_existing(path: str | Path, *, force: bool = False) -> None:
    """Raise :class:`OutputExists` if the path exists and ``force`` is false; ``"-"`` never exists."""
    if str(path) != STDOUT and not force and os.path.lexists(path):
        raise OutputExists("exists already", where=path, remedy="choose another name or add --force")


def refuse_folder(path: str | Path, *, force: bool = False) -> None:
    """Raise what :func:`new_folder` would raise of the path, so that a verb can say it before it begins to work."""
    if str(path) == STDOUT:
        raise OutputFailed("is standard output, and a folder is to be written", where=path, remedy="name a folder")
    refuse_existing(path, force=force)
    path = Path(path)
    if path.exists() and not path.is_dir():
        raise OutputExists("is there and is no folder", where=path, remedy="choose another name")
    if path.is_dir() and any(path.iterdir()) and not (path / MARK).is_file():
        raise OutputExists("is a folder that nutgraf did not make", where=path, remedy="choose another name")


@contextmanager
def _appearing(path: Path, *, force: bool, make: Callable[[Path], Path]) -> Iterator[Path]:
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = make(path)
        yield temporary
        _put(temporary, path, force=force)
    except OutputFailed as error:
        # Of what is in a folder that was not finished people know the name it would have had.
        where = (error.where or "").replace(str(temporary), str(path))
        raise OutputFailed(error.problem, where=where or None, remedy=error.remedy) from error
    except OSError as error:
        raise OutputFailed(
            f"could not be written ({error.strerror or error})",
            where=path,
            remedy="nothing was changed: free some space or choose another place",
        ) from error
    finally:
        if temporary is not None:
            _remove(temporary)


def _put(temporary: Path, path: Path, *, force: bool) -> None:
    """Give what is finished its name; without ``force``, not even if another process took it in the meantime."""
    refuse_existing(path, force=force)
    if temporary.is_dir():
        _put_folder(temporary, path)
        return
    if not force:
        try:
            os.link(temporary, path)  # unlike a rename it fails where the name is taken
        except FileExistsError:
            refuse_existing(path)
        except OSError:  # a file system without links
            pass
        else:
            return
    temporary.replace(path)


def _put_folder(temporary: Path, path: Path) -> None:
    if not path.exists():
        temporary.rename(path)
        return
    aside = temporary.with_suffix(".old")
    path.rename(aside)
    try:
        temporary.rename(path)
    except OSError:
        aside.rename(path)
        raise
    shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def _standard_output() -> Iterator[BinaryIO]:
    if sys.stdout is None:  # the shell closed it: `>&-`
        raise OutputFailed("standard output is closed", remedy="name a file with -o")
    try:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputFailed(f"standard output could not be written ({error.strerror or error})") from error


def _behind_links(path: str | Path) -> Path:
    # A link stays a link; what it points to is replaced.
    return Path(os.path.realpath(path)) if Path(path).is_symlink() else Path(path)


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
