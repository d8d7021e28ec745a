"""The block walk: all of a web page's visible text, in page order, promos included.

A block is a stretch of text between two boundaries that a browser would draw as a break: the start or end of a block
element, a line break, a rule. Nothing is judged here and nothing thrown away but what no reader of the page sees.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Any, Final, NamedTuple

from annotate.errors import FormatError, MissingExtra

# fmt: off
BOUNDARIES: Final = frozenset((
    "article", "aside", "blockquote", "body", "br", "button", "dd", "div", "dt", "figcaption", "figure", "footer",
    "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "iframe", "label", "li", "main", "nav", "ol", "option",
    "p", "pre", "section", "table", "td", "tr", "ul",
))
UNSEEN: Final = frozenset(("head", "noscript", "script", "select", "style", "svg", "template", "textarea"))
# fmt: on
_HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
_VOID: Final = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"))
# Up to the last ">" of a page every search for one succeeds, so that none is made in vain.
_TAG: Final = re.compile(r"<(?:(!--)|[!?][^>]*>|(/?)([a-zA-Z][^\s/>]*)[^>]*>)")
_CLOSING: Final = {
    "!--": re.compile("-->"),
    **{tag: re.compile(f"</{tag}", re.IGNORECASE) for tag in ("script", "style", "textarea", "title")},
}
_MAX_TAGS: Final = 1_000_000
_MAX_ATTRIBUTES: Final = 10_000
_LONG_TAG: Final = re.compile(r"<[a-zA-Z][^>]{20000,}")
_MAX_BLOCKS: Final = 500_000
_PATH_DEPTH: Final = 32  # innermost tags that a path names: a page nested 100,000 deep has paths too


class PageBlock(NamedTuple):
    """A block's text, white space collapsed, and where on the page it stands."""

    text: str
    path: str
    link_density: float
    heading: int | None


def page_blocks(page: str) -> list[str]:
    """Return the text of every block of a page, in page order."""
    return [block.text for block in walk(page, parse(page))]


def parse(page: str) -> Any | None:
    """Parse a page with lxml, or return None where there is nothing to parse or lxml would drop a part of it.

    libxml2 stops reading where elements nest deeper than 2,048: everything after that would be lost. A page of over a
    million tags has no tree either: it would take most of a gigabyte; nor one with a tag of over ten thousand
    attributes, which would take minutes.

    Raises
    ------
    MissingExtra
        If lxml is not installed.
    """
    try:
        from lxml import etree, html  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtra("web", "reading HTML") from error
    if page.count("<") > _MAX_TAGS or any(tag[0].count("=") > _MAX_ATTRIBUTES for tag in _LONG_TAG.finditer(page)):
        return None
    parser = html.HTMLParser(
        encoding="utf-8",
        remove_comments=True,
        remove_pis=True,
        huge_tree=True,
        collect_ids=False,
        default_doctype=False,
    )
    try:
        root = html.document_fromstring(page.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:
        # There is no element in it.
        return None
    last = parser.error_log.last_error
    return None if last is not None and last.type_name == "ERR_RESOURCE_LIMIT" else root


def walk(page: str, root: Any | None) -> list[PageBlock]:
    """Return every block of a page, given its tree or None if it has none (see :func:`parse`).

    Raises
    ------
    FormatError
        At half a million blocks: no page that anybody reads.
    """
    builder = _Builder()
    if root is None:
        _walk_tags(page, builder)
    else:
        _walk_tree(root if root.body is None else root.body, builder)
    builder.flush()
    return builder.blocks


def copies(blocks: Iterable[PageBlock]) -> list[int]:
    """Return for each block how many blocks of its page have its text."""
    texts = [block.text for block in blocks]
    count = Counter(texts)
    return [count[text] for text in texts]


class _Builder:
    """Collect text between boundaries; knows the open block elements, links and headings."""

    def __init__(self) -> None:
        self.blocks: list[PageBlock] = []
        self._pieces: list[str] = []
        self._link_pieces: list[str] = []
        self._open: list[str] = []
        self._links = 0
        self._levels: list[int] = []

    def start(self, tag: str) -> None:
        if tag in BOUNDARIES:
            self.flush()
            self._open.append(tag)
            if tag in _HEADINGS:
                self._levels.append(_HEADINGS[tag])
        elif tag == "a":
            self._links += 1

    def end(self, tag: str) -> None:
        if tag in BOUNDARIES:
            self.flush()
            self._open.pop()
            if tag in _HEADINGS:
                self._levels.pop()
        elif tag == "a":
            self._links -= 1

    def text(self, text: str) -> None:
        self._pieces.append(text)
        if self._links:
            self._link_pieces.append(text)

    def flush(self) -> None:
        if not self._pieces:
            return
        text = " ".join("".join(self._pieces).split())
        self._pieces.clear()
        if text:
            if len(self.blocks) >= _MAX_BLOCKS:
                raise FormatError(f"has more than {_MAX_BLOCKS:,} blocks of text, as no page has")
            self.blocks.append(
                PageBlock(
                    text=text,
                    path="/".join(self._open[-_PATH_DEPTH:]),
                    link_density=_letters(self._link_pieces) / (len(text) - text.count(" ")),
                    heading=self._levels[-1] if self._levels else None,
                )
            )
        self._link_pieces.clear()


def _letters(pieces: list[str]) -> int:
    return sum(len(word) for piece in pieces for word in piece.split())


def _walk_tree(body: Any, builder: _Builder) -> None:
    from lxml import etree  # noqa: PLC0415 - an extra

    events = etree.iterwalk(body, events=("start", "end"))
    for event, node in events:
        tag = node.tag
        if event == "start":
            if tag in UNSEEN:
                events.skip_subtree()
                continue
            builder.start(tag)
            if node.text:
                builder.text(node.text)
        else:
            if tag not in UNSEEN:
                builder.end(tag)
            if node.tail and node is not body:
                builder.text(node.tail)


def _walk_tags(page: str, builder: _Builder) -> None:
    """Drive a builder from tags as they come: blind to implied ends, but linear and of any depth."""
    open_tags: list[str] = []
    count: Counter[str] = Counter()
    unseen = 0

    def close(tag: str) -> None:
        nonlocal unseen
        while count[tag]:
            last = open_tags.pop()
            count[last] -= 1
            if last in UNSEEN:
                unseen -= 1
            else:
                builder.end(last)
            if last == tag:
                break

    for tag, ends, text in _tags(page):
        if text and not unseen:
            builder.text(unescape(text))
        if ends:
            close(tag)
        elif tag:
            if tag == "body":
                close("head")
            open_tags.append(tag)
            count[tag] += 1
            if tag in UNSEEN:
                unseen += 1
            else:
                builder.start(tag)
            if tag in _VOID:
                close(tag)


def _tags(page: str) -> Iterator[tuple[str, bool, str]]:
    """Yield every tag, whether it ends an element, and the text before it; at last the text after all tags."""
    position, last = 0, page.rfind(">") + 1
    while found := _TAG.search(page, position, last):
        comment, slash, name = found.groups()
        tag = (name or "").lower()
        yield tag, bool(slash), page[position : found.start()]
        position = found.end()
        closing = _CLOSING.get("!--" if comment else tag)
        if closing and not slash:
            end = closing.search(page, position)
            position = len(page) if end is None else end.end() if comment else end.start()
    yield "", False, page[position:]
