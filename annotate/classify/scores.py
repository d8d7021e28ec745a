"""Scores of predicted against given labels, with intervals from a bootstrap over articles.

Sentences of one article are not independent, so the bootstrap draws whole articles, as many as there are, with
replacement, and scores the pooled confusion matrix (percentile interval; Efron and Tibshirani 1993, chapter 13; of
clusters as in Field and Welsh 2007). F1 and accuracy are functions of the confusion matrix: one matrix an article is
enough.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

BOOTSTRAPS = 2000
LEVEL = 0.95

Counts = NDArray[np.int64]
"""Confusion counts: the last two axes are (given label, predicted label)."""


class Interval(msgspec.Struct, frozen=True):
    """An estimate with the bounds of its interval; all three are NaN where it is not defined."""

    estimate: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.estimate:.3f} [{self.low:.3f}, {self.high:.3f}]"


class LabelScore(msgspec.Struct, frozen=True):
    """How well one label is found.

    Parameters
    ----------
    label
        Its key.
    units, articles
        How many units carry it, in how many articles.
    precision, recall, f1
        In [0, 1].
    """

    label: str
    units: int
    articles: int
    precision: Interval
    recall: Interval
    f1: Interval


class Scores(msgspec.Struct, frozen=True):
    """Scores of one set of predictions.

    Parameters
    ----------
    labels
        The labels scored, in the codebook's order: those that occur among the given labels.
    macro_f1, accuracy
        Over all units; macro-F1 is the unweighted mean of the labels' F1.
    by_label
        One a label.
    confusion
        Rows are given labels, columns predicted ones, both in the order of ``labels``.
    """

    labels: tuple[str, ...]
    macro_f1: Interval
    accuracy: Interval
    by_label: tuple[LabelScore, ...]
    confusion: tuple[tuple[int, ...], ...]


def score(
    given: NDArray[np.str_],
    predicted: NDArray[np.str_],
    groups: NDArray[np.str_],
    labels: tuple[str, ...],
    *,
    seed: int = 0,
    bootstraps: int = BOOTSTRAPS,
) -> Scores:
    """Score predictions.

    Parameters
    ----------
    given, predicted
        Label keys, shape (n_units,).
    groups
        The article of each unit, shape (n_units,).
    labels
        The labels in the order wanted. Those that are neither given nor predicted are left out; a label that is
        predicted but never given has F1 0 and counts.
    """
    present = tuple(label for label in labels if (given == label).any() or (predicted == label).any())
    by_article = _confusion_by_article(given, predicted, groups, present)
    pooled = by_article.sum(axis=0)
    draws = _bootstrap(by_article, seed=seed, bootstraps=bootstraps)
    precision, recall, f1 = (
        [_interval(_of(part, pooled)[i], _of(part, draws)[:, i]) for i in range(len(present))]
        for part in ("precision", "recall", "f1")
    )
    given_counts = by_article.sum(axis=2)
    return Scores(
        labels=present,
        macro_f1=_interval(_of("f1", pooled).mean(), _of("f1", draws).mean(axis=-1)),
        accuracy=_interval(_accuracy(pooled), _accuracy(draws)),
        by_label=tuple(
            LabelScore(
                label=label,
                units=int(given_counts[:, i].sum()),
                articles=int((given_counts[:, i] > 0).sum()),
                precision=precision[i],
                recall=recall[i],
                f1=f1[i],
            )
            for i, label in enumerate(present)
        ),
        confusion=tuple(tuple(int(n) for n in row) for row in pooled),
    )


def difference(
    given: NDArray[np.str_],
    first: NDArray[np.str_],
    second: NDArray[np.str_],
    groups: NDArray[np.str_],
    labels: tuple[str, ...],
    *,
    seed: int = 0,
    bootstraps: int = BOOTSTRAPS,
) -> Interval:
    """Return by how much the first predictions' macro-F1 is higher than the second's, on the same units.

    Paired: every draw of articles scores both.
    """
    present = tuple(label for label in labels if any((part == label).any() for part in (given, first, second)))
    one, other = (_confusion_by_article(given, part, groups, present) for part in (first, second))
    gaps = _of("f1", _bootstrap(one, seed=seed, bootstraps=bootstraps)) - _of(
        "f1", _bootstrap(other, seed=seed, bootstraps=bootstraps)
    )
    pooled = _of("f1", one.sum(axis=0)) - _of("f1", other.sum(axis=0))
    return _interval(pooled.mean(), gaps.mean(axis=-1))


def macro_f1(given: NDArray[np.str_], predicted: NDArray[np.str_], labels: tuple[str, ...]) -> float:
    """Return the unweighted mean of the F1 of those ``labels`` that are given or predicted."""
    one_group: NDArray[np.str_] = np.zeros(len(given), dtype="U1")
    present = tuple(label for label in labels if (given == label).any() or (predicted == label).any())
    return float(_of("f1", _confusion_by_article(given, predicted, one_group, present)[0]).mean())


def _confusion_by_article(
    given: NDArray[np.str_], predicted: NDArray[np.str_], groups: NDArray[np.str_], labels: tuple[str, ...]
) -> Counts:
    order = {label: i for i, label in enumerate(labels)}
    _, article = np.unique(groups, return_inverse=True)
    counts = np.zeros((int(article.max()) + 1, len(labels), len(labels)), dtype=np.int64)
    rows = np.array([order[label] for label in given])
    columns = np.array([order[label] for label in predicted])
    np.add.at(counts, (article, rows, columns), 1)
    return counts


def _bootstrap(by_article: Counts, *, seed: int, bootstraps: int) -> Counts:
    n = len(by_article)
    draws = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=bootstraps)
    summed: Counts = np.tensordot(draws, by_article, axes=1)
    return summed


def _of(part: str, counts: Counts) -> NDArray[np.float64]:
    """Return precision, recall or F1 per label; a ratio of nothing to nothing counts as 0, as in scikit-learn."""
    hits = np.diagonal(counts, axis1=-2, axis2=-1).astype(np.float64)
    said, given = counts.sum(axis=-2), counts.sum(axis=-1)
    below = {"precision": said, "recall": given, "f1": (said + given) / 2}[part]
    ratio: NDArray[np.float64] = np.divide(hits, below, out=np.zeros_like(hits), where=below > 0)
    return ratio


def _accuracy(counts: Counts) -> NDArray[np.float64]:
    hits = np.trace(counts, axis1=-2, axis2=-1)
    ratio: NDArray[np.float64] = hits / np.maximum(counts.sum(axis=(-2, -1)), 1)
    return ratio


def _interval(estimate: Any, draws: NDArray[np.float64]) -> Interval:
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(estimate), float(low), float(high))
