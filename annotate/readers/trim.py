"""The text of a gold page: its article with a margin of what stands around it."""

from __future__ import annotations

import re
from typing import Final

from annotate.errors import FormatError
from annotate.readers.blocks import page_blocks

_BEFORE: Final = 5
_AFTER: Final = 10
_LONG: Final = 30  # word characters: shorter blocks, such as "Read more", stand in bodies and around them


def gold_text(page: str, article_body: str) -> str:
    """Return the stretch of a page that was labelled: five blocks before the body's first to ten after its last.

    Parameters
    ----------
    page
        The decoded HTML.
    article_body
        The body as the page's data set has it. A block belongs to it if it has over 30 word characters and they
        stand in the body.

    Raises
    ------
    FormatError
        If no block of the page belongs to the body.
    """
    blocks, body = page_blocks(page), _word_characters(article_body)
    inside = [i for i, block in enumerate(blocks) if len(found := _word_characters(block)) > _LONG and found in body]
    if not inside:
        raise FormatError("no block of the page stands in the article's body")
    return "\n\n".join(blocks[max(0, inside[0] - _BEFORE) : inside[-1] + _AFTER + 1]) + "\n"


def _word_characters(text: str) -> str:
    return re.sub(r"\W+", "", text).lower()
