"""JSON: one object a line, or one array of objects."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any, Final

import msgspec

from annotate.errors import EmptyInput, EncodingError, FormatError, InputError
from annotate.files import as_text, codec_of, decode, read_whole, signature
from annotate.readers.columns import Numbered, articles_from_rows
from annotate.readers.options import Options, Source
from annotate.types import Article

MAX_LINE: Final = 256 << 20
_OBJECT: Final = msgspec.json.Decoder(dict[str, Any])
_ARRAY: Final = msgspec.json.Decoder(list[msgspec.Raw])
_ASTRAL: Final = re.compile(rb"[\xf0-\xf4]|\\u[dD][89abAB]")  # one makes Python store every character in four bytes


def read_jsonl(stream: io.BufferedReader, source: Source, options: Options) -> Iterator[Article]:
    """Yield an article a line; lines end with a line feed and nothing else."""
    codec = codec_of(stream.peek(4)[:4], options.encoding)
    if codec is None:
        yield from articles_from_rows(_lines(stream.readline, source), source, options)
        return
    with as_text(stream, codec, where=source, newline="\n") as text:
        yield from articles_from_rows(_lines(_transcoding(text, source), source), source, options)


def read_json(stream: io.BufferedReader, source: Source, options: Options) -> Iterator[Article]:
    """Yield an article an object: of an array, a single object, or lines under another name."""
    raw = read_whole(stream, where=source, limit=MAX_LINE)
    if options.encoding or signature(raw):
        raw = decode(raw, where=source, encoding=options.encoding).text.encode("utf-8", "replace")
    yield from articles_from_rows(_objects(raw, source), source, options)


def _objects(raw: bytes, source: Source) -> Iterator[Numbered]:
    try:
        objects = _ARRAY.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        try:
            yield 1, _OBJECT.decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            yield from _lines(io.BytesIO(raw).readline, source)
        return
    for number, row in enumerate(objects, start=1):
        yield number, _row(bytes(row), number, source)


def _lines(readline: Callable[[int], bytes], source: Source) -> Iterator[Numbered]:
    for number in count(1):
        try:
            line = readline(MAX_LINE)
        except InputError as error:
            # Cut off or damaged: what was read before is good.
            yield number, type(error)(error.problem, where=f"{source}:{number}", remedy=error.remedy)
            return
        if not line:
            return
        if len(line) >= MAX_LINE and not line.endswith(b"\n"):
            while (rest := readline(1 << 20)) and not rest.endswith(b"\n"):
                pass
            yield number, InputError(f"is longer than {MAX_LINE >> 20} MiB", where=f"{source}:{number}")
        elif not line.isspace():
            yield number, _row(line, number, source)


def _row(line: bytes, number: int, source: Source) -> dict[str, Any] | InputError:
    where = f"{source}:{number}"
    if len(line) > MAX_LINE // 2 and _ASTRAL.search(line):
        return InputError("is too large for one article", where=where, remedy="split it into articles first")
    try:
        return _OBJECT.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return _why(line, error, where)


def _why(line: bytes, error: Exception, where: str) -> InputError:
    try:
        decode(line, where=where)
    except EmptyInput:
        pass
    except (EncodingError, FormatError) as wrong:
        return wrong
    return FormatError(f"is no JSON object ({error})", where=where, remedy="one object a line")


def _transcoding(text: io.TextIOWrapper, source: Source) -> Callable[[int], bytes]:
    """Return what reads lines of a text in any encoding as UTF-8."""

    def readline(size: int) -> bytes:
        try:
            return text.readline(size).encode("utf-8", "replace")
        except UnicodeError as error:
            problem = f"is not {text.encoding} ({error})"
            raise EncodingError(problem, where=source, remedy="choose another --encoding") from error

    return readline
