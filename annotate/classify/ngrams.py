"""Hashed n-grams of a unit's sentence or of a neighbour's: no vocabulary to store, nothing of anyone's text kept."""

from __future__ import annotations

from typing import Any, Self

from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.pipeline import Pipeline

from annotate.classify.units import Sample, TakesUnits
from annotate.errors import InputError


class SentenceText(TakesUnits, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turn units into the text of a sentence near them.

    Parameters
    ----------
    offset
        0 for the sentence itself, -1 for the one before it on the page, 1 for the one after it. Past the page's ends
        the text is empty.
    """

    def __init__(self, offset: int = 0) -> None:
        self.offset = offset

    def fit(self, X: Sample, y: object = None) -> Self:  # noqa: ARG002 - scikit-learn's signature
        """Learn nothing."""
        return self

    def transform(self, X: Sample) -> list[str]:
        """Return one text a unit."""
        texts = []
        for unit in X:
            if unit.page.read is not None:
                raise InputError(
                    "this recipe reads words, and released features hold none",
                    where=unit.article,
                    remedy="use the recipe fast, or give the articles' text",
                )
            sentences, place = unit.page.sentences, unit.position + self.offset
            texts.append(sentences[place].text if 0 <= place < len(sentences) else "")
        return texts

    def __sklearn_tags__(self) -> Any:
        """Say that there is nothing to learn."""
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        return tags


def hashed_ngrams(*, offset: int, analyzer: str, ngrams: tuple[int, int], bits: int) -> Pipeline:
    """Return a transformer from units to TF-IDF weighted hashed n-grams, shape (n_units, 2 ** bits), sparse.

    Parameters
    ----------
    offset
        As in :class:`SentenceText`.
    analyzer
        ``"word"``, or ``"char_wb"`` for characters within words.
    ngrams
        Shortest and longest n-gram.
    bits
        Base-2 logarithm of the number of columns.
    """
    counts = HashingVectorizer(
        analyzer=analyzer, ngram_range=ngrams, n_features=2**bits, alternate_sign=False, norm=None
    )
    return Pipeline(
        [("text", SentenceText(offset)), ("counts", counts), ("weights", TfidfTransformer(sublinear_tf=True))]
    )
