"""Who gave which label to which unit: a table of units by coders, with gaps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from annotate.codebook import SKIP
from annotate.errors import CodebookError, DuplicateId, EmptyInput, FormatError, InputError
from annotate.types import Gold

MISSING: Final = -1
GROUPS: Final = ("outlet", "source", "round", "week")
"""By what agreement can be broken down, in the order of reports."""

_DIGITS: Final = re.compile(r"([0-9]+)")

Codes = NDArray[np.int32]
Unit = tuple[str, int, int]
"""A unit's article, start and end."""


class Rating(msgspec.Struct, frozen=True, omit_defaults=True):
    """One coder's label for one unit.

    Parameters
    ----------
    article, start, end
        The unit: code points into the article's text.
    label
        None (or ``"skip"``) where the coder saw the unit and gave no label.
    groups
        Values of ``GROUPS``, as far as known: the article's outlet and source, the round and the week of the judgment.
    where
        The file and line it was read from, for messages.
    """

    article: str
    start: int
    end: int
    coder: str
    label: str | None
    groups: Mapping[str, str] = {}
    where: str = ""

    @property
    def unit(self) -> Unit:
        """Return what was labelled."""
        return self.article, self.start, self.end


class Ratings(msgspec.Struct, frozen=True, eq=False):
    """The labels of all coders, a row a unit and a column a coder. The arrays can't be written to.

    Parameters
    ----------
    labels, coders
        What codes and columns stand for.
    codes
        Shape (n_units, n_coders): positions in ``labels``, or ``MISSING``.
    units
        Sorted by article and place.
    article
        Shape (n_units,): positions in ``articles``, never falling.
    groups
        By each of ``GROUPS`` that is known: shape (n_units,), ``""`` where unknown.
    skipped
        Shape (n_coders,): how many units each coder saw and gave no label.
    """

    labels: tuple[str, ...]
    coders: tuple[str, ...]
    codes: Codes
    units: Sequence[Unit]
    articles: tuple[str, ...]
    article: NDArray[np.intp]
    groups: Mapping[str, NDArray[np.str_]]
    skipped: NDArray[np.int64]

    def __post_init__(self) -> None:
        arrays: list[NDArray[Any]] = [self.codes, self.article, self.skipped, *self.groups.values()]
        for array in arrays:
            array.flags.writeable = False

    def of(self, coders: Sequence[str]) -> Ratings:
        """Return the columns of these coders, in the order given.

        Raises
        ------
        InputError
            If one of them labelled nothing.
        """
        unknown = [coder for coder in coders if coder not in self.coders]
        if unknown:
            raise InputError(
                f"no labels by {', '.join(unknown)}", remedy=f"the coders are {', '.join(self.coders) or 'none'}"
            )
        columns = [self.coders.index(coder) for coder in coders]
        return msgspec.structs.replace(
            self, coders=tuple(coders), codes=self.codes[:, columns], skipped=self.skipped[columns]
        )

    def where(self, chosen: NDArray[np.bool_]) -> Ratings:
        """Return the rows of the chosen units; articles without any are left out.

        Parameters
        ----------
        chosen
            Shape (n_units,).
        """
        present, article = np.unique(self.article[chosen], return_inverse=True)
        return msgspec.structs.replace(
            self,
            codes=self.codes[chosen],
            units=[unit for unit, kept in zip(self.units, chosen.tolist(), strict=True) if kept],
            articles=tuple(self.articles[i] for i in present),
            article=article,
            groups={name: values[chosen] for name, values in self.groups.items()},
        )

    def paired(self) -> Ratings:
        """Return the units that at least two coders labelled; only these tell of agreement."""
        return self.where((self.codes != MISSING).sum(axis=1) >= 2)


def tabulate(rows: Iterable[Rating], labels: Sequence[str]) -> Ratings:
    """Return the table of these ratings.

    A unit's outlet and source are its article's. Its round and week are the latest of its judgments', in natural order
    (2 before 10): before then it had one judgment and told nothing of agreement.

    Parameters
    ----------
    labels
        What could be chosen, in the codebook's order.

    Raises
    ------
    EmptyInput
        If there are no rows.
    CodebookError
        If a label is not among ``labels``.
    DuplicateId
        If a coder labelled one unit twice.
    FormatError
        If an article has two outlets or sources.
    """
    by_unit: dict[Unit, dict[str, Rating]] = {}
    for row in rows:
        _check_label(row, labels)
        given = by_unit.setdefault(row.unit, {})
        if row.coder in given:
            raise _twice(row, given[row.coder])
        given[row.coder] = row
    if not by_unit:
        raise EmptyInput("no labels to compare", remedy="give a table with document, start, end, label and coder")
    return _table(by_unit, tuple(labels))


def from_gold(gold: Iterable[Gold], labels: Sequence[str]) -> Ratings:
    """Return the table of stand-off labels; see :func:`tabulate`."""
    return tabulate((Rating(row.document, row.start, row.end, row.coder, row.label) for row in gold), labels)


def _table(by_unit: Mapping[Unit, Mapping[str, Rating]], labels: tuple[str, ...]) -> Ratings:
    units = sorted(by_unit)
    coders = sorted({coder for given in by_unit.values() for coder in given})
    articles = sorted({unit[0] for unit in units})
    column, number = {name: i for i, name in enumerate(coders)}, {name: i for i, name in enumerate(articles)}
    code = {label: i for i, label in enumerate(labels)}
    codes = np.full((len(units), len(coders)), MISSING, dtype=np.int32)
    skipped = np.zeros(len(coders), dtype=np.int64)
    for i, unit in enumerate(units):
        for coder, row in by_unit[unit].items():
            if row.label in (None, SKIP):
                skipped[column[coder]] += 1
            else:
                codes[i, column[coder]] = code[str(row.label)]
    return Ratings(
        labels=labels,
        coders=tuple(coders),
        codes=codes,
        units=units,
        articles=tuple(articles),
        article=np.array([number[unit[0]] for unit in units], dtype=np.intp),
        groups=_groups(units, by_unit),
        skipped=skipped,
    )


def _groups(units: Sequence[Unit], by_unit: Mapping[Unit, Mapping[str, Rating]]) -> dict[str, NDArray[np.str_]]:
    known: dict[str, NDArray[np.str_]] = {}
    for name in GROUPS:
        if any(name in row.groups for given in by_unit.values() for row in given.values()):
            of = _article_values(name, by_unit) if name in ("outlet", "source") else None
            values = [
                of.get(unit[0], "") if of is not None else _latest(name, by_unit[unit].values()) for unit in units
            ]
            known[name] = np.array(values, dtype=np.str_)
    return known


def _article_values(name: str, by_unit: Mapping[Unit, Mapping[str, Rating]]) -> dict[str, str]:
    values: dict[str, str] = {}
    for unit, given in by_unit.items():
        for row in given.values():
            value = row.groups.get(name)
            if value and values.setdefault(unit[0], value) != value:
                raise FormatError(
                    f"the {name} of {unit[0]!r} is {value!r} here and {values[unit[0]]!r} before",
                    where=row.where or None,
                    remedy=f"an article has one {name}",
                )
    return values


def _latest(name: str, rows: Iterable[Rating]) -> str:
    return max((row.groups.get(name, "") for row in rows), key=natural)


def natural(value: str) -> tuple[str | int, ...]:
    """Return a key that sorts ``round 2`` before ``round 10``."""
    return tuple(int(part) if i % 2 else part for i, part in enumerate(_DIGITS.split(value)))


def week_of(time: datetime) -> str:
    """Return the ISO week as ``GROUPS`` has it, such as ``2026-W11``."""
    year, week, _ = time.isocalendar()
    return f"{year}-W{week:02d}"


def _check_label(row: Rating, labels: Sequence[str]) -> None:
    if row.label is not None and row.label != SKIP and row.label not in labels:
        raise CodebookError(
            f"the label {row.label!r} is not in the codebook",
            where=row.where or f"{row.article} {row.start} to {row.end}",
            remedy=f"use {', '.join(labels)} or {SKIP}, or name the codebook with --codebook",
        )


def _twice(row: Rating, first: Rating) -> DuplicateId:
    before = f", first in {first.where}" if first.where else ""
    return DuplicateId(
        f"{row.coder} labelled {row.article} {row.start} to {row.end} twice{before}",
        where=row.where or None,
        remedy="keep the judgment made before any discussion",
    )
