"""What a project's judgments teach a classifier, and which of them may test it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from annotate.adjudication import Method, Settlement, settle
from annotate.agreement.judged import counting, decisions, once_each, ratings_of
from annotate.agreement.ratings import Unit as Place
from annotate.agreement.ratings import tabulate
from annotate.classify.labelled import Labelled, article_facts
from annotate.classify.units import Page, Unit, as_sample
from annotate.counts import count
from annotate.errors import EmptyInput, InputError
from annotate.store import FIGURES, Judgment, Store
from annotate.store import Page as StoredPage
from annotate.types import Codebook, Sentence

_NAMED: Final = 4


class ProjectGold(msgspec.Struct, frozen=True, eq=False):
    """A project's labelled sample.

    Parameters
    ----------
    data
        What a classifier learns: one label a unit.
    probability
        Shape (n_units,): with which probability a unit was drawn for a round of reliability or evaluation; NaN where
        it was not, and then it only trains.
    undecided
        How many units have judgments, but no label yet.
    left_out
        How many judgments do not count any more, because the codebook changed since.
    settled
        The same labels, each with its probabilities and who supports it.
    """

    data: Labelled
    probability: Any  # an NDArray[np.float64]; msgspec knows no array types
    undecided: int
    left_out: int
    settled: Settlement

    @property
    def tests(self) -> NDArray[np.bool_]:
        """Return which units may be tested on, shape (n_units,): those drawn at random, with a known probability."""
        drawn: NDArray[np.bool_] = ~np.isnan(self.probability)
        return drawn


def project_gold(
    store: Store,
    *,
    by: Method = "majority",
    coder: str | None = None,
    rounds: Sequence[int] | None = None,
    kinds: Mapping[str, str] | None = None,
    seed: int = 0,
) -> ProjectGold:
    """Read a project's judgments in force as a labelled sample.

    A unit's label is what was adjudicated, else what its coders' judgments come to. Skipped units have none, nor have
    ties. Judgments that a later codebook asks to be made again do not count. Of a coder's judgments of one unit the
    last counts; where a unit was coded in a round that carries figures, only what was judged in such rounds.

    Parameters
    ----------
    by
        How coders' judgments come to one label.
    coder
        Take this coder's judgments only, and no adjudication.
    rounds
        By number; None for all.
    kinds
        By coder: what it is, such as ``"language model"``, to be said beside every score.
    seed
        Of ``mace``.

    Raises
    ------
    EmptyInput
        If no unit has a label.
    InputError
        If the coder has judged nothing.
    """
    codebook = store.codebook()
    made = [one for one in store.judgments(rounds=rounds) if coder in {None, one.coder}]
    if coder is not None and not made:
        raise InputError(f"{coder} has judged nothing here", remedy="nutgraf status shows who has")
    valid = counting(store, made)
    judged = once_each(_best(valid), choose=max)
    labelled = [one for one in judged if one.label is not None]
    if not labelled:
        raise EmptyInput("no unit has a label", remedy="label some sentences first: nutgraf label")
    settled = _settle(store, judged, codebook, by, rounds=rounds, seed=seed, adjudicated=coder is None)
    labels = {(row.document, row.start, row.end): row.label for row in settled.rows if row.label}
    if not labels:
        raise EmptyInput("coders differ on every unit", remedy="let somebody adjudicate: nutgraf label")
    pages = _pages(store, labelled)
    units = [
        (unit, labels[place]) for page in pages for unit in _units(page) if (place := _place(unit.sentence)) in labels
    ]
    drawn = _probabilities(labelled)
    return ProjectGold(
        data=Labelled(
            X=as_sample([unit for unit, _ in units]),
            y=np.array([label for _, label in units], dtype=np.str_),
            coder=_who(settled, kinds or {}),
            labels=codebook.keys,
            codebook=codebook.fingerprint,
            facts=article_facts(page.article for page in pages),
            copies=_copies(store, pages),
        ),
        probability=np.array([drawn.get(_place(unit.sentence), np.nan) for unit, _ in units]),
        undecided=len(settled.undecided),
        left_out=len(made) - len(valid),
        settled=settled,
    )


def _best(judgments: Sequence[Judgment]) -> Iterator[Judgment]:
    """Yield the judgments of each unit from rounds that carry figures, if it has any, else all."""
    certain = {one.unit for one in judgments if one.purpose in FIGURES and one.label is not None}
    return (one for one in judgments if one.purpose in FIGURES or one.unit not in certain)


def _settle(
    store: Store,
    judged: Sequence[Judgment],
    codebook: Codebook,
    by: Method,
    *,
    rounds: Sequence[int] | None,
    seed: int,
    adjudicated: bool,
) -> Settlement:
    names = {one.id: one.name for one in store.rounds()}
    rated = {(one.article, one.start, one.end) for one in judged if one.label is not None}
    decided = decisions(store, rounds) if adjudicated else {}
    return settle(
        tabulate(ratings_of(judged, rounds=names), codebook.keys),
        by,
        # A unit may have been adjudicated before the last of its coders took their label back.
        decisions={place: decision for place, decision in decided.items() if place in rated},
        seed=seed,
    )


def _pages(store: Store, judged: Iterable[Judgment]) -> list[StoredPage]:
    """Return the articles of judgments, in the order in which they were added."""
    first = {one.article: one.unit for one in sorted(judged, key=lambda one: -one.unit)}
    found = (store.find_page(article) for article in sorted(first, key=first.__getitem__))
    return [page for page in found if page is not None]


def _units(page: StoredPage) -> list[Unit]:
    whole = Page(page.article.id, tuple(unit.sentence for unit in page.units))
    return [Unit(whole, position) for position in range(len(whole.sentences))]


def _place(sentence: Sentence) -> Place:
    return sentence.article, sentence.start, sentence.end


def _copies(store: Store, pages: Iterable[StoredPage]) -> dict[str, str]:
    return {page.article.id: store.page(page.cluster).article.id for page in pages if page.cluster != page.id}


def _probabilities(labelled: Iterable[Judgment]) -> dict[Place, float]:
    """Return with which probability units were drawn for a round that carries figures; the first such round counts."""
    drawn: dict[Place, float] = {}
    for one in sorted(labelled, key=lambda one: one.round):
        if one.purpose in FIGURES and one.probability is not None:
            drawn.setdefault((one.article, one.start, one.end), one.probability)
    return drawn


def _who(settled: Settlement, kinds: Mapping[str, str]) -> str:
    """Return who labelled, as it stands beside every score."""
    voting = {coder for row in settled.rows for coder in row.supporters + row.others}
    named = [f"{coder} ({kinds[coder]})" if coder in kinds else coder for coder in sorted(voting)]
    who = (
        " and ".join(filter(None, [", ".join(named[:-1]), named[-1]])) if len(named) <= _NAMED else _many(voting, kinds)
    )
    deciding = sorted({row.decided_by for row in settled.rows if row.decided_by})
    way = f"{settled.method} of " if len(voting) > 1 else ""
    return f"{way}{who}" + (f", adjudicated by {', '.join(deciding)}" if deciding else "")


def _many(coders: Iterable[str], kinds: Mapping[str, str]) -> str:
    counts = Counter(kinds.get(coder, "") for coder in coders)
    models = ", ".join(f"{n} of them a {kind}" for kind, n in sorted(counts.items()) if kind)
    return f"{count(counts.total(), 'coder')}" + (f" ({models})" if models else "")
