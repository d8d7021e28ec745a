"""Recipes: named ways to build a classifier, each a plain scikit-learn estimator over units."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import MaxAbsScaler

from annotate.classify.features import ReaderFeatures
from annotate.classify.ngrams import hashed_ngrams
from annotate.classify.stack import ArticleStack
from annotate.errors import InputError

DEFAULT: Final = "linear"


def linear() -> Pipeline:
    """Return logistic regression on hashed n-grams of the sentence and its neighbours and on a reader's features."""
    features = FeatureUnion(
        [
            ("words", hashed_ngrams(offset=0, analyzer="word", ngrams=(1, 2), bits=17)),
            ("characters", hashed_ngrams(offset=0, analyzer="char_wb", ngrams=(2, 5), bits=17)),
            ("before", hashed_ngrams(offset=-1, analyzer="word", ngrams=(1, 1), bits=15)),
            ("after", hashed_ngrams(offset=1, analyzer="word", ngrams=(1, 1), bits=15)),
            ("reader", Pipeline([("values", ReaderFeatures()), ("scale", MaxAbsScaler())])),
        ],
        transformer_weights={"before": 0.7, "after": 0.7},
    )
    classifier = LogisticRegression(C=3.0, class_weight="balanced", max_iter=1000, tol=1e-3)
    return Pipeline([("features", features), ("classifier", classifier)])


def fast() -> ArticleStack:
    """Return the two-stage classifier, which reads a sentence in its article; no neural encoder."""
    return ArticleStack(random_state=0)


RECIPES: Final[dict[str, Callable[[], Any]]] = {"linear": linear, "fast": fast}


def build(recipe: str = DEFAULT) -> Any:
    """Return a new estimator that has learnt nothing yet.

    Raises
    ------
    InputError
        If no recipe has this name.
    """
    if recipe not in RECIPES:
        raise InputError(f"no recipe is called {recipe!r}", remedy=f"choose one of: {', '.join(RECIPES)}")
    return RECIPES[recipe]()
