"""Split text into sentences with exact offsets, and follow quotations across them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from annotate.sentences.language import languages, load_language
from annotate.sentences.lines import part_items
from annotate.sentences.place import Bounds
from annotate.sentences.quotations import find_quotations
from annotate.sentences.scanner import find_sentences
from annotate.types import Article, Sentence

Quotes = Literal["split", "whole"]

__all__ = ["Quotes", "Span", "iter_sentences", "languages", "split", "split_text"]


class Span(msgspec.Struct, frozen=True, gc=False):
    """A sentence as offsets into its text, in code points.

    Parameters
    ----------
    start, end
        The sentence is ``text[start:end]``.
    paragraph
        Number of its non-empty line, from 0.
    quote
        Number of the first quotation it stands in or touches, from 0, or None.
    """

    start: int
    end: int
    paragraph: int
    quote: int | None = None


def split_text(text: str, *, language: str = "en", quotes: Quotes = "split") -> list[Span]:
    """Split text into sentences, in order, without overlap, covering all that is not white space.

    Parameters
    ----------
    quotes
        ``"split"`` ends sentences inside quotations too; ``"whole"`` keeps the sentences of one quotation together.

    Raises
    ------
    InputError
        There are no rules for the language.
    """
    return list(_iter_spans(text, language, quotes))


def split(article: Article, *, language: str = "en", quotes: Quotes = "split") -> list[Sentence]:
    """Split an article into sentences; see :func:`split_text`."""
    return list(iter_sentences(article, language=language, quotes=quotes))


def iter_sentences(article: Article, *, language: str = "en", quotes: Quotes = "split") -> Iterator[Sentence]:
    """Yield an article's sentences one by one: of a huge text, their copies need not be in memory together."""
    name, text = article.id, article.text
    for index, span in enumerate(_iter_spans(text, language, quotes)):
        yield Sentence(name, index, span.paragraph, span.start, span.end, text[span.start : span.end], span.quote)


def _iter_spans(text: str, language: str, quotes: Quotes) -> Iterator[Span]:
    rules = load_language(language)
    quotations = find_quotations(text, rules)
    sentences: Iterable[Bounds] = part_items(text, find_sentences(text, rules))
    if quotes == "whole":
        sentences = _join_quotations(sentences, quotations)
    return _number_quotations(sentences, quotations)


def _number_quotations(sentences: Iterable[Bounds], quotations: list[Bounds]) -> Iterator[Span]:
    at, count = 0, len(quotations)
    for start, end, paragraph in sentences:
        while at < count and quotations[at][1] <= start:
            at += 1
        number = quotations[at][2] if at < count and quotations[at][0] < end else None
        yield Span(start, end, paragraph, number)


def _join_quotations(sentences: Iterable[Bounds], quotations: list[Bounds]) -> list[Bounds]:
    joined: list[Bounds] = []
    at, count = 0, len(quotations)
    for start, end, paragraph in sentences:
        while at < count and quotations[at][1] <= start:
            at += 1
        if joined and joined[-1][2] == paragraph and at < count and quotations[at][0] < joined[-1][1]:
            joined[-1] = (joined[-1][0], end, paragraph)
        else:
            joined.append((start, end, paragraph))
    return joined
