"""Known answers and a model's suggestions: who is shown them, and when. What is hidden is not in the page."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from annotate.store import Event, Round

if TYPE_CHECKING:
    from annotate.session.session import Session


def was_shown(round_: Round) -> dict[str, Any]:
    """Return what a decision's event says was before the coder's eyes, whichever unit it is."""
    shown: dict[str, Any] = {"context": round_.settings.context}
    if round_.settings.hide:
        shown["hidden"] = sorted(round_.settings.hide)
    return shown


def suggestion_shown(session: Session, round_: Round, coder: str, unit: int) -> dict[str, str]:
    """Return what a judgment's event says of the model's label: the arm the unit is in, and the label if it was seen.

    ``first``: seen before the choice. ``unseen``: in the other random half. ``later``: the round shows it after the
    choice; it was seen if this is not the first.
    """
    way = round_.settings.suggestions
    said = _suggestion(session, round_, unit) if way != "off" else None
    if said is None:
        return {}
    if way == "randomised":
        return {"arm": "first", "suggestion": said} if in_arm(round_, coder, unit) else {"arm": "unseen"}
    before = any(one.coder == coder and one.kind == "judgment" for one in session.store.history(unit, round_.id))
    return {"arm": "later", "suggestion": said} if before else {"arm": "later"}


def in_arm(round_: Round, coder: str, unit: int) -> bool:
    """Return whether a unit is in the random half that shows the suggestion first; the same whenever it is asked."""
    drawn = hashlib.sha256(f"{round_.seed} {round_.id} {unit} {coder}".encode()).digest()
    return drawn[0] % 2 == 0


def before(session: Session, round_: Round, coder: str, unit: int) -> str | None:
    """Return the label a model gives a unit, where the coder sees it before deciding."""
    if round_.settings.suggestions != "randomised" or not in_arm(round_, coder, unit):
        return None
    return _suggestion(session, round_, unit)


def tells_after(round_: Round) -> bool:
    """Return whether coders are shown anything after their own decision."""
    return round_.settings.feedback or round_.settings.suggestions == "after"


def after(session: Session, coder: str, decided: Event) -> tuple[tuple[str, str | None] | None, str | None]:
    """Return the known answer and the model's label, where the coder sees them after their own decision."""
    if decided.round is None or decided.unit is None or decided.coder != coder or decided.kind != "judgment":
        return None, None
    round_ = session.known_round(decided.round)
    known = session.answers(round_).get(decided.unit) if round_.settings.feedback else None
    return known, _suggestion(session, round_, decided.unit) if round_.settings.suggestions == "after" else None


def suggester(session: Session, round_: Round) -> str | None:
    """Return under which name the labels are stored that a round suggests."""
    return round_.settings.suggester or session.settings.model


def _suggestion(session: Session, round_: Round, unit: int) -> str | None:
    name = suggester(session, round_)
    if name is None:
        return None
    found = session.store.suggestion(name, unit)
    return None if found is None else found[0]
