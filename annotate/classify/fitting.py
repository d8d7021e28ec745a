"""Fit what a recipe describes to a labelled sample; where it leaves settings open, choose them first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from annotate.classify.labelled import Labelled
from annotate.classify.recipes import Recipe, build
from annotate.classify.scores import macro_f1
from annotate.classify.units import Sample

INNER_FOLDS: Final = 3


class Fitted(NamedTuple):
    """An estimator that has learnt, and the recipe it was built by, which leaves nothing open."""

    estimator: Any
    recipe: Recipe


def fit(recipe: Recipe, data: Labelled) -> Fitted:
    """Fit a recipe; settings that it leaves open are chosen by an inner cross-validation by article, of this sample."""
    chosen = choose(recipe, data)
    estimator = build(chosen)
    X, y, weight = data.weighted()
    # One thread, so that sums are taken in one order and the same training gives the same bytes.
    with threadpool_limits(limits=1):
        if weight is None:
            estimator.fit(X, y)
        elif isinstance(estimator, Pipeline):
            estimator.fit(X, y, **{f"{estimator.steps[-1][0]}__sample_weight": weight})
        else:
            estimator.fit(X, y, sample_weight=weight)
    return Fitted(estimator, chosen)


def choose(recipe: Recipe, data: Labelled) -> Recipe:
    """Return the variant with the highest macro-F1 over inner folds by article; of equals the first that is written."""
    variants = recipe.variants()
    if len(variants) == 1:
        return variants[0]
    folds = _inner_folds(data)
    scores = [_score(variant, data, folds) for variant in variants]
    return variants[int(np.argmax(scores))]


def probabilities(estimator: Any, X: Sample, labels: Sequence[str]) -> NDArray[np.float64]:
    """Return probabilities, shape (n_units, n_labels); a label that was never learnt has 0."""
    rows = np.zeros((len(X), len(labels)))
    with threadpool_limits(limits=1):
        rows[:, [labels.index(str(label)) for label in estimator.classes_]] = estimator.predict_proba(X)
    return rows


def _inner_folds(data: Labelled) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    groups = data.groups
    n_folds = min(INNER_FOLDS, len(np.unique(groups)))
    if n_folds < 2:
        return []
    # A label may be in fewer articles than there are folds; that costs some folds a label, and all variants alike.
    labels = np.unique(data.y, return_inverse=True)[1]
    found = StratifiedGroupKFold(n_folds, shuffle=True, random_state=0).split(data.X, _common(labels, n_folds), groups)
    return [(train, test) for train, test in found if len(np.unique(data.y[train])) > 1]


def _common(codes: NDArray[np.intp], n_folds: int) -> NDArray[np.intp]:
    """Return codes with those of fewer units than folds put together, which scikit-learn would warn of."""
    rare = np.bincount(codes) < n_folds
    return np.where(rare[codes], len(rare), codes)


def _score(variant: Recipe, data: Labelled, folds: Sequence[tuple[NDArray[np.intp], NDArray[np.intp]]]) -> float:
    predicted = np.full(len(data.y), "", dtype=np.array(data.labels).dtype)
    tested = np.zeros(len(data.y), dtype=bool)
    for train, test in folds:
        estimator = fit(variant, data.only(train)).estimator
        found = probabilities(estimator, data.X[test], data.labels)
        predicted[test] = np.array(data.labels)[found.argmax(axis=1)]
        tested[test] = True
    return macro_f1(data.y[tested], predicted[tested], data.labels) if tested.any() else 0.0
