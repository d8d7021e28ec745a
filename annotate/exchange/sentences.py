"""Sentences from whatever the user has: articles to be split, or rows that were split before."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from annotate.errors import FormatError
from annotate.files import STDIN
from annotate.readers import read_articles
from annotate.sentences import Quotes, iter_sentences
from annotate.tables import EXTENSIONS, first_row, read_table
from annotate.types import Row, Sentence

COLUMNS: Final = ("article", "index", "paragraph", "start", "end", "text", "quote")
_NEEDED: Final = frozenset({"article", "index", "start", "end", "text"})
_HEAD: Final = 65536


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
        if _holds_sentences(source):
            yield from _split_all(waiting, language=language, quotes=quotes, on_note=on_note, **reading)
            waiting = []
            yield from (sentence for _, _, sentence in read_rows(source))
        else:
            waiting.append(source)
    yield from _split_all(waiting, language=language, quotes=quotes, on_note=on_note, **reading)


def read_rows(path: str | Path) -> Iterator[tuple[str, Row, Sentence]]:
    """Yield each row of a table of sentences with its place, whole, and as a sentence.

    Raises
    ------
    FormatError
        If a row lacks a column, or its offsets do not fit its text.
    """
    for where, row in read_table(path):
        missing = sorted(_NEEDED - row.keys())
        if missing:
            raise FormatError(
                f"lacks {', '.join(missing)}", where=where, remedy="use rows as `nutgraf split` writes them"
            )
        try:
            sentence = msgspec.convert(
                {"paragraph": 0} | {c: row[c] for c in COLUMNS if row.get(c) is not None}, Sentence, strict=False
            )
        except msgspec.ValidationError as error:
            raise FormatError(
                f"is no sentence ({error})", where=where, remedy="use rows as `nutgraf split` writes them"
            ) from error
        if sentence.end - sentence.start != len(sentence.text):
            raise FormatError(
                f"offsets {sentence.start} to {sentence.end} do not fit a text of {len(sentence.text)} characters",
                where=where,
                remedy="offsets count Unicode code points; export the rows again",
            )
        yield where, row, sentence


def _holds_sentences(source: str | Path) -> bool:
    if str(source) == STDIN:
        first_line = cast("io.BufferedReader", sys.stdin.buffer).peek(1)[:_HEAD].split(b"\n", 1)[0]
        return all(f'"{column}":'.encode() in first_line for column in _NEEDED)
    if Path(source).suffix.lower() not in EXTENSIONS or not Path(source).is_file():
        return False
    return first_row(source).keys() >= _NEEDED


def _split_all(sources: Sequence[str | Path], *, language: str, quotes: Quotes, **reading: Any) -> Iterator[Sentence]:
    if sources:
        for article in read_articles(sources, **reading):
            yield from iter_sentences(article, language=language, quotes=quotes)
