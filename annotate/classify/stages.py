"""The parts of the two-stage classifier, each storing plain arrays only, so that a model is data."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse, special
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

Floats = NDArray[Any]
Codes = NDArray[Any]
Counts = Mapping[str, Any]
"""Sparse counts by name, and one dense matrix, ``meaning``; all of as many rows."""

# How much surer than their mean several views are together.
_SHARPENING = 1.5


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
        seen = np.unique(codes)
        self.coefficients_ = np.zeros((self.n_classes, matrix.shape[1]), dtype=np.float32)
        self.intercepts_ = np.full(self.n_classes, -np.inf, dtype=np.float32)
        if len(seen) == 1:
            self.intercepts_[seen] = 0
            return self
        model = LogisticRegression(C=3.0, class_weight="balanced", max_iter=25, tol=1e-3)
        with warnings.catch_warnings():
            # Stopping early costs nothing measurable in the second stage and saves most of the time.
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(matrix.tocsr(), codes, sample_weight=weight)
        self.intercepts_[seen] = 0
        fitted = seen if len(seen) > 2 else seen[1:]
        self.coefficients_[fitted] = model.coef_
        self.intercepts_[fitted] = model.intercept_
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


def few_values(X: Floats, *, most: int = 255) -> Floats:
    """Round each column to the nearest of at most ``most`` of its quantiles, shape as ``X``.

    Trees grown on this split where they would on ``X``, up to bins: their thresholds lie midway between the values, as
    the borders of rounding do, so they predict from ``X`` itself. scikit-learn makes bins of weighted rows one
    percentile at a time, which takes longer than growing the trees; with few values it has nothing to do.
    """
    quantiles = np.quantile(X, np.linspace(0, 1, most), axis=0, method="nearest")
    rounded = np.empty_like(X)
    for column in range(X.shape[1]):
        values = np.unique(quantiles[:, column])
        borders = (values[:-1] + values[1:]) / 2
        rounded[:, column] = values[np.searchsorted(borders, X[:, column])]
    return rounded


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
        seen = np.unique(codes)
        self.coefficients_ = np.zeros((vectors.shape[1], self.n_classes), dtype=np.float32)
        self.intercepts_ = np.full(self.n_classes, -np.inf, dtype=np.float32)
        self.intercepts_[seen] = 0
        if len(seen) == 1:
            return self
        model = LogisticRegression(C=0.01, class_weight="balanced", max_iter=60, tol=1e-3)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(vectors * scale.astype(np.float32), codes, sample_weight=weight)
        fitted = seen if len(seen) > 2 else seen[1:]
        self.coefficients_[:, fitted] = (model.coef_ * scale).T
        self.intercepts_[fitted] = model.intercept_
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


class Networks(BaseEstimator):  # type: ignore[misc]
    """The mean of small neural networks with one hidden layer, kept as their weights.

    Parameters
    ----------
    n_networks
        How many, from as many seeds.
    n_classes
        How many labels there are.
    random_state
        The first seed.
    """

    def __init__(self, n_networks: int, n_classes: int, random_state: int) -> None:
        self.n_networks = n_networks
        self.n_classes = n_classes
        self.random_state = random_state

    def fit(self, X: Floats, codes: Codes, weight: Floats) -> Self:
        """Fit on features, shape (n_rows, n_features), label codes and weights."""
        self.centre_ = X.mean(axis=0, dtype=np.float64).astype(np.float32)
        spread = X.std(axis=0, dtype=np.float64).astype(np.float32)
        self.spread_ = np.where(spread > 1e-6, spread, 1).astype(np.float32)
        scaled = self._scale(X)
        self.seen_ = np.unique(codes)
        # About 750 steps, whatever the number of rows.
        epochs = int(np.clip(95_000 / len(X), 6, 150))
        self.weights_: list[list[Floats]] = []
        self.biases_: list[list[Floats]] = []
        if len(self.seen_) == 1:
            return self
        for seed in range(self.n_networks):
            network = MLPClassifier(
                (64,),
                alpha=1.0,
                learning_rate_init=2e-3,
                max_iter=epochs,
                batch_size=min(128, len(X)),
                random_state=self.random_state + seed,
            )
            with warnings.catch_warnings():
                # The number of epochs is the regularisation.
                warnings.simplefilter("ignore", ConvergenceWarning)
                network.fit(scaled, codes, sample_weight=weight)
            self.weights_.append([layer.astype(np.float32) for layer in network.coefs_])
            self.biases_.append([layer.astype(np.float32) for layer in network.intercepts_])
        return self

    def predict_proba(self, X: Floats) -> Floats:
        """Return probabilities, shape (n_rows, n_classes)."""
        probabilities = np.zeros((len(X), self.n_classes), dtype=np.float32)
        if len(self.seen_) == 1:
            probabilities[:, self.seen_] = 1
            return probabilities
        scaled = self._scale(X)
        for (inner, outer), (inner_bias, outer_bias) in zip(self.weights_, self.biases_, strict=True):
            scores = np.maximum(scaled @ inner + inner_bias, 0) @ outer + outer_bias
            if len(self.seen_) == 2:
                scores = np.hstack([np.zeros_like(scores), scores])
            probabilities[:, self.seen_] += special.softmax(scores, axis=1)
        return probabilities / self.n_networks

    def _scale(self, X: Floats) -> Floats:
        # What lies six standard deviations out says no more than that it is far out.
        scaled: Floats = np.clip((X - self.centre_) / self.spread_, -6, 6)
        return scaled


class Calibration(BaseEstimator):  # type: ignore[misc]
    """One temperature on log-probabilities (temperature scaling; Guo et al. 2017, section 4.2).

    An offset for each label would also learn how common the labels were in training, which other outlets don't share;
    a temperature never changes which label is most probable. It is drawn towards 1, so that few articles change little.
    """

    def fit(self, probabilities: Floats, codes: Codes, weight: Floats) -> Self:
        """Fit on probabilities of rows that their model never saw, shape (n_rows, n_classes)."""
        logs = _logs(probabilities)
        rows = np.arange(len(codes))

        def loss(exponent: float) -> float:
            fitted = special.log_softmax(np.exp(exponent) * logs, axis=1)[rows, codes]
            return float(5 * exponent**2 - (weight * fitted).sum())

        found = optimize.minimize_scalar(loss, bounds=(-2.0, 2.0), method="bounded")
        self.sharpness_ = float(np.exp(found.x))
        return self

    def apply(self, probabilities: Floats) -> Floats:
        """Return calibrated probabilities; without a fit, the same ones."""
        if not hasattr(self, "sharpness_"):
            return probabilities
        calibrated: Floats = special.softmax(self.sharpness_ * _logs(probabilities), axis=1)
        return calibrated


def _logs(probabilities: Floats) -> Floats:
    logs: Floats = np.log(np.clip(probabilities, 1e-6, 1)).astype(np.float64)
    return logs
