"""CSV and TSV: a row that breaks the quoting takes none of its neighbours with it."""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from annotate.errors import EncodingError, FormatError, InputError
from annotate.files import as_text, codec_of, decode
from annotate.readers.columns import Numbered, articles_from_rows
from annotate.readers.options import Options, Source
from annotate.types import Article, Row

MAX_RECORD: Final = 32 << 20  # characters; the csv module takes four bytes for each, twice
_DELIMITERS: Final = ",;\t|"
_UNDECODED: Final = re.compile("[\udc80-\udcff]")
_LINE_ENDS: Final = ("\n", "\r")


def read_delimited(stream: io.BufferedReader, source: Source, options: Options) -> Iterator[Article]:
    """Yield an article a row; the first row names the columns, the delimiter is the one it has most of."""
    codec = codec_of(stream.peek(4)[:4], options.encoding) or _utf8(stream.peek(), source)
    with as_text(stream, codec, where=source, newline="", errors="surrogateescape") as text:
        yield from articles_from_rows(_Table(text, codec, source).rows(), source, options)


def _utf8(head: bytes, source: Source) -> str:
    """Return ``"utf-8"`` if that is what a table begins with.

    Raises
    ------
    EncodingError, FormatError
        If its whole lines at the beginning are something else.
    """
    whole = head[: head.rfind(b"\n") + 1]
    if whole and not whole.isspace():
        decode(whole, where=source)
    return "utf-8"


class _TooLongError(Exception):
    """A record that has no end in sight: its quote was never closed."""


class _Table:
    """Reads records, and gives back the lines that a broken record has swallowed."""

    def __init__(self, text: io.TextIOWrapper, codec: str, source: Source) -> None:
        self._text, self._codec, self._source = text, codec, source
        self._given_back: deque[str] = deque()
        self._taken: list[str] = []  # physical lines of the record being read
        self._line = 1  # of the record being read
        csv.field_size_limit(MAX_RECORD)

    def rows(self) -> Iterator[Numbered]:
        """Yield every record but the first as a row, or the reason why its first line is none."""
        delimiter = self._delimiter()
        names: list[str] = []
        while True:
            try:
                for cells in csv.reader(self._lines(), delimiter=delimiter, strict=True):
                    if not names:
                        names = _distinct(cells)
                    elif cells:
                        yield self._row(names, cells)
                    self._next_record(len(self._taken))
            except (csv.Error, _TooLongError) as error:
                yield self._line, self._broken(str(error))
            except (InputError, UnicodeError) as error:
                # Cut off, damaged, or not in an encoding that could be taken up again: what was read is good.
                problem = error.problem if isinstance(error, InputError) else f"is not {self._codec} ({error})"
                yield self._line, FormatError(problem, where=self._where(), remedy="mend the file")
                return
            else:
                return

    def _row(self, names: list[str], cells: list[str]) -> Numbered:
        line = self._line
        while len(cells) > len(names) and not cells[-1]:
            cells.pop()
        if len(cells) != len(names):
            return line, self._broken(f"has {len(cells)} cells where the first row has {len(names)}")
        if any(_UNDECODED.search(cell) for cell in cells):
            return line, self._undecoded()
        row: Row = dict(zip(names, cells, strict=True))
        return line, row

    def _broken(self, problem: str) -> InputError:
        """Return why the first line of the record is no row, and give the others back."""
        swallowed = self._taken[1:]
        del self._taken[1:]
        self._given_back.extendleft(reversed(swallowed))
        where = self._where()
        self._next_record(1)
        return FormatError(problem, where=where, remedy="mend its quotes or leave it out")

    def _undecoded(self) -> InputError:
        try:
            decode("".join(self._taken).encode(self._codec, "surrogateescape"), where=self._where())
        except InputError as error:
            return error
        return EncodingError(f"is not {self._codec}", where=self._where(), remedy="choose another --encoding")

    def _lines(self) -> Iterator[str]:
        size = 0
        while line := self._next_line():
            if self._taken:
                size += len(line)
                if size > MAX_RECORD:
                    self._given_back.appendleft(line)
                    raise _TooLongError("has a quote that is never closed")
            else:
                size = len(line)
            self._taken.append(line)
            if len(line) >= MAX_RECORD and not line.endswith(_LINE_ENDS):
                while (rest := self._text.readline(1 << 20)) and not rest.endswith(_LINE_ENDS):
                    pass
                raise _TooLongError(f"is longer than {MAX_RECORD >> 20} MiB")
            yield line

    def _next_line(self) -> str:
        return self._given_back.popleft() if self._given_back else self._text.readline(MAX_RECORD)

    def _next_record(self, lines: int) -> None:
        self._line += lines
        self._taken.clear()

    def _delimiter(self) -> str:
        first = self._next_line()
        if re.fullmatch(r"sep=.[\r\n]*", first):  # Excel's note on it
            self._line += 1
            return first[4]
        self._given_back.append(first)
        if Path(str(self._source)).suffix.lower() == ".tsv":
            return "\t"
        return max(_DELIMITERS, key=first.count)

    def _where(self) -> str:
        return f"{self._source}:{self._line}"


def _distinct(names: list[str]) -> list[str]:
    """Return columns' names, those without one or with another's numbered."""
    found: list[str] = []
    for number, name in enumerate(names, start=1):
        found.append(f"{name} {number}".strip() if not name.strip() or name in found else name)
    return found
