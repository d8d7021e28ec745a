"""What to code next, drawn so that every unit's chance of being drawn is known and written down.

Draws use permanent random numbers: each element gets a number from the SHA-256 of seed, round and place in the article,
and those with the smallest numbers are drawn. A draw can so be repeated anywhere, whatever the software's version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, NamedTuple

import msgspec

from annotate.errors import InputError
from annotate.sampling.active import Score, pick
from annotate.sampling.chance import in_articles, number
from annotate.sampling.sharing import share_out
from annotate.sampling.strata import allocate
from annotate.store import FIGURES, Draw, Frame, Plan, Purpose, RoundSettings

Strata = Literal["none", "outlet", "month"]
Exclude = Literal["none", "units", "articles"]

_POOL: Final = 20_000  # units that a model looks at for one draw: more cost time and hardly change what it picks

UNKNOWN: Final = "unknown"
"""The stratum of articles without an outlet or a date."""


class Design(msgspec.Struct, frozen=True, kw_only=True):
    """How to draw the units of a round.

    Parameters
    ----------
    name, purpose
        The round's.
    size
        How many units to draw, or articles if ``whole``.
    seed
        Any integer; with the round's name it decides the draw.
    strata
        Draw from each outlet, or each month of publication, apart.
    allocation
        ``proportional``: each stratum gets its share; ``equal``: each gets as many as the others.
    whole
        Draw articles, and every unit of each.
    distinct
        Of articles that are near-duplicates, only the first can be drawn.
    exclude
        What earlier rounds drew can't be drawn again: its units, or whole articles with their near-duplicates. By
        default training leaves out units; reliability and evaluation leave out nothing, so that they stand for the
        whole collection; active leaves out the articles that carry figures and units drawn before.
    floor
        Active rounds: the share that is drawn at random all the same.
    """

    name: str
    purpose: Purpose
    size: int
    seed: int
    strata: Strata = "none"
    allocation: Literal["proportional", "equal"] = "proportional"
    whole: bool = False
    distinct: bool = True
    exclude: Exclude | None = None
    floor: float = 0.2


class Drawn(NamedTuple):
    """What was drawn, in the order of the frame, and what it was drawn from."""

    draws: list[Draw]
    frame: list[Frame]
    words: str
    digest: str


def draw(
    frame: Sequence[Frame],
    design: Design,
    *,
    drawn: Mapping[int, Iterable[str]] | None = None,
    score: Score | None = None,
    at_most: bool = False,
) -> Drawn:
    """Draw the units of a round.

    Parameters
    ----------
    frame
        Every unit of the project, articles in one piece and page order.
    drawn
        Unit to the purposes it was drawn for before.
    score
        Active rounds only: the model that picks; None while there is none, and then all are drawn at random.
    at_most
        Draw fewer where there are fewer, none if there are none.

    Raises
    ------
    InputError
        If there are fewer to draw from than wanted, or the design contradicts itself.
    """
    _check(design, score)
    eligible = _eligible(frame, design, drawn or {})
    if at_most:
        if not eligible:
            return Drawn([], [], "nothing is left to draw", frame_digest([]))
        design = msgspec.structs.replace(design, size=min(design.size, len(eligible)))
    if design.purpose == "active":
        draws, words = _draw_actively(eligible, design, score)
    else:
        draws, words = _draw_at_random(eligible, design)
    places = {one.unit: place for place, one in enumerate(eligible)}
    draws.sort(key=lambda drawn_: places[drawn_.unit])
    return Drawn(draws, eligible, f"{words}{_left_out(design)}", frame_digest(eligible))


def plan(
    frame: Sequence[Frame],
    design: Design,
    coders: Sequence[str],
    *,
    each: int = 1,
    overlap: float = 1.0,
    drawn: Mapping[int, Iterable[str]] | None = None,
    score: Score | None = None,
    settings: RoundSettings | None = None,
) -> Plan:
    """Draw a round and share it out among coders; see :func:`draw` and :func:`share_out`."""
    found = draw(frame, design, drawn=drawn, score=score)
    by_unit = {one.unit: one for one in found.frame}
    queues = share_out(
        [by_unit[drawn_.unit] for drawn_ in found.draws],
        coders,
        each=each,
        overlap=overlap,
        key=f"{design.seed}\n{design.name}",
        whole=design.whole,
    )
    several = f"; {each} coders for {_percent(overlap)} of them, one for the rest" if each > 1 and overlap < 1 else ""
    return Plan(
        name=design.name,
        purpose=design.purpose,
        design=f"{found.words}{several or f'; {each} of {len(coders)} coders each'}",
        seed=design.seed,
        frame=found.digest,
        frame_size=len(found.frame),
        draws=found.draws,
        queues=queues,
        settings=settings or RoundSettings(),
    )


def frame_digest(frame: Iterable[Frame]) -> str:
    """Return the SHA-256 of a frame: article, place in it, outlet and date of each unit, in order."""
    total = hashlib.sha256()
    for one in frame:
        total.update(msgspec.json.encode([one.article, one.position, one.outlet, one.published]) + b"\n")
    return total.hexdigest()


def _check(design: Design, score: Score | None) -> None:
    if design.size < 1:
        raise InputError(f"can't draw {design.size}", remedy="draw at least 1")
    if score is not None and design.purpose != "active":
        raise InputError("an active round, and no other, is picked by a model", remedy="leave the model out")
    if design.purpose == "active" and (design.whole or design.strata != "none"):
        raise InputError(
            "an active round picks units", remedy="leave strata and whole articles to rounds drawn at random"
        )
    if not 0 <= design.floor <= 1:
        raise InputError(f"a random share of {design.floor} can't be", remedy="give 0 to 1")


def _eligible(frame: Sequence[Frame], design: Design, drawn: Mapping[int, Iterable[str]]) -> list[Frame]:
    """Return what can be drawn, in the order of the frame."""
    exclude = design.exclude or ("units" if design.purpose in {"training", "active"} else "none")
    units = set(drawn) if exclude != "none" else set()
    clusters = {one.cluster for one in frame if one.unit in units} if exclude == "articles" else set()
    if design.purpose == "active":
        # What carries figures must not be what the model learns from, nor a copy of it.
        clusters |= {one.cluster for one in frame if not set(FIGURES).isdisjoint(drawn.get(one.unit, ()))}
    first: dict[int, str] = {}
    for one in frame:
        first.setdefault(one.cluster, one.article)
    return [
        one
        for one in frame
        if one.unit not in units
        and one.cluster not in clusters
        and (not design.distinct or first[one.cluster] == one.article)
    ]


def _draw_at_random(frame: Sequence[Frame], design: Design) -> tuple[list[Draw], str]:
    """Draw elements, units or articles, at random in each stratum; the chance of each is drawn over there."""
    elements = in_articles(frame) if design.whole else [[one] for one in frame]
    _refuse_too_few(len(elements), design.size, "articles" if design.whole else "units")
    strata: dict[str, list[list[Frame]]] = {}
    for element in elements:
        strata.setdefault(_stratum(element[0], design.strata), []).append(element)
    sizes = {stratum: len(members) for stratum, members in strata.items()}
    if len(sizes) > design.size:
        raise InputError(
            f"{design.size} can't be drawn from each of {len(sizes)} strata", remedy="draw more, or don't stratify"
        )
    wanted = allocate(design.size, sizes, design.allocation)
    draws = []
    for stratum in sorted(strata):
        members, n = strata[stratum], wanted[stratum]
        ranked = sorted(members, key=lambda element: _place_number(design, element[0]))
        name = None if design.strata == "none" else stratum
        draws += [Draw(one.unit, n / len(members), "random", name) for element in ranked[:n] for one in element]
    return draws, _random_words(design, wanted, sizes)


def _random_words(design: Design, wanted: Mapping[str, int], sizes: Mapping[str, int]) -> str:
    what = "articles with all their units" if design.whole else "units"
    if design.strata == "none":
        return f"simple random sample without replacement of {design.size} of {sum(sizes.values())} {what}"
    each = ", ".join(f"{stratum} {wanted[stratum]} of {sizes[stratum]}" for stratum in sorted(sizes))
    return f"random sample of {design.size} {what}, stratified by {design.strata} ({design.allocation}: {each})"


def _draw_actively(frame: Sequence[Frame], design: Design, score: Score | None) -> tuple[list[Draw], str]:
    """Draw the floor at random, then let the model pick from the rest, or from a random part of many."""
    _refuse_too_few(
        len(frame),
        design.size,
        "units",
        "add articles: those that carry figures, and units drawn before, are not for an active round",
    )
    floor = design.size if score is None else round(design.floor * design.size)
    ranked = sorted(frame, key=lambda one: _place_number(design, one))
    draws = [Draw(one.unit, floor / len(frame), "random") for one in ranked[:floor]]
    if score is None:
        return draws, f"{floor} of {len(frame)} units at random, for there was no model yet; for training only"
    pool = {one.unit for one in ranked[floor : floor + _POOL]}
    rest = [one for one in frame if one.unit in pool]
    picked = pick(rest, score([one.unit for one in rest]), design.size - floor) if design.size > floor else []
    draws += [Draw(rest[place].unit, None, "active") for place in picked]
    words = (
        f"{len(picked)} of {len(rest)} units picked by a model as uncertain and unlike each other,"
        f" {floor} at random; for training only"
    )
    return draws, words


def _refuse_too_few(
    there: int, wanted: int, what: str, remedy: str = "draw fewer, add articles or exclude less"
) -> None:
    if wanted > there:
        raise InputError(f"{wanted} {what} are wanted and {there} can be drawn", remedy=remedy)


def _left_out(design: Design) -> str:
    parts = ["of near-duplicates only the first"] if design.distinct else []
    if design.exclude == "articles":
        parts.append("without articles drawn before")
    elif design.exclude == "units" or (design.exclude is None and design.purpose in {"training", "active"}):
        parts.append("without units drawn before")
    return "".join(f"; {part}" for part in parts)


def _stratum(one: Frame, strata: Strata) -> str:
    if strata == "outlet":
        return one.outlet or UNKNOWN
    if strata == "month":
        return (one.published or UNKNOWN)[:7]
    return ""


def _place_number(design: Design, one: Frame) -> float:
    return number(f"{design.seed}\n{design.name}", "draw", one.article, -1 if design.whole else one.position)


def _percent(share: float) -> str:
    return f"{100 * share:g} %"
