"""What a model's suggestions do to coders: how often they choose its label, and how fast, seen and unseen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np

from annotate.agreement.bootstrap import BOOTSTRAPS, Coefficient, draw_articles, summarise
from annotate.agreement.statistics import Floats

SEEN: Final = "first"
"""The arm in which coders see the model's label before they choose; in any other they do not."""

_NONE: Final = "no judgments"


class Choice(NamedTuple):
    """A coder's first label of a unit that a model has labelled too.

    Parameters
    ----------
    arm
        Whether the model's label was seen before it: ``first``, ``unseen``, or ``later`` (shown only after it).
    alike
        Whether it is the model's label.
    active_ms
        How long the coder worked on it.
    changed
        Whether another label stands now; ``adopted``: the model's.
    """

    article: str
    arm: str
    alike: bool
    active_ms: int | None = None
    changed: bool = False
    adopted: bool = False


class Arm(msgspec.Struct, frozen=True):
    """The choices of one arm: how many, the share that is the model's label, and seconds a decision (geometric)."""

    choices: int
    alike: Coefficient
    seconds: Coefficient


class Effect(msgspec.Struct, frozen=True):
    """What suggestions did in a round; intervals are over articles.

    Parameters
    ----------
    difference
        Share of the model's label where it was seen less that where it was not.
    ratio
        Seconds a decision where it was seen, by those where it was not.
    changed, adopted
        First choices that another label has replaced since, and those of them replaced by the model's.
    """

    seen: Arm
    unseen: Arm
    difference: Coefficient
    ratio: Coefficient
    changed: int
    adopted: int


def suggestion_effect(choices: Iterable[Choice], *, seed: int = 0, bootstraps: int = BOOTSTRAPS) -> Effect:
    """Compare the choices of the two arms; whole articles are drawn anew, for units of one are not independent."""
    made = list(choices)
    articles = sorted({one.article for one in made})
    place = {article: number for number, article in enumerate(articles)}
    sums = np.zeros((len(articles), 8))
    for one in made:
        arm = 0 if one.arm == SEEN else 4
        timed = one.active_ms is not None and one.active_ms > 0
        said = (1.0, one.alike, timed, np.log(one.active_ms / 1000) if timed and one.active_ms else 0.0)
        sums[place[one.article], arm : arm + 4] += said
    measure = _measures(sums, seed=seed, bootstraps=bootstraps)
    return Effect(
        seen=_arm(made, measure, first=0),
        unseen=_arm(made, measure, first=4),
        difference=measure(lambda s: _share(s, 1, 0) - _share(s, 5, 4)),
        ratio=measure(lambda s: np.exp(_share(s, 3, 2) - _share(s, 7, 6))),
        changed=sum(one.changed for one in made),
        adopted=sum(one.adopted for one in made),
    )


Measure = Callable[[Callable[[Floats], Floats]], Coefficient]


def _measures(sums: Floats, *, seed: int, bootstraps: int) -> Measure:
    """Return what turns a function of sums over articles, shape (n, 8), into a coefficient with its interval."""
    n = len(sums)
    weights = list(draw_articles(n, seed=seed, bootstraps=bootstraps)) if n > 1 else []
    drawn = np.concatenate([block @ sums for block in weights]) if weights else np.empty((0, 8))
    total = sums.sum(axis=0)[None]

    def measure(of: Callable[[Floats], Floats]) -> Coefficient:
        with np.errstate(divide="ignore", invalid="ignore"):
            return summarise(float(of(total)[0]), of(drawn), of(total - sums), n_articles=n, undefined=_NONE)

    return measure


def _share(sums: Floats, part: int, whole: int) -> Floats:
    return np.asarray(sums[:, part] / np.where(sums[:, whole] > 0, sums[:, whole], np.nan))


def _arm(made: Sequence[Choice], measure: Measure, *, first: int) -> Arm:
    return Arm(
        choices=sum((one.arm == SEEN) == (first == 0) for one in made),
        alike=measure(lambda s: _share(s, first + 1, first)),
        seconds=measure(lambda s: np.exp(_share(s, first + 3, first + 2))),
    )
