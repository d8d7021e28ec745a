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
from annotate.store.rounds import Move, Plan
from annotate.store.values import (
    DECISIONS,
    FIGURES,
    Assignment,
    Coder,
    Decision,
    Draw,
    Event,
    Flaw,
    Frame,
    Judgment,
    Page,
    Progress,
    Purpose,
    Receipt,
    Remark,
    Role,
    Round,
    RoundSettings,
    Step,
    Unit,
    Verified,
)

__all__ = [
    "ALL",
    "DECISIONS",
    "FIGURES",
    "Added",
    "Assignment",
    "Coder",
    "Decision",
    "Draw",
    "Event",
    "Flaw",
    "Frame",
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
    "Unit",
    "Verified",
    "backups",
    "create_store",
    "new_client",
    "open_store",
    "thin",
]
