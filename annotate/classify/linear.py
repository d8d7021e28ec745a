"""The linear classifier: one logistic regression on hashed n-grams and a reader's features."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import MaxAbsScaler

from annotate.classify.features import ReaderFeatures
from annotate.classify.ngrams import hashed_ngrams

Bits = Annotated[int, Meta(ge=8, le=22)]
Positive = Annotated[float, Meta(gt=0)]


def linear(
    *,
    language: str = "en",
    word_bits: Bits = 17,
    character_bits: Bits = 17,
    neighbour_bits: Bits = 15,
    neighbour_weight: Annotated[float, Meta(ge=0)] = 0.7,
    inverse_penalty: Positive = 3.0,
) -> Pipeline:
    """Return logistic regression on hashed n-grams of the sentence and its neighbours and on a reader's features.

    Parameters
    ----------
    language
        Which word lists the reader's features use.
    word_bits, character_bits, neighbour_bits
        Base-2 logarithm of the columns for words, characters and the neighbours' words.
    neighbour_weight
        Of the neighbours' words beside the sentence's own.
    inverse_penalty
        scikit-learn's C.
    """
    features = FeatureUnion(
        [
            ("words", hashed_ngrams(offset=0, analyzer="word", ngrams=(1, 2), bits=word_bits)),
            ("characters", hashed_ngrams(offset=0, analyzer="char_wb", ngrams=(2, 5), bits=character_bits)),
            ("before", hashed_ngrams(offset=-1, analyzer="word", ngrams=(1, 1), bits=neighbour_bits)),
            ("after", hashed_ngrams(offset=1, analyzer="word", ngrams=(1, 1), bits=neighbour_bits)),
            ("reader", Pipeline([("values", ReaderFeatures(language)), ("scale", MaxAbsScaler())])),
        ],
        transformer_weights={"before": neighbour_weight, "after": neighbour_weight},
    )
    classifier = LogisticRegression(C=inverse_penalty, class_weight="balanced", max_iter=1000, tol=1e-3)
    return Pipeline([("features", features), ("classifier", classifier)])
