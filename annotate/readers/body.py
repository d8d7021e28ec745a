"""Find a page's article: which blocks are its body, and what the page says of it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from annotate.errors import MissingExtra
from annotate.readers.alignment import in_body
from annotate.readers.blocks import PageBlock

_LINK: Final = 0.8  # of a block's characters: "Related: <another headline>" is a pointer out of the article
_LINKS_ALLOWED: Final = 0.3  # of the body: above it, the links are the article, as in "ten books to read"
_DATES: Final = {
    "original_date": True,
    "extensive_search": False,  # numbers in running text are dates too rarely
    "max_date": "2100-01-01",  # not today, or the same page would read differently tomorrow
}


class Found(NamedTuple):
    """What an extractor says of a page."""

    text: str
    title: str | None = None
    byline: str | None = None
    published: str | None = None
    outlet: str | None = None
    url: str | None = None


def find_article(root: Any) -> Found | None:
    """Return the body's text and the metadata of a parsed page, or None if it seems to hold no article.

    Raises
    ------
    MissingExtra
        If trafilatura is not installed.
    """
    try:
        from trafilatura import bare_extraction  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtra("web", "reading HTML") from error
    for name in ("trafilatura", "htmldate"):
        _keep_quiet(name)
    try:
        document: Any = bare_extraction(
            root, fast=True, include_comments=False, with_metadata=True, date_extraction_params=dict(_DATES)
        )
    except Exception:
        # Whatever a strange page does to an extractor, the page's blocks are still there.
        return None
    if document is None or not document.text:
        return None
    return Found(
        text=document.text,
        title=document.title or None,
        byline=document.author or None,
        published=document.date or None,
        outlet=document.sitename or None,
        url=document.url or None,
    )


def body_blocks(blocks: Sequence[PageBlock], body: str) -> list[bool]:
    """Return for each block whether it is of the article's body, whose text was found elsewhere.

    The headline stands above the body, and a heading that nothing follows belongs to what comes next. A block that is
    hardly more than a link points to another page, unless the article is made of such.
    """
    inside = in_body([block.text for block in blocks], body)
    chosen = [i for i, chosen in enumerate(inside) if chosen]
    links = [i for i in chosen if blocks[i].link_density >= _LINK]
    if _length(blocks, links) < _LINKS_ALLOWED * _length(blocks, chosen):
        chosen = [i for i in chosen if blocks[i].link_density < _LINK]
    while chosen and blocks[chosen[0]].heading == 1:
        chosen.pop(0)
    while chosen and blocks[chosen[-1]].heading:
        chosen.pop()
    kept = set(chosen)
    return [i in kept for i in range(len(blocks))]


def _length(blocks: Sequence[PageBlock], numbers: Sequence[int]) -> int:
    return sum(len(blocks[i].text) for i in numbers)


def _keep_quiet(name: str) -> None:
    # Without a handler, Python prints a library's warnings to the user's terminal.
    logger = logging.getLogger(name)
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
