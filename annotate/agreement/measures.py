"""Every coefficient of a table of ratings, with its interval, from one pass over the replicates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
import numpy as np

from annotate.agreement import coefficients as of
from annotate.agreement.bootstrap import Coefficient, draw_articles, summarise
from annotate.agreement.coefficients import Scale
from annotate.agreement.ratings import Ratings
from annotate.agreement.statistics import Crossing, Floats, Sums, crossings, sums_by_article, sums_of_pair

Key = tuple[str, ...]
"""What is measured: ``("alpha",)``, ``("label", "2", "alpha")``, ``("pair", "0", "cohen")``."""

_ROUNDING: Final = 1e-9
_ONE_LABEL: Final = "all judgments gave one label, and chance alone would too"
_UNUSED: Final = "no coder gave this label"
_ONLY: Final = "every judgment gave this label"


class Measures(msgspec.Struct, frozen=True, eq=False):
    """The coefficients of a table of ratings.

    Parameters
    ----------
    sums
        Over all units.
    crossings
        Of the pairs of coders who share units, in the order of the keys.
    found
        By key.
    """

    sums: Sums
    crossings: Sequence[Crossing]
    found: Mapping[Key, Coefficient]


def measure(
    ratings: Ratings, scale: Scale, *, seed: int, bootstraps: int, by_label: bool = True, by_pair: bool = True
) -> Measures:
    """Compute all coefficients and their intervals.

    Parameters
    ----------
    ratings
        Units with at least two judgments.
    """
    by_article = sums_by_article(ratings)
    pairs = crossings(ratings) if by_pair else []
    labels = range(len(ratings.labels)) if by_label else range(0)
    total = by_article.total()
    n_articles = len(ratings.articles)

    def coefficients(sums: Sums, counts: Iterable[Floats]) -> dict[Key, Floats]:
        return _overall(sums, scale) | _by_label(sums, labels) | _by_pair(counts, scale)

    estimates = coefficients(total, (pair.counts.sum(axis=0) for pair in pairs))
    blocks = [
        coefficients(by_article.weighted(weights), (_weighted(pair, weights) for pair in pairs))
        for weights in draw_articles(n_articles, seed=seed, bootstraps=bootstraps)
    ]
    left_out = coefficients(_without(by_article, total), (_without_each(pair, n_articles) for pair in pairs))
    found = {
        key: summarise(
            float(estimate),
            np.concatenate([block[key] for block in blocks]),
            left_out[key],
            n_articles=n_articles,
            undefined=_why(key, total),
        )
        for key, estimate in estimates.items()
    }
    return Measures(total, pairs, found)


def _overall(sums: Sums, scale: Scale) -> dict[Key, Floats]:
    weights = scale.weights()
    return {
        ("alpha",): of.alpha(sums, scale),
        ("percent",): of.percent(sums, weights),
        ("fleiss",): of.fleiss(sums, weights),
        ("gwet",): of.gwet(sums, weights),
    }


def _by_label(sums: Sums, labels: range) -> dict[Key, Floats]:
    two = Scale("nominal", (0, 1))
    found: dict[Key, Floats] = {}
    for label in labels:
        rest = sums.against_rest(label)
        found["label", str(label), "alpha"] = of.alpha(rest, two)
        found["label", str(label), "percent"] = of.percent(rest, two.weights())
        found["label", str(label), "shared"] = of.shared(rest)
    return found


def _by_pair(counts: Iterable[Floats], scale: Scale) -> dict[Key, Floats]:
    """Return each pair's coefficients, and the means of those that are for two coders only."""
    weights = scale.weights()
    found: dict[Key, Floats] = {}
    pi: list[Floats] = []
    for i, pair in enumerate(counts):
        sums = sums_of_pair(pair)
        found["pair", str(i), "alpha"] = of.alpha(sums, scale)
        found["pair", str(i), "percent"] = of.percent(sums, weights)
        found["pair", str(i), "cohen"] = of.cohen(pair, weights)
        pi.append(of.scott(pair, weights))
    if pi:
        found["cohen",] = _mean([values for key, values in found.items() if key[-1] == "cohen"])
        found["scott",] = _mean(pi)
    return found


def _mean(values: Sequence[Floats]) -> Floats:
    """Return the mean over the pairs for which the coefficient is defined; NaN if it is for none."""
    stacked = np.stack(values)
    defined = (~np.isnan(stacked)).sum(axis=0)
    mean: Floats = np.divide(np.nansum(stacked, axis=0), defined, out=np.full(defined.shape, np.nan), where=defined > 0)
    return mean


def _weighted(pair: Crossing, weights: Floats) -> Floats:
    everywhere = len(pair.articles) == weights.shape[1]  # then nothing need be copied
    drawn = weights if everywhere else weights[:, pair.articles]
    return np.asarray(np.tensordot(drawn, pair.counts, axes=1))


def _without(by_article: Sums, total: Sums) -> Sums:
    def rest(part: str) -> Floats:
        left: Floats = getattr(total, part) - getattr(by_article, part)
        left[np.abs(left) < _ROUNDING] = 0  # a label that only this article has is gone, not nearly gone
        return left

    return Sums(**{part: rest(part) for part in Sums.__struct_fields__})


def _without_each(pair: Crossing, n_articles: int) -> Floats:
    total = pair.counts.sum(axis=0)
    left: Floats = np.repeat(total[None], n_articles, axis=0)
    left[pair.articles] -= pair.counts
    return left


def _why(key: Key, total: Sums) -> str:
    if key[0] != "label":
        return _ONE_LABEL
    given = total.coincidences.sum(axis=-1)
    return _UNUSED if given[int(key[1])] == 0 else _ONLY
