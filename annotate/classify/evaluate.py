"""Cross-validate by article, with baselines beside every score and plain words about what it can't show."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from annotate.classify.baselines import KeywordBaseline, MajorityBaseline
from annotate.classify.labelled import Labelled
from annotate.classify.recipes import DEFAULT, Recipe, build, read_recipe
from annotate.classify.scores import Interval, Scores, difference, macro_f1, score
from annotate.classify.splits import Fold, Split, at_random, by_article, refuse_untrainable
from annotate.classify.trust import Calibration, Coverage, calibration, coverage_curve, indicator
from annotate.classify.units import Unit
from annotate.errors import NotHonest

FEW_ARTICLES: Final = 30
"""Below this many articles an interval from a bootstrap over articles is itself not to be trusted."""
_WORTH_PROCESSES: Final = 2000
_NAMED: Final = 5


class FoldScore(msgspec.Struct, frozen=True):
    """A fold's macro-F1 and what it was tested on, by name or number."""

    name: str
    units: int
    macro_f1: float


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

    The last three fields are there where they were asked for.

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
        Pooled over all folds.
    folds
        What each fold tested on, if that has a name, and its macro-F1 over the labels that occur in it.
    calibration, coverage
        What the probabilities are worth, and accuracy when the classifier may abstain.
    baselines
        The same rows and folds, by name.
    cautions
        What a reader must know before quoting a figure; the gravest first.
    ceiling
        How well another coder predicts the coder, on units both labelled.
    rival
        Another recipe on the same folds.
    random_split
        The same recipe's macro-F1 when sentences are divided at random, so that articles leak.
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
    baselines: dict[str, Scores]
    cautions: tuple[str, ...]
    ceiling: Ceiling | None = None
    rival: Rival | None = None
    random_split: Interval | None = None


class OutOfFold(msgspec.Struct, frozen=True, eq=False):
    """Probabilities for units by models that saw nothing of their articles.

    Parameters
    ----------
    probabilities
        Shape (n_units, n_labels), columns in the order of ``labels``; a label that a fold's training rows lack has 0.
    labels
        The labels' keys.
    """

    probabilities: Any
    labels: tuple[str, ...]

    @property
    def predicted(self) -> NDArray[np.str_]:
        """Return the most probable label of each unit, shape (n_units,)."""
        chosen: NDArray[np.str_] = np.array(self.labels)[np.argmax(self.probabilities, axis=1)]
        return chosen


def evaluate(
    data: Labelled,
    *,
    recipe: str | Path | Recipe = DEFAULT,
    folds: int = 5,
    seed: int = 0,
    split: Split | None = None,
    progress: Callable[[int], object] | None = None,
) -> tuple[Evaluation, OutOfFold]:
    """Cross-validate a recipe; no article stands on both sides of a split.

    Parameters
    ----------
    data
        The labelled sample.
    recipe
        A recipe, its name, or the path of a file that holds one.
    folds
        Number of folds by article; 0 leaves one article out at a time.
    seed
        Of the shuffle and of the bootstrap.
    split
        Another division of the rows, from :mod:`annotate.classify.splits`; ``folds`` is not used then.
    progress
        Called with 1 each time a fold is done.

    Raises
    ------
    NotHonest
        See :func:`annotate.classify.splits.by_article` and :func:`annotate.classify.splits.refuse_untrainable`.
    """
    recipe = read_recipe(recipe)
    split = by_article(data, folds, seed=seed) if split is None else split
    refuse_untrainable(data, split)
    # Starting processes costs seconds that a small sample never earns back.
    n_jobs = min(len(split.folds), os.cpu_count() or 1) if len(data.y) > _WORTH_PROCESSES else 1
    parallel = Parallel(n_jobs=n_jobs, return_as="generator")
    probabilities = np.zeros((len(data.y), len(data.labels)))
    results = parallel(delayed(_fit_and_predict)(data, recipe, fold) for fold in split.folds)
    for (_, test), rows in zip(split.folds, results, strict=True):
        probabilities[test] = rows
        if progress is not None:
            progress(1)
    result = OutOfFold(probabilities, data.labels)
    return _summary(data, result, split, recipe=recipe.name, seed=seed), result


def with_rival(
    evaluation: Evaluation,
    own: OutOfFold,
    data: Labelled,
    split: Split,
    rival: str | Path | Recipe,
    *,
    seed: int = 0,
    progress: Callable[[int], object] | None = None,
) -> Evaluation:
    """Return the evaluation with another recipe on the same folds beside it."""
    rival = read_recipe(rival)
    other, theirs = evaluate(data, recipe=rival, split=split, seed=seed, progress=progress)
    rows = split.tested
    lead = difference(
        data.y[rows], own.predicted[rows], theirs.predicted[rows], data.groups[rows], data.labels, seed=seed
    )
    return msgspec.structs.replace(evaluation, rival=Rival(rival.name, other.scores.macro_f1, lead))


def with_random_split(
    evaluation: Evaluation,
    data: Labelled,
    recipe: str | Path | Recipe,
    *,
    folds: int,
    seed: int = 0,
    progress: Callable[[int], object] | None = None,
) -> Evaluation:
    """Return the evaluation with what a split of sentences at random would have said."""
    split = at_random(data, folds, seed=seed)
    leaking, _ = evaluate(data, recipe=recipe, split=split, seed=seed, progress=progress)
    return msgspec.structs.replace(evaluation, random_split=leaking.scores.macro_f1)


def with_ceiling(
    evaluation: Evaluation, own: OutOfFold, data: Labelled, split: Split, other: Labelled, *, seed: int = 0
) -> Evaluation:
    """Return the evaluation with another coder's labels of the same units as a ceiling.

    Raises
    ------
    NotHonest
        If no tested unit was labelled by both, or both are one coder.
    """
    theirs = {_place(unit): label for unit, label in zip(other.X, other.y, strict=True)}
    rows = np.array([row for row in split.tested if _place(data.X[row]) in theirs], dtype=np.intp)
    if not len(rows):
        raise NotHonest(f"{data.coder} and {other.coder} labelled no unit in common", remedy="choose another coder")
    if other.coder == data.coder:
        raise NotHonest(f"{data.coder} agrees with {data.coder}, always", remedy="choose another coder as the ceiling")
    given, groups = data.y[rows], data.groups[rows]
    second = np.array([theirs[_place(data.X[row])] for row in rows])
    ceiling = Ceiling(
        coder=other.coder,
        units=len(rows),
        articles=len(np.unique(groups)),
        of_coder=score(given, second, groups, data.labels, seed=seed),
        of_classifier=score(given, own.predicted[rows], groups, data.labels, seed=seed),
    )
    return msgspec.structs.replace(evaluation, ceiling=ceiling)


def _place(unit: Unit) -> tuple[str, int, int]:
    return unit.sentence.article, unit.sentence.start, unit.sentence.end


def _fit_and_predict(data: Labelled, recipe: Recipe, fold: Fold) -> NDArray[np.float64]:
    train, test = fold
    estimator = build(recipe)
    with threadpool_limits(limits=1):
        estimator.fit(data.X[train], data.y[train])
        found = estimator.predict_proba(data.X[test])
    rows = np.zeros((len(test), len(data.labels)))
    rows[:, [data.labels.index(str(label)) for label in estimator.classes_]] = found
    return rows


def _summary(data: Labelled, result: OutOfFold, split: Split, *, recipe: str, seed: int) -> Evaluation:
    """Score the rows that some fold tested."""
    predicted, tested = result.predicted, split.tested
    guesses = {"majority": np.empty_like(data.y), "keywords": np.empty_like(data.y)}
    for train, test in split.folds:
        for name, baseline in (("majority", MajorityBaseline()), ("keywords", KeywordBaseline())):
            guesses[name][test] = baseline.fit(data.X[train], data.y[train]).predict(data.X[test])

    def scores(labels: NDArray[np.str_]) -> Scores:
        return score(data.y[tested], labels[tested], data.groups[tested], data.labels, seed=seed)

    correct = (predicted == data.y)[tested]
    probabilities = result.probabilities[tested]
    names = split.names or tuple(f"fold {k + 1}" for k in range(len(split.folds)))
    n_articles = len(np.unique(data.articles[tested]))
    return Evaluation(
        recipe=recipe,
        split=split.description,
        coder=data.coder,
        units=len(tested),
        articles=n_articles,
        scores=scores(predicted),
        folds=tuple(
            FoldScore(name, len(test), macro_f1(data.y[test], predicted[test], data.labels))
            for name, (_, test) in zip(names, split.folds, strict=True)
        ),
        calibration=calibration(probabilities, correct, indicator(data.y[tested], data.labels)),
        coverage=coverage_curve(probabilities.max(axis=1), correct),
        baselines={name: scores(labels) for name, labels in guesses.items()},
        cautions=_cautions(data, n_articles),
    )


def _cautions(data: Labelled, n_articles: int) -> tuple[str, ...]:
    cautions = []
    if n_articles < FEW_ARTICLES:
        number = {2: "Two", 3: "Three", 4: "Four", 5: "Five"}.get(n_articles, str(n_articles))
        cautions.append(
            f"{number} articles prove nothing: these scores describe these articles and no others, their intervals are"
            f" too narrow. Label at least {FEW_ARTICLES} articles before quoting a figure."
        )
    missing = [label for label in data.labels if not (data.y == label).any()]
    if missing:
        named = ", ".join(missing[:_NAMED]) + (f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else "")
        cautions.append(f"No unit carries {named}: the classifier can't give it, macro-F1 leaves it out.")
    return tuple(cautions)
