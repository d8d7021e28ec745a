"""Files, folders and patterns to the files they stand for, in a fixed order."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Iterator
from pathlib import Path

from annotate.errors import NoSuchFile
from annotate.files import STDIN
from annotate.outputs import MARK
from annotate.readers.fetch import is_address
from annotate.readers.options import Source
from annotate.readers.registry import READERS, extension


def find_sources(paths: Iterable[str | Path]) -> Iterator[Source]:
    """Yield the files that arguments stand for: each in its place, folders and patterns sorted by name.

    A folder stands for the files under it that a reader knows by extension; hidden ones are left out.

    Raises
    ------
    NoSuchFile
        If a folder or pattern holds no such file. A single path is not looked at before it is opened.
    """
    for path in paths:
        if str(path) == STDIN or is_address(path):
            yield Source(path)
        elif _is_folder(path):
            yield from _all_of(_files_under(Path(path)), f"no file in it that could be read ({_known()})", path)
        elif glob.has_magic(str(path)) and not Path(path).exists():
            yield from _all_of(_matches(str(path)), "no file matches", path)
        else:
            yield Source(path)


def _all_of(files: Iterator[Path], nothing: str, where: str | Path) -> Iterator[Source]:
    empty = True
    for file in files:
        empty = False
        yield Source(file, found=True)
    if empty:
        raise NoSuchFile(nothing, where=where, remedy="check the path")


def _is_folder(path: str | Path) -> bool:
    try:
        return Path(path).is_dir()
    except OSError:  # a name longer than any file's: opening it says so
        return False


def _files_under(folder: Path) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    except OSError as error:
        raise NoSuchFile(
            f"cannot be read ({error.strerror or error})", where=folder, remedy="check who may read it"
        ) from error
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            # A link to a folder above would never end; what nutgraf wrote beside the articles is none of them.
            if not entry.is_symlink() and not (entry / MARK).is_file():
                yield from _files_under(entry)
        elif extension(entry) in READERS:
            yield entry


def _matches(pattern: str) -> Iterator[Path]:
    for name in sorted(glob.iglob(pattern, recursive=True)):  # noqa: PTH207 - Path.glob takes no absolute patterns
        if Path(name).is_dir():
            continue
        yield Path(name)


def _known() -> str:
    return ", ".join(sorted(READERS))
