"""Read stand-off labels, check them, and join them with the sentences they belong to."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from operator import attrgetter
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from annotate.codebook import SKIP, read_codebook
from annotate.errors import CodebookError, DuplicateId, FormatError, InputError, NoSuchFile
from annotate.resources import carried
from annotate.sentences import Span, split_text
from annotate.tables import read_table
from annotate.types import Article, Codebook, Gold, Row, Sentence

T = TypeVar("T", Span, Gold)

LABELS: Final = "labels.jsonl"


def read_gold(
    path: str | Path | None = None, *, codebook: Codebook | None = None, lengths: Mapping[str, int] | None = None
) -> list[Gold]:
    """Read stand-off labels, in the file's order; without a path, those nutgraf comes with.

    Parameters
    ----------
    codebook
        What the labels must be from, or ``"skip"``; without one, nutgraf's.
    lengths
        Code points of the documents' texts, as far as they are at hand: no label may reach beyond.

    Raises
    ------
    FormatError
        If a row lacks a field, its offsets cut nothing or reach beyond the text, or two rows of a coder overlap.
    CodebookError
        If a label is not in the codebook.
    DuplicateId
        If a coder labelled one stretch twice.
    NoSuchFile, EmptyInput, EncodingError
        See :func:`annotate.tables.read_table`.
    """
    path = carried("data", "gold", LABELS) if path is None else path
    keys = frozenset((*(read_codebook() if codebook is None else codebook).keys, SKIP))
    lengths = {} if lengths is None else lengths
    placed: list[tuple[str, Gold]] = []
    for where, row in read_table(path):
        gold = _as_gold(row, where)
        _check_label(gold, keys, where)
        _check_offsets(gold, lengths.get(gold.document), where)
        placed.append((where, gold))
    _refuse_overlaps(placed)
    return [gold for _, gold in placed]


def labelled_sentences(
    gold: Iterable[Gold], articles: Mapping[str, Article], *, language: str = "en"
) -> tuple[list[Sentence], list[str | None]]:
    """Return the sentences of the labelled articles, in page order, and the label of each.

    The units are as the coder saw them, whatever the splitter makes of the text. Where a coder labelled a part of an
    article, the splitter's sentences fill the gaps, so that each unit keeps its neighbours; they have no label (None),
    nor have units that were skipped.

    Parameters
    ----------
    gold
        The labels of one coder.
    articles
        By id, all that the labels speak of.
    language
        Whose rules of splitting.

    Raises
    ------
    NoSuchFile
        If the labels speak of an article that is not there.
    InputError
        If they are of several coders.
    FormatError
        If offsets reach beyond the text, cut white space or overlap.
    """
    by_document: dict[str, list[Gold]] = {}
    for row in gold:
        by_document.setdefault(row.document, []).append(row)
    _refuse_several_coders(row for rows in by_document.values() for row in rows)
    sentences: list[Sentence] = []
    labels: list[str | None] = []
    for document, rows in by_document.items():
        if document not in articles:
            raise NoSuchFile("labels without their text", where=document, remedy="give the article they were made on")
        for span, label in _units(sorted(rows, key=lambda row: row.start), articles[document].text, language):
            index = sentences[-1].index + 1 if sentences and sentences[-1].article == document else 0
            text = articles[document].text[span.start : span.end]
            sentences.append(Sentence(document, index, span.paragraph, span.start, span.end, text, span.quote))
            labels.append(label)
    return sentences, labels


def _units(rows: Sequence[Gold], text: str, language: str) -> list[tuple[Span, str | None]]:
    """Return the labelled stretches, sorted as given, and the sentences between them, in page order."""
    _check_against(rows, text)
    spans = split_text(text, language=language)
    units: list[tuple[Span, str | None]] = []
    for row in rows:
        touched = _overlapping(row.start, row.end, spans)
        quote = next((span.quote for span in touched if span.quote is not None), None)
        unit = Span(row.start, row.end, touched[0].paragraph, quote)
        units.append((unit, None if row.label == SKIP else row.label))
    units.extend((span, None) for span in spans if not _overlapping(span.start, span.end, rows))
    return sorted(units, key=lambda unit: unit[0].start)


def _overlapping(start: int, end: int, stretches: Sequence[T]) -> Sequence[T]:
    """Return those of the stretches, sorted and apart, that share a character with ``start`` to ``end``."""
    first = bisect_right(stretches, start, key=attrgetter("end"))
    return stretches[first : bisect_left(stretches, end, key=attrgetter("start"))]


def _as_gold(row: Row, where: str) -> Gold:
    try:
        return msgspec.convert(row, Gold, strict=False)  # in CSV every value is text
    except msgspec.ValidationError as error:
        raise FormatError(
            f"is no stand-off label ({error})", where=where, remedy=f"a row has {', '.join(Gold.__struct_fields__)}"
        ) from error


def _check_label(gold: Gold, keys: frozenset[str], where: str) -> None:
    if gold.label not in keys:
        raise CodebookError(
            f"the label {gold.label!r} is not in the codebook",
            where=where,
            remedy=f"use {', '.join(sorted(keys))}, or name the codebook it is from with --codebook",
        )


def _check_offsets(gold: Gold, length: int | None, where: str) -> None:
    if not 0 <= gold.start < gold.end:
        raise FormatError(
            f"offsets {gold.start} to {gold.end} cut nothing",
            where=where,
            remedy="start counts from 0 and lies before end",
        )
    if length is not None and gold.end > length:
        raise FormatError(
            f"offsets {gold.start} to {gold.end} reach beyond {gold.document}, which has {length} characters",
            where=where,
            remedy="the text has changed since the labels were made: use the text they were made on",
        )


def _refuse_overlaps(placed: Sequence[tuple[str, Gold]]) -> None:
    in_order = sorted(placed, key=lambda item: (item[1].document, item[1].coder, item[1].start, item[1].end))
    for (earlier, one), (where, other) in pairwise(in_order):
        if (one.document, one.coder) != (other.document, other.coder) or one.end <= other.start:
            continue
        if (one.start, one.end) == (other.start, other.end):
            raise DuplicateId(
                f"{other.coder} labelled {other.document} {other.start} to {other.end} twice, first in {earlier}",
                where=where,
                remedy="keep one of them",
            )
        raise FormatError(
            f"offsets {other.start} to {other.end} of {other.document} overlap with those of {earlier}",
            where=where,
            remedy="each character stands in one unit at most",
        )


def _check_against(rows: Sequence[Gold], text: str) -> None:
    end = 0
    for row in rows:
        where = f"{row.document} {row.start} to {row.end}"
        _check_offsets(row, len(text), where)
        if row.start < end:
            raise FormatError("overlaps with the label before it", where=where, remedy="keep one of them")
        if not text[row.start : row.end].strip():
            raise FormatError(
                "cuts nothing but white space", where=where, remedy="use the text the labels were made on"
            )
        end = row.end


def _refuse_several_coders(gold: Iterable[Gold]) -> None:
    coders = sorted({row.coder for row in gold})
    if len(coders) > 1:
        raise InputError(f"these are the labels of {', '.join(coders)}", remedy="choose one coder")
