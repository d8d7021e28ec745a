"""Cross-validate by article, with baselines beside every score and plain words about what it can't show."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from annotate.classify.baselines import KeywordBaseline, MajorityBaseline
from annotate.classify.crossfit import Look, OutOfFold, cross_fit
from annotate.classify.curve import learning_curve
from annotate.classify.encoder import refuse_foreknowledge
from annotate.classify.evaluation import Ceiling, Evaluation, FoldScore, Known, Rival, Slice, Slices
from annotate.classify.labelled import Labelled
from annotate.classify.leaks import OUTLET, find_leaks, known_already
from annotate.classify.recipes import DEFAULT, Recipe, read_recipe
from annotate.classify.scores import Scores, difference, expected, macro_f1, score
from annotate.classify.splits import Split, at_random, by_article, refuse_untrainable
from annotate.classify.trust import calibration, coverage_curve, indicator, promises, set_sizes
from annotate.classify.units import Unit
from annotate.errors import InputError, NotHonest

__all__ = [
    "Evaluation",
    "OutOfFold",
    "evaluate",
    "refuse_unknown_fact",
    "with_ceiling",
    "with_curve",
    "with_random_split",
    "with_rival",
    "with_slices",
]

FEW_ARTICLES: Final = 30
"""Below this many articles an interval from a bootstrap over articles is itself not to be trusted."""
SLICES_SHOWN: Final = 25
_NAMED: Final = 5
_MANY_KNOWN: Final = 0.1


def evaluate(
    data: Labelled,
    *,
    recipe: str | Path | Recipe = DEFAULT,
    folds: int = 5,
    seed: int = 0,
    split: Split | None = None,
    look: Look | None = None,
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
    look
        See :func:`annotate.classify.crossfit.cross_fit`.
    progress
        Called with 1 each time a fold is done.

    Raises
    ------
    NotHonest
        See :func:`annotate.classify.splits.by_article`, :func:`annotate.classify.splits.refuse_untrainable` and
        :func:`annotate.classify.encoder.refuse_foreknowledge`.
    """
    recipe = read_recipe(recipe)
    split = by_article(data, folds, seed=seed) if split is None else split
    refuse_untrainable(data, split)
    if split.names and (recipe.settings.get("encoder") or any(recipe.grid.get("encoder", ()))):
        refuse_foreknowledge({unit.page for unit in data.X})
    result = cross_fit(data, recipe, split, look=look, progress=progress)
    return _summary(data, result, split, recipe=recipe, seed=seed), result


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
    return msgspec.structs.replace(
        evaluation, rivals=(*evaluation.rivals, Rival(rival.name, other.scores.macro_f1, lead))
    )


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


def with_slices(
    evaluation: Evaluation, own: OutOfFold, data: Labelled, split: Split, column: str, *, seed: int = 0
) -> Evaluation:
    """Return the evaluation with the scores by a fact of the articles.

    Raises
    ------
    InputError
        If no article has such a fact.
    """
    refuse_unknown_fact(data, column)
    return msgspec.structs.replace(evaluation, slices=_slices(data, own.predicted, split.tested, column, seed=seed))


def refuse_unknown_fact(data: Labelled, column: str) -> None:
    """Raise :class:`InputError` if no article has such a fact."""
    if not data.facts.get(column):
        known = ", ".join(sorted(data.facts)) or "none"
        raise InputError(f"no article has a {column}", remedy=f"columns that are known: {known}")


def with_curve(
    evaluation: Evaluation,
    own: OutOfFold,
    data: Labelled,
    split: Split,
    recipe: str | Path | Recipe,
    *,
    seed: int = 0,
    progress: Callable[[int], object] | None = None,
) -> Evaluation:
    """Return the evaluation with a learning curve; see :func:`annotate.classify.curve.learning_curve`."""
    curve = learning_curve(data, read_recipe(recipe), split, own, seed=seed, progress=progress)
    return msgspec.structs.replace(evaluation, curve=curve)


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


def _summary(data: Labelled, result: OutOfFold, split: Split, *, recipe: Recipe, seed: int) -> Evaluation:
    """Score the rows that some fold tested."""
    predicted, tested = result.predicted, split.tested
    baselines: dict[str, MajorityBaseline | KeywordBaseline] = {"majority": MajorityBaseline()}
    if all(unit.page.read is None for unit in data.X):  # else there are no words to look for
        baselines["keywords"] = KeywordBaseline()
    guesses = {name: np.empty_like(data.y) for name in baselines}
    for train, test in split.folds:
        for name, baseline in baselines.items():
            guesses[name][test] = baseline.fit(data.X[train], data.y[train]).predict(data.X[test])

    def scores(labels: NDArray[np.str_]) -> Scores:
        return score(data.y[tested], labels[tested], data.groups[tested], data.labels, seed=seed)

    correct = (predicted == data.y)[tested]
    known = _known(data, predicted, tested, seed=seed)
    probabilities = result.probabilities[tested]
    names = split.names or tuple(f"fold {k + 1}" for k in range(len(split.folds)))
    n_articles = len(np.unique(data.articles[tested]))
    return Evaluation(
        recipe=recipe.name,
        split=split.description,
        coder=data.coder,
        units=len(tested),
        articles=n_articles,
        scores=scores(predicted),
        folds=tuple(
            FoldScore(name, len(test), macro_f1(data.y[test], predicted[test], data.labels), _choice(recipe, chosen))
            for name, (_, test), chosen in zip(names, split.folds, result.chosen, strict=True)
        ),
        calibration=calibration(probabilities, correct, indicator(data.y[tested], data.labels)),
        coverage=coverage_curve(probabilities.max(axis=1), correct),
        promises=promises(probabilities.max(axis=1), correct, data.groups[tested]),
        sets=set_sizes(probabilities, data.y[tested], data.groups[tested], data.labels),
        baselines={name: scores(labels) for name, labels in guesses.items()},
        cautions=_cautions(data, n_articles, known, len(tested)),
        slices=_outlets(data, predicted, tested, seed=seed),
        known=known,
        expected=None
        if data.soft is None
        else expected(data.soft[tested], predicted[tested], data.groups[tested], data.labels, seed=seed),
    )


def _choice(recipe: Recipe, chosen: Recipe) -> str:
    """Return in words what was chosen of the settings that a recipe leaves open."""
    return ", ".join(f"{name} = {chosen.settings[name]}" for name in recipe.grid)


def _known(data: Labelled, predicted: NDArray[np.str_], tested: NDArray[np.intp], *, seed: int) -> Known | None:
    known = known_already(data)[tested]
    if not known.any():
        return None
    here, others = tested[known], tested[~known]
    rest = (
        score(data.y[others], predicted[others], data.groups[others], data.labels, seed=seed) if len(others) else None
    )
    return Known(
        units=len(here),
        accuracy=float((data.y[here] == predicted[here]).mean()),
        accuracy_of_others=None if rest is None else rest.accuracy,
    )


def _outlets(data: Labelled, predicted: NDArray[np.str_], tested: NDArray[np.intp], *, seed: int) -> Slices | None:
    """Return the scores by outlet where two outlets or more are known."""
    outlets = data.facts.get(OUTLET, {})
    named = {outlets[article] for article in np.unique(data.articles[tested]).tolist() if article in outlets}
    return _slices(data, predicted, tested, OUTLET, seed=seed) if len(named) > 1 else None


def _slices(data: Labelled, predicted: NDArray[np.str_], tested: NDArray[np.intp], column: str, *, seed: int) -> Slices:
    facts = data.facts[column]
    values = np.array([facts.get(article, "unknown") for article in data.articles[tested].tolist()])
    names, counts = np.unique(values, return_counts=True)
    parts = []
    for name in names[np.argsort(-counts, kind="stable")][:SLICES_SHOWN].tolist():
        rows = tested[values == name]
        found = score(data.y[rows], predicted[rows], data.groups[rows], data.labels, seed=seed)
        n_articles = len(np.unique(data.articles[rows]))
        parts.append(Slice(name, len(rows), n_articles, found.macro_f1, found.accuracy))
    return Slices(column, tuple(parts), others=max(len(names) - SLICES_SHOWN, 0))


def _cautions(data: Labelled, n_articles: int, known: Known | None, n_tested: int) -> tuple[str, ...]:
    cautions = []
    if n_articles < FEW_ARTICLES:
        number = {2: "Two", 3: "Three", 4: "Four", 5: "Five"}.get(n_articles, str(n_articles))
        cautions.append(
            f"{number} articles prove nothing: these scores describe these articles and no others, their intervals are"
            f" too narrow. Label at least {FEW_ARTICLES} articles before quoting a figure."
        )
    cautions += find_leaks(data)
    if known is not None and known.units >= _MANY_KNOWN * n_tested:
        cautions.append(
            f"{100 * known.units / n_tested:.0f} % of the sentences stand word for word in other articles too: the"
            " classifier may know them by heart. Read the score on the others beside it."
        )
    missing = [label for label in data.labels if not (data.y == label).any()]
    if missing:
        named = ", ".join(missing[:_NAMED]) + (f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else "")
        cautions.append(f"No unit carries {named}: the classifier can't give it, macro-F1 leaves it out.")
    return tuple(cautions)
