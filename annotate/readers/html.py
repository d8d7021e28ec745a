"""Web pages: every block is kept, in page order; which of them are the article is marked, not cut."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Any, Final

from annotate.errors import EmptyInput, FormatError
from annotate.files import Decoded, article_stem, decode, guess_encoding, looks_like, read_whole, signature
from annotate.readers.blocks import PageBlock, copies, parse, walk
from annotate.readers.body import Found, body_blocks, find_article
from annotate.readers.options import Options, Source
from annotate.types import Article, Block

MAX_PAGE: Final = 32 << 20
# Of pages whose article is looked for: news pages have some thousand tags, and to find an article takes minutes and
# gigabytes in a page of a hundred thousand.
_MAX_TAGS: Final = 30_000
_MAX_TEXT: Final = 1_000_000
_SEPARATOR: Final = "\n\n"
_DECLARATIONS: Final = (
    re.compile(rb"<meta[^>]{0,400}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]+)", re.IGNORECASE),
    re.compile(rb"^\s*<\?xml[^>]{0,400}?encoding\s*=\s*[\"']([A-Za-z0-9_:.-]+)", re.IGNORECASE),
)
# What browsers take a declared name for (WHATWG Encoding Standard): the larger set that pages really use.
_TAKEN_FOR: Final = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "utf-16": "utf-8",
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
    "utf-7": "utf-8",
}


def read_html(stream: io.BufferedReader, source: Source, options: Options) -> Iterator[Article]:
    """Yield one saved page as an article."""
    raw = read_whole(stream, where=source, limit=MAX_PAGE)
    yield article_from_page(raw, article_stem(source.path), where=str(source), options=options)


def article_from_page(
    raw: bytes,
    identity: str,
    *,
    where: str,
    options: Options,
    charset: str | None = None,
    url: str | None = None,
    metadata: Mapping[str, str] | None = None,
) -> Article:
    """Return a page as an article.

    Parameters
    ----------
    charset
        What the server said of the encoding.
    url
        Where the page was found; a page that names its own address overrules it.
    metadata
        What else is known of it; an encoding other than UTF-8 is added.

    Raises
    ------
    EmptyInput, EncodingError, FormatError
        If the page has no text; is not in the encoding forced; is no page.
    """
    page, encoding = decode_page(raw, where=where, encoding=options.encoding, charset=charset)
    metadata = dict(metadata or {})
    if encoding not in {"utf-8", "utf-8-sig"}:
        metadata["encoding"] = encoding
        options.note(f"{where}: read as {encoding}")
    return article_from_html(page, identity, where=where, url=url, metadata=metadata)


def article_from_html(
    page: str, identity: str, *, where: str, url: str | None = None, metadata: Mapping[str, str] | None = None
) -> Article:
    """Return a decoded page as an article whose text is its blocks, parted by blank lines.

    Raises
    ------
    EmptyInput, FormatError
        If there is no text on the page, or more than on any page.
    """
    root = parse(page)
    try:
        blocks = walk(page, root)
    except FormatError as error:
        raise FormatError(error.problem, where=where, remedy="leave it out") from error
    if not blocks:
        raise EmptyInput("there is no text on the page", where=where)
    language = None if root is None else _language(root)
    text = _SEPARATOR.join(block.text for block in blocks) + "\n"
    searchable = root is not None and len(text) <= _MAX_TEXT and page.count("<") <= _MAX_TAGS
    found = find_article(root) if searchable else None
    known = found or Found("")
    return Article(
        id=identity,
        text=text,
        title=known.title,
        outlet=known.outlet,
        byline=known.byline,
        published=known.published,
        url=known.url or url,
        language=language,
        source=where,
        blocks=_with_offsets(blocks, found),
        metadata=metadata or {},
    )


def decode_page(raw: bytes, *, where: str, encoding: str | None = None, charset: str | None = None) -> Decoded:
    """Decode a page by what it is forced to be, its byte-order mark, its declarations, UTF-8, its letters.

    Declarations that don't fit the bytes are passed over. Single odd bytes in what else is UTF-8 become U+FFFD.

    Raises
    ------
    FormatError, EncodingError
        If it is not text; not in the encoding forced.
    """
    if encoding is not None:
        return decode(raw, where=where, encoding=encoding)
    kind = looks_like(raw)
    if kind is not None:
        raise FormatError(f"is not a web page: it looks like {kind}", where=where, remedy="leave it out")
    for codec in (signature(raw), _wide(raw), charset, *_declared(raw), "utf-8"):
        text = _decoded(raw, _taken_for(codec))
        if text is not None:
            return text
    odd = raw.decode("utf-8", "replace")
    if odd.count("\ufffd") * 4 < sum(character > "\x7f" for character in odd):
        return Decoded(odd, "utf-8")
    codec = guess_encoding(raw[: 1 << 16]) or "cp1252"
    return Decoded(raw.decode(codec, "replace"), codec)


def _declared(raw: bytes) -> list[str]:
    head = raw[:4096]
    return [found[1].decode("ascii") for pattern in _DECLARATIONS if (found := pattern.search(head))]


def _taken_for(codec: str | None) -> str | None:
    try:
        name = codecs.lookup(codec or "").name
    except (LookupError, ValueError):
        return None
    return codec if codec in {"utf-16", "utf-32", "utf-16-le", "utf-16-be"} else _TAKEN_FOR.get(name, name)


def _wide(raw: bytes) -> str | None:
    return {b"<\x00": "utf-16-le", b"\x00<": "utf-16-be"}.get(raw[:2])


def _decoded(raw: bytes, codec: str | None) -> Decoded | None:
    if codec is None:
        return None
    try:
        return Decoded(raw.decode(codec), codec)
    except (UnicodeError, LookupError):
        return None


def _language(root: Any) -> str | None:
    found = root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang")
    return str(found).strip() or None if found else None


def _with_offsets(blocks: list[PageBlock], found: Found | None) -> tuple[Block, ...]:
    starts = accumulate((len(block.text) + len(_SEPARATOR) for block in blocks), initial=0)
    inside = [None] * len(blocks) if found is None else body_blocks(blocks, found.text)
    return tuple(
        Block(
            start=start,
            end=start + len(block.text),
            body=body,
            path=block.path,
            link_density=round(block.link_density, 4),
            heading=block.heading,
            copies=same,
        )
        for block, start, body, same in zip(blocks, starts, inside, copies(blocks), strict=False)
    )
