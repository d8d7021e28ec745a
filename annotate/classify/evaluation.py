"""What a cross-validation found: values only, for reports."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from annotate.classify.curve import LearningCurve
from annotate.classify.scores import Expected, Interval, Scores
from annotate.classify.trust import Calibration, Coverage, Promise, SetSizes
from annotate.errors import ModelRefused

METRICS: Final = "metrics.json"
"""The file beside a model that holds an evaluation of the way it was trained, as ``nutgraf evaluate`` writes it."""


class FoldScore(msgspec.Struct, frozen=True):
    """A fold's macro-F1, what it was tested on, by name or number, and the settings chosen where some were open."""

    name: str
    units: int
    macro_f1: float
    chosen: str = ""


class Slice(msgspec.Struct, frozen=True):
    """Scores on a part of the tested units, such as those of one outlet; macro-F1 is over labels that occur there."""

    name: str
    units: int
    articles: int
    macro_f1: Interval
    accuracy: Interval


class Slices(msgspec.Struct, frozen=True):
    """The tested units by a fact of their articles, the largest part first; ``others`` counts the parts left out."""

    column: str
    parts: tuple[Slice, ...]
    others: int = 0


class Known(msgspec.Struct, frozen=True):
    """Tested sentences that also stand, word for word, in an article of another group.

    Parameters
    ----------
    units
        How many.
    accuracy
        On them.
    accuracy_of_others
        On all other sentences.
    """

    units: int
    accuracy: float
    accuracy_of_others: Interval | None


class Ceiling(msgspec.Struct, frozen=True):
    """What agreement between coders allows: the other coder's labels and the classifier's, on the same units.

    ``coder`` is the other coder; both are scored against the labels that the classifier learns.
    """

    coder: str
    units: int
    articles: int
    of_coder: Scores
    of_classifier: Scores


class Rival(msgspec.Struct, frozen=True):
    """Another recipe on the same folds; ``lead`` is by how much the evaluated recipe's macro-F1 is higher."""

    recipe: str
    macro_f1: Interval
    lead: Interval


class Evaluation(msgspec.Struct, frozen=True):
    """What a cross-validation found, and how.

    Parameters
    ----------
    recipe
        The classifier's recipe.
    split
        How rows were divided, in words.
    coder
        Whose labels were predicted.
    units, articles
        How many were predicted; each once, by a model that saw nothing of its article.
    scores
        Pooled over all folds; of soft labels, against the most probable ones.
    folds
        What each fold tested on, if that has a name, and its macro-F1 over the labels that occur in it.
    calibration, coverage, promises, sets
        What the probabilities are worth; accuracy when the classifier may abstain, thresholds for a wanted accuracy,
        and sets of labels.
    baselines
        The same rows and folds, by name.
    cautions
        What a reader must know before quoting a figure; the gravest first.
    slices
        The scores by outlet, or by another fact of the articles.
    known
        Sentences that a fold's training rows hold word for word.
    expected
        Scores against soft labels.
    ceiling
        How well another coder predicts the coder, on units both labelled.
    rivals
        Other recipes on the same folds.
    random_split
        The same recipe's macro-F1 when sentences are divided at random, so that articles leak.
    curve
        What fewer articles would have given, and more may bring.
    """

    recipe: str
    split: str
    coder: str
    units: int
    articles: int
    scores: Scores
    folds: tuple[FoldScore, ...]
    calibration: Calibration
    coverage: tuple[Coverage, ...]
    promises: tuple[Promise, ...]
    sets: tuple[SetSizes, ...]
    baselines: dict[str, Scores]
    cautions: tuple[str, ...]
    slices: Slices | None = None
    known: Known | None = None
    expected: Expected | None = None
    ceiling: Ceiling | None = None
    rivals: tuple[Rival, ...] = ()
    random_split: Interval | None = None
    curve: LearningCurve | None = None


def read_metrics(folder: str | Path) -> Evaluation:
    """Return the evaluation that stands beside a model.

    Raises
    ------
    ModelRefused
        If there is none, or the file holds something else.
    """
    path = Path(folder) / METRICS
    try:
        return msgspec.json.decode(path.read_bytes(), type=Evaluation)
    except OSError as error:
        raise ModelRefused(f"no evaluation can be read ({error.strerror})", where=path) from error
    except msgspec.DecodeError as error:
        raise ModelRefused(f"holds no evaluation ({error})", where=path, remedy="copy it again, whole") from error
