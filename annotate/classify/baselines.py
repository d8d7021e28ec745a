"""What a score has to beat: the commonest label, and a list of tell-tale words."""

from __future__ import annotations

import re
from collections import Counter
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin

from annotate.classify.units import Sample, TakesUnits

_WORD = re.compile(r"\w+(?:['’]\w+)*")


class MajorityBaseline(TakesUnits, ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Give every unit the label that is commonest in training; the first in alphabetical order among equals."""

    def fit(self, X: Sample, y: NDArray[np.str_]) -> Self:  # noqa: ARG002 - scikit-learn's signature
        """Learn the commonest label."""
        self.classes_, counts = np.unique(y, return_counts=True)
        self.commonest_ = self.classes_[counts.argmax()]
        return self

    def predict(self, X: Sample) -> NDArray[np.str_]:
        """Return the commonest label for each unit, shape (n_units,)."""
        return np.full(len(X), self.commonest_)


class KeywordBaseline(TakesUnits, ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Give a unit the label most of whose keywords it holds.

    A label's keywords are the words with the highest smoothed log-odds of standing in a unit with this label rather
    than another. Without any keyword a unit gets the commonest label.

    Parameters
    ----------
    n_keywords
        Keywords a label.
    """

    def __init__(self, n_keywords: int = 30) -> None:
        self.n_keywords = n_keywords

    def fit(self, X: Sample, y: NDArray[np.str_]) -> Self:
        """Learn each label's keywords; ``keywords_`` maps labels to words, the strongest first."""
        self.classes_, counts = np.unique(y, return_counts=True)
        self.commonest_ = self.classes_[counts.argmax()]
        words = [_words(unit.sentence.text) for unit in X]
        total = Counter(word for found in words for word in found)
        self.keywords_: dict[str, list[str]] = {}
        for label, n in zip(self.classes_.tolist(), counts, strict=True):
            inside = Counter(word for found, given in zip(words, y, strict=True) if given == label for word in found)
            n_outside = len(y) - n

            def log_odds(
                word: str, inside: Counter[str] = inside, n_inside: int = int(n), n_outside: int = int(n_outside)
            ) -> float:
                here = (inside[word] + 0.5) / (n_inside + 1)
                there = (total[word] - inside[word] + 0.5) / (n_outside + 1)
                return float(np.log(here / (1 - here)) - np.log(there / (1 - there)))

            frequent = sorted(word for word in inside if inside[word] >= 2)
            self.keywords_[label] = sorted(frequent, key=lambda word: (-log_odds(word), word))[: self.n_keywords]
        return self

    def predict(self, X: Sample) -> NDArray[np.str_]:
        """Return a label for each unit, shape (n_units,)."""
        sets = [frozenset(self.keywords_[label]) for label in self.classes_.tolist()]
        predicted = []
        for unit in X:
            found = _words(unit.sentence.text)
            hits = [len(found & keywords) for keywords in sets]
            predicted.append(self.classes_[int(np.argmax(hits))] if any(hits) else self.commonest_)
        return np.array(predicted, dtype=self.classes_.dtype)


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower()))
