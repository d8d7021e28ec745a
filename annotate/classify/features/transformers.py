"""The groups of features as scikit-learn transformers over samples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin

from annotate.classify.features import attribution, document, furniture, loaded, quotes
from annotate.classify.features.lexicon import read_lexicon
from annotate.classify.features.reading import Floats, Reading
from annotate.classify.units import Page, Sample, TakesUnits, pages
from annotate.errors import ModelRefused

Group = tuple[tuple[str, ...], Callable[[Reading], Floats]]
_QUOTES: Group = (quotes.NAMES, quotes.quotes)
_ATTRIBUTION: Group = (attribution.NAMES, attribution.attribution)
_FURNITURE: Group = (furniture.NAMES, furniture.furniture)
_LOADED: Group = (loaded.NAMES, loaded.loaded)
_DOCUMENT: Group = (document.NAMES, document.document)


class PageFeatures(TakesUnits, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Base of the transformers: features of every sentence of a page, then the sample's rows of them.

    Parameters
    ----------
    language
        Which word lists to use; they stand in ``annotate/languages/features-<language>``.

    Attributes
    ----------
    lexicon_fingerprint_ : str
        SHA-256 of the word lists at fit; other lists are refused later, since they would change what was learned.
    """

    groups: ClassVar[tuple[Group, ...]] = ()

    def __init__(self, language: str = "en") -> None:
        self.language = language

    def fit(self, X: Sample, y: Any = None) -> Self:  # noqa: ARG002
        """Remember which word lists were used; nothing else is learned."""
        self.lexicon_fingerprint_ = read_lexicon(self.language).fingerprint
        return self

    def transform(self, X: Sample) -> Floats:
        """Return the features of each unit, float32, shape (n_units, n_features)."""
        self.check_lexicon()
        features = np.empty((len(X), len(self.get_feature_names_out())), dtype=np.float32)
        for page, rows in pages(X):
            positions = [X[row].position for row in rows]
            features[rows] = self.read(page)[positions]
        return features

    def read(self, page: Page) -> Floats:
        """Return the features of all of a page's sentences, shape (n_sentences, n_features)."""
        return self.compute(Reading(page, read_lexicon(self.language)))

    def compute(self, reading: Reading) -> Floats:
        """Return the same from a reading that others share.

        Rounded to half precision, as released features are kept, so that training on either gives the same model.
        """
        return np.hstack([compute(reading) for _, compute in self.groups]).astype(np.float16).astype(np.float32)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:  # noqa: ARG002
        """Return the features' names, shape (n_features,)."""
        return np.array([name for names, _ in self.groups for name in names], dtype=object)

    def check_lexicon(self) -> None:
        """Refuse to go on with other word lists than at fit.

        Raises
        ------
        ModelRefused
            If the lists differ.
        """
        if read_lexicon(self.language).fingerprint != self.lexicon_fingerprint_:
            raise ModelRefused(
                "the word lists have changed since this model was trained",
                where=f"features-{self.language}",
                remedy="train the model again, or use the version of nutgraf that trained it",
            )


class QuoteFeatures(PageFeatures):
    """Quotation state across sentences and paragraphs."""

    groups = (_QUOTES,)


class AttributionFeatures(PageFeatures):
    """Cue, speaker, whether the speaker holds an office, and who owns the quotation."""

    groups = (_ATTRIBUTION,)


class FurnitureFeatures(PageFeatures):
    """Form, repetition and place: what tells the article from what stands around it."""

    groups = (_FURNITURE,)


class LoadedFeatures(PageFeatures):
    """Words by what they do: evaluate, hedge, predict, oblige, explain."""

    groups = (_LOADED,)


class DocumentFeatures(PageFeatures):
    """What kind of page it is."""

    groups = (_DOCUMENT,)


class ReaderFeatures(PageFeatures):
    """All groups, from one reading of each page."""

    groups = (_QUOTES, _ATTRIBUTION, _FURNITURE, _LOADED, _DOCUMENT)
