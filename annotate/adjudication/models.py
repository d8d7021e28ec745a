"""Models of coders: the probability of each unit's label, and how reliable each coder seems, by EM.

They know ratings and nothing of how labels are settled. Ratings must hold a label for every unit and of every coder.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma
from threadpoolctl import threadpool_limits

from annotate.agreement.ratings import MISSING, Ratings
from annotate.agreement.statistics import Floats, counts_of

ITERATIONS: Final = 1000
TOLERANCE: Final = 1e-9
"""EM ends when a step moves the log-likelihood by less than this a judgment."""
RESTARTS: Final = 10

_FLOOR: Final = 1e-10  # of a judgment: what a coder never did is not impossible
_KNOWING_PRIOR: Final = 0.5
_GUESSING_PRIOR: Final = 10.0


class Fitted(msgspec.Struct, frozen=True, eq=False):
    """What EM found.

    Parameters
    ----------
    posterior
        Each unit's probabilities, shape (n_units, K).
    answers
        Each coder's probability of each answer to each right label, shape (n_coders, K right, K given).
    log_likelihood, iterations, converged
        Of all judgments, and how EM ended.
    """

    posterior: Floats
    answers: Floats
    log_likelihood: float
    iterations: int
    converged: bool


class _Answers(msgspec.Struct, frozen=True, eq=False):
    """One coder's judgments: which units, and which labels."""

    units: NDArray[np.intp]
    codes: NDArray[np.intp]


_Step = Callable[[Floats], tuple[Floats, Floats, Floats]]


def vote_shares(rated: Ratings) -> Floats:
    """Return each label's share of each unit's votes, shape (n_units, K)."""
    counts = counts_of(rated.codes, len(rated.labels))
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))


def fit_dawid_skene(
    rated: Ratings, *, iterations: int = ITERATIONS, tolerance: float = TOLERANCE
) -> tuple[Fitted, Floats]:
    """Return labels and confusions, and each coder's probability of giving a unit its label, shape (n_coders,).

    Dawid and Skene, Applied Statistics 28, 1979, 20–28: eq. 2.3 and 2.4 are the M-step, 2.5 the E-step.
    """
    answered = _answered(rated)
    n_labels = len(rated.labels)

    def step(posterior: Floats) -> tuple[Floats, Floats, Floats]:
        counts = np.maximum(_expected_answers(posterior, answered, n_labels), _FLOOR)
        answers = counts / counts.sum(axis=2, keepdims=True)
        shares = np.maximum(posterior.mean(axis=0), _FLOOR)
        return *_posterior(shares, answers, answered, len(rated.units)), answers

    with threadpool_limits(limits=1):
        fitted = _iterate(step, vote_shares(rated), iterations, tolerance * _n_judgments(rated))
    return fitted, np.einsum("k,jkk->j", fitted.posterior.mean(axis=0), fitted.answers)


def fit_mace(
    rated: Ratings,
    *,
    seed: int = 0,
    restarts: int = RESTARTS,
    iterations: int = ITERATIONS,
    tolerance: float = TOLERANCE,
) -> tuple[Fitted, Floats]:
    """Return labels and answers, and each coder's probability of knowing rather than guessing, shape (n_coders,).

    Hovy, Berg-Kirkpatrick, Vaswani and Hovy, NAACL 2013, section 3; of the restarts the likeliest.
    """
    random = np.random.default_rng(seed)
    shape = len(rated.coders), len(rated.labels)
    with threadpool_limits(limits=1):
        runs = [
            run_mace(rated, _random_start(random, shape[0], 2), _random_start(random, *shape), iterations, tolerance)
            for _ in range(restarts)
        ]
    return max(runs, key=lambda run: run[0].log_likelihood)


def _iterate(step: _Step, posterior: Floats, iterations: int, tolerance: float) -> Fitted:
    """Repeat a step of EM, from posterior to posterior, log-likelihood and answers, until it moves no more."""
    before, done = -np.inf, 0
    while True:
        posterior, found, answers = step(posterior)
        done += 1
        converged = abs(float(found) - before) < tolerance
        if converged or done == iterations:
            return Fitted(posterior, answers, float(found), done, converged)
        before = float(found)


def _posterior(shares: Floats, answers: Floats, answered: Sequence[_Answers], n_units: int) -> tuple[Floats, Floats]:
    """Return each unit's probabilities, shape (n_units, K), and the log-likelihood of all judgments."""
    joint: Floats = np.tile(np.log(shares), (n_units, 1))
    for coder, judged in zip(np.log(answers), answered, strict=True):
        joint[judged.units] += coder.T[judged.codes]
    top = joint.max(axis=1, keepdims=True)
    likely = np.exp(joint - top)
    whole = likely.sum(axis=1, keepdims=True)
    return likely / whole, (np.log(whole) + top).sum()


def _expected_answers(posterior: Floats, answered: Sequence[_Answers], n_labels: int) -> Floats:
    """Return how often each coder is expected to have given which answer to which label, shape (n_coders, K, K)."""
    return np.stack(
        [
            np.stack([np.bincount(coder.codes, posterior[coder.units, right], n_labels) for right in range(n_labels)])
            for coder in answered
        ]
    )


def run_mace(
    rated: Ratings, knowing: Floats, guesses: Floats, iterations: int, tolerance: float
) -> tuple[Fitted, Floats]:
    """Run MACE from these probabilities of guessing and knowing, shape (n_coders, 2), and guesses (n_coders, K)."""
    answered, (_, n_labels) = _answered(rated), guesses.shape
    shares: Floats = np.full(n_labels, 1 / n_labels)
    parameters = knowing, guesses

    def answers_of(knowing: Floats, guesses: Floats) -> Floats:
        return np.asarray(knowing[:, :1, None] * guesses[:, None, :] + knowing[:, 1:, None] * np.eye(n_labels))

    def step(posterior: Floats) -> tuple[Floats, Floats, Floats]:
        nonlocal parameters
        counts = _expected_answers(posterior, answered, n_labels)
        parameters = _maximise(counts, *parameters)
        answers = answers_of(*parameters)
        return *_posterior(shares, answers, answered, len(rated.units)), answers

    first, _ = _posterior(shares, answers_of(*parameters), answered, len(rated.units))
    fitted = _iterate(step, first, iterations, tolerance * _n_judgments(rated))
    guessing, knows = parameters[0].T
    answers = fitted.answers / fitted.answers.sum(axis=2, keepdims=True)
    return msgspec.structs.replace(fitted, answers=answers), knows / (guessing + knows)


def _maximise(counts: Floats, knowing: Floats, guesses: Floats) -> tuple[Floats, Floats]:
    """Return the probabilities of guessing and knowing, and of the guesses; variational, so they sum to less than 1."""
    right = np.diagonal(counts, axis1=1, axis2=2)
    by_guess = knowing[:, :1] * guesses
    known = right * knowing[:, 1:] / (by_guess + knowing[:, 1:])
    guessed = counts.sum(axis=1) - known
    both = np.stack([guessed.sum(axis=1), known.sum(axis=1)], axis=1)
    return _variational(both, _KNOWING_PRIOR), _variational(guessed, _GUESSING_PRIOR)


def _variational(counts: Floats, prior: float) -> Floats:
    above = counts + prior
    return np.asarray(np.exp(digamma(above) - digamma(above.sum(axis=1, keepdims=True))))


def _random_start(random: np.random.Generator, *shape: int) -> Floats:
    start: Floats = random.uniform(1.0, 2.5, size=shape)
    return np.asarray(start / start.sum(axis=1, keepdims=True))


def _answered(rated: Ratings) -> list[_Answers]:
    judged = [np.flatnonzero(codes != MISSING) for codes in rated.codes.T]
    return [_Answers(units, codes[units].astype(np.intp)) for units, codes in zip(judged, rated.codes.T, strict=True)]


def _n_judgments(rated: Ratings) -> int:
    return int((rated.codes != MISSING).sum())
