"""The judgments of a project, as ratings: which of them count, and which do not any more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from annotate.agreement.ratings import Rating, Unit, week_of
from annotate.store import Event, Judgment, Store

Chosen = Sequence[int] | None
"""Rounds by number; None for all."""


def counting(store: Store, judgments: Iterable[Judgment]) -> list[Judgment]:
    """Return the judgments that the codebook in use takes as they are: it has their label, and asks for none anew."""
    judgments = list(judgments)
    keys = {None, *store.codebook().keys}
    stale = store.stale({(one.label, one.codebook) for one in judgments})
    return [one for one in judgments if one.label in keys and (one.label, one.codebook) not in stale]


def decisions(store: Store, rounds: Chosen = None) -> dict[Unit, tuple[str, str]]:
    """Return what was adjudicated: the label and who decided, by unit; of several rounds the last decision counts."""
    made = [
        event
        for round_ in ([one.id for one in store.rounds()] if rounds is None else rounds)
        for event in store.adjudicated(round_)
    ]
    stale = store.stale({(event.label, event.codebook or "") for event in made})
    last: dict[int, Event] = {}
    for event in sorted(made, key=lambda event: event.seq):
        if event.unit is not None and event.label and (event.label, event.codebook) not in stale:
            last[event.unit] = event
    places = {unit.id: unit.sentence for unit in store.units(sorted(last))}
    return {
        (places[unit].article, places[unit].start, places[unit].end): (str(event.label), str(event.coder))
        for unit, event in sorted(last.items())
    }


def once_each(judgments: Iterable[Judgment], *, choose: Callable[..., Judgment]) -> list[Judgment]:
    """Return one judgment a unit and coder, where a unit was coded in several rounds.

    Parameters
    ----------
    choose
        ``min`` keeps a coder's first judgment, ``max`` the last.
    """
    found: dict[tuple[int, str], Judgment] = {}
    for one in judgments:
        place = one.unit, one.coder
        found[place] = choose(found[place], one, key=lambda judgment: judgment.event) if place in found else one
    return list(found.values())


def ratings_of(judgments: Iterable[Judgment], *, rounds: Mapping[int, str]) -> list[Rating]:
    """Return judgments as ratings, with outlet, round and week.

    Parameters
    ----------
    rounds
        The rounds' names by number.
    """
    return [
        Rating(one.article, one.start, one.end, one.coder, one.label, _groups(one, rounds[one.round]))
        for one in judgments
    ]


_MICROSECONDS: Final = 1_000_000


def _groups(judgment: Judgment, round_: str) -> dict[str, str]:
    when = datetime.fromtimestamp(judgment.time / _MICROSECONDS, UTC)
    known = {"outlet": judgment.outlet or "", "round": round_, "week": week_of(when)}
    return {name: value for name, value in known.items() if value}
