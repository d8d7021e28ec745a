"""The first stage: linear views of a sentence, each storing plain arrays only, so that a model is data."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, special
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

Floats = NDArray[Any]
Codes = NDArray[Any]
Counts = Mapping[str, Any]
"""Sparse counts by name, and one dense matrix, ``meaning``; all of as many rows."""

# How much surer than their mean several views are together.
_SHARPENING = 1.5


def regression(
    X: Any, codes: Codes, weight: Floats, *, n_classes: int, inverse_penalty: float, most_steps: int
) -> tuple[Floats, Floats]:
    """Fit a logistic regression that holds all labels alike.

    Returns
    -------
    coefficients
        Shape (n_classes, n_features).
    intercepts
        Shape (n_classes,); of a label that no row has, minus infinity.
    """
    seen = np.unique(codes)
    coefficients = np.zeros((n_classes, X.shape[1]), dtype=np.float32)
    intercepts = np.full(n_classes, -np.inf, dtype=np.float32)
    intercepts[seen] = 0
    if len(seen) > 1:
        model = LogisticRegression(C=inverse_penalty, class_weight="balanced", max_iter=most_steps, tol=1e-3)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(X, codes, sample_weight=weight)
        # Of two labels scikit-learn keeps the second's coefficients alone.
        fitted = seen if len(seen) > 2 else seen[1:]
        coefficients[fitted] = model.coef_
        intercepts[fitted] = model.intercept_
    return coefficients, intercepts


class LinearView(BaseEstimator):  # type: ignore[misc]
    """Logistic regression on TF-IDF weighted counts, of the columns that training saw often enough.

    Parameters
    ----------
    blocks
        Which counts it reads, each with the weight of its unit-length rows.
    n_classes
        How many labels there are; a label that training lacks has probability 0.
    """

    def __init__(self, blocks: Sequence[tuple[str, float]], n_classes: int) -> None:
        self.blocks = blocks
        self.n_classes = n_classes

    def fit(self, counts: Counts, codes: Codes, weight: Floats) -> Self:
        """Fit on label codes, shape (n_rows,), and weights."""
        self.columns_: dict[str, NDArray[np.int32]] = {}
        self.idf_: dict[str, Floats] = {}
        n = len(codes)
        rare = 2 if n > 1000 else 1
        for name, _ in self.blocks:
            frequency = np.bincount(counts[name].indices, minlength=counts[name].shape[1])
            self.columns_[name] = np.flatnonzero(frequency > rare).astype(np.int32)
            # The smoothed idf of scikit-learn's TfidfTransformer.
            idf = np.log((1 + n) / (1 + frequency[self.columns_[name]])) + 1
            self.idf_[name] = idf.astype(np.float32)
        matrix = sparse.hstack([self._weighted(counts[name], name)[:, self.columns_[name]] for name, _ in self.blocks])
        # Stopping early costs nothing measurable in the second stage and saves most of the time.
        self.coefficients_, self.intercepts_ = regression(
            matrix.tocsr(), codes, weight, n_classes=self.n_classes, inverse_penalty=3.0, most_steps=25
        )
        return self

    def predict_proba(self, counts: Counts) -> Floats:
        """Return probabilities, shape (n_rows, n_classes)."""
        first = 0
        scores = np.tile(self.intercepts_, (counts[self.blocks[0][0]].shape[0], 1))
        for name, _ in self.blocks:
            columns = self.columns_[name]
            coefficients = np.zeros((counts[name].shape[1], self.n_classes), dtype=np.float32)
            coefficients[columns] = self.coefficients_[:, first : first + len(columns)].T
            first += len(columns)
            scores += self._weighted(counts[name], name) @ coefficients
        probabilities: Floats = special.softmax(scores, axis=1).astype(np.float32)
        return probabilities

    def _weighted(self, counts: sparse.csr_matrix, name: str) -> sparse.csr_matrix:
        """Return rows of sublinear TF-IDF of the block's weight as their length; unselected columns become 0."""
        idf = np.zeros(counts.shape[1], dtype=np.float32)
        idf[self.columns_[name]] = self.idf_[name]
        values = (1 + np.log(counts.data)) * idf[counts.indices]
        rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
        length = np.sqrt(np.bincount(rows, weights=values * values, minlength=counts.shape[0]))
        scale = dict(self.blocks)[name] / np.maximum(length, 1e-9)
        values = (values * scale[rows]).astype(np.float32)
        return sparse.csr_matrix((values, counts.indices, counts.indptr), shape=counts.shape)


class MeaningView(BaseEstimator):  # type: ignore[misc]
    """Logistic regression on sums of word vectors, each column at like spread.

    Parameters
    ----------
    n_classes
        How many labels there are; a label that training lacks has probability 0.
    """

    def __init__(self, n_classes: int) -> None:
        self.n_classes = n_classes

    def fit(self, counts: Counts, codes: Codes, weight: Floats) -> Self:
        """Fit on label codes, shape (n_rows,), and weights."""
        vectors = counts["meaning"]
        spread = vectors.std(axis=0, dtype=np.float64)
        scale = np.where(spread > 1e-6, 1 / np.maximum(spread, 1e-6), 0)
        coefficients, self.intercepts_ = regression(
            vectors * scale.astype(np.float32),
            codes,
            weight,
            n_classes=self.n_classes,
            inverse_penalty=0.01,
            most_steps=60,
        )
        self.coefficients_ = (coefficients * scale).T.astype(np.float32)
        return self

    def predict_proba(self, counts: Counts) -> Floats:
        """Return probabilities, shape (n_rows, n_classes)."""
        scores = counts["meaning"] @ self.coefficients_ + self.intercepts_
        probabilities: Floats = special.softmax(scores, axis=1).astype(np.float32)
        return probabilities


def pool(probabilities: Sequence[Floats]) -> Floats:
    """Return what several views say together: their logarithmic opinion pool (Genest and Zidek 1986), sharpened.

    Windows of the pool carry what windows of each view would, in fewer columns: the second stage then relies less on
    how well the views do on sources like those it learnt from.
    """
    logs = np.mean([np.log(np.clip(view, 1e-4, 1)) for view in probabilities], axis=0)
    pooled: Floats = special.softmax(_SHARPENING * logs, axis=1).astype(np.float32)
    return pooled
