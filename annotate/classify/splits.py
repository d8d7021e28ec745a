"""Ways to divide a labelled sample into training and test rows; all but the last keep articles whole."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import KFold, LeaveOneGroupOut, StratifiedGroupKFold, StratifiedKFold

from annotate.classify.labelled import Labelled, articles_by_label
from annotate.errors import InputError, NotHonest

Fold = tuple[NDArray[np.intp], NDArray[np.intp]]
"""Rows to train on and rows to test on."""

STEPS: Final = 4
_MONTH, _DAY = r"(0[1-9]|1[0-2])", r"(0[1-9]|[12]\d|3[01])"
_ISO_DATE: Final = re.compile(rf"\d{{4}}(-{_MONTH}(-{_DAY}([T ]\d\d.*)?)?)?")


class Split(msgspec.Struct, frozen=True, eq=False):
    """Folds with the words that a report says about them.

    Parameters
    ----------
    description
        How rows were divided.
    folds
        Test rows of different folds do not overlap; a row may be in none.
    names
        What each fold tests on, where that has a name.
    """

    description: str
    folds: tuple[Any, ...]  # of Fold; msgspec knows no array types
    names: tuple[str, ...] = ()

    @property
    def tested(self) -> NDArray[np.intp]:
        """Return the rows that some fold tests, sorted."""
        return np.sort(np.concatenate([test for _, test in self.folds]))


def by_article(data: Labelled, folds: int, *, seed: int = 0) -> Split:
    """Divide articles into folds with like shares of labels; 0 folds leave one article out at a time.

    Raises
    ------
    NotHonest
        If there is only one article, fewer than two labels, or a label in fewer articles than there are folds.
    """
    refuse_dishonest(data, folds)
    if folds == 0:
        found = tuple(LeaveOneGroupOut().split(data.X, data.y, data.groups))
        return Split("one article left out at a time", found)
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    found = tuple(splitter.split(data.X, data.y, data.groups))
    return Split(f"{folds} folds by article, stratified by label (seed {seed})", found)


def leave_one_out(data: Labelled, column: str) -> Split:
    """Leave out one value of an article's fact at a time, such as one outlet.

    Raises
    ------
    InputError
        If the articles have no such fact.
    NotHonest
        If it has one value only.
    """
    values = _values(data, column)
    names = np.unique(values)
    if len(names) < 2:
        raise NotHonest(f"every article has the same {column}", remedy="leave something else out")
    folds = tuple(_fold(data, values != name, np.flatnonzero(values == name)) for name in names)
    return Split(f"one {column} left out at a time", folds, tuple(names.tolist()))


def forward_in_time(data: Labelled, column: str) -> Split:
    """Train on what came before, test on what came next, in four steps over the articles sorted by a date.

    Dates are compared as exactly as the least exact of them is given, and never more exactly than to the day: where one
    says a month only, months are compared. The oldest fifth is never tested on.

    Raises
    ------
    InputError
        If the articles have no such fact, or it is no date in ISO 8601.
    NotHonest
        If there are fewer dates than steps, or most articles have one date.
    """
    dates = _dates(data, column)
    distinct = np.unique(dates)
    if len(distinct) <= STEPS:
        raise NotHonest(f"{len(distinct)} different dates are too few for {STEPS} steps", remedy="use --folds")
    _, first_rows = np.unique(data.articles, return_index=True)
    # Equal numbers of articles a step; articles of one date stay together, so a step may be without any.
    by_date = np.sort(dates[first_rows])
    borders = by_date[np.arange(1, STEPS + 1) * len(by_date) // (STEPS + 1)]
    found, step = np.unique(np.searchsorted(borders, dates, side="right"), return_inverse=True)
    if len(found) < 2:
        raise NotHonest(f"most articles have the {column} {by_date[0]}: nothing comes before", remedy="use --folds")
    folds, names = [], []
    for k in range(1, len(found)):
        test = np.flatnonzero(step == k)
        folds.append(_fold(data, step < k, test))
        names.append("{} to {}".format(*np.sort(dates[test])[[0, -1]]))
    return Split(f"forward in time by {column}: trained on earlier articles only", tuple(folds), tuple(names))


def restrict_tests(split: Split, data: Labelled, allowed: NDArray[np.bool_]) -> Split:
    """Return the split with only these rows tested on; the others train, as before, where their article is not tested.

    Parameters
    ----------
    allowed
        Shape (n_units,).

    Raises
    ------
    NotHonest
        If no row may be tested on, or those that may are all of one article.
    """
    if len(np.unique(data.groups[allowed])) < 2:
        raise NotHonest(
            "the units drawn at random are of fewer than two articles, and only such units may test a classifier",
            remedy="draw and label a round for evaluation: nutgraf sample",
        )
    kept = [
        (train, test[allowed[test]], name)
        for (train, test), name in zip(split.folds, split.names or [""] * len(split.folds), strict=True)
        if allowed[test].any()
    ]
    words = "" if allowed.all() else f"; tested on the {int(allowed.sum())} units drawn at random, of {len(allowed)}"
    return Split(
        split.description + words,
        tuple((train, test) for train, test, _ in kept),
        tuple(name for *_, name in kept) if split.names else (),
    )


def at_random(data: Labelled, folds: int, *, seed: int = 0) -> Split:
    """Divide sentences at random, as most tools do: articles leak. Only to show what that hides."""
    _, counts = np.unique(data.y, return_counts=True)
    folds = min(folds, len(data.y))
    kind = StratifiedKFold if counts.min() >= folds else KFold
    found = tuple(kind(folds, shuffle=True, random_state=seed).split(data.X, data.y))
    return Split(f"{folds} folds of sentences at random: articles leak", found)


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
        fewer = f", or use --folds {spread[rarest]}" if spread[rarest] > 1 else ""
        raise NotHonest(
            f"label {rarest} occurs in {spread[rarest]} of {n_articles} articles, fewer than the {wanted} folds:"
            " some fold could not learn or test it",
            remedy=f"label more articles with it{fewer}",
        )


def refuse_untrainable(data: Labelled, split: Split) -> None:
    """Raise :class:`NotHonest` where some fold's training rows carry one label only."""
    for number, (train, _) in enumerate(split.folds, start=1):
        found = np.unique(data.y[train])
        if len(found) < 2:
            name = split.names[number - 1] if split.names else f"fold {number}"
            raise NotHonest(
                f"to test on {name}, there is only {', '.join(found) or 'nothing'} to learn from",
                remedy="label more articles, or divide them another way",
            )


def _fold(data: Labelled, elsewhere: NDArray[np.bool_], test: NDArray[np.intp]) -> Fold:
    """Return a fold that trains on what is elsewhere, without copies of what it tests on."""
    groups = data.groups
    return np.flatnonzero(elsewhere & ~np.isin(groups, groups[test])), test


def _dates(data: Labelled, column: str) -> NDArray[np.str_]:
    """Return each unit's date as text that sorts, shape (n_units,)."""
    dates = _values(data, column)
    for article, value in zip(data.articles.tolist(), dates.tolist(), strict=True):
        if not _ISO_DATE.fullmatch(value):
            raise InputError(f"article {article} has the {column} {value!r}", remedy="write dates as 2024-05-31")
    exactness = min(10, *(len(value) for value in np.unique(dates).tolist()))
    return np.array([value[:exactness] for value in dates.tolist()], dtype=np.str_)


def _values(data: Labelled, column: str) -> NDArray[np.str_]:
    """Return each unit's value of a fact, shape (n_units,)."""
    facts: Mapping[str, str] = data.facts.get(column, {})
    missing = sorted(set(data.articles.tolist()) - facts.keys())
    if missing:
        known = ", ".join(sorted(data.facts)) or "none"
        raise InputError(
            f"article {missing[0]} has no {column}", remedy=f"add a column {column}; columns that are known: {known}"
        )
    return np.array([facts[article] for article in data.articles.tolist()], dtype=np.str_)
