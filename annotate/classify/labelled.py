"""A labelled sample: units with the label somebody gave them, and who that was."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from annotate.classify.units import Sample, articles, with_copies
from annotate.errors import InputError
from annotate.types import Article

LEAST: Final = 0.02
"""What a soft label must give a label for the unit to teach it anything."""


class Labelled(msgspec.Struct, frozen=True, eq=False):
    """Units and their labels.

    Parameters
    ----------
    X
        Object array of units, shape (n_units,). Their pages may hold more sentences, unlabelled.
    y
        Label keys, shape (n_units,); of soft labels the most probable.
    coder
        Who labelled, as it is printed beside every score.
    labels
        The codebook's keys in decision order; ``y`` holds no other.
    codebook
        The codebook's fingerprint.
    facts
        What is known of articles, such as outlet and date: column to article id to value.
    copies
        Near-duplicates: article id to the id of the first article it is a copy of; others may be left out.
    soft
        Soft labels: each label's probability, shape (n_units, n_labels), columns in the order of ``labels``, rows
        summing to 1. None where every label is certain.
    """

    X: Any  # a Sample; msgspec knows no array types
    y: Any  # an NDArray[np.str_]
    coder: str
    labels: tuple[str, ...]
    codebook: str
    facts: Mapping[str, Mapping[str, str]] = {}
    copies: Mapping[str, str] = {}
    soft: Any = None  # an NDArray[np.float64]

    @property
    def articles(self) -> NDArray[np.str_]:
        """Return the article of each unit, shape (n_units,)."""
        return articles(self.X)

    @property
    def groups(self) -> NDArray[np.str_]:
        """Return what no split may part, shape (n_units,): the article, or the first of those it is a copy of."""
        return np.array([self.copies.get(article, article) for article in self.articles.tolist()], dtype=np.str_)

    def rows_hash(self) -> str:
        """Return the SHA-256 over each unit's article, offsets, check of its text, and label, in order.

        Soft labels come after.
        """
        digest = hashlib.sha256()
        for unit, label in zip(self.X, self.y, strict=True):
            s = unit.sentence
            digest.update(msgspec.json.encode((s.article, s.start, s.end, unit.check, str(label))) + b"\n")
        if self.soft is not None:
            digest.update(msgspec.json.encode(self.soft.tolist()))
        return digest.hexdigest()

    def only(self, rows: NDArray[Any]) -> Labelled:
        """Return the units that ``rows`` (indices or a mask) selects."""
        soft = None if self.soft is None else self.soft[rows]
        return msgspec.structs.replace(self, X=self.X[rows], y=self.y[rows], soft=soft)

    def hard(self) -> Labelled:
        """Return the units with their most probable labels, taken as certain."""
        return msgspec.structs.replace(self, soft=None)

    def weighted(self) -> tuple[Sample, NDArray[np.str_], NDArray[np.float64] | None]:
        """Return units, labels and weights to learn from; the units' pages know what they are copies of.

        A unit with a soft label comes once for each label that is at least ``LEAST`` probable, weighted by its share.
        Weights are None where every label is certain.
        """
        X = with_copies(self.X, self.copies)
        if self.soft is None:
            return X, self.y, None
        rows, columns = np.nonzero(self.soft >= LEAST)
        return X[rows], np.array(self.labels, dtype=np.str_)[columns], self.soft[rows, columns]

    def without(self, articles: Sequence[str]) -> Labelled:
        """Return the units of all other articles.

        Raises
        ------
        InputError
            If there is no unit of one of them.
        """
        here = self.articles
        for article in articles:
            if article not in here:
                raise InputError(f"no labelled sentence is of the article {article!r}", remedy="name its id in full")
        return self.only(~np.isin(here, articles)) if articles else self


def article_facts(articles: Iterable[Article]) -> dict[str, dict[str, str]]:
    """Return what is known of articles: column to article id to value."""
    facts: dict[str, dict[str, str]] = {}
    for article in articles:
        known = {"outlet": article.outlet, "published": article.published, **article.metadata}
        note_facts(facts, article.id, known)
    return facts


def note_facts(facts: dict[str, dict[str, str]], article: str, row: Mapping[str, Any]) -> None:
    """Keep what is text, number or date; of an article's rows the first that says something counts."""
    for column, value in row.items():
        text = value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, str | int) else ""
        if text:
            facts.setdefault(column, {}).setdefault(article, text)


def articles_by_label(y: NDArray[np.str_], groups: NDArray[np.str_]) -> dict[str, int]:
    """Return in how many articles each label occurs."""
    return {label: len(np.unique(groups[y == label])) for label in np.unique(y).tolist()}
