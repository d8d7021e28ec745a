"""From judgments to gold: one label a unit, with who supports it, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args

import msgspec

from annotate.adjudication.models import (
    ITERATIONS,
    RESTARTS,
    TOLERANCE,
    Fitted,
    fit_dawid_skene,
    fit_mace,
    vote_shares,
)
from annotate.agreement.ratings import MISSING, Ratings, Unit
from annotate.agreement.statistics import Floats
from annotate.codebook import SKIP
from annotate.errors import CodebookError, EmptyInput, InputError
from annotate.types import Gold

Method = Literal["majority", "adjudicated", "dawid-skene", "mace"]
METHODS: Final[tuple[Method, ...]] = get_args(Method)

_TIE: Final = 1e-9


class Settled(msgspec.Struct, frozen=True):
    """A unit's gold label, or why there is none.

    Parameters
    ----------
    label
        None if several are as likely, or coders differ and nobody has decided; ``"skip"`` if somebody so decided.
    probabilities
        Soft labels: a model's posterior, else the shares of the votes.
    supporters, others
        Coders who gave this label, and who gave another.
    tied
        The labels between which there is no decision.
    decided_by
        Who decided, where somebody did.
    """

    document: str
    start: int
    end: int
    label: str | None
    probabilities: Mapping[str, float]
    supporters: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    tied: tuple[str, ...] = ()
    decided_by: str | None = None


class Competence(msgspec.Struct, frozen=True):
    """What a model makes of a coder.

    Parameters
    ----------
    skill
        Dawid–Skene: the probability of giving a unit its label; MACE: of knowing it rather than guessing.
    answers
        Probability of each answer (columns) to each right label (rows).
    """

    coder: str
    skill: float
    answers: tuple[tuple[float, ...], ...]


class Settlement(msgspec.Struct, frozen=True):
    """The gold labels of a table of ratings.

    Parameters
    ----------
    rows
        One a unit that at least one coder labelled, in the order of the ratings.
    competence, iterations, converged, log_likelihood
        Of the model; without one, none.
    """

    method: Method
    labels: tuple[str, ...]
    rows: tuple[Settled, ...]
    competence: tuple[Competence, ...] = ()
    iterations: int | None = None
    converged: bool | None = None
    log_likelihood: float | None = None

    @property
    def undecided(self) -> tuple[Settled, ...]:
        """Return the rows without a label."""
        return tuple(row for row in self.rows if row.label is None)

    def gold(self) -> list[Gold]:
        """Return the rows that have a label as stand-off labels, with the method in place of a coder."""
        return [Gold(row.document, row.start, row.end, row.label, self.method) for row in self.rows if row.label]


def settle(
    ratings: Ratings, by: Method, *, decisions: Mapping[Unit, tuple[str, str]] | None = None, seed: int = 0
) -> Settlement:
    """Return the gold labels by one of the ways; what somebody decided on is as they decided, whatever the way.

    Parameters
    ----------
    decisions
        See :func:`adjudicated`.
    seed
        Of ``mace``.

    Raises
    ------
    InputError, CodebookError, EmptyInput
        See the ways.
    """
    if by == "adjudicated":
        return adjudicated(ratings, decisions or {})
    ways = {"majority": majority, "dawid-skene": dawid_skene}
    settled = mace(ratings, seed=seed) if by == "mace" else ways[by](ratings)
    if not decisions:
        return settled
    rated = _rated(ratings)
    _check_decisions(decisions, rated)
    rows = (
        _decided(row, rated, i, decisions.get(unit))
        for i, (unit, row) in enumerate(zip(rated.units, settled.rows, strict=True))
    )
    return msgspec.structs.replace(settled, rows=tuple(rows))


def majority(ratings: Ratings) -> Settlement:
    """Give each unit the label that most coders gave it; ties are reported and left undecided."""
    rated = _rated(ratings)
    return Settlement("majority", ratings.labels, tuple(_rows(rated, vote_shares(rated))))


def adjudicated(ratings: Ratings, decisions: Mapping[Unit, tuple[str, str]]) -> Settlement:
    """Give each unit the label that somebody decided on, else the one that all its coders gave; the rest is undecided.

    Parameters
    ----------
    decisions
        By unit: the label, or ``"skip"``, and who decided.

    Raises
    ------
    InputError
        If a decision is about a unit that nobody labelled.
    CodebookError
        If it is for a label that could not be chosen.
    """
    rated = _rated(ratings)
    _check_decisions(decisions, rated)
    votes = vote_shares(rated)
    rows = []
    for i, (unit, row) in enumerate(zip(rated.units, _rows(rated, votes), strict=True)):
        if unit in decisions:
            rows.append(_decided(row, rated, i, decisions[unit]))
        elif row.others:
            given = tuple(label for label, share in zip(rated.labels, votes[i], strict=True) if share > 0)
            both = tuple(coder for coder in rated.coders if coder in row.supporters + row.others)
            rows.append(msgspec.structs.replace(row, label=None, supporters=(), others=both, tied=given))
        else:
            rows.append(row)
    return Settlement("adjudicated", ratings.labels, tuple(rows))


def dawid_skene(ratings: Ratings, *, iterations: int = ITERATIONS, tolerance: float = TOLERANCE) -> Settlement:
    """Estimate labels and each coder's confusions by EM, beginning with the shares of the votes.

    Dawid and Skene, Applied Statistics 28, 1979, 20–28: eq. 2.3 and 2.4 are the M-step, 2.5 the E-step. It is of
    maximum likelihood without a prior: with two coders, or rare labels, it says more than the data do.

    Raises
    ------
    EmptyInput
        If no unit has a label.
    """
    rated = _rated(ratings)
    return _settlement("dawid-skene", rated, *fit_dawid_skene(rated, iterations=iterations, tolerance=tolerance))


def mace(
    ratings: Ratings,
    *,
    seed: int = 0,
    restarts: int = RESTARTS,
    iterations: int = ITERATIONS,
    tolerance: float = TOLERANCE,
) -> Settlement:
    """Estimate labels, and how often each coder knows and how each guesses, by variational EM with random restarts.

    Hovy, Berg-Kirkpatrick, Vaswani and Hovy, Learning Whom to Trust with MACE, NAACL 2013, section 3: a coder knows
    the label, or guesses in a way of their own. Priors are Beta(.5, .5) on knowing and Dirichlet(10) on guessing; of
    the restarts the one of the highest likelihood is kept.

    Raises
    ------
    EmptyInput
        If no unit has a label.
    """
    rated = _rated(ratings)
    fitted = fit_mace(rated, seed=seed, restarts=restarts, iterations=iterations, tolerance=tolerance)
    return _settlement("mace", rated, *fitted)


def _settlement(method: Method, rated: Ratings, fitted: Fitted, skill: Floats) -> Settlement:
    competence = tuple(
        Competence(coder, float(skill[j]), tuple(tuple(float(p) for p in row) for row in fitted.answers[j]))
        for j, coder in enumerate(rated.coders)
    )
    return Settlement(
        method=method,
        labels=rated.labels,
        rows=tuple(_rows(rated, fitted.posterior)),
        competence=competence,
        iterations=fitted.iterations,
        converged=fitted.converged,
        log_likelihood=fitted.log_likelihood,
    )


def _rated(ratings: Ratings) -> Ratings:
    """Return the units that at least one coder labelled, and the coders who labelled any."""
    labelled = ratings.codes != MISSING
    if not labelled.any():
        raise EmptyInput("no unit has a label", remedy="label some units first")
    active = [coder for coder, any_of in zip(ratings.coders, labelled.any(axis=0), strict=True) if any_of]
    return ratings.of(active).where(labelled.any(axis=1))


def _rows(rated: Ratings, probabilities: Floats) -> list[Settled]:
    likeliest = probabilities >= probabilities.max(axis=1, keepdims=True) - _TIE
    rows = []
    for i, (document, start, end) in enumerate(rated.units):
        best = tuple(label for label, tops in zip(rated.labels, likeliest[i].tolist(), strict=True) if tops)
        label = best[0] if len(best) == 1 else None
        supporters, others = _sides(rated, i, label)
        soft = dict(zip(rated.labels, probabilities[i].tolist(), strict=True))
        rows.append(Settled(document, start, end, label, soft, supporters, others, () if label else best))
    return rows


def _sides(rated: Ratings, i: int, label: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    sides: tuple[list[str], list[str]] = [], []
    for coder, code in zip(rated.coders, rated.codes[i].tolist(), strict=True):
        if code != MISSING:
            sides[rated.labels[code] != label].append(coder)
    return tuple(sides[0]), tuple(sides[1])


def _decided(row: Settled, rated: Ratings, i: int, decision: tuple[str, str] | None) -> Settled:
    """Return a unit's row as somebody decided it."""
    if decision is None:
        return row
    label, who = decision
    supporters, others = _sides(rated, i, label)
    return msgspec.structs.replace(row, label=label, supporters=supporters, others=others, tied=(), decided_by=who)


def _check_decisions(decisions: Mapping[Unit, tuple[str, str]], rated: Ratings) -> None:
    units = set(rated.units)
    for (document, start, end), (label, who) in decisions.items():
        where = f"{document} {start} to {end}"
        if (document, start, end) not in units:
            raise InputError(
                f"{who} decided on a unit that nobody labelled",
                where=where,
                remedy="decide on units as coders saw them",
            )
        if label not in (*rated.labels, SKIP):
            raise CodebookError(
                f"{who} decided for {label!r}, which is not in the codebook",
                where=where,
                remedy=f"use {', '.join(rated.labels)} or {SKIP}",
            )
