"""The judgments of a project, as ratings: which of them count, and which do not any more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from annotate.agreement.ratings import Rating, Ratings, Unit, tabulate, week_of
from annotate.errors import CodebookError, NotHonest
from annotate.store import Event, Judgment, Store
from annotate.types import Codebook

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


class Independent(msgspec.Struct, frozen=True):
    """What coders judged before any discussion.

    Parameters
    ----------
    codebook
        The one they went by.
    labels, scale
        What could be chosen, and how the choices differ.
    rounds
        The rounds' names.
    discussed
        How many judgments in force are not independent any more: made or changed after a discussion began.
    stale
        How many the codebook in use asks to be made again.
    repeated
        How many were a coder's second of one unit, in another round.
    """

    ratings: Ratings
    codebook: Codebook
    labels: tuple[str, ...]
    scale: str
    rounds: tuple[str, ...]
    discussed: int
    stale: int
    repeated: int


def independent(store: Store, *, rounds: Sequence[str] = (), variable: str | None = None) -> Independent:
    """Return a project's judgments as ratings: those made before anyone discussed or adjudicated their unit.

    Parameters
    ----------
    rounds
        By name; none for all rounds of reliability.
    variable
        A further variable of the codebook instead of the label; of one with several answers ``NAME:VALUE``, which
        asks whether the value was given.

    Raises
    ------
    NotHonest
        If there is no round of reliability, and none was named.
    CodebookError
        If the codebook has no such variable.
    ProjectError
        If there is no such round.
    EmptyInput
        If nothing was judged.
    """
    chosen = [store.round(name) for name in rounds] or [one for one in store.rounds() if one.purpose == "reliability"]
    if not chosen:
        raise NotHonest(
            "the project has no round of reliability",
            remedy="draw one with nutgraf sample, or name rounds with --round",
        )
    numbers = [one.id for one in chosen]
    made = store.judgments(rounds=numbers, moment="undiscussed")
    valid, codebook = counting(store, made), store.codebook()
    if made and not valid:  # a round of long ago: coders agreed, or not, on what they had before them then
        codebook = store.codebook(max(made, key=lambda one: one.event).codebook)
        valid = [one for one in made if one.codebook == codebook.fingerprint]
    once = once_each(valid, choose=min)
    labels, scale, answer = _question(codebook, variable)
    names = {one.id: one.name for one in chosen}
    asked = [one for one in once if answer(one) is not _NOT_ASKED]
    rated = [
        msgspec.structs.replace(rating, label=answer(one))
        for rating, one in zip(ratings_of(asked, rounds=names), asked, strict=True)
    ]
    before = {one.event for one in made}
    return Independent(
        ratings=tabulate(rated, labels),
        codebook=codebook,
        labels=labels,
        scale=scale,
        rounds=tuple(names.values()),
        discussed=sum(one.event not in before for one in store.judgments(rounds=numbers)),
        stale=len(made) - len(valid),
        repeated=len(valid) - len(once),
    )


_NOT_ASKED: Final = "?"  # no key of a codebook
_Answer = Callable[[Judgment], str | None]


def _question(codebook: Codebook, variable: str | None) -> tuple[tuple[str, ...], str, _Answer]:
    """Return what could be chosen, on which scale, and what gives a judgment's choice."""
    if variable is None:
        return codebook.keys, "nominal", lambda one: one.label
    name, _, value = variable.partition(":")
    found = next((one for one in codebook.variables if one.key == name), None)
    if found is None:
        known = ", ".join(one.key for one in codebook.variables) or "none"
        raise CodebookError(f"the codebook has no variable {name!r}", remedy=f"its variables are: {known}")
    values = tuple(one.key for one in found.values)
    if found.multiple and value not in values:
        raise CodebookError(
            f"{name} takes several answers", remedy=f"compare one at a time, such as --variable {name}:{values[0]}"
        )
    if value and not found.multiple:
        raise CodebookError(f"{name} takes one answer", remedy=f"compare all of them: --variable {name}")

    def answer(one: Judgment) -> str | None:
        if one.label is not None and not found.follows(one.label):
            return _NOT_ASKED
        given = one.variables.get(name)
        if not found.multiple:
            return None if given is None else str(given)
        return None if one.label is None else "yes" if value in (given or ()) else "no"

    return (("no", "yes"), "nominal", answer) if found.multiple else (values, found.scale, answer)


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
