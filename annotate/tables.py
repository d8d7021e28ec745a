"""Tables by extension: JSON lines, CSV, Excel, Parquet. Rows in, rows out, with the place of each for messages."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec

from annotate.errors import EmptyInput, EncodingError, FormatError, InputError
from annotate.files import as_text, decode, open_stream, signature
from annotate.outputs import STDOUT, new_file
from annotate.spreadsheets import read_rows, write_rows
from annotate.types import Row

EXTENSIONS: Final = (".jsonl", ".csv", ".xlsx", ".parquet")

_DELIMITERS: Final = ",;\t"  # spreadsheets write a semicolon where the comma is the decimal sign
_MAX_CELL: Final = 32 << 20  # characters; csv's own limit of 128 KB is shorter than some pages

# What a spreadsheet takes for a formula, and the apostrophe that marks what was escaped.
_Writer = Callable[[BinaryIO, Iterable[Any], Sequence[str], str | Path], int]
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r]")


class _Info(msgspec.Struct):
    features: dict[str, Any] = {}


class _HuggingFace(msgspec.Struct):
    """What ``datasets`` notes in a Parquet file about its columns."""

    info: _Info = msgspec.field(default_factory=_Info)


def write_table(path: str | Path, rows: Iterable[Any], columns: Sequence[str], *, force: bool = False) -> int:
    """Write structs or dictionaries as a table in the format that the extension names; return their number.

    Standard output (``"-"``) gets JSON lines. In CSV a nested value takes a column a key, and a text that a spreadsheet
    takes for a formula gets an apostrophe, which :func:`unescape` takes away.

    Raises
    ------
    InputError
        If the extension names no format.
    OutputExists, OutputFailed
        See :func:`annotate.outputs.new_file`.
    """
    writers: dict[str, _Writer] = {
        ".jsonl": _write_jsonl,
        ".csv": _write_csv,
        ".xlsx": _write_xlsx,
        ".parquet": _write_parquet,
    }
    write = writers[extension(path)]
    with new_file(path, force=force) as stream:
        return write(stream, rows, columns, path)


def read_table(path: str | Path) -> Generator[tuple[str, Row], None, None]:
    """Yield each row with its place, ``file:line`` (of a Parquet file ``file:row``).

    JSON lines end with a line feed and nothing else: texts may hold other line separators. ``"-"`` holds JSON
    lines. Text is UTF-8, or what a byte-order mark says. Cells of a CSV table are separated by what its first line has
    most of: comma, semicolon or tab. In Parquet, a class of Hugging Face ``datasets`` is read as its name.

    Raises
    ------
    InputError
        If the extension names no format.
    FormatError
        At a line that is no row.
    NoSuchFile, EmptyInput, EncodingError
        See :func:`annotate.files.open_stream`.
    """
    read = {".jsonl": _read_jsonl, ".csv": _read_csv, ".xlsx": _read_xlsx, ".parquet": _read_parquet}[extension(path)]
    with open_stream(path) as stream:
        empty = True
        for line, row in read(stream, path):
            empty = False
            yield f"{path}:{line}", row
        if empty:
            raise EmptyInput("holds no rows", where=path)


def first_row(path: str | Path) -> Row:
    """Return the first row of a table; see :func:`read_table`."""
    with closing(read_table(path)) as rows:
        return next(rows)[1]


def extension(path: str | Path) -> str:
    """Return the format a path asks for, as an extension.

    Raises
    ------
    InputError
        If there is no format for it.
    """
    suffix = ".jsonl" if str(path) == STDOUT else Path(path).suffix.lower()
    if suffix not in EXTENSIONS:
        raise InputError(
            f"no format for {suffix or 'a name without extension'}", where=path, remedy=f"use {', '.join(EXTENSIONS)}"
        )
    return suffix


def escape(cell: str) -> str:
    """Return the text as a spreadsheet should get it: never a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unescape(cell: str) -> str:
    """Undo :func:`escape`."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def _read_jsonl(stream: io.BufferedReader, path: str | Path) -> Iterator[tuple[int, Row]]:
    decoder = msgspec.json.Decoder(dict[str, Any])
    for line, content in enumerate(_utf8_lines(stream, path), start=1):
        if content.strip():
            try:
                yield line, decoder.decode(content.removeprefix(codecs.BOM_UTF8) if line == 1 else content)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
                raise _no_object(content, error, f"{path}:{line}") from error


def _utf8_lines(stream: io.BufferedReader, path: str | Path) -> Iterator[bytes]:
    """Yield the lines as UTF-8; a byte-order mark may name another encoding, such as Excel's "Unicode text"."""
    codec = signature(stream.peek(4)[:4])
    if codec in (None, "utf-8-sig"):
        yield from stream
        return
    with as_text(stream, codec, where=path, newline="\n") as text:
        try:
            for line in text:
                yield line.encode("utf-8", "replace")
        except UnicodeError as error:
            raise EncodingError(f"is not {codec}", where=path, remedy="save it as UTF-8") from error


def _no_object(content: bytes, error: Exception, where: str) -> InputError:
    """Return what is wrong with a line: that it is no text at all, or no JSON object."""
    try:
        decode(content, where=where)
    except (EncodingError, FormatError) as wrong:
        return FormatError(wrong.problem, where=where, remedy="save it as UTF-8, one JSON object a line")
    except InputError:
        pass
    return FormatError(f"is no JSON object ({error})", where=where, remedy="one object a line")


def _read_csv(stream: io.BufferedReader, path: str | Path) -> Iterator[tuple[int, Row]]:
    csv.field_size_limit(_MAX_CELL)
    codec = signature(stream.peek(4)[:4]) or "utf-8-sig"
    text = io.TextIOWrapper(stream, encoding=codec, newline="")
    try:
        first = text.readline()
        rows = csv.DictReader(chain([first], text), delimiter=max(_DELIMITERS, key=first.count), strict=True)
        _refuse_twins(rows.fieldnames or (), path)
        for row in rows:
            if None in row or None in row.values():
                raise FormatError(
                    "has more or fewer cells than the first line",
                    where=f"{path}:{rows.line_num}",
                    remedy="give every line as many cells as there are columns",
                )
            yield rows.line_num, {column: unescape(cell) if cell else None for column, cell in row.items()}
    except csv.Error as error:
        raise FormatError(
            f"is no row of a CSV table ({error})",
            where=f"{path}:{rows.line_num}",
            remedy="look for a quotation mark that is not closed",
        ) from error
    except UnicodeError as error:
        wide = codec != "utf-8-sig"
        where = path if wide else f"{path}:{_line_that_is_not_utf8(path)}"
        raise EncodingError(
            f"is not {codec if wide else 'UTF-8'}", where=where, remedy="save it as CSV UTF-8"
        ) from error
    finally:
        text.detach()


def _read_xlsx(stream: BinaryIO, path: str | Path) -> Iterator[tuple[int, Row]]:
    lines = read_rows(stream, where=path)
    header = ["" if name is None else str(name) for name in next(lines, (1, []))[1]]
    while header and not header[-1]:  # columns that somebody widened or coloured
        header.pop()
    _refuse_twins(header, path)
    for number, cells in lines:
        if any(cell is not None for cell in cells):
            yield number, dict(zip(header, cells[: len(header)], strict=True))


def _refuse_twins(columns: Sequence[str], path: str | Path) -> None:
    twins = [column for column, n in Counter(columns).items() if n > 1]
    if twins:
        raise FormatError(f"has several columns {twins[0]!r}", where=f"{path}:1", remedy="rename all but one")


def _line_that_is_not_utf8(path: str | Path) -> int:
    # Looked for again: text is decoded in blocks, so the error itself does not know its line.
    with open_stream(path) as stream:
        for line, content in enumerate(stream, start=1):
            try:
                content.decode()
            except UnicodeDecodeError:
                return line
    return 1


def _read_parquet(stream: BinaryIO, path: str | Path) -> Iterator[tuple[int, Row]]:
    import pyarrow as pa  # noqa: PLC0415 - slow to import, and only Parquet needs it
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        file = pq.ParquetFile(pa.BufferReader(stream.read()))
        classes = _classes(file.schema_arrow.metadata or {})
        rows = (row for batch in file.iter_batches() for row in batch.to_pylist())
        for number, row in enumerate(rows, start=1):
            for column, names in classes.items():
                if isinstance(row.get(column), int) and 0 <= row[column] < len(names):
                    row[column] = names[row[column]]
            yield number, row
    except (pa.ArrowException, OSError, ValueError) as error:  # OSError: a damaged page; ValueError: text, dates
        raise FormatError(f"is no Parquet table ({error})", where=path, remedy="write it again") from error


def _classes(metadata: Mapping[bytes, bytes]) -> dict[str, list[str]]:
    """Return the columns that ``datasets`` wrote as numbers of classes, with the classes' names."""
    try:
        found = msgspec.json.decode(metadata.get(b"huggingface", b"{}"), type=_HuggingFace)
    except msgspec.MsgspecError:
        return {}
    return {
        column: names
        for column, feature in found.info.features.items()
        if isinstance(feature, dict)
        and feature.get("_type") == "ClassLabel"
        and isinstance(names := feature.get("names"), list)
    }


def _write_jsonl(stream: BinaryIO, rows: Iterable[Any], *_: object) -> int:
    encoder, n = msgspec.json.Encoder(), 0
    for row in rows:
        stream.write(encoder.encode(row) + b"\n")
        n += 1
    return n


def _write_csv(stream: BinaryIO, rows: Iterable[Any], columns: Sequence[str], _: object) -> int:
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")  # Excel reads UTF-8 only with the mark
    writer, n = csv.writer(text), 0
    header: list[str] = []
    for row in rows:
        values = _flat(_as_row(row), columns)
        if not header:
            header = list(values)
            writer.writerow(header)
        writer.writerow([_cell(values.get(column)) for column in header])
        n += 1
    if not header:
        writer.writerow(columns)
    text.flush()
    text.detach()
    return n


def _write_xlsx(stream: BinaryIO, rows: Iterable[Any], columns: Sequence[str], path: str | Path) -> int:
    values = [_flat(_as_row(row), columns) for row in rows]
    header = list(values[0]) if values else list(columns)
    return write_rows(stream, header, ([_in_a_cell(row.get(name)) for name in header] for row in values), where=path)


def _in_a_cell(value: Any) -> Any:
    return msgspec.json.encode(value).decode() if isinstance(value, list | dict) else value


def _write_parquet(stream: BinaryIO, rows: Iterable[Any], columns: Sequence[str], _: object) -> int:
    import pyarrow as pa  # noqa: PLC0415 - slow to import, and only Parquet needs it
    import pyarrow.parquet as pq  # noqa: PLC0415

    values = [_as_row(row) for row in rows]
    table = pa.table({column: [row.get(column) for row in values] for column in columns})
    pq.write_table(table, stream)
    return len(values)


def _as_row(row: Any) -> Row:
    values = msgspec.to_builtins(row)
    assert isinstance(values, dict)
    return values


def _flat(row: Row, columns: Sequence[str]) -> Row:
    """Return the row with one cell a column: ``probabilities`` becomes ``probabilities.factual_claim`` and so on."""
    flat: Row = {}
    for column in columns:
        value = row.get(column)
        flat.update(
            {f"{column}.{key}": part for key, part in value.items()} if isinstance(value, dict) else {column: value}
        )
    return flat


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return escape(value)
    return msgspec.json.encode(value).decode()
