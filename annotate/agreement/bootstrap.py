"""Intervals from a bootstrap over articles.

Units of one article are not independent, so whole articles are drawn, as many as there are, with replacement (a
cluster bootstrap; Field and Welsh, Journal of the Royal Statistical Society B 69, 2007, 369–390). Agreement near 1 is
skewed and its replicates are biased, so the percentiles are corrected for bias and acceleration (BCa; Efron, Journal of
the American Statistical Association 82, 1987, 171–185), and as those of few clusters are too narrow, they are taken as
much further out as Student's t is wider than the normal (Hesterberg, The American Statistician 69, 2015, 371–386).
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import NormalDist
from typing import Final

import msgspec
import numpy as np
from scipy.special import stdtrit

from annotate.agreement.statistics import Floats

BOOTSTRAPS: Final = 2000
LEVEL: Final = 0.95
TENTATIVE: Final = 0.667
RELIABLE: Final = 0.800
"""Below .667 nothing should be concluded, below .800 only tentatively: Krippendorff 2019, chapter 12."""

_CELLS: Final = 4_000_000  # weights held at a time: 32 MB
_ENOUGH: Final = 0.95  # of the replicates must define the coefficient
_NORMAL: Final = NormalDist()


class Coefficient(msgspec.Struct, frozen=True):
    """A coefficient with its 95 % interval; what is not defined is None, and ``note`` says why.

    Parameters
    ----------
    low, high
        Bounds of the interval.
    below_tentative, below_reliable
        Share of the replicates below .667 and .800: the probability that the coefficient is.
    """

    estimate: float | None
    low: float | None = None
    high: float | None = None
    below_tentative: float | None = None
    below_reliable: float | None = None
    note: str = ""

    def __str__(self) -> str:
        """Return it as a report shows it."""
        if self.estimate is None:
            return "undefined"
        if self.low is None or self.high is None:
            return f"{self.estimate:.3f}"
        return f"{self.estimate:.3f} [{self.low:.3f}, {self.high:.3f}]"

    @property
    def has_interval(self) -> bool:
        """Tell if it has bounds."""
        return self.low is not None


def draw_articles(n_articles: int, *, seed: int, bootstraps: int) -> Iterator[Floats]:
    """Yield how often each article is drawn, in blocks of shape (n_replicates, n_articles)."""
    random = np.random.default_rng(seed)
    size = max(1, _CELLS // n_articles)
    for start in range(0, bootstraps, size):
        n = min(size, bootstraps - start)
        drawn = random.integers(0, n_articles, size=(n, n_articles)) + np.arange(n)[:, None] * n_articles
        yield np.bincount(drawn.ravel(), minlength=n * n_articles).reshape(n, n_articles).astype(np.float64)


def summarise(estimate: float, replicates: Floats, left_out: Floats, *, n_articles: int, undefined: str) -> Coefficient:
    """Return the coefficient with its interval.

    Parameters
    ----------
    estimate
        NaN if not defined.
    replicates
        One value a replicate; NaN where not defined.
    left_out
        One value an article, without it; NaN where not defined.
    n_articles
        How many the replicates drew from.
    undefined
        Why the estimate may be undefined.
    """
    if np.isnan(estimate):
        return Coefficient(None, note=undefined)
    if n_articles < 2:
        return Coefficient(float(estimate), note="no interval: all units are of one document")
    defined = replicates[~np.isnan(replicates)]
    if len(defined) < max(_ENOUGH * len(replicates), 1):
        return Coefficient(
            float(estimate), note="no interval: undefined in more than one of twenty replicates, for want of documents"
        )
    if estimate == 1 and defined.min() == 1:
        return Coefficient(1.0, note="no interval: the coders never differed here")
    low, high = np.quantile(defined, _percentiles(estimate, defined, left_out, n_articles))
    return Coefficient(
        estimate=float(estimate),
        low=float(low),
        high=float(high),
        below_tentative=float((defined < TENTATIVE).mean()),
        below_reliable=float((defined < RELIABLE).mean()),
    )


def _percentiles(estimate: float, replicates: Floats, left_out: Floats, n_articles: int) -> tuple[float, float]:
    """Return which quantiles of the replicates bound the interval (Efron 1987, eq. 3.8, with t for z)."""
    t = float(stdtrit(n_articles - 1, (1 + LEVEL) / 2)) * (n_articles / (n_articles - 1)) ** 0.5
    # Values that differ by rounding alone are the same; half of those that equal the estimate lie below it.
    near = 1e-12
    below = (replicates < estimate - near).mean() + (np.abs(replicates - estimate) <= near).mean() / 2
    edge = 1 / (len(replicates) + 1)
    bias = _NORMAL.inv_cdf(float(np.clip(below, edge, 1 - edge)))
    acceleration = _acceleration(left_out[~np.isnan(left_out)])

    def quantile(z: float) -> float:
        slowed = 1 - acceleration * z
        # past its pole the correction has no meaning: the bound is the outermost replicate
        return _NORMAL.cdf(bias + z / slowed) if slowed > 0 else float(z > 0)

    return quantile(bias - t), quantile(bias + t)


def _acceleration(left_out: Floats) -> float:
    """Return the skewness of the articles' influence by 6 √n (Efron 1987, eq. 6.6, by the jackknife)."""
    influence = left_out.mean() - left_out if len(left_out) else left_out
    spread = float((influence**2).sum())
    return float((influence**3).sum()) / (6 * spread**1.5) if spread > 1e-20 else 0.0
