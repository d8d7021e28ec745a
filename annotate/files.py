"""Bytes to text: what is compressed is opened, what is encoded is decoded, what is too big is refused.

Everything read passes through here, so the limits hold for every reader: no decompressed stream may outgrow its
source :data:`MAX_RATIO` times over, no single text may need more memory than :data:`MAX_TEXT`.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import re
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, NamedTuple, cast

from annotate.errors import EmptyInput, EncodingError, FormatError, InputError, MissingExtra, NoSuchFile

STDIN: Final = "-"
COMPRESSED: Final = (".gz", ".bz2", ".xz", ".zst")
MAX_TEXT: Final = 512 << 20  # bytes of memory that one text may take
MAX_RATIO: Final = 200  # text compresses 3 to 20 times, a bomb 1,000 times
_RATIO_FROM: Final = 64 << 20  # small files may compress as well as they like
_BUFFER: Final = 128 << 10

_SIGNATURES: Final = (  # the longer first: UTF-32's begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC: Final = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"RIFF", "a RIFF file (WebP image, audio or video)"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x7fELF", "a program"),
    (b"PAR1", "a Parquet table"),
    (b"\x1f\x8b", "gzip data inside compressed data"),
    (b"\x28\xb5\x2f\xfd", "Zstandard data inside compressed data"),
    (b"\x80\x04\x95", "a Python pickle"),
    (b"\x80\x05\x95", "a Python pickle"),
)
_WESTERN: Final = frozenset("àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿßœÄÖÜÅØÉÇÑ‘’“”„‚«»‹›–—…•·€£¢§©®™°º½¼¾¿¡\xa0\xad")


class Decoded(NamedTuple):
    """A text and the codec that gave it: ``raw.decode(encoding) == text``."""

    text: str
    encoding: str


def read_text(path: str | Path, *, encoding: str | None = None) -> Decoded:
    """Read one text file, unchanged: newlines, control characters and all.

    A byte-order mark says how the file is encoded and is no part of its text. ``"-"`` is standard input.

    Parameters
    ----------
    encoding
        Decode with this codec and no other; without it, a byte-order mark decides, then UTF-8 is demanded.

    Raises
    ------
    NoSuchFile, EmptyInput, EncodingError, FormatError, InputError
        If there is no such file; nothing but white space in it; bytes that aren't text in that encoding; a binary
        or broken compressed file; more than can be held in memory.
    """
    with open_stream(path) as stream:
        raw = read_whole(stream, where=path)
    return decode(raw, where=path, encoding=encoding)


@contextmanager
def open_stream(path: str | Path) -> Iterator[io.BufferedReader]:
    """Open a file, decompressing it if its first bytes say that it is compressed.

    Raises
    ------
    NoSuchFile
        If the path names nothing that can be read.
    MissingExtra
        If the file needs a decompressor that is not installed.
    FormatError
        While reading, if the compressed data are damaged, cut off, or a bomb.
    """
    with _open_raw(path) as raw:
        yield decompressed(raw, where=path)


def decompressed(raw: io.BufferedReader, *, where: object) -> io.BufferedReader:
    """Return a stream that unpacks another by what its first bytes say, or that other itself.

    Raises
    ------
    MissingExtra
        If that needs a decompressor that is not installed.
    FormatError
        While reading; see :func:`open_stream`.
    """
    decompressor = _decompressor(raw.peek(8)[:8])
    if decompressor is None:
        return raw
    counted = _Counted(raw)
    return io.BufferedReader(_Guarded(decompressor(counted), counted, where=where), _BUFFER)


@contextmanager
def as_text(
    stream: BinaryIO, codec: str, *, where: object, newline: str, errors: str = "strict"
) -> Iterator[io.TextIOWrapper]:
    """Decode a stream line by line, and leave it open.

    Raises
    ------
    EncodingError
        If there is no such codec.
    """
    try:
        text = io.TextIOWrapper(stream, codec, errors, newline)
    except LookupError as error:
        raise _no_codec(codec, where) from error
    try:
        yield text
    finally:
        with suppress(ValueError):  # closed already
            text.detach()


def read_whole(stream: BinaryIO, *, where: object, limit: int = MAX_TEXT) -> bytes:
    """Read everything, or raise :class:`InputError` at more than ``limit`` bytes."""
    raw = stream.read(limit + 1)
    if len(raw) > limit:
        raise InputError(f"is larger than {limit >> 20} MiB", where=where, remedy="split it into articles first")
    return raw


def decode(raw: bytes, *, where: object, encoding: str | None = None) -> Decoded:
    """Decode a text by its byte-order mark or as UTF-8, or with the encoding given.

    Raises
    ------
    EmptyInput, EncodingError, FormatError, InputError
        See :func:`read_text`.
    """
    codec = codec_of(raw, encoding) or "utf-8"
    if encoding is None:
        _refuse_binary(raw, codec, where)
    _refuse_huge(raw, where)
    try:
        text = raw.decode(codec)
    except LookupError as error:
        raise _no_codec(codec, where) from error
    except UnicodeError as error:
        raise _undecodable(raw, codec, error, where, forced=encoding is not None) from error
    if not text or text.isspace():
        raise EmptyInput("nothing but white space in it" if text else "is empty", where=where)
    return Decoded(text, codec)


def signature(raw: bytes) -> str | None:
    """Return the codec that a byte-order mark names, or None."""
    return next((codec for mark, codec in _SIGNATURES if raw.startswith(mark)), None)


def codec_of(raw: bytes, encoding: str | None) -> str | None:
    """Return the codec that the user names, else that of the byte-order mark, or None; UTF-8 includes its mark."""
    marked = signature(raw)
    if encoding is None or (marked == "utf-8-sig" and _same_codec(encoding, "utf-8")):
        return marked
    return encoding


def looks_like(raw: bytes) -> str | None:
    """Return what a binary file of a known kind is, such as ``"a PNG image"``, or None."""
    return next((kind for magic, kind in _MAGIC if raw.startswith(magic)), None)


def guess_encoding(raw: bytes) -> str | None:
    """Return the codec that bytes look like by the letters they would give, or None.

    Western European text is told first, by its few usual letters: it is nearly always Windows-1252, and on short texts
    charset-normalizer takes it for one of the many codecs that differ from it in a character or two.
    """
    try:
        letters = [character for character in raw.decode("cp1252") if character > "\x7f"]
    except UnicodeDecodeError:
        letters = []
    if letters and len(letters) * 4 < len(raw) and set(letters) <= _WESTERN:
        return "cp1252"
    from charset_normalizer import from_bytes  # noqa: PLC0415 - 20 ms that UTF-8 files need not pay

    best = from_bytes(raw, enable_fallback=False).best()
    return None if best is None else best.encoding


def article_stem(path: str | Path) -> str:
    """Return a file's name without its extension and that of its compression: an article's id."""
    name = Path(path).name if str(path) != STDIN else "stdin"
    for extension in COMPRESSED:
        name = name.removesuffix(extension)
    # A file name that is not UTF-8 reaches Python as lone surrogates, which no output could carry.
    return Path(name).stem.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


@contextmanager
def _open_raw(path: str | Path) -> Iterator[io.BufferedReader]:
    if str(path) == STDIN:
        yield io.BufferedReader(_Counted(sys.stdin.buffer), _BUFFER)
        return
    try:
        stream = Path(path).open("rb", buffering=_BUFFER)  # noqa: SIM115 - closed below, errors told apart here
    except FileNotFoundError as error:
        raise NoSuchFile("no such file", where=path, remedy="check the path") from error
    except IsADirectoryError as error:
        raise NoSuchFile("is a folder, not a file", where=path, remedy="name the files in it") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise NoSuchFile(f"cannot be read ({reason})", where=repr(str(path))) from error
    with stream:
        yield cast("io.BufferedReader", stream)


class _Counted(io.RawIOBase):
    """A stream that knows how many bytes were read from it; standard input can't tell."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.count = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        piece = self._stream.read(size)
        self.count += len(piece)
        return piece

    def readinto(self, buffer: Any, /) -> int:
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


class _Guarded(io.RawIOBase):
    """A decompressed stream that ends in an error the user understands when it is damaged, cut off or a bomb."""

    def __init__(self, stream: Any, source: _Counted, *, where: object) -> None:
        self._stream, self._source, self._where = stream, source, where
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        try:
            # Not read(): where a file is cut off, that would raise without giving what it has read before.
            piece = self._stream.read1(len(buffer))
        except EOFError as error:
            raise self._error("the compressed file is cut off") from error
        except (OSError, zlib.error, lzma.LZMAError) as error:
            raise self._error(f"the compressed file is damaged ({error})") from error
        self._count += len(piece)
        if self._count > _RATIO_FROM and self._count > MAX_RATIO * self._source.count:
            problem = f"unpacks to more than {MAX_RATIO} times its size, as no text does"
            raise FormatError(problem, where=self._where, remedy="leave it out")
        buffer[: len(piece)] = piece
        return len(piece)

    def _error(self, problem: str) -> FormatError:
        return FormatError(problem, where=self._where, remedy="make or download the file again")


def _decompressor(head: bytes) -> Any:
    if head.startswith(b"\x1f\x8b"):
        return lambda stream: gzip.GzipFile(fileobj=stream)
    if head.startswith(b"BZh"):
        return bz2.BZ2File
    if head.startswith(b"\xfd7zXZ\x00"):
        return lzma.LZMAFile
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        return _zstd
    return None


def _zstd(stream: IO[bytes]) -> IO[bytes]:
    try:
        if sys.version_info >= (3, 14):
            from compression.zstd import ZstdFile  # noqa: PLC0415
        else:
            from backports.zstd import ZstdFile  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtra("web", "reading Zstandard files") from error
    return cast("IO[bytes]", ZstdFile(stream))


def _refuse_binary(raw: bytes, codec: str, where: object) -> None:
    head = raw[:65536]
    looks = looks_like(raw)
    if looks is None and codec in {"utf-8", "utf-8-sig"} and b"\x00" in head:
        looks = "binary data (it holds NUL bytes)"
        for wide, text_bytes in (("utf-16-le", head[0::2]), ("utf-16-be", head[1::2])):
            if b"\x00" not in text_bytes and head.count(0) * 3 > len(head):
                raise EncodingError(
                    f"is not UTF-8; it looks like {wide} without a byte-order mark",
                    where=where,
                    remedy=f"force it with --encoding {wide}",
                )
    if looks is not None:
        raise FormatError(
            f"is not text: it looks like {looks}", where=where, remedy="save it as text or CSV, or force --encoding"
        )


def _refuse_huge(raw: bytes, where: object) -> None:
    # Python stores every character of a string in the width of its widest: one emoji makes 200 MB 800 MB.
    if len(raw) * 4 <= MAX_TEXT:
        return
    width = 4 if re.search(rb"[\xf0-\xf4]", raw) else 2 if re.search(rb"[\xc4-\xff]", raw) else 1
    if len(raw) * width > MAX_TEXT:
        raise InputError("is too large for one article", where=where, remedy="split it into articles first")


def _no_codec(name: str, where: object) -> EncodingError:
    return EncodingError(f"there is no encoding {name!r}", where=where, remedy="utf-8 and cp1252 are the usual ones")


def _undecodable(raw: bytes, codec: str, error: UnicodeError, where: object, *, forced: bool) -> EncodingError:
    start = error.start if isinstance(error, UnicodeDecodeError) else 0
    line = raw.count(b"\n", 0, start) + 1
    problem = f"is not {codec}: byte 0x{raw[start]:02x} at offset {start}, line {line}"
    if forced:
        return EncodingError(problem, where=where, remedy="choose another --encoding")
    # Looked at around the first odd byte: a long file is not slower to refuse, and the odd letters are there.
    found = guess_encoding(raw[max(0, start - 8192) : start + 24576])
    if found is None:
        return EncodingError(problem, where=where, remedy="name its encoding with --encoding")
    return EncodingError(f"{problem}; it looks like {found}", where=where, remedy=f"force it with --encoding {found}")


def _same_codec(one: str, other: str) -> bool:
    try:
        return codecs.lookup(one) == codecs.lookup(other)
    except LookupError:
        return False
