"""Where coders differ: their labels side by side, and the decision that settles it."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from annotate.session import answers, coding, doors, shown
from annotate.session.session import Session
from annotate.session.visitors import Visitor
from annotate.store import Event, Round

Votes = dict[int, list[Event]]


@doors.page("lead", "adjudicator")
async def page(request: Request, session: Session, visitor: Visitor) -> Response:
    """Show the page on which an adjudicator works."""
    round_ = await session.round(request.path_params["round"])
    codebook = await session.read(session.store.codebook)
    return answers.page(request, "label.html", visitor=visitor, round=round_, codebook=codebook, lane="adjudication")


@doors.script("lead", "adjudicator")
async def start(request: Request, session: Session, visitor: Visitor) -> Response:
    """Answer with all that the page needs to begin."""
    round_ = await session.round(request.path_params["round"])

    def read() -> dict[str, Any]:
        case = Case(session, round_, visitor)
        return {
            "codebook": coding.describe(session.store.codebook()),
            "progress": shown.Count(len(case.units), len(case.settled.keys() & set(case.units)), 0, 0, 0),
            "last": len(case.units) - 1,
            "work": case.work(after=None, count=16, have=frozenset()),
        }

    told = {
        "project": session.project,
        "coder": visitor.coder.key,
        "lane": "adjudication",
        "round": coding.describe_round(round_) | {"waits": False, "feedback": False},
        "preferences": visitor.coder.preferences,
    }
    return answers.as_json(told | await session.read(read))


@doors.script("lead", "adjudicator")
async def work(request: Request, session: Session, visitor: Visitor) -> Response:
    """Answer with the next units that coders differ on and nobody has settled."""
    round_ = await session.round(request.path_params["round"])
    after, have, named = coding.whole(request, "after"), coding.known(request), coding.whole(request, "unit")
    count = coding.whole(request, "count") or shown.AT_ONCE

    def read() -> shown.Work:
        case = Case(session, round_, visitor)
        if named is not None:
            return case.pages([named] if named in case.units else [], have)
        return case.work(after=after, count=count, have=have)

    return answers.as_json(await session.read(read))


@doors.script("lead", "adjudicator")
async def at(request: Request, session: Session, visitor: Visitor) -> Response:
    """Answer with what stands at a place among the units that coders differ on."""
    round_ = await session.round(request.path_params["round"])
    position, have = request.path_params["position"], coding.known(request)
    back = bool(coding.whole(request, "back"))

    def read() -> shown.Work:
        case = Case(session, round_, visitor)
        near = case.units[: position + 1][-1:] if back else case.units[position : position + 1]
        return case.pages(near, have)

    return answers.as_json(await session.read(read))


class Case:
    """What coders decided in a round, and on which units they differ.

    What an adjudicator has yet to code themselves is kept from them: nobody sees others' labels before their own.

    Attributes
    ----------
    units
        Those in dispute, in the order of their articles and places.
    votes
        All decisions in force, by unit.
    kept_back
        How many units with decisions the visitor has yet to code.
    settled
        The adjudications in force, by unit.
    own
        The units that the visitor has yet to code.
    """

    def __init__(self, session: Session, round_: Round, visitor: Visitor) -> None:
        store = session.store
        self._session = session
        self._round = round_
        self.own = {one.unit for one in store.assignments(round_.id, visitor.coder.key) if one.decision is None}
        given: Votes = defaultdict(list)
        for event in store.in_force(round_.id):
            if event.unit is not None:
                given[event.unit].append(event)
        self.votes = {unit: votes for unit, votes in given.items() if unit not in self.own}
        self.kept_back = len(given) - len(self.votes)
        self.settled = {event.unit: event for event in store.adjudicated(round_.id)}
        self.units = [unit for unit, given in sorted(self.votes.items()) if differ(given)]
        self._names = {coder.key: coder.name for coder in store.coders()}

    def work(self, *, after: int | None, count: int, have: frozenset[int]) -> shown.Work:
        """Return the next units that nobody has settled, first those behind a place, then from the beginning."""
        first = 0 if after is None else after + 1
        order = self.units[first:] + self.units[:first]
        return self.pages([unit for unit in order if unit not in self.settled][: min(count, shown.AT_ONCE)], have)

    def pages(self, units: list[int], have: frozenset[int]) -> shown.Work:
        """Return units with the articles that the page does not have."""
        sent: dict[int, shown.ShownArticle] = {}
        place = {unit: position for position, unit in enumerate(self.units)}
        for unit in units:
            found = self._session.store.page_of(unit)
            if found.id in sent or found.id in have:
                continue
            items = [self._item(one.id, place[one.id], one.sentence.start) for one in found.units if one.id in place]
            # An adjudicator always sees the article, also where coders saw the unit alone.
            sent[found.id] = shown.show_whole(found, self._round, items)
        return shown.Work(tuple(units), tuple(sent.values()))

    def _item(self, unit: int, position: int, start: int) -> shown.Item:
        settled = self.settled.get(unit)
        said = defaultdict(list)
        for event in self._session.store.history(unit, self._round.id):
            if event.kind == "comment" and event.coder and event.note:
                said[event.coder].append(event.note)
        votes = tuple(
            shown.Vote(
                str(event.coder),
                self._names.get(str(event.coder), str(event.coder)),
                shown.show_decision(event, start),
                tuple(said[str(event.coder)]),
            )
            for event in self.votes[unit]
        )
        decision = None if settled is None else shown.show_decision(settled, start)
        return shown.Item(unit, position, decision, votes=votes)


def differ(given: list[Event]) -> bool:
    """Return whether coders decided differently about a unit, label or answers; a skip differs from any label."""
    return any(not _alike(given[0], event) for event in given[1:])


def _alike(one: Event, other: Event) -> bool:
    if one.label != other.label:
        return False
    if one.codebook == other.codebook:
        return one.variables == other.variables
    # Of two codebooks only what both ask can differ.
    return all(one.variables[key] == other.variables[key] for key in one.variables.keys() & other.variables.keys())
