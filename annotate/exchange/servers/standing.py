"""What stands here for a coder's units, and what a server said of them last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from annotate.store import DECISIONS, Assignment, Event

_ENCODER: Final = msgspec.json.Encoder(order="sorted")


class Standing(msgspec.Struct, frozen=True):
    """What stands for a unit of a coder in a round; answers are as `answer_of` returns them.

    Parameters
    ----------
    last
        The last event about it, 0 if there is none.
    in_force, now
        The decision in force and its answer.
    ours
        Whether that came from the server in question.
    kept
        Whether it may not be superseded from there: the coder decided it in this project itself.
    said
        The answer that the server gave last, None if none, or if it was withdrawn.
    """

    unit: int
    last: int = 0
    in_force: int | None = None
    now: str | None = None
    ours: bool = False
    kept: bool = False
    said: str | None = None


def answer_of(label: str | None, variables: Mapping[str, Any]) -> str:
    """Return an answer as one string: the label, empty for a skip, and behind it what else was answered."""
    return (label or "") + (f" {_ENCODER.encode(variables).decode()}" if variables else "")


def standings(
    course: Sequence[Event], queue: Mapping[int, Assignment], origin: str, before: tuple[str, ...], *, fresh: bool
) -> dict[int, Standing]:
    """Return what stands for each unit that a coder was given.

    Parameters
    ----------
    course
        All the coder's decisions, undos and redos in the round, in order.
    origin, before
        What client ids begin with that came from the server in question, and from projects on servers before it.
    fresh
        Whether the coders on the server have the codebook before them that is in use.
    """
    by_unit: dict[int, list[Event]] = {unit: [] for unit in queue}
    for event in course:
        if event.unit in by_unit:
            by_unit[event.unit].append(event)
    return {unit: _standing(events, queue[unit], origin, before, fresh=fresh) for unit, events in by_unit.items()}


def _standing(
    events: Sequence[Event], assignment: Assignment, origin: str, before: tuple[str, ...], *, fresh: bool
) -> Standing:
    if not events:
        return Standing(assignment.unit)
    in_force = next((event for event in events if event.seq == assignment.decision), None)
    ours = in_force is not None and in_force.client.startswith(origin)
    local = in_force is not None and not ours and not in_force.client.startswith(before or ("\x00",))
    return Standing(
        assignment.unit,
        events[-1].seq,
        assignment.decision,
        None if in_force is None else answer_of(in_force.label, in_force.variables),
        ours,
        # What must be coded again because the codebook changed may be coded again on the server.
        local and not (assignment.again and fresh),
        answer_of(in_force.label, in_force.variables) if in_force is not None and ours else _said(events, origin),
    )


def _said(events: Iterable[Event], origin: str) -> str | None:
    """Return the answer that a server gave last, None if it gave none or it was withdrawn there."""
    said: str | None = None
    for event in events:
        if event.client.startswith(origin):
            said = answer_of(event.label, event.variables) if event.kind in DECISIONS else None
    return said
