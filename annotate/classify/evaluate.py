"""Cross-validate by article, with baselines beside every score and plain words about what it can't show."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec
import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.model_selection import LeaveOneGroupOut, StratifiedGroupKFold
from threadpoolctl import threadpool_limits

from annotate.classify.baselines import KeywordBaseline, MajorityBaseline
from annotate.classify.labelled import Labelled, articles_by_label
from annotate.classify.recipes import DEFAULT, build
from annotate.classify.scores import Scores, macro_f1, score
from annotate.errors import NotHonest

FEW_ARTICLES: Final = 30
"""Below this many articles an interval from a bootstrap over articles is itself not to be trusted."""
_WORTH_PROCESSES: Final = 2000

Fold = tuple[NDArray[np.intp], NDArray[np.intp]]
"""Rows to train on and rows to test on."""


class Evaluation(msgspec.Struct, frozen=True):
    """What a cross-validation found, and how.

    Parameters
    ----------
    recipe
        The classifier's recipe.
    split
        How rows were divided, in words.
    folds, seed
        Number of folds and seed of the shuffle.
    coder
        Whose labels were predicted.
    units, articles
        How many were predicted; each once, by a model that saw nothing of its article.
    scores
        Pooled over all folds.
    fold_macro_f1
        One a fold, over the labels that occur in it.
    baselines
        The same rows and folds, by name.
    cautions
        What a reader must know before quoting a figure; the gravest first.
    """

    recipe: str
    split: str
    folds: int
    seed: int
    coder: str
    units: int
    articles: int
    scores: Scores
    fold_macro_f1: tuple[float, ...]
    baselines: dict[str, Scores]
    cautions: tuple[str, ...]


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
    recipe: str = DEFAULT,
    folds: int = 5,
    seed: int = 0,
    progress: Callable[[int], object] | None = None,
) -> tuple[Evaluation, OutOfFold]:
    """Cross-validate a recipe; no article stands on both sides of a split.

    Parameters
    ----------
    data
        The labelled sample.
    folds
        Number of folds; 0 leaves one article out at a time.
    seed
        Of the shuffle and of the bootstrap.
    progress
        Called with 1 each time a fold is done.

    Raises
    ------
    NotHonest
        If there is only one article, fewer than two labels, or a label in fewer articles than there are folds.
    """
    refuse_dishonest(data, folds)
    splits = list(_splits(data, folds, seed))
    # Starting processes costs seconds that a small sample never earns back.
    n_jobs = min(len(splits), os.cpu_count() or 1) if len(data.y) > _WORTH_PROCESSES else 1
    parallel = Parallel(n_jobs=n_jobs, return_as="generator")
    probabilities = np.zeros((len(data.y), len(data.labels)))
    for (_, test), rows in zip(
        splits, parallel(delayed(_fit_and_predict)(data, recipe, fold) for fold in splits), strict=True
    ):
        probabilities[test] = rows
        if progress is not None:
            progress(1)
    result = OutOfFold(probabilities, data.labels)
    return _summary(data, result, splits, recipe=recipe, folds=folds, seed=seed), result


def refuse_dishonest(data: Labelled, folds: int) -> None:
    """Raise :class:`NotHonest` where a cross-validation by article would mislead."""
    groups = data.groups
    n_articles = len(np.unique(groups))
    if n_articles < 2:
        raise NotHonest(
            "all labelled units come from one article: a score would say how well the model knows this article",
            remedy="label sentences of more articles",
        )
    spread = articles_by_label(data.y, groups)
    if len(spread) < 2:
        raise NotHonest("every unit has one label", remedy="label units of at least two kinds")
    wanted = folds or 2
    if folds == 1 or folds < 0:
        raise NotHonest(
            "one fold leaves nothing to test on", remedy="use 2 folds or more, or 0 for one article at a time"
        )
    if wanted > n_articles:
        raise NotHonest(f"{folds} folds need {folds} articles, there are {n_articles}", remedy="use fewer folds")
    rarest = min(spread, key=lambda label: (spread[label], label))
    if spread[rarest] < wanted:
        raise NotHonest(
            f"label {rarest} occurs in {spread[rarest]} of {n_articles} articles, fewer than the {wanted} folds:"
            " some fold could not learn or test it",
            remedy=f"label more articles with it, or use --folds {spread[rarest]}"
            if spread[rarest] > 1
            else "label more articles with it",
        )


def _splits(data: Labelled, folds: int, seed: int) -> Iterator[Fold]:
    if folds == 0:
        yield from LeaveOneGroupOut().split(data.X, data.y, data.groups)
    else:
        splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
        yield from splitter.split(data.X, data.y, data.groups)


def _fit_and_predict(data: Labelled, recipe: str, fold: Fold) -> NDArray[np.float64]:
    train, test = fold
    estimator = build(recipe)
    with threadpool_limits(limits=1):
        estimator.fit(data.X[train], data.y[train])
        found = estimator.predict_proba(data.X[test])
    rows = np.zeros((len(test), len(data.labels)))
    rows[:, [data.labels.index(str(label)) for label in estimator.classes_]] = found
    return rows


def _summary(
    data: Labelled, result: OutOfFold, splits: list[Fold], *, recipe: str, folds: int, seed: int
) -> Evaluation:
    groups = data.groups
    predicted = result.predicted
    baselines = {}
    for name, baseline in (("majority", MajorityBaseline), ("keywords", KeywordBaseline)):
        guesses = np.empty_like(data.y)
        for train, test in splits:
            guesses[test] = baseline().fit(data.X[train], data.y[train]).predict(data.X[test])
        baselines[name] = score(data.y, guesses, groups, data.labels, seed=seed)
    n_articles = len(np.unique(groups))
    return Evaluation(
        recipe=recipe,
        split="one article left out at a time" if folds == 0 else f"{folds} folds by article, stratified by label",
        folds=len(splits),
        seed=seed,
        coder=data.coder,
        units=len(data.y),
        articles=n_articles,
        scores=score(data.y, predicted, groups, data.labels, seed=seed),
        fold_macro_f1=tuple(macro_f1(data.y[test], predicted[test], data.labels) for _, test in splits),
        baselines=baselines,
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
        cautions.append(
            f"No unit carries {', '.join(missing)}: the classifier can't give that label, macro-F1 leaves it out."
        )
    return tuple(cautions)
