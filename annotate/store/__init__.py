"""A project's store: articles, rounds, and the ledger of everything decided. The only place that knows SQL."""

from __future__ import annotations

from annotate.errors import MissingExtra

try:
    from annotate.store.base import new_client
    from annotate.store.opening import create_store, open_store
    from annotate.store.store import Store
except ModuleNotFoundError as error:
    raise MissingExtra("session", "a project") from error

from annotate.store.articles import Added
from annotate.store.backup import backups, thin
from annotate.store.codebooks import ALL
from annotate.store.entries import DECISIONS, Decision, Entry, Receipt, Remark, Step
from annotate.store.imports import Imported
from annotate.store.ledger import Event, Flaw, Verified
from annotate.store.plans import FIGURES, Batch, Draw, Growth, Move, Plan, Purpose, Round, RoundSettings, Suggested
from annotate.store.values import Assignment, Coder, Frame, Judgment, Page, Progress, Role, Unit

__all__ = [
    "ALL",
    "DECISIONS",
    "FIGURES",
    "Added",
    "Assignment",
    "Batch",
    "Coder",
    "Decision",
    "Draw",
    "Entry",
    "Event",
    "Flaw",
    "Frame",
    "Growth",
    "Imported",
    "Judgment",
    "Move",
    "Page",
    "Plan",
    "Progress",
    "Purpose",
    "Receipt",
    "Remark",
    "Role",
    "Round",
    "RoundSettings",
    "Step",
    "Store",
    "Suggested",
    "Unit",
    "Verified",
    "backups",
    "create_store",
    "new_client",
    "open_store",
    "thin",
]
