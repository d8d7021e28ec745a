"""Units picked by a model: uncertain, and unlike each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotate.store import Frame

_CANDIDATES: Final = 10  # of the most uncertain units, this many times as many as wanted are compared for diversity


class Scores(NamedTuple):
    """What a model says of units.

    Parameters
    ----------
    probabilities
        Shape (n_units, n_labels), rows summing to 1.
    vectors
        Shape (n_units, n_features), for telling units apart; None if there are none.
    """

    probabilities: NDArray[np.float64]
    vectors: NDArray[np.float64] | None = None


Score = Callable[[Sequence[int]], Scores]
"""Scores units by their numbers."""


def pick(frame: Sequence[Frame], scores: Scores, count: int) -> list[int]:
    """Return the places of units of high entropy that differ: each next one is weighed by its distance to those picked.

    Without vectors, units of one article count as alike.
    """
    share = np.clip(scores.probabilities, 1e-12, 1.0)
    entropy = -(share * np.log(share)).sum(axis=1)
    candidates = np.argsort(-entropy, kind="stable")[: _CANDIDATES * count]
    worth = entropy[candidates] + 1e-9
    vectors = _unit_length(scores.vectors[candidates]) if scores.vectors is not None else None
    articles = np.array([frame[place].article for place in candidates])
    distance = np.ones(len(candidates))
    picked: list[int] = []
    for _ in range(min(count, len(candidates))):
        best = int(np.argmax(worth * distance))
        picked.append(int(candidates[best]))
        alike = vectors @ vectors[best] if vectors is not None else (articles == articles[best]) * 0.5
        distance = np.minimum(distance, 1.0 - np.clip(alike, 0.0, 0.999))
        worth[best] = -1.0
    return picked


def _unit_length(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1.0), dtype=np.float64)
