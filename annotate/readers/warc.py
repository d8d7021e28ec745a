"""Web archives: the pages of a crawl, one record at a time.

Read without a library: FastWARC aborts on streams that can't be wound back, and both it and warcio give up an archive
at its first bad record and end in silence where it is cut off.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from itertools import chain, count
from shutil import copyfileobj
from typing import BinaryIO, Final, NamedTuple, cast

from annotate.errors import EmptyInput, FormatError, InputError
from annotate.files import MAX_RATIO, decompressed
from annotate.readers.html import article_from_page
from annotate.readers.http import parse_response
from annotate.readers.options import Options, Source
from annotate.types import Article

_MAX_HEADERS: Final = 64 << 10
_MAX_RECORD: Final = 64 << 20  # headers and a page, as it was sent
_SMALL: Final = 64 << 20  # a file of a WACZ may compress as well as it likes up to this size
_OK: Final = range(200, 300)


def read_warc(stream: io.BufferedReader, source: Source, options: Options) -> Iterator[Article]:
    """Yield the HTML responses of an archive; a record that can't be used is reported and left out.

    An article's id is its address; if the archive has an address again, with the date of that visit.
    """
    yield from _Archive(source, options).articles([(str(source), stream)])


def read_wacz(stream: io.BufferedReader, source: Source, options: Options) -> Iterator[Article]:
    """Yield the HTML responses of the archives in a WACZ package."""
    with tempfile.TemporaryFile() as copy:
        package: BinaryIO = stream
        if not stream.seekable():
            copyfileobj(stream, copy)
            package = cast("BinaryIO", copy)
        try:
            with zipfile.ZipFile(package) as files:
                yield from _Archive(source, options).articles(_packed(files, source))
        except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
            raise FormatError(f"is no readable WACZ package ({error})", where=source, remedy="make it again") from error


def _packed(files: zipfile.ZipFile, source: Source) -> Iterator[tuple[str, io.BufferedReader]]:
    for file in sorted(files.infolist(), key=lambda file: file.filename):
        if file.filename.lower().endswith((".warc", ".warc.gz")):
            where = f"{source}/{file.filename}"
            if file.file_size > max(_SMALL, MAX_RATIO * file.compress_size):
                raise FormatError(f"unpacks to more than {MAX_RATIO} times its size", where=where)
            with files.open(file) as packed:
                yield where, decompressed(io.BufferedReader(cast("io.RawIOBase", packed)), where=where)


class _Record(NamedTuple):
    """A response as it was archived, or why it can't be used."""

    where: str
    url: str = ""
    date: str = ""
    content: bytes = b""
    error: InputError | None = None


class _Archive:
    """Turns records into articles, each under an id of its own."""

    def __init__(self, source: Source, options: Options) -> None:
        self._source, self._options = source, options
        self._ids: set[str] = set()

    def articles(self, streams: Iterable[tuple[str, io.BufferedReader]]) -> Iterator[Article]:
        """Yield the articles of several streams, each with its name."""
        for name, stream in streams:
            for record in _records(stream, name):
                try:
                    article = self._article(record)
                except InputError as error:
                    self._options.bad_row(error)
                else:
                    if article is not None:
                        self._ids.add(article.id)
                        yield article
        if not self._ids:
            raise EmptyInput("holds no web page", where=self._source)

    def _article(self, record: _Record) -> Article | None:
        """Return a record as an article, or None if it is no page that was found."""
        if record.error is not None:
            raise record.error
        response = parse_response(record.content, where=record.where)
        if not response.is_page or response.status not in _OK or not response.content.strip():
            return None
        return article_from_page(
            response.content,
            self._identity(record),
            where=record.where,
            options=self._options,
            charset=response.charset,
            url=record.url,
            metadata={"visited": record.date},
        )

    def _identity(self, record: _Record) -> str:
        visit = f"{record.url} {record.date}"
        names = chain([record.url, visit], (f"{visit} {n}" for n in count(2)))
        return next(name for name in names if name not in self._ids)


def _records(stream: io.BufferedReader, name: str) -> Iterator[_Record]:
    """Yield the HTTP responses of an archive; after bad ones, go on at the next line that begins a record."""
    number, lost = 0, False
    while True:
        where = f"{name} record {number + 1}"
        try:
            line = stream.readline(_MAX_HEADERS)
            if not line:
                return
            if line.startswith(b"WARC/"):
                number, lost = number + 1, False
                record = _record(stream, where)
                if record is not None:
                    yield record
            elif line.strip() and not lost:
                lost = True
                yield _Record(
                    where, error=FormatError("no record begins here", where=where, remedy="what follows is read")
                )
        except _CutOffError:
            problem = "the archive is cut off in this record"
            yield _Record(where, error=FormatError(problem, where=where, remedy="make or download the file again"))
            return
        except InputError as error:
            # A damaged compressed file: what was read before is good.
            yield _Record(where, error=type(error)(error.problem, where=where, remedy=error.remedy))
            return


def _record(stream: io.BufferedReader, where: str) -> _Record | None:
    """Read the record that the stream stands in, past its first line; None if it is no HTTP response."""
    headers = _headers(stream)
    length = headers.get("content-length", "")
    if not length.isdecimal():
        return _Record(
            where, error=FormatError(f"has the length {length!r}", where=where, remedy="what follows is read")
        )
    wanted = headers.get("warc-type") == "response" and headers.get("content-type", "").startswith("application/http")
    content = _read(stream, min(int(length), _MAX_RECORD if wanted else 0))
    _skip(stream, int(length) - len(content))
    if not wanted:
        return None
    if int(length) > _MAX_RECORD:
        if b"text/html" not in content[:_MAX_HEADERS].lower():
            return None
        return _Record(where, error=InputError(f"is larger than {_MAX_RECORD >> 20} MiB", where=where))
    url = headers.get("warc-target-uri", "").strip("<>")
    return _Record(where, url, headers.get("warc-date", ""), content)


def _headers(stream: io.BufferedReader) -> dict[str, str]:
    headers: dict[str, str] = {}
    size = 0
    while (line := stream.readline(_MAX_HEADERS)).strip():
        size += len(line)
        if size > _MAX_HEADERS:
            break
        key, _, value = line.decode("utf-8", "replace").partition(":")
        headers[key.strip().lower()] = value.strip()
    if not line:
        raise _CutOffError
    return headers


def _read(stream: io.BufferedReader, size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise _CutOffError
    return content


def _skip(stream: io.BufferedReader, size: int) -> None:
    while size:
        size -= len(_read(stream, min(size, 1 << 20)))


class _CutOffError(Exception):
    """The archive ends within a record."""
