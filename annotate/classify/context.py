"""Where units stand among all sentences of their pages, and what a sentence's surroundings say on average."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold

from annotate.classify.units import Sample, pages

# A single article can't be held out, but stretches of it can.
_STRETCHES = 5


class Context:
    """All sentences of the pages that units stand on.

    Parameters
    ----------
    units
        The units.

    Attributes
    ----------
    pages
        The distinct pages, in order of appearance.
    n
        How many sentences they have.
    at
        Where each unit's sentence is among them, shape (n_units,).
    block
        Number of the article each sentence belongs to, shape (n,), near-duplicates counted as one; of a stretch of it
        where there is one article only.
    groups
        The same for each unit: what no fold may cut.
    """

    def __init__(self, units: Sample) -> None:
        found = pages(units)
        self.pages = [page for page, _ in found]
        sizes = np.array([len(page.sentences) for page in self.pages], dtype=np.int64)
        self.n = int(sizes.sum())
        firsts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
        self.at = np.zeros(len(units), dtype=np.int64)
        for first, (_, rows) in zip(firsts.tolist(), found, strict=True):
            self.at[rows] = [first + units[row].position for row in rows]
        self._page = np.repeat(np.arange(len(sizes)), sizes)
        self._place = np.arange(self.n) - firsts[self._page]
        self._size = sizes[self._page]
        paragraphs = [sentence.paragraph for page in self.pages for sentence in page.sentences]
        pairs = np.column_stack([self._page, np.array(paragraphs, dtype=np.int64)])
        self._paragraph = np.unique(pairs, axis=0, return_inverse=True)[1].reshape(-1)
        names = np.unique([page.group for page in self.pages], return_inverse=True)[1]
        self.block = names[self._page]
        if len(names) > 0 and names.max() == 0:
            self.block = self._place * _STRETCHES // self._size
        self.groups = self.block[self.at]

    def windows(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Return each sentence's values with those of its surroundings, shape (n, 7 n_columns).

        These are its own, those of the two sentences before and after (zero past the page's ends), the mean of its
        paragraph and the mean of its page.
        """
        around = [self._moved(values, by) for by in (-2, -1, 1, 2)]
        means = [_mean_by(values, self._paragraph), _mean_by(values, self._page)]
        return np.hstack([values, *around, *means]).astype(np.float32)

    def _moved(self, values: NDArray[Any], by: int) -> NDArray[Any]:
        moved = np.zeros_like(values)
        inside = np.flatnonzero((self._place + by >= 0) & (self._place + by < self._size))
        moved[inside] = values[inside + by]
        return moved


def folds(groups: NDArray[Any], n_folds: int) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Yield rows to train on and rows held out, never cutting a group; nothing where there is one group only."""
    n_folds = min(n_folds, len(np.unique(groups)))
    if n_folds > 1:
        yield from GroupKFold(n_folds).split(groups, groups=groups)


def _mean_by(values: NDArray[Any], key: NDArray[np.intp]) -> NDArray[Any]:
    sums = np.column_stack([np.bincount(key, weights=column) for column in values.T])
    means: NDArray[Any] = (sums / np.maximum(np.bincount(key), 1)[:, None])[key]
    return means
