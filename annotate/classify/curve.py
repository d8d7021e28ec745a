"""The learning curve: what fewer articles would have given, and what more may bring.

On the folds of the evaluation, the recipe learns from random parts of each fold's training articles, several times.
The mean macro-F1 at each size is fitted with an inverse power law, a - b n^-c (Figueroa et al. 2012, "Predicting sample
size required for classification performance"), whose continuation says what more articles of the same kind may bring.
Its band comes from fitting every draw of a bootstrap over the tested articles, which also draws the repetitions anew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
import numpy as np
from joblib import delayed
from numpy.typing import NDArray

from annotate.classify.crossfit import OutOfFold, in_processes
from annotate.classify.fitting import fit, probabilities
from annotate.classify.labelled import Labelled
from annotate.classify.recipes import Recipe
from annotate.classify.scores import Interval, interval, macro_f1_draws
from annotate.classify.splits import Split
from annotate.errors import NotHonest

SHARES: Final = (0.125, 0.25, 0.5)
REPEATS: Final = 3
FEWEST: Final = 8
"""Articles to learn from, at the full size, that a curve needs."""
AHEAD: Final = (1.0, 1.5, 2.0)
"""How many articles to look ahead to, in multiples of those labelled."""
_POWERS: Final = np.linspace(0.1, 1.5, 29)

Floats = NDArray[np.float64]


class CurvePoint(msgspec.Struct, frozen=True):
    """Macro-F1 after learning from so many articles; their number and that of their units are means over folds."""

    articles: float
    units: float
    macro_f1: Interval


class Forecast(msgspec.Struct, frozen=True):
    """What learning from so many articles of the same kind may give, and how much more than the evaluation's folds."""

    articles: int
    macro_f1: Interval
    gain: Interval


class LearningCurve(msgspec.Struct, frozen=True):
    """Measured points, the smallest first, and what lies ahead."""

    points: tuple[CurvePoint, ...]
    forecasts: tuple[Forecast, ...]
    repeats: int


def steps(split: Split) -> int:
    """Return how many fits a curve takes."""
    return len(SHARES) * REPEATS * len(split.folds)


def refuse_few_articles(data: Labelled, split: Split) -> None:
    """Raise :class:`NotHonest` if the folds have fewer than ``FEWEST`` articles to learn from."""
    full = float(np.mean([len(np.unique(data.groups[train])) for train, _ in split.folds]))
    if full < FEWEST:
        raise NotHonest(
            f"a curve needs {FEWEST} articles to learn from, these folds have {full:.0f}", remedy="label more articles"
        )


def learning_curve(
    data: Labelled,
    recipe: Recipe,
    split: Split,
    own: OutOfFold,
    *,
    seed: int = 0,
    progress: Callable[[int], object] | None = None,
) -> LearningCurve:
    """Measure a learning curve.

    Parameters
    ----------
    split, own
        The evaluation's folds and what it found on them: the curve's last point.
    progress
        Called with 1 each time a model is fitted; see :func:`steps`.

    Raises
    ------
    NotHonest
        See :func:`refuse_few_articles`.
    """
    refuse_few_articles(data, split)
    groups = data.groups
    random = np.random.default_rng(seed)
    jobs = [
        (share, repeat, _part(data, train, share, random), test)
        for share in SHARES
        for repeat in range(REPEATS)
        for train, test in split.folds
    ]
    answers = in_processes(
        [delayed(_labels)(data, recipe, part, test) for _, _, part, test in jobs],
        n_units=len(data.y),
        progress=progress,
    )
    predicted = {(share, repeat): own.predicted.copy() for share in SHARES for repeat in range(REPEATS)}
    for (share, repeat, _, test), answer in zip(jobs, answers, strict=True):
        predicted[share, repeat][test] = answer
    tested = split.tested

    def draws(labels: NDArray[np.str_]) -> tuple[float, Floats]:
        return macro_f1_draws(data.y[tested], labels[tested], groups[tested], data.labels, seed=seed)

    estimates, bands = [], []
    for share in SHARES:
        found = [draws(predicted[share, repeat]) for repeat in range(REPEATS)]
        estimates.append(float(np.mean([estimate for estimate, _ in found])))
        bands.append(_mean_of_redrawn(np.array([drawn for _, drawn in found]), random))
    estimate, drawn = draws(own.predicted)
    estimates.append(estimate)
    bands.append(drawn)
    sizes = [*(_mean_sizes(groups, [p for s, _, p, _ in jobs if s == share]) for share in SHARES)]
    sizes.append(_mean_sizes(groups, [train for train, _ in split.folds]))
    points = tuple(
        CurvePoint(n_articles, n_units, interval(estimate, band))
        for (n_articles, n_units), estimate, band in zip(sizes, estimates, bands, strict=True)
    )
    measured = np.array([n_articles for n_articles, _ in sizes])
    ahead = tuple(round(factor * len(np.unique(groups))) for factor in AHEAD)
    return LearningCurve(points, _forecasts(measured, np.array(estimates), np.array(bands).T, ahead), REPEATS)


def continued(sizes: Floats, scores: Floats, ahead: Floats) -> Floats:
    """Fit a - b n^-c with 0 <= b, a <= 1 to each row of scores, and return its values ahead.

    Parameters
    ----------
    sizes
        Shape (n_sizes,).
    scores
        Shape (n_rows, n_sizes).
    ahead
        Sizes, shape (n_ahead,).

    Returns
    -------
    Shape (n_rows, n_ahead).
    """
    best = np.full(len(scores), np.inf)
    found = np.zeros((len(scores), len(ahead)))
    for power in _POWERS:
        x = sizes**-power
        centred = x - x.mean()
        slope = np.minimum(((scores - scores.mean(axis=1, keepdims=True)) @ centred) / (centred @ centred), 0)
        limit = scores.mean(axis=1) - slope * x.mean()
        # Past 1 the limit is 1, and the slope that of the line through it.
        over = limit > 1
        through_one = np.minimum(((scores - 1) @ x) / (x @ x), 0)
        slope, limit = np.where(over, through_one, slope), np.where(over, 1.0, limit)
        squares = ((limit[:, None] + slope[:, None] * x - scores) ** 2).sum(axis=1)
        better = squares < best
        best[better] = squares[better]
        found[better] = (limit[:, None] + slope[:, None] * ahead**-power)[better]
    return found


def _forecasts(sizes: Floats, estimates: Floats, draws: Floats, ahead: tuple[int, ...]) -> tuple[Forecast, ...]:
    """Forecast from the estimates, shape (n_sizes,), with bands from the draws, shape (n_draws, n_sizes)."""
    targets = np.array(ahead, dtype=np.float64)
    central = continued(sizes, estimates[None, :], targets)[0]
    spread = continued(sizes, draws[~np.isnan(draws).any(axis=1)], targets)
    last = draws[~np.isnan(draws).any(axis=1), -1]
    return tuple(
        Forecast(n, interval(central[i], spread[:, i]), interval(central[i] - estimates[-1], spread[:, i] - last))
        for i, n in enumerate(ahead)
    )


def _mean_of_redrawn(draws: Floats, random: np.random.Generator) -> Floats:
    """Return for each draw, shape (n_repeats, n_draws), the mean of as many repeats drawn with replacement."""
    picked = random.integers(len(draws), size=draws.shape)
    mean: Floats = np.take_along_axis(draws, picked, axis=0).mean(axis=0)
    return mean


def _mean_sizes(groups: NDArray[np.str_], parts: list[NDArray[np.intp]]) -> tuple[float, float]:
    return (
        float(np.mean([len(np.unique(groups[part])) for part in parts])),
        float(np.mean([len(part) for part in parts])),
    )


def _part(data: Labelled, train: NDArray[np.intp], share: float, random: np.random.Generator) -> NDArray[np.intp]:
    """Return the rows of a share of the training articles, drawn at random; two articles and two labels at least."""
    groups = data.groups[train]
    order = random.permutation(np.unique(groups))
    n = max(2, round(share * len(order)))
    while True:
        rows = train[np.isin(groups, order[:n])]
        if n >= len(order) or len(np.unique(data.y[rows])) > 1:
            return rows
        n += 1


def _labels(data: Labelled, recipe: Recipe, part: NDArray[np.intp], test: NDArray[np.intp]) -> Any:
    estimator = fit(recipe, data.only(part)).estimator
    return np.array(data.labels)[probabilities(estimator, data.X[test], data.labels).argmax(axis=1)]
