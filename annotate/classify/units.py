"""The classifier's sample: each unit is a sentence that knows its page.

Coders read a sentence in its article's context, so the classifier does too. A sample ``X`` is a NumPy object array of
:class:`Unit`, shape (n_units,). Any subset of it can be taken, by folds too, without losing anyone's neighbours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any
from zlib import crc32

import msgspec
import numpy as np
from numpy.typing import NDArray

from annotate.errors import DuplicateId
from annotate.types import Sentence

Sample = NDArray[Any]
"""Object array of units, shape (n_units,)."""


class PageRead(msgspec.Struct, frozen=True, eq=False):
    """What a classifier reads of a page, without the page's text.

    Parameters
    ----------
    dense
        A reader's features, float32, shape (n_sentences, n_features).
    counts
        Hashed counts by name, sparse, each of n_sentences rows.
    checks
        The CRC-32 of each sentence's text.
    """

    dense: Any
    counts: Mapping[str, Any]
    checks: tuple[int, ...]


class Page(msgspec.Struct, frozen=True, eq=False):
    """An article's sentences in page order.

    Parameters
    ----------
    article
        The article's id.
    sentences
        All of the article's sentences, labelled or not.
    copy_of
        The first of the articles that it is a near-duplicate of; empty where there is none.
    read
        What was read of them where their text is not at hand: then each sentence's text is empty.
    """

    article: str
    sentences: tuple[Sentence, ...]
    copy_of: str = ""
    read: PageRead | None = None

    @property
    def group(self) -> str:
        """Return what no split may cut, within an estimator too: the article with its near-duplicates."""
        return self.copy_of or self.article


class Unit(msgspec.Struct, frozen=True, eq=False):
    """A sentence to classify and the page it stands on.

    Parameters
    ----------
    page
        Shared by all units of the article.
    position
        Index into ``page.sentences``.
    """

    page: Page
    position: int

    @property
    def sentence(self) -> Sentence:
        """Return the sentence itself."""
        return self.page.sentences[self.position]

    @property
    def article(self) -> str:
        """Return the article's id."""
        return self.page.article

    @property
    def check(self) -> int:
        """Return the CRC-32 of the sentence's text, known even where the text is not."""
        if self.page.read is not None:
            return self.page.read.checks[self.position]
        return crc32(self.sentence.text.encode("utf-8", "surrogatepass"))


class TakesUnits:
    """Mixin that tells scikit-learn that an estimator's sample is units, not a matrix of numbers."""

    def __sklearn_tags__(self) -> Any:
        """Say so in the estimator's tags."""
        tags = super().__sklearn_tags__()  # type: ignore[misc]
        tags.input_tags.two_d_array = False
        tags.no_validation = True
        return tags


def sample(sentences: Iterable[Sentence]) -> Sample:
    """Group sentences by article and return a unit for each, in the order given.

    Parameters
    ----------
    sentences
        The sentences of one article must follow each other, in page order.

    Raises
    ------
    DuplicateId
        If an article's sentences come in two places.
    """
    units: list[Unit] = []
    seen: set[str] = set()
    for article, group in groupby(sentences, key=attrgetter("article")):
        if article in seen:
            raise DuplicateId(
                "the sentences of one article stand in two places",
                where=article,
                remedy="keep one row a sentence, sorted by article and index",
            )
        seen.add(article)
        page = Page(article, tuple(group))
        units.extend(Unit(page, position) for position in range(len(page.sentences)))
    return as_sample(units)


def units_of(found: Iterable[Page]) -> list[Unit]:
    """Return a unit for each sentence of the pages, in order."""
    return [Unit(page, position) for page in found for position in range(len(page.sentences))]


def as_sample(units: Sequence[Unit]) -> Sample:
    """Return the units as an object array, shape (n_units,)."""
    array = np.empty(len(units), dtype=object)
    array[:] = units
    return array


def articles(X: Sample) -> NDArray[np.str_]:
    """Return each unit's article id, shape (n_units,)."""
    return np.array([unit.article for unit in X], dtype=np.str_)


def with_copies(X: Sample, copies: Mapping[str, str]) -> Sample:
    """Return the sample with pages that know what they are copies of: article id to the id of the first article."""
    made = {
        id(page): msgspec.structs.replace(page, copy_of=copies[page.article])
        for page, _ in pages(X)
        if copies.get(page.article, page.article) != page.article
    }
    return as_sample([Unit(made.get(id(unit.page), unit.page), unit.position) for unit in X]) if made else X


def pages(X: Sample) -> list[tuple[Page, NDArray[np.intp]]]:
    """Return the distinct pages in order of appearance, each with the rows of ``X`` that stand on it."""
    rows: dict[int, list[int]] = {}
    found: dict[int, Page] = {}
    for row, unit in enumerate(X):
        found.setdefault(id(unit.page), unit.page)
        rows.setdefault(id(unit.page), []).append(row)
    return [(page, np.array(rows[key], dtype=np.intp)) for key, page in found.items()]
