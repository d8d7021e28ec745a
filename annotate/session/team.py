"""What a lead sees of a round: who is where, how fast, how far coders agree, what they differ on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from math import ceil
from statistics import median
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from annotate.session import answers, doors, figures, hints, words
from annotate.session.adjudication import Case
from annotate.session.session import Session
from annotate.session.visitors import Visitor
from annotate.store import Event, Judgment, Progress, Round, Suggested, Unit
from annotate.types import Codebook, Said

MOST: Final = 20
"""Units in dispute that are shown."""

MOST_REMARKS: Final = 50
"""Comments and reasons of skips that are shown."""

REASONS: Final = ("language", "unreadable", "split", "context")
"""The reasons of skips that the page offers, as they are stored; whoever has another writes it."""

_FEW: Final = 10


class Row(msgspec.Struct, frozen=True):
    """One coder's line.

    Parameters
    ----------
    seconds
        The median time of a decision, None before there is one.
    last
        When they decided last, in UTC.
    early, late
        Shares of the labels in the first and second half of their judgments, None while there are few.
    """

    key: str
    name: str
    progress: Progress
    unsure: int
    seconds: float | None
    last: str
    early: dict[str, float] | None
    late: dict[str, float] | None

    @property
    def left(self) -> int | None:
        """Return how many seconds of work are left at this pace, in whole minutes, None before there is a pace."""
        return None if self.seconds is None else 60 * ceil(self.seconds * self.progress.open / 60)


class Dispute(msgspec.Struct, frozen=True):
    """A unit on which coders differ: who gave which label, and their answers in words."""

    text: str
    votes: tuple[tuple[str, str | None, str], ...]
    settled: bool


class Remark(msgspec.Struct, frozen=True):
    """What somebody said about a unit: a comment, or why they skipped it."""

    text: str
    name: str
    kind: str
    note: str


@doors.page("lead")
async def round_page(request: Request, session: Session, visitor: Visitor) -> Response:
    """Show how a round goes."""
    round_ = await session.round(request.path_params["round"])

    def read() -> dict[str, Any]:
        judgments = session.store.judgments(rounds=[round_.id])
        names = {coder.key: coder.name for coder in session.store.coders()}
        progress = session.store.progress(round_.id)
        case, codebook = Case(session, round_, visitor), session.store.codebook()
        return {
            "rows": [_row(one, names, [j for j in judgments if j.coder == one.coder]) for one in progress],
            "disputes": _disputes(session, case, names, codebook),
            "differing": len(case.units),
            "reasons": REASONS,
            "remarks": _remarks(session, case, round_, names),
            "kept_back": case.kept_back,
            "codebook": codebook,
            "labels_by_key": {label.key: label.name for label in codebook.labels},
        }

    told = await session.read(read) | {"effect": await _effect(session, round_)}
    return answers.page(request, "round.html", visitor=visitor, round=round_, **told)


@doors.script("lead")
async def agreement(request: Request, session: Session, visitor: Visitor) -> Response:
    """Answer with how far the coders of a round agree; computed anew only when something was decided since."""
    round_ = await session.round(request.path_params["round"])

    def ask() -> tuple[int, figures.Question]:
        judgments = session.store.judgments(rounds=[round_.id], moment="undiscussed")
        codebook = session.store.codebook()
        rows = tuple(
            figures.Row(j.article, j.start, j.end, j.coder, j.label, _groups(j), j.variables) for j in judgments
        )
        gone = {j.label for j in judgments if j.label} - set(codebook.keys)
        question = figures.Question((*codebook.keys, *sorted(gone)), rows, codebook.variables)
        return sum(j.event for j in judgments), question

    async with session.computing:
        state, question = await session.read(ask)
        known = session.figures.get(round_.id)
        if known is None or known[0] != state:
            known = session.figures[round_.id] = (state, await figures.compute(question))
    say = words.Words(answers.language_of(request, visitor))
    names = {label.key: label.name for label in (await session.read(session.store.codebook)).labels}
    return answers.as_json(_spoken(known[1], say, names))


def _spoken(found: figures.Found, say: words.Words, names: dict[str, str]) -> dict[str, Any]:
    """Return what was found with its sentences in a language, each with whether it is in English for want of one."""

    def spoken(one: Said) -> tuple[str, bool]:
        if not one.name:
            return one.text, True
        values = {
            key: ", ".join(names.get(part, part) for part in value) if isinstance(value, tuple) else value
            for key, value in one.values.items()
        }
        return say(f"agreement.{one.name}", **values), False

    told: dict[str, Any] = msgspec.to_builtins(found)
    told["problem"] = None if found.problem is None else spoken(found.problem)
    if found.percent is not None:
        counted = {"units": found.units, "articles": found.articles, "percent": found.percent.estimate}
        told["basis"] = say("round.basis", **counted)
    told["verdict"] = None if found.verdict is None else spoken(found.verdict)
    told["cautions"] = [spoken(one) for one in found.cautions]
    return told


def _row(progress: Progress, names: dict[str, str], judgments: Sequence[Judgment]) -> Row:
    times = [judgment.active_ms for judgment in judgments if judgment.active_ms]
    last = max((judgment.time for judgment in judgments), default=None)
    early, late = _halves(judgments)
    return Row(
        key=progress.coder,
        name=names.get(progress.coder, progress.coder),
        progress=progress,
        unsure=sum(judgment.unsure for judgment in judgments),
        seconds=median(times) / 1000 if times else None,
        last="" if last is None else f"{datetime.fromtimestamp(last / 1e6, UTC):%Y-%m-%d %H:%M}",
        early=early,
        late=late,
    )


def _halves(judgments: Sequence[Judgment]) -> tuple[dict[str, float] | None, dict[str, float] | None]:
    """Return the shares of labels early and late: a coder who drifts gives other shares of the same random units."""
    ordered = [judgment.label for judgment in sorted(judgments, key=lambda j: j.event) if judgment.label]
    half = len(ordered) // 2
    if half < _FEW:
        return None, None
    early, late = (Counter(labels) for labels in (ordered[:half], ordered[half:]))
    return (
        {label: count / half for label, count in early.items()},
        {label: count / (len(ordered) - half) for label, count in late.items()},
    )


def _disputes(session: Session, case: Case, names: dict[str, str], codebook: Codebook) -> list[Dispute]:
    shares = {unit: _disagreement(case.votes[unit]) for unit in case.units}
    chosen = sorted(case.units, key=lambda unit: (*(-share for share in shares[unit]), unit))[:MOST]
    found: dict[int, Unit] = {unit.id: unit for unit in session.store.units(chosen)} if chosen else {}
    return [
        Dispute(
            text=found[unit].sentence.text,
            votes=tuple(
                (names.get(str(event.coder), str(event.coder)), event.label, _answers(codebook, event))
                for event in case.votes[unit]
            ),
            settled=unit in case.settled,
        )
        for unit in chosen
    ]


def _remarks(session: Session, case: Case, round_: Round, names: dict[str, str]) -> list[Remark]:
    """Return the last comments and reasons of skips, the newest first, but none on what the visitor has yet to code."""
    skips = [event for votes in case.votes.values() for event in votes if event.kind == "skip" and event.note]
    comments = [event for event in session.store.comments(round_.id) if event.unit not in case.own]
    last = sorted((*skips, *comments), key=lambda event: -event.seq)[:MOST_REMARKS]
    numbers = sorted({event.unit for event in last if event.unit is not None})
    found = {unit.id: unit.sentence.text for unit in session.store.units(numbers)} if numbers else {}
    return [
        Remark(found[event.unit], names.get(str(event.coder), str(event.coder)), event.kind, event.note or "")
        for event in last
        if event.unit is not None
    ]


def _answers(codebook: Codebook, event: Event) -> str:
    """Return the answers to today's variables in words."""
    told = []
    for variable in codebook.variables:
        if variable.key in event.variables:
            given = event.variables[variable.key]
            names = {value.key: value.name for value in variable.values}
            chosen = [names.get(key, key) for key in ([given] if isinstance(given, str) else given)]
            told.append(f"{variable.name}: {', '.join(chosen) or '–'}")
    return " · ".join(told)


def _disagreement(votes: Sequence[Event]) -> tuple[float, float]:
    """Return the shares of the pairs of coders who differ in the label, and in anything."""
    labels = [str(event.label) for event in votes]
    decisions = [f"{event.label} {sorted(event.variables.items())}" for event in votes]
    return _differing(labels), _differing(decisions)


def _differing(said: Sequence[str]) -> float:
    pairs = len(said) * (len(said) - 1)
    alike = sum(count * (count - 1) for count in Counter(said).values())
    return (pairs - alike) / pairs


async def _effect(session: Session, round_: Round) -> figures.Effect | None:
    """Return what a model's suggestions did in a round, None before there are any choices."""
    model = hints.suggester(session, round_)
    if round_.settings.suggestions == "off" or model is None:
        return None
    made = await session.read(session.store.suggested, round_.id, model)
    if not made:
        return None
    known = session.effects.get(round_.id)
    state = hash(tuple(made))
    if known is None or known[0] != state:
        found = await figures.effect(figures.Choices(tuple(map(_choice, made))))
        known = session.effects[round_.id] = (state, found)
    return known[1]


def _choice(one: Suggested) -> tuple[str, str, bool, int | None, bool, bool]:
    changed = one.now is not None and one.now != one.label
    return one.article, one.arm, one.label == one.said, one.active_ms, changed, changed and one.now == one.said


def _groups(judgment: Judgment) -> dict[str, str]:
    year, week, _ = datetime.fromtimestamp(judgment.time / 1e6, UTC).isocalendar()
    return {"week": f"{year}-W{week:02d}"}
