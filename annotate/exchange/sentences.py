"""Sentences from whatever the user has: articles to be split, or rows that were split before."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from annotate.errors import DuplicateId, FormatError, InputError
from annotate.files import STDIN
from annotate.readers import read_articles
from annotate.sentences import Quotes, iter_sentences
from annotate.tables import EXTENSIONS, read_table
from annotate.types import Row, Sentence

COLUMNS: Final = ("article", "index", "paragraph", "start", "end", "text", "quote")
_NEEDED: Final = frozenset({"article", "index", "start", "end", "text"})
_HEAD: Final = 65536
_LOOKED_AT: Final = 1000  # rows
_FARTHEST: Final = 2**53  # an offset that every format can hold


def read_sentences(
    sources: Sequence[str | Path],
    *,
    language: str = "en",
    quotes: Quotes = "split",
    on_note: Callable[[str], None] | None = None,
    **reading: Any,
) -> Iterator[Sentence]:
    """Yield the sentences of articles, split now, and of tables of sentences, as they stand.

    Parameters
    ----------
    sources
        Anything :func:`annotate.readers.read_articles` reads, or tables with the columns of ``nutgraf split``.
    language, quotes
        See :func:`annotate.sentences.split`.
    on_note, reading
        See :func:`annotate.readers.read_articles`.

    Raises
    ------
    InputError
        If a source can't be used.
    """
    waiting: list[str | Path] = []
    for source in sources:
        if holds_sentences(source):
            yield from _split_all(waiting, language=language, quotes=quotes, on_note=on_note, **reading)
            waiting = []
            yield from _in_page_order(as_sentences(read_table(source)))
        else:
            waiting.append(source)
    yield from _split_all(waiting, language=language, quotes=quotes, on_note=on_note, **reading)


def as_sentences(rows: Iterable[tuple[str, Row]]) -> Iterator[tuple[str, Row, Sentence]]:
    """Yield each row of a table of sentences with its place, whole, and as a sentence.

    Articles may be called by whole numbers, as tables from statistics packages do.

    Raises
    ------
    FormatError
        If a row lacks a value, or its offsets do not fit its text.
    """
    for where, row in rows:
        missing = sorted(column for column in _NEEDED if row.get(column) in (None, ""))
        if missing:
            searched = ", or give the articles with --text, to be searched" if "text" not in missing else ""
            raise FormatError(
                f"lacks {', '.join(missing)}",
                where=where,
                remedy=f"use rows as `nutgraf split` writes them{searched}",
            )
        yield where, row, _sentence(row, where)


def _sentence(row: Row, where: str) -> Sentence:
    values = {"paragraph": 0} | {column: row[column] for column in COLUMNS if row.get(column) is not None}
    if isinstance(values["article"], int):
        values["article"] = str(values["article"])
    try:
        sentence = msgspec.convert(values, Sentence, strict=False)
    except msgspec.ValidationError as error:
        problem, _, column = str(error).partition(" - at `$.")
        raise FormatError(
            f"is no sentence: {column.rstrip('`')} is wrong ({problem})",
            where=where,
            remedy="use rows as `nutgraf split` writes them",
        ) from error
    if not 0 <= sentence.start < sentence.end < _FARTHEST or sentence.end - sentence.start != len(sentence.text):
        raise FormatError(
            f"offsets {sentence.start} to {sentence.end} do not fit a text of {len(sentence.text)} characters",
            where=where,
            remedy="offsets count Unicode code points; export the rows again",
        )
    return sentence


def _in_page_order(rows: Iterable[tuple[str, Row, Sentence]]) -> Iterator[Sentence]:
    """Yield the sentences, or raise :class:`DuplicateId` where one does not stand behind the one before it."""
    last: Sentence | None = None
    for where, _, sentence in rows:
        if last is not None and sentence.article == last.article and sentence.start < last.end:
            raise DuplicateId(
                f"the sentence at {sentence.start} does not stand behind the one at {last.start} of {last.article}",
                where=where,
                remedy="keep one row a sentence, sorted by article and start",
            )
        yield sentence
        last = sentence


def holds_sentences(source: str | Path) -> bool:
    """Return whether a source is a table of sentences, not of articles.

    Its first rows tell. One column too few is a sentence that lacks something, to be told of, not an article.
    """
    if str(source) == STDIN:
        lines = cast("io.BufferedReader", sys.stdin.buffer).peek(1)[:_HEAD].split(b"\n")
        return any(_is_placed({one for one in _NEEDED if f'"{one}":'.encode() in line}) for line in lines)
    if Path(source).suffix.lower() not in EXTENSIONS or not Path(source).is_file():
        return False
    try:
        with closing(read_table(source)) as rows:
            return any(_is_placed(set(_NEEDED & row.keys())) for _, row in islice(rows, _LOOKED_AT))
    except InputError:
        return False  # the readers of articles know more encodings, and say better what is wrong


def _is_placed(columns: set[str]) -> bool:
    return len(columns) >= len(_NEEDED) - 1


def _split_all(sources: Sequence[str | Path], *, language: str, quotes: Quotes, **reading: Any) -> Iterator[Sentence]:
    if sources:
        for article in read_articles(sources, **reading):
            yield from iter_sentences(article, language=language, quotes=quotes)
