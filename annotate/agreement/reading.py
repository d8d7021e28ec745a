"""Read the labels of several coders from a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from annotate.agreement.ratings import GROUPS, Rating, Ratings, Unit, tabulate, week_of
from annotate.codebook import SKIP
from annotate.errors import DuplicateId, FormatError
from annotate.tables import read_table
from annotate.types import Row

_ROW: Final = "a row has document (or article), start, end, label and coder"


class Coded(msgspec.Struct, frozen=True):
    """Ratings as read.

    Parameters
    ----------
    texts
        Of the units whose rows have a column ``text``.
    discussed
        How many judgments were left out because they were made after a discussion.
    """

    ratings: Ratings
    texts: Mapping[Unit, str]
    discussed: int


class Decision(NamedTuple):
    """What somebody decided on a unit: a label, or ``"skip"``, and who."""

    label: str
    who: str


class _Row(msgspec.Struct, frozen=True):
    start: int
    end: int
    coder: str
    label: str | list[str] | None
    document: str | None = None
    article: str | None = None
    text: str | None = None
    time: str | None = None
    discussed: bool | None = None


def read_ratings(
    path: str | Path, labels: Sequence[str], *, groups: Mapping[str, Mapping[str, str]] | None = None
) -> Coded:
    """Read a table with a row a judgment: ``document`` (or ``article``), ``start``, ``end``, ``label``, ``coder``.

    No label, an empty list or ``"skip"`` mean that the coder saw the unit and gave none. Columns ``outlet``,
    ``source``, ``round`` and ``week`` are kept, where they are; without ``week`` it is the ISO week of ``time``. Rows
    whose column ``discussed`` is true are no evidence of agreement and left out.

    Parameters
    ----------
    labels
        What could be chosen, in the codebook's order.
    groups
        By article: values of outlet and source that the rows do not have.

    Raises
    ------
    FormatError
        If a row lacks a field, has several labels, or its offsets cut nothing.
    DuplicateId
        If a coder labelled one unit twice.
    CodebookError
        If a label is not among ``labels``.
    NoSuchFile, EmptyInput, EncodingError
        See :func:`annotate.tables.read_table`.
    """
    texts: dict[Unit, str] = {}
    discussed = 0

    def judged() -> Iterator[Rating]:
        nonlocal discussed
        for where, row in read_table(path):
            fields = _convert(row, where)
            if fields.discussed:
                discussed += 1
                continue
            rating = _rating(fields, row, groups or {}, where)
            if fields.text is not None:
                texts.setdefault(rating.unit, fields.text)
            yield rating

    ratings = tabulate(judged(), labels)
    return Coded(ratings, texts, discussed)


def read_decisions(path: str | Path) -> dict[Unit, Decision]:
    """Read what somebody decided where coders differ: a table like that of the labels, with one decision a unit.

    Raises
    ------
    DuplicateId
        If two rows decide on one unit.
    FormatError
        See :func:`read_ratings`.
    """
    found: dict[Unit, Decision] = {}
    for where, row in read_table(path):
        rating = _rating(_convert(row, where), row, {}, where)
        if rating.unit in found:
            raise DuplicateId(
                f"{rating.article} {rating.start} to {rating.end} was decided twice, first by {found[rating.unit].who}",
                where=where,
                remedy="keep one decision a unit",
            )
        found[rating.unit] = Decision(rating.label or SKIP, rating.coder)
    return found


def _convert(row: Row, where: str) -> _Row:
    if "label" not in row:
        raise FormatError("lacks label", where=where, remedy=_ROW)
    try:
        return msgspec.convert({name: row[name] for name in _Row.__struct_fields__ if name in row}, _Row, strict=False)
    except msgspec.ValidationError as error:
        raise FormatError(f"is no judgment ({error})", where=where, remedy=_ROW) from error


def _rating(fields: _Row, row: Row, groups: Mapping[str, Mapping[str, str]], where: str) -> Rating:
    article = fields.article if fields.document is None else fields.document
    if not article or not fields.coder:
        raise FormatError(f"lacks {'coder' if article else 'document'}", where=where, remedy=_ROW)
    if not 0 <= fields.start < fields.end:
        raise FormatError(
            f"offsets {fields.start} to {fields.end} cut nothing",
            where=where,
            remedy="start counts from 0 and lies before end",
        )
    known = dict(groups.get(article, {})) | {name: str(row[name]) for name in GROUPS if row.get(name) not in (None, "")}
    if "week" not in known and fields.time:
        known["week"] = _week(fields.time, where)
    return Rating(article, fields.start, fields.end, fields.coder, _label(fields.label, where), known, where)


def _label(label: Any, where: str) -> str | None:
    if isinstance(label, list):
        if len(label) > 1:
            raise FormatError(f"has {len(label)} labels", where=where, remedy="each unit gets exactly one")
        return label[0] if label else None
    return label or None


def _week(time: str, where: str) -> str:
    try:
        return week_of(datetime.fromisoformat(time))
    except ValueError as error:
        raise FormatError(
            f"time {time!r} is no date", where=where, remedy="write 2026-03-14 or 2026-03-14T09:30:00Z"
        ) from error
