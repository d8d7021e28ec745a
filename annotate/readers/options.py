"""What the user decides about reading, and what a reader is given and gives."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

from annotate.errors import NutgrafError
from annotate.types import Article


class Fetched(NamedTuple):
    """A document that was fetched, and the address it was found at."""

    url: str
    content: bytes
    is_page: bool
    charset: str | None


class Options(msgspec.Struct, frozen=True):
    """How to read.

    Parameters
    ----------
    encoding
        The codec of every file, instead of what each says of itself.
    strict
        Stop at the first row that can't be used, instead of reporting it and going on.
    columns
        Field of the article to column of the table, such as ``{"text": "body"}``.
    on_bad_row
        Told in one line of every row that can't be used.
    on_note
        Told in one line what was guessed: a table's columns, a page's encoding.
    form
        Read every file as this format, such as ``"csv"``, instead of what its name or its first bytes say.
    follow
        Read the pages that a feed's entries point to, instead of what the feed has of them.
    fetch
        Fetches an address.
    """

    encoding: str | None = None
    strict: bool = False
    columns: Mapping[str, str] = {}
    on_bad_row: Callable[[str], None] | None = None
    on_note: Callable[[str], None] | None = None
    form: str | None = None
    follow: bool = False
    fetch: Callable[[str], Fetched] | None = None

    def bad_row(self, error: NutgrafError) -> None:
        """Report a row that can't be used; raise it if the user wants strictness or nobody listens."""
        if self.strict or self.on_bad_row is None:
            raise error
        self.on_bad_row(str(error))

    def note(self, line: str) -> None:
        """Tell whoever listens what was guessed."""
        if self.on_note is not None:
            self.on_note(line)


class Source(NamedTuple):
    """One file as named by the user or found in a folder; ``found`` tells which."""

    path: str | Path
    found: bool = False

    def __str__(self) -> str:
        return str(self.path)


class Reader(Protocol):
    """What turns one opened file into articles."""

    def __call__(self, stream: io.BufferedReader, source: Source, options: Options) -> Iterator[Article]:
        """Yield the file's articles in its order."""
        ...
