"""What to code next, drawn so that every unit's chance of being drawn is known and written down."""

from __future__ import annotations

from annotate.sampling.active import Score, Scores
from annotate.sampling.again import plan_again
from annotate.sampling.designs import UNKNOWN, Design, Drawn, draw, frame_digest, plan
from annotate.sampling.sharing import reassign, share_out
from annotate.sampling.strata import allocate

__all__ = [
    "UNKNOWN",
    "Design",
    "Drawn",
    "Score",
    "Scores",
    "allocate",
    "draw",
    "frame_digest",
    "plan",
    "plan_again",
    "reassign",
    "share_out",
]
