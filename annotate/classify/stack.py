"""The two-stage classifier: linear views of the text, cross-fitted by article, then a model that reads in context.

First stage: logistic regressions on hashed n-grams and word vectors, each with its own view of a sentence. Their
probabilities for a training article come from models that never saw the article (stacked generalisation, Wolpert
1992). Second stage: a committee of boosted trees, small networks and a regression on a reader's features, on what each
view says of the sentence, and on what the views say together of the sentences around it, its paragraph and its page.
How much each of the three is heard, and how sure they are together, is fitted on predictions that are cross-fitted too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Self

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from threadpoolctl import threadpool_limits

from annotate.classify.committee import Committee
from annotate.classify.context import Context, folds
from annotate.classify.encoder import carried_encoder
from annotate.classify.features import ReaderFeatures
from annotate.classify.features.lexicon import read_lexicon
from annotate.classify.features.reading import Reading
from annotate.classify.features.texts import READ, hashed, in_context
from annotate.classify.units import Page, PageRead, Sample, pages
from annotate.classify.views import Codes, Counts, Floats, LinearView, MeaningView, pool
from annotate.errors import InputError, ModelRefused

VIEWS: Final = {
    "voice": (("words", 1.0),),
    "text": (("words", 1.0), ("characters", 1.0)),
    "context": (("words", 1.0), ("characters", 1.0), ("before", 0.7), ("after", 0.7)),
    "owner": (("owner", 1.0),),
    "manner": (("manner", 1.0),),
    "meaning": (("meaning", 1.0),),
}
# Whoever owns a quotation says little of sentences without one: that view is not pooled.
POOLED: Final = ("voice", "text", "context", "manner", "meaning")
# Pages read at a time when predicting: bounds memory, changes no figure.
_PAGES_AT_A_TIME = 64
# Below this, two answers of the encoder are as unlikely.
_LEAST = 1e-4


class ArticleStack(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Classify sentences in the context of their article.

    Parameters
    ----------
    language
        Which word lists the reader's features use.
    encoder
        Whether the second stage hears what the encoder that nutgraf comes with says of each sentence and of those
        around it; see :mod:`annotate.classify.encoder`.
    n_folds
        Inner folds by article for the views.
    n_rounds
        Rounds of boosting.
    n_networks
        Networks beside the trees.
    calibrate
        Whether to fit shares and calibration; without it probabilities are the mean of trees, networks and regression.
    random_state
        Seed of everything random.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    """

    def __init__(
        self,
        *,
        language: str = "en",
        encoder: bool = False,
        n_folds: Annotated[int, Meta(ge=2)] = 5,
        n_rounds: Annotated[int, Meta(ge=1)] = 150,
        n_networks: Annotated[int, Meta(ge=1)] = 5,
        calibrate: bool = True,
        random_state: Annotated[int, Meta(ge=0)] = 0,
    ) -> None:
        self.language = language
        self.encoder = encoder
        self.n_folds = n_folds
        self.n_rounds = n_rounds
        self.n_networks = n_networks
        self.calibrate = calibrate
        self.random_state = random_state

    def fit(self, X: Sample, y: NDArray[Any], sample_weight: NDArray[Any] | None = None) -> Self:
        """Fit both stages and the calibration.

        Parameters
        ----------
        X
            Labelled units, shape (n_units,); their pages' other sentences are read as context.
        y
            Labels, shape (n_units,).
        sample_weight
            Weight of each unit, shape (n_units,). A soft label is a unit given once for each label, with its weights.
        """
        self.classes_, codes = np.unique(np.asarray(y), return_inverse=True)
        weight = np.ones(len(codes)) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        self.reader_ = ReaderFeatures(self.language).fit(X)
        self.encoder_sha256_ = carried_encoder().sha256 if self.encoder else ""
        # One thread, so that sums are taken in one order and the same training gives the same bytes.
        with threadpool_limits(limits=1):
            context = Context(X)
            dense, counts = self._read(context.pages)
            dense = self._with_encoder(context, dense)
            stacked = self._fit_views(context, counts, codes, weight)
            stacked = np.hstack([dense[context.at], stacked])
            self.committee_ = Committee(
                len(self.classes_),
                n_rounds=self.n_rounds,
                n_networks=self.n_networks,
                calibrate=self.calibrate,
                random_state=self.random_state,
            ).fit(stacked, codes, weight, context.groups)
        return self

    def predict_proba(self, X: Sample) -> Floats:
        """Return probabilities, shape (n_units, n_classes), columns as in ``classes_``."""
        probabilities = np.zeros((len(X), len(self.classes_)))
        found = pages(X)
        for start in range(0, len(found), _PAGES_AT_A_TIME):
            some = found[start : start + _PAGES_AT_A_TIME]
            rows = np.concatenate([rows for _, rows in some])
            with threadpool_limits(limits=1):
                probabilities[rows] = self._predict(X[rows])
        return probabilities

    def _predict(self, units: Sample) -> Floats:
        context = Context(units)
        dense, counts = self._read(context.pages)
        dense = self._with_encoder(context, dense)
        said = {name: self.views_[name].predict_proba(counts) for name in VIEWS}
        stacked = np.hstack([dense, _in_context(context, said)])[context.at]
        return self.committee_.predict_proba(stacked)

    def predict(self, X: Sample) -> NDArray[Any]:
        """Return the most probable label of each unit, shape (n_units,)."""
        labels: NDArray[Any] = self.classes_[np.argmax(self.predict_proba(X), axis=1)]
        return labels

    def _read(self, found: Sequence[Page]) -> tuple[Floats, Counts]:
        self.reader_.check_lexicon()
        sizes = [len(page.sentences) for page in found]
        ready = [page.read for page in found if page.read is not None]
        if ready:
            return _put_together(ready, sizes, self.language)
        lexicon = read_lexicon(self.language)
        readings = [Reading(page, lexicon) for page in found]
        dense = np.vstack([self.reader_.compute(reading) for reading in readings])
        return dense, in_context(hashed(readings), sizes, self.language)

    def _with_encoder(self, context: Context, dense: Floats) -> Floats:
        """Add what the encoder says of every sentence and of those around it, as log-probabilities.

        Raises
        ------
        ModelRefused
            If the encoder is not the one that training heard.
        """
        if not self.encoder:
            return dense
        encoder = carried_encoder()
        if encoder.sha256 != self.encoder_sha256_:
            raise ModelRefused(
                f"heard the encoder {self.encoder_sha256_[:12]} in training; here is {encoder.sha256[:12]}",
                remedy="train it again, or use the nutgraf version it was made with",
            )
        said = np.log(np.maximum(encoder.read(context.pages), _LEAST))
        return np.hstack([dense, context.windows(said)])

    def _fit_views(self, context: Context, counts: Counts, codes: Codes, weight: Floats) -> Floats:
        """Fit the views, and return their cross-fitted probabilities in context for the labelled rows."""
        n_classes = len(self.classes_)
        self.views_ = {}
        said = {}
        labelled = {part: matrix[context.at] for part, matrix in counts.items()}
        for name, blocks in VIEWS.items():
            held_out = np.full((context.n, n_classes), 1 / n_classes, dtype=np.float32)
            for train, test in folds(context.groups, self.n_folds):
                view = _view(name, n_classes).fit(_rows(labelled, blocks, train), codes[train], weight[train])
                away = np.flatnonzero(np.isin(context.block, context.groups[test]))
                held_out[away] = view.predict_proba(_rows(counts, blocks, away))
            said[name] = held_out
            self.views_[name] = _view(name, n_classes).fit(labelled, codes, weight)
        return _in_context(context, said)[context.at]


def _put_together(ready: Sequence[PageRead], sizes: Sequence[int], language: str) -> tuple[Floats, Counts]:
    """Return what was read of pages whose text is not at hand."""
    if len(ready) < len(sizes):
        raise InputError("some pages have their text, some only features", remedy="give all of one kind")
    counts = {name: sparse.vstack([read.counts[name] for read in ready], format="csr") for name in READ}
    return np.vstack([read.dense for read in ready]), in_context(counts, sizes, language)


def _view(name: str, n_classes: int) -> LinearView | MeaningView:
    return MeaningView(n_classes) if name == "meaning" else LinearView(VIEWS[name], n_classes)


def _in_context(context: Context, said: Mapping[str, Floats]) -> Floats:
    """Return each view's probabilities of every sentence, and the windows of what the views say together."""
    pooled = context.windows(pool([said[name] for name in POOLED]))
    return np.hstack([*said.values(), pooled])


def _rows(counts: Counts, blocks: Sequence[tuple[str, float]], rows: Codes) -> Counts:
    return {name: counts[name][rows] for name, _ in blocks}
