"""A certificate of agreement: every figure that a reviewer asks for, with its interval, in one value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import msgspec
import numpy as np
from threadpoolctl import threadpool_limits

from annotate import __version__
from annotate.agreement.bootstrap import BOOTSTRAPS, LEVEL, Coefficient
from annotate.agreement.coefficients import Scale
from annotate.agreement.disputes import Disputed, Mistaken, disagreements, disputed, misaligned, mistaken
from annotate.agreement.measures import Measures, measure
from annotate.agreement.planning import Plan, plan
from annotate.agreement.ratings import GROUPS, MISSING, Ratings, natural
from annotate.agreement.statistics import Floats, counts_of
from annotate.agreement.verdict import cautions, verdict
from annotate.errors import NotHonest
from annotate.types import Codebook

WIDTH: Final = 0.1
COEFFICIENTS: Final = ("alpha", "percent", "cohen", "scott", "fleiss", "gwet")


class Coder(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who labelled.

    Parameters
    ----------
    kind
        What the coder is, such as ``"person"`` or ``"language model"``; None if unknown.
    labelled, skipped
        Units with a label from this coder, and units seen without one.
    """

    name: str
    labelled: int
    skipped: int
    kind: str | None = None
    note: str = ""


class Guide(msgspec.Struct, frozen=True):
    """The codebook the coders went by."""

    name: str
    version: str
    fingerprint: str


class LabelAgreement(msgspec.Struct, frozen=True):
    """Agreement on one label against the rest.

    Parameters
    ----------
    units, articles
        Of the units compared, those to which at least one coder gave the label, and their articles.
    share
        Of the judgments, with this label.
    shared
        Of the judgments with this label, those that another coder's judgment of the unit matched.
    """

    label: str
    units: int
    articles: int
    share: float
    alpha: Coefficient
    percent: Coefficient
    shared: Coefficient


class PairAgreement(msgspec.Struct, frozen=True):
    """Agreement of two coders.

    Parameters
    ----------
    confusion
        Rows are the first coder's labels, columns the second's, in the certificate's order.
    """

    coders: tuple[str, str]
    units: int
    articles: int
    alpha: Coefficient
    percent: Coefficient
    cohen: Coefficient
    confusion: tuple[tuple[int, ...], ...]


class GroupAgreement(msgspec.Struct, frozen=True):
    """Agreement in one outlet, source, round or week."""

    group: str
    value: str
    units: int
    articles: int
    alpha: Coefficient
    percent: Coefficient


class Certificate(msgspec.Struct, frozen=True):
    """How far the coders agree.

    Parameters
    ----------
    units, articles
        Units with at least two labels, which all figures rest on, and their articles.
    judgments
        Labels of these units.
    single, unlabelled
        Units with one label, and with none: they tell nothing of agreement.
    misaligned
        Units with one label that overlap a unit of another coder without having its start and end.
    overall
        By name, those of ``COEFFICIENTS`` that apply.
    confusion
        How often one coder gave the row's label and another the column's: each pair of judgments counts in both.
    differing
        Units on which not all agree; ``disputed`` holds those most in dispute.
    """

    version: str
    scale: Scale
    labels: tuple[str, ...]
    coders: tuple[Coder, ...]
    units: int
    articles: int
    judgments: int
    single: int
    unlabelled: int
    misaligned: int
    overall: Mapping[str, Coefficient]
    by_label: tuple[LabelAgreement, ...]
    by_pair: tuple[PairAgreement, ...]
    by_group: tuple[GroupAgreement, ...]
    confusion: tuple[tuple[int, ...], ...]
    mistaken: tuple[Mistaken, ...]
    differing: int
    disputed: tuple[Disputed, ...]
    plans: tuple[Plan, ...]
    verdict: str
    cautions: tuple[str, ...]
    bootstraps: int
    level: float
    seed: int
    codebook: Guide | None


def certify(
    ratings: Ratings,
    *,
    kinds: Mapping[str, tuple[str, str]] | None = None,
    text_of: Callable[[str, int, int], str | None] = lambda article, start, end: None,  # noqa: ARG005 - none at hand
    scale: Scale | None = None,
    codebook: Codebook | None = None,
    seed: int = 0,
    bootstraps: int = BOOTSTRAPS,
    width: float = WIDTH,
    expect: float | None = None,
) -> Certificate:
    """Return the certificate of these ratings, which stay as they are.

    Parameters
    ----------
    ratings
        Judgments made before any discussion.
    kinds
        By coder: what it is, and a note.
    text_of
        Gives the text of a unit, by article, start and end, where it is at hand.
    scale
        Nominal if left out.
    codebook
        What the labels are from, for the report.
    width, expect
        What to plan for; see :func:`annotate.agreement.planning.plan`.

    Raises
    ------
    NotHonest
        If there is nothing to compare: one coder, or no unit with two labels.
    """
    scale = scale or Scale("nominal", tuple(float(i) for i in range(len(ratings.labels))))
    paired, astray = ratings.paired(), misaligned(ratings)
    _refuse_incomparable(ratings, paired, astray)
    with threadpool_limits(limits=1):  # sums in one order, whatever the number of cores
        measures = measure(paired, scale, seed=seed, bootstraps=bootstraps)
        groups = _by_group(paired, scale, seed=seed, bootstraps=bootstraps)
        plans = plan(paired, scale, width=width, expect=expect)
    labelled = (ratings.codes != MISSING).sum(axis=1)
    coders = _coders(ratings, kinds or {})
    confusion = _confusion(measures, len(ratings.labels))
    draft = Certificate(
        version=__version__,
        scale=scale,
        labels=ratings.labels,
        coders=coders,
        units=len(paired.units),
        articles=len(paired.articles),
        judgments=int((paired.codes != MISSING).sum()),
        single=int((labelled == 1).sum()),
        unlabelled=int((labelled == 0).sum()),
        misaligned=astray,
        overall={name: measures.found[name,] for name in COEFFICIENTS},
        by_label=_by_label(paired, measures),
        by_pair=_by_pair(paired, measures),
        by_group=groups,
        confusion=_whole(confusion),
        mistaken=mistaken(confusion, ratings.labels),
        differing=int((disagreements(paired) > 0).sum()),
        disputed=disputed(paired, text_of),
        plans=tuple(plans),
        verdict=verdict(measures.found["alpha",], kinds=[coder.kind for coder in coders]),
        cautions=(),
        bootstraps=bootstraps,
        level=LEVEL,
        seed=seed,
        codebook=Guide(codebook.name, codebook.version, codebook.fingerprint) if codebook else None,
    )
    return msgspec.structs.replace(draft, cautions=cautions(draft))


def _refuse_incomparable(ratings: Ratings, paired: Ratings, astray: int) -> None:
    labelling = [
        coder for coder, codes in zip(ratings.coders, ratings.codes.T, strict=True) if (codes != MISSING).any()
    ]
    if not labelling:
        raise NotHonest("no unit has a label", remedy="agreement needs units that at least two coders labelled")
    if len(labelling) == 1:
        raise NotHonest(
            f"only {labelling[0]} labelled: agreement needs a second coder",
            remedy="let somebody else label some of the same units, without seeing the first labels",
        )
    if not paired.units:
        bounds = f"; {astray} overlap one of another coder with other bounds" if astray else ""
        raise NotHonest(
            f"the {len(labelling)} coders have no unit in common{bounds}",
            remedy="a unit is the same if document, start and end are: let the coders label the same split",
        )


def _coders(ratings: Ratings, kinds: Mapping[str, tuple[str, str]]) -> tuple[Coder, ...]:
    labelled = (ratings.codes != MISSING).sum(axis=0)
    return tuple(
        Coder(name, int(labelled[i]), int(ratings.skipped[i]), *kinds.get(name, (None, "")))
        for i, name in enumerate(ratings.coders)
    )


def _confusion(measures: Measures, n_labels: int) -> Floats:
    one_way: Floats = np.zeros((n_labels, n_labels))
    for crossing in measures.crossings:
        one_way += crossing.counts.sum(axis=0)
    return one_way + one_way.T


def _by_label(paired: Ratings, measures: Measures) -> tuple[LabelAgreement, ...]:
    given = counts_of(paired.codes, len(paired.labels))
    rows = []
    for i, label in enumerate(paired.labels):
        found = {part: measures.found["label", str(i), part] for part in ("alpha", "percent", "shared")}
        carrying = given[:, i] > 0
        rows.append(
            LabelAgreement(
                label=label,
                units=int(carrying.sum()),
                articles=len(np.unique(paired.article[carrying])),
                share=float(given[:, i].sum() / given.sum()),
                **found,
            )
        )
    return tuple(rows)


def _by_pair(paired: Ratings, measures: Measures) -> tuple[PairAgreement, ...]:
    rows = []
    for i, crossing in enumerate(measures.crossings):
        one, two = crossing.coders
        found = {part: measures.found["pair", str(i), part] for part in ("alpha", "percent", "cohen")}
        counts = crossing.counts.sum(axis=0)
        rows.append(
            PairAgreement(
                coders=(paired.coders[one], paired.coders[two]),
                units=int(counts.sum()),
                articles=len(crossing.articles),
                confusion=_whole(counts),
                **found,
            )
        )
    return tuple(rows)


def _by_group(paired: Ratings, scale: Scale, *, seed: int, bootstraps: int) -> tuple[GroupAgreement, ...]:
    rows = []
    for group in GROUPS:
        values = paired.groups.get(group)
        for value in sorted(set(values.tolist()) - {""}, key=natural) if values is not None else ():
            part = paired.where(np.asarray(values == value))
            found = measure(part, scale, seed=seed, bootstraps=bootstraps, by_label=False, by_pair=False).found
            rows.append(
                GroupAgreement(group, value, len(part.units), len(part.articles), found["alpha",], found["percent",])
            )
    return tuple(rows)


def _whole(counts: Floats) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(int(n) for n in row) for row in counts)
