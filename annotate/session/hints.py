"""Known answers and a model's suggestions: who is shown them, and when. What is hidden is not in the page."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from annotate.store import Event, Round

if TYPE_CHECKING:
    from annotate.session.session import Session


def was_shown(round_: Round) -> dict[str, Any]:
    """Return what a decision's event says was before the coder's eyes."""
    shown: dict[str, Any] = {"context": round_.settings.context}
    if round_.settings.hide:
        shown["hidden"] = sorted(round_.settings.hide)
    return shown


def in_arm(round_: Round, coder: str, unit: int) -> bool:
    """Return whether a unit is in the random half that shows the suggestion first; the same whenever it is asked."""
    drawn = hashlib.sha256(f"{round_.seed} {round_.id} {unit} {coder}".encode()).digest()
    return drawn[0] % 2 == 0


def before(session: Session, round_: Round, coder: str, unit: int) -> str | None:
    """Return the label a model gives a unit, where the coder sees it before deciding."""
    if round_.settings.suggestions != "randomised" or not in_arm(round_, coder, unit):
        return None
    return _suggestion(session, unit)


def tells_after(round_: Round) -> bool:
    """Return whether coders are shown anything after their own decision."""
    return round_.settings.feedback or round_.settings.suggestions == "after"


def after(session: Session, coder: str, decided: Event) -> tuple[tuple[str, str | None] | None, str | None]:
    """Return the known answer and the model's label, where the coder sees them after their own decision."""
    if decided.round is None or decided.unit is None or decided.coder != coder or decided.kind != "judgment":
        return None, None
    round_ = session.known_round(decided.round)
    known = session.answers(round_).get(decided.unit) if round_.settings.feedback else None
    return known, _suggestion(session, decided.unit) if round_.settings.suggestions == "after" else None


def _suggestion(session: Session, unit: int) -> str | None:
    if session.settings.model is None:
        return None
    found = session.store.suggestion(session.settings.model, unit)
    return None if found is None else found[0]
