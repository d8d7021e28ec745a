"""Where a classifier and its labels disagree, and which labels are likely to be wrong."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from annotate.classify.crossfit import OutOfFold
from annotate.classify.labelled import Labelled


class Disagreement(msgspec.Struct, frozen=True):
    """A unit whose given label the classifier, which did not see its article, would not give.

    Parameters
    ----------
    article, index, paragraph, start, end, text
        The unit.
    before, after
        The sentences around it on the page; empty at the page's ends.
    given, predicted
        Label keys.
    probability
        Of the predicted label.
    given_probability
        Of the given label.
    """

    article: str
    index: int
    paragraph: int
    start: int
    end: int
    text: str
    before: str
    after: str
    given: str
    predicted: str
    probability: float
    given_probability: float


def confident_errors(data: Labelled, out_of_fold: OutOfFold, *, most: int = 20) -> list[Disagreement]:
    """Return the units that were predicted wrongly, the most confident predictions first."""
    wrong = np.flatnonzero(out_of_fold.predicted != data.y)
    confidence = out_of_fold.probabilities.max(axis=1)
    order = wrong[np.argsort(-confidence[wrong], kind="stable")][:most]
    return [_disagreement(data, out_of_fold, row, out_of_fold.predicted[row]) for row in order]


def likely_wrong_labels(data: Labelled, out_of_fold: OutOfFold) -> list[Disagreement]:
    """Return the units whose label is likely to be wrong, the likeliest first: a queue to code again, blind.

    Confident learning (Northcutt, Jiang and Chuang 2021, section 3): a label's threshold is its mean probability over
    the units that carry it; a unit is suspect if another label reaches its own threshold, and if that label is more
    probable than the given one. Ordered by the gap between the two. Probabilities are out of fold by article.
    """
    probabilities = out_of_fold.probabilities
    given = _columns(data)
    rows = np.arange(len(given))
    thresholds = np.array(
        [probabilities[given == k, k].mean() if (given == k).any() else np.inf for k in range(len(data.labels))]
    )
    reached = np.where(probabilities >= thresholds, probabilities, -np.inf)
    reached[rows, given] = -np.inf
    rival = reached.argmax(axis=1)
    gap = reached[rows, rival] - probabilities[rows, given]
    suspects = np.flatnonzero(gap > 0)
    order = suspects[np.argsort(-gap[suspects], kind="stable")]
    return [_disagreement(data, out_of_fold, row, data.labels[rival[row]]) for row in order]


def _columns(data: Labelled) -> NDArray[np.intp]:
    return np.array([data.labels.index(label) for label in data.y.tolist()], dtype=np.intp)


def _disagreement(data: Labelled, out_of_fold: OutOfFold, row: Any, predicted: Any) -> Disagreement:
    unit = data.X[row]
    sentences, sentence = unit.page.sentences, unit.sentence
    chances = dict(zip(data.labels, out_of_fold.probabilities[row].tolist(), strict=True))
    return Disagreement(
        article=sentence.article,
        index=sentence.index,
        paragraph=sentence.paragraph,
        start=sentence.start,
        end=sentence.end,
        text=sentence.text,
        before=sentences[unit.position - 1].text if unit.position > 0 else "",
        after=sentences[unit.position + 1].text if unit.position + 1 < len(sentences) else "",
        given=str(data.y[row]),
        predicted=str(predicted),
        probability=round(chances[str(predicted)], 6),
        given_probability=round(chances[str(data.y[row])], 6),
    )
