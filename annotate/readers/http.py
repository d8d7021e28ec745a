"""HTTP responses as they were received: headers read, chunks joined, content unpacked within limits."""

from __future__ import annotations

import io
import re
import sys
import zlib
from email.message import Message
from http.client import HTTPException, parse_headers
from typing import Any, Final, NamedTuple

from annotate.errors import FormatError, InputError, MissingExtra
from annotate.readers.html import MAX_PAGE

_CHUNK: Final = re.compile(rb"\s*([0-9a-fA-F]{1,8})[^\r\n]{0,1000}\r?\n")
_PAGES: Final = frozenset(["text/html", "application/xhtml+xml"])


class Response(NamedTuple):
    """A response: its status, whether it is a web page, the charset it declares, and its content unpacked."""

    status: int
    is_page: bool
    charset: str | None
    content: bytes


def parse_response(raw: bytes, *, where: object) -> Response:
    """Parse a response as a crawler has stored it; only a page's content is unpacked.

    Raises
    ------
    FormatError, InputError
        If it is no HTTP response; its content is damaged or larger than any page.
    """
    stream = io.BytesIO(raw)
    version, _, rest = stream.readline(4096).partition(b" ")
    if not version.startswith(b"HTTP/") or not rest[:3].isdigit():
        raise FormatError("is no HTTP response", where=where, remedy="leave it out")
    try:
        headers = parse_headers(stream)
    except HTTPException as error:
        raise FormatError(f"has HTTP headers that can't be read ({error})", where=where) from error
    status, is_page = int(rest[:3]), _is_page(headers)
    if not is_page:
        return Response(status, is_page, None, b"")
    content = stream.read()
    if headers.get("Transfer-Encoding", "").strip().lower() == "chunked":
        content = _joined(content)
    content = unpack(content, headers.get("Content-Encoding", ""), where=where)
    return Response(status, is_page, headers.get_content_charset(), content)


def unpack(content: bytes, encodings: str, *, where: object) -> bytes:
    """Undo a response's content encodings; what is no longer encoded, as many crawlers store it, stays as it is.

    Raises
    ------
    FormatError, InputError, MissingExtra
        If the content is damaged; larger than any page; its encoding needs a part that is not installed.
    """
    for name in reversed(encodings.lower().split(",")):
        decoder = _decoder(name.strip(), content)
        if decoder is None:
            continue
        try:
            content = decoder(content)
        except (zlib.error, ValueError, OSError, EOFError, _brotli_error()) as error:
            raise FormatError(f"its {name.strip()} content is damaged ({error})", where=where) from error
        if len(content) > MAX_PAGE:
            raise InputError(f"unpacks to more than {MAX_PAGE >> 20} MiB", where=where, remedy="leave it out")
    return content


def _is_page(headers: Message) -> bool:
    return "Content-Type" not in headers or headers.get_content_type() in _PAGES


def _joined(content: bytes) -> bytes:
    """Join chunks; a content that is not in chunks was joined before."""
    pieces = []
    position = 0
    while found := _CHUNK.match(content, position):
        size = int(found[1], 16)
        if not size:
            break
        pieces.append(content[found.end() : found.end() + size])
        position = found.end() + size
    return b"".join(pieces) if pieces else content


def _decoder(name: str, content: bytes) -> Any:
    if name in {"gzip", "x-gzip"} and content.startswith(b"\x1f\x8b"):
        return _inflate
    if name == "deflate" and not content.lstrip().startswith(b"<"):
        return _inflate
    if name == "br" and not content.lstrip().startswith(b"<"):
        return _brotli
    if name == "zstd" and content.startswith(b"\x28\xb5\x2f\xfd"):
        return _zstd
    return None


def _inflate(content: bytes) -> bytes:
    try:
        return zlib.decompressobj(47).decompress(content, MAX_PAGE + 1)  # 47: gzip or zlib, whichever it is
    except zlib.error:
        return zlib.decompressobj(-15).decompress(content, MAX_PAGE + 1)


def _zstd(content: bytes) -> bytes:
    try:
        if sys.version_info >= (3, 14):
            from compression.zstd import ZstdDecompressor  # noqa: PLC0415
        else:
            from backports.zstd import ZstdDecompressor  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtra("web", "reading Zstandard content") from error
    unpacked: bytes = ZstdDecompressor().decompress(content, MAX_PAGE + 1)
    return unpacked


def _brotli(content: bytes) -> bytes:
    try:
        import brotli  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtra("web", "reading Brotli content") from error
    decompressor = brotli.Decompressor()
    pieces = [decompressor.process(content, output_buffer_limit=MAX_PAGE + 1)]
    while not decompressor.is_finished() and pieces[-1] and sum(map(len, pieces)) <= MAX_PAGE:
        pieces.append(decompressor.process(b"", output_buffer_limit=MAX_PAGE + 1))
    return b"".join(pieces)


def _brotli_error() -> type[Exception]:
    module = sys.modules.get("brotli")
    return ValueError if module is None else module.error
