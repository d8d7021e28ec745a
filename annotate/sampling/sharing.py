"""Who codes what: balanced, and shared out anew when a coder leaves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter

from annotate.errors import InputError
from annotate.sampling.chance import in_articles, number
from annotate.store import Assignment, Frame, Move


def share_out(
    drawn: Sequence[Frame], coders: Sequence[str], *, each: int, overlap: float = 1.0, key: str, whole: bool = False
) -> dict[str, list[int]]:
    """Give every unit to ``each`` coders, all coders and all pairs of them alike often, as far as that goes.

    Coders get articles in an order of their own, so that fatigue and learning don't fall on the same units; within an
    article units come in page order.

    Parameters
    ----------
    overlap
        The share, 0 to 1, that gets ``each`` coders; the rest gets one.
    key
        Decides what is left to chance.
    whole
        Give articles out in one piece.

    Raises
    ------
    InputError
        If there are fewer coders than each unit needs.
    """
    if len(set(coders)) != len(coders) or not 1 <= each <= len(coders):
        raise InputError(
            f"{each} coders for each unit can't be had of {len(set(coders))}", remedy="name more coders, each once"
        )
    if not 0 <= overlap <= 1:
        raise InputError(f"a share of {overlap} of the units can't be coded by several", remedy="give 0 to 1")
    blocks = in_articles(drawn) if whole else [[one] for one in drawn]
    blocks.sort(key=lambda block: number(key, "order", block[0].article, block[0].position))
    several = round(overlap * len(blocks))
    balance = _Balance(coders, key)
    given: dict[str, list[Frame]] = {coder: [] for coder in coders}
    for place, block in enumerate(blocks):
        for coder in balance.choose(each if place < several else 1, len(block)):
            given[coder] += block
    return {coder: _in_own_order(given[coder], coder, key) for coder in sorted(coders)}


def reassign(assignments: Sequence[Assignment], leaver: str, takers: Sequence[str]) -> list[Move]:
    """Return who takes over the open units of a coder who leaves: whoever has fewest open and never had the unit.

    A unit that nobody can take goes to nobody.

    Parameters
    ----------
    assignments
        All of the round's.
    """
    had = {(one.coder, one.unit) for one in assignments}
    open_ = {taker: sum(one.coder == taker and one.decision is None for one in assignments) for taker in takers}
    moves = []
    left = [one for one in assignments if one.coder == leaver and one.decision is None]
    for one in sorted(left, key=attrgetter("position")):
        free = [taker for taker in takers if taker != leaver and (taker, one.unit) not in had]
        taker = min(free, key=lambda coder: (open_[coder], coder), default=None)
        if taker is not None:
            open_[taker] += 1
        moves.append(Move(one.unit, leaver, taker))
    return moves


class _Balance:
    """Who has how much, and who with whom."""

    def __init__(self, coders: Sequence[str], key: str) -> None:
        self._load = dict.fromkeys(coders, 0)
        self._pairs: dict[tuple[str, str], int] = {}
        self._key = key
        self._chosen = 0

    def choose(self, count: int, weight: int) -> list[str]:
        """Return the coders of the next block: those with least, then those least often together."""
        self._chosen += 1
        team: list[str] = []
        for _ in range(count):
            team.append(min((coder for coder in self._load if coder not in team), key=lambda c: self._rank(c, team)))
        for coder in team:
            self._load[coder] += weight
        for pair in ((one, other) for one in team for other in team if one < other):
            self._pairs[pair] = self._pairs.get(pair, 0) + weight
        return team

    def _rank(self, coder: str, team: Sequence[str]) -> tuple[int, int, float]:
        together = sum(self._pairs.get((min(coder, other), max(coder, other)), 0) for other in team)
        return self._load[coder], together, number(self._key, "team", coder, self._chosen)


def _in_own_order(given: Iterable[Frame], coder: str, key: str) -> list[int]:
    def place(one: Frame) -> tuple[float, str, int]:
        return number(key, coder, one.article), one.article, one.position

    return [one.unit for one in sorted(given, key=place)]
