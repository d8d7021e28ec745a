"""RSS and Atom feeds: an article an entry, with the text the feed has, or with the page it points to."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from html import escape
from html.entities import html5
from typing import Any, Final, NamedTuple
from urllib.parse import urljoin

import msgspec

from annotate.errors import EmptyInput, FormatError, InputError, MissingExtra
from annotate.files import read_whole
from annotate.readers.dates import iso_date
from annotate.readers.html import MAX_PAGE, article_from_html, article_from_page
from annotate.readers.options import Options, Source
from annotate.types import Article

_FEEDS: Final = frozenset(["rss", "feed", "RDF"])
_TEXTS: Final = ("encoded", "content", "description", "summary")  # the longer first
_DATES: Final = ("published", "pubDate", "date", "issued", "updated")
_DOCTYPE: Final = re.compile(rb"<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE)
_ENTITY: Final = re.compile(rb"&(?!(?:lt|gt|amp|quot|apos);)([A-Za-z][A-Za-z0-9]*);")
_XML: Final = "{http://www.w3.org/XML/1998/namespace}"


class _Entry(NamedTuple):
    """What a feed says of one article."""

    identity: str
    html: str
    url: str | None
    title: str | None
    byline: str | None
    published: str | None


def read_feed(stream: io.BufferedReader, source: Source, options: Options) -> Iterator[Article]:
    """Yield an article an entry; entries that can't be used are reported and left out.

    With ``options.follow`` the pages that the entries point to are fetched and read instead.
    """
    root = _parse(read_whole(stream, where=source, limit=MAX_PAGE), source)
    channel = next((child for child in root if _name(child) == "channel"), root)
    outlet, language = _text(channel, ("title",)), _text(channel, ("language",)) or root.get(f"{_XML}lang")
    empty = True
    for number, node in enumerate(root.iter("{*}item", "{*}entry"), start=1):
        where = f"{source} entry {number}"
        try:
            entry = _entry(node, str(source))
            article = _followed(entry, where, options) if options.follow else _as_it_is(entry, where)
        except InputError as error:
            options.bad_row(error)
        else:
            empty = False
            yield msgspec.structs.replace(
                article, outlet=article.outlet or outlet, language=article.language or language
            )
    if empty:
        raise EmptyInput("holds no entry with a text", where=source)


def _parse(raw: bytes, source: Source) -> Any:
    try:
        from lxml import etree  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtra("web", "reading feeds") from error
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, remove_comments=True)
    try:
        root = etree.fromstring(_ENTITY.sub(_numbered, _DOCTYPE.sub(b"", raw, count=1)), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise FormatError(f"is no readable XML ({error})", where=source) from error
    if root is None or _name(root) not in _FEEDS:
        kind = "nothing" if root is None else f"<{_name(root)}>"
        raise FormatError(f"is no RSS or Atom feed: it holds {kind}", where=source, remedy="leave it out")
    return root


def _numbered(entity: re.Match[bytes]) -> bytes:
    """Return an HTML entity as XML knows it, by number, and nothing for others.

    At one it does not know libxml2 loses the next characters, and at one that grows the rest of the feed.
    """
    return "".join(f"&#{ord(character)};" for character in html5.get(f"{entity[1].decode()};", "")).encode()


def _entry(node: Any, base: str) -> _Entry:
    link = next(
        (
            child.get("href") or child.text
            for child in node
            if _name(child) == "link" and child.get("rel", "alternate") == "alternate"
        ),
        None,
    )
    url = urljoin(base, link.strip()) if link and link.strip() else None
    author = next((child for child in node if _name(child) in {"creator", "author"}), None)
    byline = None if author is None else _text(author, ("name",)) or (author.text or "").strip() or None
    date = _text(node, _DATES)
    return _Entry(
        identity=_text(node, ("guid", "id")) or url or "",
        html=next((html for name in _TEXTS for child in node if _name(child) == name and (html := _html(child))), ""),
        url=url,
        title=_text(node, ("title",)),
        byline=byline,
        published=iso_date(date) if date else None,
    )


def _as_it_is(entry: _Entry, where: str) -> Article:
    article = article_from_html(entry.html, entry.identity or where, where=where, url=entry.url)
    return _with(entry, article)


def _followed(entry: _Entry, where: str, options: Options) -> Article:
    if entry.url is None or options.fetch is None:
        raise FormatError("has no link to follow", where=where)
    fetched = options.fetch(entry.url)
    article = article_from_page(
        fetched.content, entry.url, where=entry.url, options=options, charset=fetched.charset, url=entry.url
    )
    return _with(entry, article)


def _with(entry: _Entry, article: Article) -> Article:
    return msgspec.structs.replace(
        article,
        title=entry.title or article.title,
        byline=entry.byline or article.byline,
        published=entry.published or article.published,
    )


def _html(node: Any) -> str:
    """Return an element's content as HTML: escaped in RSS, as elements in Atom's XHTML."""
    text = (node.text or "").strip()
    if not len(node):
        return escape(text) if node.get("type") == "text" else text
    from lxml import etree  # noqa: PLC0415 - loaded before

    for element in node.iter("*"):
        element.tag = _name(element)
    return escape(text) + "".join(etree.tostring(child, method="html", encoding="unicode") for child in node)


def _text(node: Any, names: tuple[str, ...]) -> str | None:
    for name in names:
        for child in node:
            if _name(child) == name and (text := " ".join("".join(child.itertext()).split())):
                return text
    return None


def _name(node: Any) -> str:
    return str(node.tag).rpartition("}")[2]
