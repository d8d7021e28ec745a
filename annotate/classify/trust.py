"""What a classifier's probabilities are worth: calibration, and accuracy when it may abstain.

Confidence is the probability of the predicted label. All figures are of predictions by models that saw nothing of the
article, so they hold for new articles as far as those are like these.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BINS: Final = 15
WANTED: Final = (0.8, 0.9, 0.95)
MISSES: Final = (0.1, 0.05)
_PARTS: Final = 10  # of the articles: thresholds for one are learnt on the others
COVERAGES: Final = tuple(round(0.05 * i, 2) for i in range(1, 21))


class Bin(msgspec.Struct, frozen=True):
    """Predictions of like confidence: how many, their mean confidence, and the share that is right."""

    units: int
    confidence: float
    accuracy: float


class Calibration(msgspec.Struct, frozen=True):
    """How far probabilities say what they mean.

    Parameters
    ----------
    ece
        Expected calibration error: the mean gap between confidence and accuracy over 15 bins of equal width, weighted
        by their units (Guo et al. 2017, equation 3); 0 is best.
    brier
        Mean squared distance between the probabilities and the given label's indicator, 0 to 2 (Brier 1950).
    bins
        The reliability diagram; bins without units are left out.
    """

    ece: float
    brier: float
    bins: tuple[Bin, ...]


class Coverage(msgspec.Struct, frozen=True):
    """What happens when only the most confident share of the units is labelled.

    Parameters
    ----------
    coverage
        Share of the units that get a label, above 0 to 1.
    threshold
        The confidence from which on they do.
    accuracy
        Of those.
    """

    coverage: float
    threshold: float
    accuracy: float


class Promise(msgspec.Struct, frozen=True):
    """What a threshold for a wanted accuracy keeps.

    Parameters
    ----------
    wanted
        The accuracy wanted.
    threshold
        The confidence from which on a unit gets a label, learnt on all articles; None where nothing reaches it.
    coverage, accuracy
        What thresholds learnt on other articles gave: share of the units labelled, and accuracy of those; the accuracy
        is None where none was labelled.
    """

    wanted: float
    threshold: float | None
    coverage: float
    accuracy: float | None


class SetSizes(msgspec.Struct, frozen=True):
    """Sets of labels instead of one label: how often they hold the given one, and how large they are.

    Parameters
    ----------
    wanted
        In which share of the units the set should hold the given label.
    held
        In which share it does.
    mean_size
        Labels a set.
    single, empty
        Shares of the units whose set has one label, and none.
    single_accuracy
        How often the one label is the given one; None where there is no such set.
    """

    wanted: float
    held: float
    mean_size: float
    single: float
    empty: float
    single_accuracy: float | None


def calibration(probabilities: Floats, correct: NDArray[np.bool_], indicator: Floats) -> Calibration:
    """Measure calibration.

    Parameters
    ----------
    probabilities
        Shape (n_units, n_labels).
    correct
        Whether the most probable label is the given one, shape (n_units,).
    indicator
        1 at the given label and 0 elsewhere, shape (n_units, n_labels).
    """
    confidence = probabilities.max(axis=1)
    bin_of = np.minimum((confidence * BINS).astype(int), BINS - 1)
    units = np.bincount(bin_of, minlength=BINS)
    full = units > 0
    mean_confidence = np.bincount(bin_of, confidence, minlength=BINS)[full] / units[full]
    accuracy = np.bincount(bin_of, correct, minlength=BINS)[full] / units[full]
    return Calibration(
        ece=float(np.average(np.abs(mean_confidence - accuracy), weights=units[full])),
        brier=float(((probabilities - indicator) ** 2).sum(axis=1).mean()),
        bins=tuple(
            Bin(int(n), float(c), float(a)) for n, c, a in zip(units[full], mean_confidence, accuracy, strict=True)
        ),
    )


def coverage_curve(
    confidence: Floats, correct: NDArray[np.bool_], *, coverages: tuple[float, ...] = COVERAGES
) -> tuple[Coverage, ...]:
    """Return accuracy at each coverage, from the most confident units down.

    Units of one confidence stand or fall together, so a coverage reached may be above the one asked for.
    """
    order = np.argsort(-confidence, kind="stable")
    sorted_confidence, right = confidence[order], np.cumsum(correct[order])
    points = []
    for coverage in coverages:
        threshold = sorted_confidence[max(int(np.ceil(coverage * len(order))), 1) - 1]
        n = int(np.searchsorted(-sorted_confidence, -threshold, side="right"))
        points.append(Coverage(n / len(order), float(threshold), float(right[n - 1] / n)))
    return tuple(points)


def threshold_for(confidence: Floats, correct: NDArray[np.bool_], accuracy: float) -> Coverage | None:
    """Return the widest coverage whose accuracy is at least the one wanted, or None if there is none."""
    order = np.argsort(-confidence, kind="stable")
    sorted_confidence = confidence[order]
    reached = np.cumsum(correct[order]) / np.arange(1, len(order) + 1)
    last_of_tie = np.append(np.diff(sorted_confidence) < 0, True)
    good = np.flatnonzero((reached >= accuracy) & last_of_tie)
    if not len(good):
        return None
    n = int(good[-1]) + 1
    return Coverage(n / len(order), float(sorted_confidence[n - 1]), float(reached[n - 1]))


def promises(
    confidence: Floats, correct: NDArray[np.bool_], groups: NDArray[np.str_], *, wanted: tuple[float, ...] = WANTED
) -> tuple[Promise, ...]:
    """Return a threshold for each wanted accuracy, and what such thresholds keep of articles not learnt from."""
    _, group = np.unique(groups, return_inverse=True)
    part = group % _PARTS
    kept = []
    for accuracy in wanted:
        labelled = np.zeros(len(confidence), dtype=bool)
        for k in np.unique(part):
            found = threshold_for(confidence[part != k], correct[part != k], accuracy) if (part != k).any() else None
            labelled |= (part == k) & (confidence >= (np.inf if found is None else found.threshold))
        whole = threshold_for(confidence, correct, accuracy)
        kept.append(
            Promise(
                wanted=accuracy,
                threshold=None if whole is None else whole.threshold,
                coverage=float(labelled.mean()),
                accuracy=float(correct[labelled].mean()) if labelled.any() else None,
            )
        )
    return tuple(kept)


def set_sizes(
    probabilities: Floats,
    given: NDArray[np.str_],
    groups: NDArray[np.str_],
    labels: tuple[str, ...],
    *,
    misses: tuple[float, ...] = MISSES,
) -> tuple[SetSizes, ...]:
    """Return what conformal sets come to; see :func:`conformal_sets`."""
    right = indicator(given, labels).astype(bool)
    found = []
    for miss in misses:
        sets = conformal_sets(probabilities, given, groups, labels, miss=miss)
        held, size = (sets & right).any(axis=1), sets.sum(axis=1)
        found.append(
            SetSizes(
                wanted=1 - miss,
                held=float(held.mean()),
                mean_size=float(size.mean()),
                single=float((size == 1).mean()),
                empty=float((size == 0).mean()),
                single_accuracy=float(held[size == 1].mean()) if (size == 1).any() else None,
            )
        )
    return tuple(found)


def indicator(given: NDArray[np.str_], labels: tuple[str, ...]) -> Floats:
    """Return 1 at each unit's given label and 0 elsewhere, shape (n_units, n_labels)."""
    matrix: Floats = (given[:, None] == np.array(labels)[None, :]).astype(np.float64)
    return matrix


def conformal_sets(
    probabilities: Floats,
    given: NDArray[np.str_],
    groups: NDArray[np.str_],
    labels: tuple[str, ...],
    *,
    miss: float = 0.1,
) -> NDArray[Any]:
    """Return for each unit the labels that hold the given one in 1 - ``miss`` of units, cross-fitted by article.

    Score is 1 minus the given label's probability (least ambiguous sets; Sadinle, Lei and Wasserman 2019). A unit's
    cut-off is learnt on all other articles, so the guarantee is for exchangeable *articles*, and holds on average.

    Returns
    -------
    Boolean, shape (n_units, n_labels).
    """
    scores = 1 - (probabilities * indicator(given, labels)).sum(axis=1)
    sets = np.zeros(probabilities.shape, dtype=bool)
    for article in np.unique(groups):
        here = groups == article
        # Where there are too few others to know better, the cut-off is infinite: every label is in the set.
        others = np.append(np.sort(scores[~here]), np.inf)
        cutoff = others[min(int(np.ceil(len(others) * (1 - miss))), len(others)) - 1]
        sets[here] = 1 - probabilities[here] <= cutoff
    return sets
