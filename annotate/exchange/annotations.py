"""Annotations from whatever the user has: articles to be split, tables, and what other tools export."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from annotate.errors import DuplicateId, FormatError
from annotate.exchange.annotation import Annotation, from_row, place_of
from annotate.exchange.formats import FORMATS
from annotate.exchange.located import Rows, located
from annotate.exchange.sentences import as_sentences, holds_sentences
from annotate.exchange.soft import label_of
from annotate.readers import read_articles
from annotate.sentences import Quotes, iter_sentences
from annotate.tables import read_table
from annotate.types import Codebook, Row

Placed = tuple[str, Annotation]
"""An annotation with the file and line it was read from."""


def read_annotations(
    path: str,
    form: str,
    codebook: Codebook,
    *,
    texts: Mapping[str, str] | None = None,
    coder: str | None = None,
    renamed: Mapping[str, str] | None = None,
) -> list[Placed]:
    """Read what somebody judged elsewhere.

    Parameters
    ----------
    form
        One of :data:`annotate.exchange.formats.FORMATS`.
    texts
        The articles by id: offsets are held against them, and searched for where there are none.
    coder
        Who judged what names no coder.
    renamed
        Labels of theirs to labels of the codebook.

    Raises
    ------
    FormatError, InputError, CodebookError
        If a row is not what it should be.
    OffsetMismatch
        If it does not fit the text.
    DuplicateId
        If a coder judged a sentence twice.
    """
    return list(_annotations(FORMATS[form].read(path), codebook, texts or {}, coder=coder, renamed=renamed or {}))


def gather_annotations(
    sources: Sequence[str],
    codebook: Codebook,
    *,
    texts: Mapping[str, str],
    language: str = "en",
    quotes: Quotes = "split",
    on_note: Callable[[str], None] | None = None,
    **reading: Any,
) -> tuple[list[Annotation], dict[str, str]]:
    """Return the sentences of articles, split now, and those of tables with what the tables say of them.

    Returns
    -------
    annotations, texts
        The articles' texts by id, as far as they are at hand.

    Raises
    ------
    InputError
        If a source can't be used.
    """
    found: list[Annotation] = []
    known = dict(texts)
    waiting = [source for source in sources if not holds_sentences(source)]
    for source in sources:
        if source not in waiting:
            found += [one for _, one in _annotations(read_table(source), codebook, texts, coder=None, renamed={})]
    for article in read_articles(waiting, on_note=on_note, **reading) if waiting else ():
        known[article.id] = article.text
        found += [Annotation(one) for one in iter_sentences(article, language=language, quotes=quotes)]
    return found, known


def texts_of(paths: Sequence[str | Path]) -> dict[str, str]:
    """Return the texts of articles by id."""
    return {article.id: article.text for article in read_articles(paths)} if paths else {}


def _annotations(
    rows: Rows, codebook: Codebook, texts: Mapping[str, str], *, coder: str | None, renamed: Mapping[str, str]
) -> Iterator[Placed]:
    first: dict[tuple[str, int, int, str], str] = {}
    for where, row, sentence in as_sentences(_refuse_unplaced(located(rows, texts))):
        label = label_of(_renamed(row, renamed), codebook, where=where)
        one = from_row(row, sentence, label, codebook, where=where)
        if one.judged and one.coder is None and coder is not None:
            one = from_row({**row, "coder": coder}, sentence, label, codebook, where=where)
        place = sentence.article, sentence.start, sentence.end, one.coder or ""
        if place in first:
            raise DuplicateId(
                f"{one.coder or 'a coder without a name'} judged {place_of(sentence)} twice, first in {first[place]}",
                where=where,
                remedy="keep one of them",
            )
        first[place] = where
        yield where, one


def _refuse_unplaced(rows: Iterable[tuple[str, Row]]) -> Iterator[tuple[str, Row]]:
    for where, row in rows:
        if "article" not in row or "start" not in row or "end" not in row:
            lacking = "start and end" if "article" in row else "its article"
            raise FormatError(
                f"lacks {lacking}",
                where=where,
                remedy="give the articles with --text, and the sentence is searched for"
                if "article" in row
                else "add a column `article`",
            )
        yield where, row


def _renamed(row: Row, renamed: Mapping[str, str]) -> Row:
    label = row.get("label")
    if isinstance(label, list):
        return {**row, "label": [renamed.get(one, one) for one in label]}
    return {**row, "label": renamed.get(label, label) if isinstance(label, str) else label}
