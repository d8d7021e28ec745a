"""How many doubly coded units an interval of a given width takes.

Alpha is smooth in the coincidences, so its error is, to first order, a mean of one value a unit (the delta method, or
infinitesimal jackknife; Efron and Tibshirani 1993, chapter 21). Units of one article err together: the variance
of the articles' sums against that of single units is the design effect (Kish, Survey Sampling, 1965, section 5.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from statistics import NormalDist
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from annotate.agreement.bootstrap import LEVEL
from annotate.agreement.coefficients import Scale
from annotate.agreement.ratings import Ratings
from annotate.agreement.statistics import Floats, counts_of
from annotate.errors import InputError

_Z: Final = NormalDist().inv_cdf((1 + LEVEL) / 2)
_SIMULATED: Final = 200_000  # units; their spread is then known to about 1 %
_MIN_ARTICLES: Final = 20
"""Intervals from fewer are too narrow."""


class Plan(msgspec.Struct, frozen=True):
    """How many units at least two coders must label so that alpha's interval is as narrow as wanted.

    Parameters
    ----------
    label
        The label held against the rest; None for all labels together.
    width
        Of the 95 % interval, from bound to bound.
    alpha
        The one planned for.
    units, articles
        How many are needed; None if that can't be told.
    design_effect
        How many times more units are needed than if each were of another article.
    note
        Why it can't be told.
    """

    label: str | None
    width: float
    alpha: float | None
    units: int | None = None
    articles: int | None = None
    design_effect: float | None = None
    note: str = ""


def plan(ratings: Ratings, scale: Scale, *, width: float, expect: float | None = None) -> list[Plan]:
    """Plan from judgments at hand: a pilot tells the labels' shares, the disagreement and the design effect.

    Parameters
    ----------
    ratings
        Units with at least two judgments.
    width
        Of the 95 % interval, above 0.
    expect
        The alpha to plan for; else the one observed.

    Returns
    -------
    list of Plan
        For all labels together, then for each label against the rest.

    Raises
    ------
    InputError
        If width or alpha are out of range.
    """
    _check(width, expect)
    counts = counts_of(ratings.codes, len(ratings.labels))
    pilot = _Pilot(counts, ratings.article, scale)
    plans = [_plan(pilot, None, width, expect)]
    for label in range(len(ratings.labels)) if len(ratings.labels) > 2 else ():
        two = np.stack([counts[:, label], counts.sum(axis=1) - counts[:, label]], axis=1)
        pilot = _Pilot(two, ratings.article, Scale("nominal", (0, 1)))
        plans.append(_plan(pilot, ratings.labels[label], width, expect))
    return plans


def units_needed(
    *, width: float, alpha: float, shares: Sequence[float] | Floats, coders: int = 2, design_effect: float = 1.0
) -> int:
    """Return how many units to plan for before any judgment is made, on a nominal scale.

    Each coder is taken to see a unit's label with probability √alpha and else to draw one from the shares, so that
    the expected alpha is ``alpha``; the spread of a unit's part in alpha comes from a simulation of 200,000 units.

    Parameters
    ----------
    width
        Of the 95 % interval, above 0.
    alpha
        From 0 to below 1.
    shares
        The labels' shares; at least two above 0.

    Raises
    ------
    InputError
        If width, alpha or shares are out of range.
    """
    _check(width, alpha)
    known = np.asarray(shares, dtype=np.float64)
    if not (known >= 0).all() or (known > 0).sum() < 2 or not np.isfinite(known).all():
        raise InputError("labels' shares to plan for", remedy="give at least two above 0, such as 0.7 and 0.3")
    counts = _simulate(alpha, known / known.sum(), coders)
    spread = float(unit_errors(counts, Scale("nominal", tuple(range(len(known))))).var())
    # The errors are parts of a sum over the simulated units; one unit's own is as many times larger.
    return ceil(design_effect * spread * _SIMULATED**2 * (2 * _Z / width) ** 2)


def unit_errors(counts: Floats, scale: Scale) -> Floats:
    """Return each unit's part in the error of alpha, shape (n_units,); they sum to about 0.

    An ordinal scale's differences are taken as they are, though they depend a little on the units themselves.

    Parameters
    ----------
    counts
        Shape (n_units, K), of units with at least two judgments: how many coders gave each label.
    """
    judgments = counts.sum(axis=1)
    margins = counts.sum(axis=0)
    n = margins.sum()
    differences = scale.differences(margins)
    apart = ((counts @ differences) * counts).sum(axis=1) / (judgments - 1)
    observed, expected = apart.sum(), margins @ differences @ margins
    expected_part = 2 * (counts @ (differences @ margins))
    errors: Floats = (
        -(n - 1) / expected * apart + (n - 1) * observed / expected**2 * expected_part - observed / expected * judgments
    )
    return errors


class _Pilot(msgspec.Struct, frozen=True, eq=False):
    """Counts of each unit's labels, shape (n_units, K), with its article, and the scale."""

    counts: Floats
    article: NDArray[np.intp]
    scale: Scale

    @property
    def alpha(self) -> float:
        margins = self.counts.sum(axis=0)
        differences = self.scale.differences(margins)
        apart = ((self.counts @ differences) * self.counts).sum(axis=1) / (self.counts.sum(axis=1) - 1)
        return float(1 - (margins.sum() - 1) * apart.sum() / (margins @ differences @ margins))


def _plan(pilot: _Pilot, label: str | None, width: float, expect: float | None) -> Plan:
    counts = pilot.counts
    shares = counts.sum(axis=0) / counts.sum()
    n_units, n_articles = len(counts), int(pilot.article.max()) + 1
    if (shares > 0).sum() < 2:
        return Plan(label, width, expect, note="at most one label was used")
    if n_articles < 2:
        return Plan(label, width, expect, note="one document does not tell how units of one document err together")
    errors = unit_errors(counts, pilot.scale)
    clustered = n_articles * np.bincount(pilot.article, weights=errors).var(ddof=1)
    single = n_units * errors.var(ddof=1)
    perfect = pilot.alpha == 1
    if perfect and expect is None:
        return Plan(label, width, expect, note="the coders never differed: plan for a lower alpha with --expect")
    effect = 1.0 if perfect else float(clustered / single)
    if expect is None:
        needed, planned = ceil(n_units * clustered * (2 * _Z / width) ** 2), pilot.alpha
    else:
        coders = max(2, round(counts.sum() / n_units))
        needed = units_needed(width=width, alpha=expect, shares=shares, coders=coders, design_effect=max(effect, 1.0))
        planned = expect
    articles = max(_MIN_ARTICLES, ceil(needed * n_articles / n_units))
    return Plan(label, width, planned, units=needed, articles=articles, design_effect=effect)


def _check(width: float, alpha: float | None) -> None:
    if not 0 < width < 2:
        raise InputError(f"an interval {width:g} wide", remedy="plan for a width such as 0.1")
    if alpha is not None and not 0 <= alpha < 1:
        raise InputError(f"an alpha of {alpha:g} to plan for", remedy="choose one from 0 to below 1")


def _simulate(alpha: float, shares: Floats, coders: int) -> Floats:
    random = np.random.default_rng(0)
    steps = np.cumsum(shares)

    def labels(size: tuple[int, ...]) -> Floats:
        return np.searchsorted(steps, random.random(size), side="right").clip(0, len(shares) - 1).astype(np.float64)

    truth = labels((_SIMULATED, 1))
    given = np.where(random.random((_SIMULATED, coders)) < alpha**0.5, truth, labels((_SIMULATED, coders)))
    return np.stack([(given == label).sum(axis=1) for label in range(len(shares))], axis=1).astype(np.float64)
