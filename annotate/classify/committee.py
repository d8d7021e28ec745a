"""The second stage: classifiers of the same rows, heard by how well each does on articles it never saw, and calibrated.

All but the trees store plain arrays only, so that a model is data.
"""

from __future__ import annotations

import warnings
from typing import Any, Final, Self

import numpy as np
from scipy import optimize, special
from sklearn.base import BaseEstimator
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from annotate.classify.context import folds
from annotate.classify.views import Codes, Floats, regression

_FOLDS: Final = 3
# Of the mixture's shares: rows that each member is credited with beforehand, and steps, which more would not change.
_PRIOR: Final = 10.0
_STEPS: Final = 100
# Through the trees: so many rows stay near the processor, which halves the time of several thousand.
_ROWS_AT_A_TIME: Final = 1000


class Committee(BaseEstimator):  # type: ignore[misc]
    """Boosted trees, small networks and a regression, each heard by how well it does on articles it never saw.

    Trees and networks tell more from many articles, the regression from few. Their shares are those of a mixture that
    makes the labels of held-out articles most likely (a super learner with the log-likelihood as its loss; van der
    Laan, Polley and Hubbard 2007).

    Parameters
    ----------
    n_classes
        How many labels there are.
    n_rounds
        Rounds of boosting.
    n_networks
        How many networks.
    calibrate
        Whether to fit shares and calibration; without it all have the same share.
    random_state
        Seed of everything random.

    Attributes
    ----------
    shares_ : ndarray of shape (n_members,)
        Each member's share; they sum to 1.
    """

    def __init__(self, n_classes: int, *, n_rounds: int, n_networks: int, calibrate: bool, random_state: int) -> None:
        self.n_classes = n_classes
        self.n_rounds = n_rounds
        self.n_networks = n_networks
        self.calibrate = calibrate
        self.random_state = random_state

    def fit(self, X: Floats, codes: Codes, weight: Floats, groups: Codes) -> Self:
        """Fit on features, shape (n_rows, n_features), label codes, weights, and the article each row is of."""
        self.members_ = self._members(X, codes, weight)
        self.shares_ = np.full(len(self.members_), 1 / len(self.members_))
        self.calibration_ = Calibration()
        cuts = list(folds(groups, _FOLDS)) if self.calibrate else []
        if cuts:
            held_out = np.zeros((len(self.members_), len(codes), self.n_classes))
            for train, test in cuts:
                for said, member in zip(held_out, self._members(X[train], codes[train], weight[train]), strict=True):
                    said[test] = member.predict_proba(X[test])
            self.shares_ = shares(held_out[:, np.arange(len(codes)), codes], weight)
            self.calibration_.fit(np.tensordot(self.shares_, held_out, 1), codes, weight)
        return self

    def predict_proba(self, X: Floats) -> Floats:
        """Return probabilities, shape (n_rows, n_classes)."""
        said = [share * member.predict_proba(X) for share, member in zip(self.shares_, self.members_, strict=True)]
        return self.calibration_.apply(np.sum(said, axis=0))

    def _members(self, X: Floats, codes: Codes, weight: Floats) -> list[Any]:
        members = (
            Trees(self.n_classes, self.n_rounds, self.random_state),
            Networks(self.n_classes, self.n_networks, self.random_state),
            Regression(self.n_classes),
        )
        return [member.fit(X, codes, weight) for member in members]


def shares(likelihoods: Floats, weight: Floats) -> Floats:
    """Return the mixture that makes what was seen most likely, shape (n_members,), by expectation maximisation.

    Parameters
    ----------
    likelihoods
        What each member said of each row's own label, shape (n_members, n_rows).
    weight
        Of each row.
    """
    found = np.full(len(likelihoods), 1 / len(likelihoods))
    likelihoods = np.maximum(likelihoods, 1e-6)
    for _ in range(_STEPS):
        owed = found[:, None] * likelihoods
        # As if each member had been right alone on a few rows more: few articles change little.
        owed = (owed / owed.sum(axis=0)) @ weight + _PRIOR
        found = owed / owed.sum()
    return found


class Trees(BaseEstimator):  # type: ignore[misc]
    """Gradient boosted trees.

    Parameters
    ----------
    n_classes
        How many labels there are; a label that training lacks has probability 0.
    n_rounds
        Rounds of boosting.
    random_state
        Seed of the columns that each split may use.
    """

    def __init__(self, n_classes: int, n_rounds: int, random_state: int) -> None:
        self.n_classes = n_classes
        self.n_rounds = n_rounds
        self.random_state = random_state

    def fit(self, X: Floats, codes: Codes, weight: Floats) -> Self:
        """Fit on features, shape (n_rows, n_features), label codes and weights."""
        self.seen_ = np.unique(codes)
        if len(self.seen_) > 1:
            self.trees_ = HistGradientBoostingClassifier(
                max_iter=self.n_rounds,
                learning_rate=0.08,
                max_leaf_nodes=15,
                min_samples_leaf=20,
                l2_regularization=1.0,
                max_features=0.3,
                class_weight="balanced",
                early_stopping=False,
                random_state=self.random_state,
            ).fit(few_values(X), codes, sample_weight=weight)
        return self

    def predict_proba(self, X: Floats) -> Floats:
        """Return probabilities, shape (n_rows, n_classes)."""
        probabilities = np.zeros((len(X), self.n_classes))
        if len(self.seen_) == 1:
            probabilities[:, self.seen_] = 1
            return probabilities
        for first in range(0, len(X), _ROWS_AT_A_TIME):
            some = slice(first, first + _ROWS_AT_A_TIME)
            probabilities[some, self.seen_] = self.trees_.predict_proba(X[some])
        return probabilities


class Scaled(BaseEstimator):  # type: ignore[misc]
    """What reads columns at like spread."""

    def _learn_scale(self, X: Floats) -> Floats:
        self.centre_ = X.mean(axis=0, dtype=np.float64).astype(np.float32)
        spread = X.std(axis=0, dtype=np.float64).astype(np.float32)
        self.spread_ = np.where(spread > 1e-6, spread, 1).astype(np.float32)
        return self._scale(X)

    def _scale(self, X: Floats) -> Floats:
        # What lies six standard deviations out says no more than that it is far out.
        scaled: Floats = np.clip((X - self.centre_) / self.spread_, -6, 6)
        return scaled


class Regression(Scaled):
    """Logistic regression with a heavy penalty: what many columns say a little of.

    Parameters
    ----------
    n_classes
        How many labels there are; a label that training lacks has probability 0.
    """

    def __init__(self, n_classes: int) -> None:
        self.n_classes = n_classes

    def fit(self, X: Floats, codes: Codes, weight: Floats) -> Self:
        """Fit on features, shape (n_rows, n_features), label codes and weights."""
        self.coefficients_, self.intercepts_ = regression(
            self._learn_scale(X), codes, weight, n_classes=self.n_classes, inverse_penalty=0.003, most_steps=100
        )
        return self

    def predict_proba(self, X: Floats) -> Floats:
        """Return probabilities, shape (n_rows, n_classes)."""
        scores = self._scale(X) @ self.coefficients_.T + self.intercepts_
        probabilities: Floats = special.softmax(scores, axis=1)
        return probabilities


class Networks(Scaled):
    """The mean of small neural networks with one hidden layer, kept as their weights.

    Parameters
    ----------
    n_classes
        How many labels there are; a label that training lacks has probability 0.
    n_networks
        How many, from as many seeds.
    random_state
        The first seed.
    """

    def __init__(self, n_classes: int, n_networks: int, random_state: int) -> None:
        self.n_classes = n_classes
        self.n_networks = n_networks
        self.random_state = random_state

    def fit(self, X: Floats, codes: Codes, weight: Floats) -> Self:
        """Fit on features, shape (n_rows, n_features), label codes and weights."""
        scaled = self._learn_scale(X)
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
