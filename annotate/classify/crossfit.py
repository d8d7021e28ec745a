"""Fit a recipe to each fold's training rows and ask it about the rows held out."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from annotate.classify.fitting import fit, probabilities
from annotate.classify.labelled import Labelled
from annotate.classify.recipes import Recipe
from annotate.classify.splits import Fold, Split

_WORTH_PROCESSES: Final = 2000

Look = Callable[[Any, Labelled, NDArray[Any]], Any]
"""Told a fold's estimator, its held-out units and their probabilities; what it returns is kept."""


class OutOfFold(msgspec.Struct, frozen=True, eq=False):
    """Probabilities for units by models that saw nothing of their articles.

    Parameters
    ----------
    probabilities
        Shape (n_units, n_labels), columns in the order of ``labels``; a label that a fold's training rows lack has 0.
    labels
        The labels' keys.
    chosen
        The recipe of each fold's model, which leaves nothing open.
    seen
        What ``look`` returned of each fold.
    """

    probabilities: Any
    labels: tuple[str, ...]
    chosen: tuple[Recipe, ...] = ()
    seen: tuple[Any, ...] = ()

    @property
    def predicted(self) -> NDArray[np.str_]:
        """Return the most probable label of each unit, shape (n_units,)."""
        chosen: NDArray[np.str_] = np.array(self.labels)[np.argmax(self.probabilities, axis=1)]
        return chosen


class _Answer(NamedTuple):
    probabilities: NDArray[np.float64]
    recipe: Recipe
    seen: Any


def cross_fit(
    data: Labelled,
    recipe: Recipe,
    split: Split,
    *,
    look: Look | None = None,
    progress: Callable[[int], object] | None = None,
) -> OutOfFold:
    """Return what each fold's model says of the rows it is tested on; rows that no fold tests have probability 0.

    Parameters
    ----------
    look
        Called in the process that fitted the fold's model.
    progress
        Called with 1 each time a fold is done.
    """
    answers = in_processes(
        [delayed(_answer)(data, recipe, fold, look) for fold in split.folds], n_units=len(data.y), progress=progress
    )
    found = np.zeros((len(data.y), len(data.labels)))
    for (_, test), answer in zip(split.folds, answers, strict=True):
        found[test] = answer.probabilities
    return OutOfFold(
        found, data.labels, tuple(answer.recipe for answer in answers), tuple(answer.seen for answer in answers)
    )


def in_processes(calls: Sequence[Any], *, n_units: int, progress: Callable[[int], object] | None) -> list[Any]:
    """Return what joblib's delayed calls return, in order; in several processes where the sample is worth it."""
    # Starting processes costs seconds that a small sample never earns back.
    n_jobs = min(len(calls), os.cpu_count() or 1) if n_units > _WORTH_PROCESSES else 1
    results = []
    for result in Parallel(n_jobs=n_jobs, return_as="generator")(calls):
        results.append(result)
        if progress is not None:
            progress(1)
    return results


def _answer(data: Labelled, recipe: Recipe, fold: Fold, look: Look | None) -> _Answer:
    train, test = fold
    estimator, chosen = fit(recipe, data.only(train))
    held_out = data.only(test)
    found = probabilities(estimator, held_out.X, data.labels)
    return _Answer(found, chosen, None if look is None else look(estimator, held_out, found))
