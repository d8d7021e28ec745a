"""Where the coders differ: on which units, between which labels, and on what a unit is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Final

import msgspec
import numpy as np

from annotate.agreement.ratings import MISSING, Ratings, Unit
from annotate.agreement.statistics import Floats, counts_of

MOST: Final = 20  # units and pairs of labels that a certificate names


class Disputed(msgspec.Struct, frozen=True):
    """A unit on which coders differ.

    Parameters
    ----------
    text
        None where it is not at hand.
    given
        Label by coder.
    disagreement
        Share of the pairs of coders who differ, above 0 to 1.
    """

    article: str
    start: int
    end: int
    text: str | None
    given: Mapping[str, str]
    disagreement: float


class Mistaken(msgspec.Struct, frozen=True):
    """Two labels, and how many pairs of judgments gave one each; ``share`` is of all pairs that differ."""

    labels: tuple[str, str]
    pairs: int
    share: float


def disputed(
    ratings: Ratings, text_of: Callable[[str, int, int], str | None], *, most: int = MOST
) -> tuple[Disputed, ...]:
    """Return the units most in dispute: by the share of pairs who differ, then by how many coders there were.

    Parameters
    ----------
    ratings
        Units with at least two judgments.
    """
    disagreement = disagreements(ratings)
    judgments = (ratings.codes != MISSING).sum(axis=1)
    order = np.lexsort((np.arange(len(disagreement)), -judgments, -disagreement))
    return tuple(
        _disputed(ratings, int(i), float(disagreement[i]), text_of) for i in order[:most] if disagreement[i] > 0
    )


def disagreements(ratings: Ratings) -> Floats:
    """Return the share of the pairs of coders who differ, of each unit with at least two judgments."""
    counts = counts_of(ratings.codes, len(ratings.labels))
    judgments = counts.sum(axis=1)
    same: Floats = (counts * (counts - 1)).sum(axis=1)
    # whole numbers are subtracted, so that 0 is 0
    return np.asarray((judgments * (judgments - 1) - same) / (judgments * (judgments - 1)))


def mistaken(confusion: Floats, labels: Sequence[str], *, most: int = MOST) -> tuple[Mistaken, ...]:
    """Return the pairs of labels that are most taken for each other.

    Parameters
    ----------
    confusion
        Symmetric, shape (K, K).
    """
    one, two = np.triu_indices(len(labels), k=1)
    pairs = confusion[one, two]
    order = np.lexsort((two, one, -pairs))
    return tuple(
        Mistaken((labels[one[i]], labels[two[i]]), int(pairs[i]), float(pairs[i] / pairs.sum()))
        for i in order[:most]
        if pairs[i] > 0
    )


def misaligned(ratings: Ratings) -> int:
    """Count units of one coder that share characters with another's without being the same stretch."""
    shared = (ratings.codes != MISSING).sum(axis=1) > 1
    count = 0
    for _, rows in groupby(range(len(ratings.units)), key=lambda i: ratings.units[i][0]):
        count += _misaligned_in([(ratings.units[i], bool(shared[i])) for i in rows])
    return count


def _misaligned_in(units: Sequence[tuple[Unit, bool]]) -> int:
    """Count the unshared units of an article that overlap another; they are sorted by start, then end."""
    overlap = [False] * len(units)
    furthest = -1  # the unit so far that reaches furthest
    for i, ((_, start, end), _) in enumerate(units):
        if furthest >= 0 and start < units[furthest][0][2]:
            overlap[i] = overlap[furthest] = True
        if furthest < 0 or end > units[furthest][0][2]:
            furthest = i
    return sum(lone and not both for lone, both in zip(overlap, map(itemgetter(1), units), strict=True))


def _disputed(
    ratings: Ratings, i: int, disagreement: float, text_of: Callable[[str, int, int], str | None]
) -> Disputed:
    article, start, end = ratings.units[i]
    given = {
        coder: ratings.labels[code]
        for coder, code in zip(ratings.coders, ratings.codes[i], strict=True)
        if code != MISSING
    }
    return Disputed(article, start, end, text_of(article, start, end), given, disagreement)
