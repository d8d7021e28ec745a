"""How far coders agree: from a table of ratings to a certificate with intervals."""

from __future__ import annotations

from annotate.agreement.bootstrap import Coefficient
from annotate.agreement.certificate import Certificate, certify
from annotate.agreement.coefficients import Scale
from annotate.agreement.planning import Plan, units_needed
from annotate.agreement.ratings import Rating, Ratings, from_gold, tabulate

__all__ = [
    "Certificate",
    "Coefficient",
    "Plan",
    "Rating",
    "Ratings",
    "Scale",
    "certify",
    "from_gold",
    "tabulate",
    "units_needed",
]
