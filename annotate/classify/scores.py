"""Scores of predicted against given labels, with intervals from a bootstrap over articles.

Sentences of one article are not independent, so the bootstrap draws whole articles, as many as there are, with
replacement, and scores what they hold together (percentile interval; Efron and Tibshirani 1993, chapter 13; of
clusters as in Field and Welsh 2007). All scores are functions of three counts a label: so three counts an article are
enough.

A label that is neither given nor predicted in a draw has no F1 there. As in the scores themselves, the draw's macro-F1
is the mean over the other labels, and the draw says nothing of that label: to count it as 0 would pull the lower bounds
of rare labels down.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

BOOTSTRAPS = 2000
LEVEL = 0.95

Counts = NDArray[Any]
"""Units by label; the last two axes are (predicted rightly, predicted, given) and the labels."""

_RIGHT, _SAID, _GIVEN = range(3)
_DRAWS_AT_ONCE = 2**23  # numbers of articles drawn that are held in memory


class Interval(msgspec.Struct, frozen=True):
    """An estimate with the bounds of its interval."""

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
        In [0, 1]; a precision of a label never predicted, or a recall of one never given, counts as 0.
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
        The labels scored, in the codebook's order: those that are given or predicted.
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


class Expected(msgspec.Struct, frozen=True):
    """Scores against soft labels, as if each unit's label were drawn by its probabilities.

    Parameters
    ----------
    macro_f1, accuracy
        Of expected counts.
    best_accuracy
        What always predicting the most probable label would reach: no classifier can do better.
    uncertain
        How many units have a label that is not certain.
    """

    macro_f1: Interval
    accuracy: Interval
    best_accuracy: float
    uncertain: int


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
    present = _present(labels, given, predicted)
    by_article = _count_by_article(given, predicted, groups, present)
    pooled = by_article.sum(axis=0)
    draws = _bootstrap(by_article, seed=seed, bootstraps=bootstraps)
    precision, recall, f1 = (
        [interval(np.nan_to_num(_of(part, pooled)[i]), _of(part, draws)[:, i]) for i in range(len(present))]
        for part in ("precision", "recall", "f1")
    )
    return Scores(
        labels=present,
        macro_f1=interval(_macro_f1(pooled), _macro_f1(draws)),
        accuracy=interval(_accuracy(pooled), _accuracy(draws)),
        by_label=tuple(
            LabelScore(
                label=label,
                units=int(pooled[_GIVEN, i]),
                articles=int((by_article[:, _GIVEN, i] > 0).sum()),
                precision=precision[i],
                recall=recall[i],
                f1=f1[i],
            )
            for i, label in enumerate(present)
        ),
        confusion=_confusion(given, predicted, present),
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
    present = _present(labels, given, first, second)
    one, other = (_count_by_article(given, part, groups, present) for part in (first, second))
    gaps = _macro_f1(_bootstrap(one, seed=seed, bootstraps=bootstraps)) - _macro_f1(
        _bootstrap(other, seed=seed, bootstraps=bootstraps)
    )
    return interval(_macro_f1(one.sum(axis=0)) - _macro_f1(other.sum(axis=0)), gaps)


def expected(
    soft: NDArray[np.float64],
    predicted: NDArray[np.str_],
    groups: NDArray[np.str_],
    labels: tuple[str, ...],
    *,
    seed: int = 0,
    bootstraps: int = BOOTSTRAPS,
) -> Expected:
    """Score predictions against soft labels: counts are the sums of probabilities.

    Parameters
    ----------
    soft
        Each label's probability, shape (n_units, n_labels), columns in the order of ``labels``.
    """
    _, article = np.unique(groups, return_inverse=True)
    said = _numbers(predicted, labels)
    rows = np.arange(len(said))
    counts = np.zeros((int(article.max()) + 1, 3, len(labels)))
    np.add.at(counts[:, _RIGHT], (article, said), soft[rows, said])
    np.add.at(counts[:, _SAID], (article, said), 1)
    np.add.at(counts[:, _GIVEN], article, soft)
    pooled, draws = counts.sum(axis=0), _bootstrap(counts, seed=seed, bootstraps=bootstraps)
    return Expected(
        macro_f1=interval(_macro_f1(pooled), _macro_f1(draws)),
        accuracy=interval(_accuracy(pooled), _accuracy(draws)),
        best_accuracy=float(soft.max(axis=1).mean()),
        uncertain=int((soft.max(axis=1) < 1).sum()),
    )


def interval(estimate: Any, draws: NDArray[np.float64]) -> Interval:
    """Return an estimate with its interval: the percentiles of the draws that have a value, or itself if none has."""
    values = draws[~np.isnan(draws)]
    if not len(values):
        return Interval(float(estimate), float(estimate), float(estimate))
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(estimate), float(low), float(high))


def macro_f1_draws(
    given: NDArray[np.str_],
    predicted: NDArray[np.str_],
    groups: NDArray[np.str_],
    labels: tuple[str, ...],
    *,
    seed: int = 0,
    bootstraps: int = BOOTSTRAPS,
) -> tuple[float, NDArray[np.float64]]:
    """Return the macro-F1 and that of each draw of articles, shape (bootstraps,); a seed always draws the same."""
    counts = _count_by_article(given, predicted, groups, labels)
    return float(_macro_f1(counts.sum(axis=0))), _macro_f1(_bootstrap(counts, seed=seed, bootstraps=bootstraps))


def macro_f1(given: NDArray[np.str_], predicted: NDArray[np.str_], labels: tuple[str, ...]) -> float:
    """Return the unweighted mean of the F1 of those ``labels`` that are given or predicted."""
    one_group: NDArray[np.str_] = np.zeros(len(given), dtype="U1")
    return float(_macro_f1(_count_by_article(given, predicted, one_group, labels)[0]))


def _present(labels: tuple[str, ...], *columns: NDArray[np.str_]) -> tuple[str, ...]:
    found = {str(label) for column in columns for label in np.unique(column)}
    return tuple(label for label in labels if label in found)


def _count_by_article(
    given: NDArray[np.str_], predicted: NDArray[np.str_], groups: NDArray[np.str_], labels: tuple[str, ...]
) -> Counts:
    """Return counts, shape (n_articles, 3, n_labels)."""
    _, article = np.unique(groups, return_inverse=True)
    meant, said = _numbers(given, labels), _numbers(predicted, labels)
    right = meant == said
    counts = np.zeros((int(article.max()) + 1, 3, len(labels)), dtype=np.int64)
    np.add.at(counts[:, _RIGHT], (article[right], meant[right]), 1)
    np.add.at(counts[:, _SAID], (article, said), 1)
    np.add.at(counts[:, _GIVEN], (article, meant), 1)
    return counts


def _confusion(
    given: NDArray[np.str_], predicted: NDArray[np.str_], labels: tuple[str, ...]
) -> tuple[tuple[int, ...], ...]:
    counts = np.zeros((len(labels), len(labels)), dtype=np.int64)
    np.add.at(counts, (_numbers(given, labels), _numbers(predicted, labels)), 1)
    return tuple(tuple(row) for row in counts.tolist())


def _numbers(column: NDArray[np.str_], labels: tuple[str, ...]) -> NDArray[np.intp]:
    order = {label: i for i, label in enumerate(labels)}
    return np.array([order[label] for label in column.tolist()], dtype=np.intp)


def _bootstrap(by_article: Counts, *, seed: int, bootstraps: int) -> Counts:
    """Return the counts of each draw, shape (bootstraps, 3, n_labels)."""
    n = len(by_article)
    random = np.random.default_rng(seed)
    batch = max(_DRAWS_AT_ONCE // n, 1)
    summed: Counts = np.empty((bootstraps, *by_article.shape[1:]), dtype=by_article.dtype)
    for start in range(0, bootstraps, batch):
        draws = random.multinomial(n, np.full(n, 1 / n), size=min(batch, bootstraps - start))
        summed[start : start + batch] = np.tensordot(draws, by_article, axes=1)
    return summed


def _of(part: str, counts: Counts) -> NDArray[np.float64]:
    """Return precision, recall or F1 per label; NaN where there is nothing to divide by."""
    right, said, given = (counts[..., row, :].astype(np.float64) for row in (_RIGHT, _SAID, _GIVEN))
    below = {"precision": said, "recall": given, "f1": (said + given) / 2}[part]
    ratio: NDArray[np.float64] = np.divide(right, below, out=np.full_like(right, np.nan), where=below > 0)
    return ratio


def _macro_f1(counts: Counts) -> NDArray[np.float64]:
    mean: NDArray[np.float64] = np.nanmean(_of("f1", counts), axis=-1)
    return mean


def _accuracy(counts: Counts) -> NDArray[np.float64]:
    ratio: NDArray[np.float64] = counts[..., _RIGHT, :].sum(axis=-1) / counts[..., _GIVEN, :].sum(axis=-1)
    return ratio
