"""What each article adds to agreement.

Every coefficient here is a function of sums over units. With the sums of each article at hand, a bootstrap over
articles needs no unit again: a replicate is a weighted sum of articles.
"""

from __future__ import annotations

from itertools import combinations
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from annotate.agreement.ratings import MISSING, Codes, Ratings

Floats = NDArray[np.float64]

_PARTS: Final = ("coincidences", "pairs", "shares", "paired", "rated")


class Sums(msgspec.Struct, frozen=True, eq=False):
    """Sums over the units of an article, of all of them, or of a replicate; leading axes are free.

    ``n_uk`` is how many coders gave unit u label k, ``m_u`` how many labelled it at all.

    Parameters
    ----------
    coincidences
        Shape (…, K, K): of ``n_uc (n_uk - [c = k]) / (m_u - 1)``, Krippendorff's coincidence matrix.
    pairs
        Shape (…, K, K): of ``n_uc (n_uk - [c = k]) / (m_u (m_u - 1))``, so that each unit adds 1.
    shares
        Shape (…, K): of ``n_uk / m_u``.
    paired, rated
        Shape (…,): units with at least two labels, and with at least one.
    """

    coincidences: Floats
    pairs: Floats
    shares: Floats
    paired: Floats
    rated: Floats

    def weighted(self, weights: Floats) -> Sums:
        """Return weighted sums over articles.

        Parameters
        ----------
        weights
            Shape (n_replicates, n_articles).
        """
        return Sums(**{part: np.tensordot(weights, getattr(self, part), axes=1) for part in _PARTS})

    def total(self) -> Sums:
        """Return the sums over all articles."""
        return Sums(**{part: getattr(self, part).sum(axis=0) for part in _PARTS})

    def against_rest(self, label: int) -> Sums:
        """Return the sums with two labels left: this one, and any other."""
        return Sums(
            coincidences=_collapse(self.coincidences, label),
            pairs=_collapse(self.pairs, label),
            shares=np.stack([self.shares[..., label], np.delete(self.shares, label, axis=-1).sum(axis=-1)], axis=-1),
            paired=self.paired,
            rated=self.rated,
        )


class Crossing(msgspec.Struct, frozen=True, eq=False):
    """What two coders gave the units that both labelled.

    Parameters
    ----------
    coders
        Positions of the two.
    articles
        Shape (n_shared,): positions of the articles they share.
    counts
        Shape (n_shared, K, K): rows are the first coder's labels, columns the second's.
    """

    coders: tuple[int, int]
    articles: NDArray[np.intp]
    counts: Floats


def counts_of(codes: Codes, n_labels: int) -> Floats:
    """Return how many coders gave each unit each label, shape (n_units, n_labels)."""
    counts: Floats = np.empty((len(codes), n_labels))
    for label in range(n_labels):
        counts[:, label] = (codes == label).sum(axis=1)
    return counts


def sums_by_article(ratings: Ratings) -> Sums:
    """Return the sums of each article; the leading axis is the article."""
    counts, article = counts_of(ratings.codes, len(ratings.labels)), ratings.article
    n_articles, n_labels = len(ratings.articles), len(ratings.labels)
    judgments = counts.sum(axis=1)
    rated, paired = judgments >= 1, judgments >= 2

    def add(values: Floats) -> Floats:
        return np.bincount(article, weights=values, minlength=n_articles).astype(np.float64, copy=False)

    each = np.divide(1.0, judgments, out=np.zeros_like(judgments), where=rated)
    other = np.divide(1.0, judgments - 1, out=np.zeros_like(judgments), where=paired)
    coincidences = np.empty((n_articles, n_labels, n_labels))
    pairs = np.empty_like(coincidences)
    for one in range(n_labels):
        for two in range(one + 1):
            met = counts[:, one] * (counts[:, two] - (one == two)) * other
            coincidences[:, one, two] = coincidences[:, two, one] = add(met)
            pairs[:, one, two] = pairs[:, two, one] = add(met * each)
    shares = np.stack([add(counts[:, label] * each) for label in range(n_labels)], axis=-1)
    return Sums(coincidences, pairs, shares, add(paired.astype(np.float64)), add(rated.astype(np.float64)))


def crossings(ratings: Ratings) -> list[Crossing]:
    """Return what each pair of coders gave the units they share, of those pairs that share any."""
    n_labels, found = len(ratings.labels), []
    for one, two in combinations(range(len(ratings.coders)), 2):
        both = (ratings.codes[:, one] != MISSING) & (ratings.codes[:, two] != MISSING)
        if both.any():
            articles, position = np.unique(ratings.article[both], return_inverse=True)
            cell = (position * n_labels + ratings.codes[both, one]) * n_labels + ratings.codes[both, two]
            counts = np.bincount(cell, minlength=len(articles) * n_labels**2).astype(np.float64)
            found.append(Crossing((one, two), articles, counts.reshape(-1, n_labels, n_labels)))
    return found


def sums_of_pair(counts: Floats) -> Sums:
    """Return the sums of units that two coders labelled both.

    Parameters
    ----------
    counts
        Shape (…, K, K): rows are the first coder's labels, columns the second's.
    """
    both = counts + np.swapaxes(counts, -1, -2)
    units = counts.sum(axis=(-1, -2))
    return Sums(coincidences=both, pairs=both / 2, shares=both.sum(axis=-1) / 2, paired=units, rated=units)


def _collapse(matrix: Floats, label: int) -> Floats:
    # added up rather than taken from the whole, so that nothing is 0 and not a rounding error
    here = matrix[..., label, label]
    across = np.delete(matrix[..., label, :], label, axis=-1).sum(axis=-1)
    rest = np.delete(np.delete(matrix, label, axis=-1), label, axis=-2).sum(axis=(-1, -2))
    return np.stack([np.stack([here, across], axis=-1), np.stack([across, rest], axis=-1)], axis=-2)
