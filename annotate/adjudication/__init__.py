"""From judgments to gold: one label a unit, with who supports it. The judgments themselves are never changed.

Four ways: the majority; a person who decides where coders differ; and two models of coders, Dawid–Skene and MACE,
which weigh coders by how reliable they seem and give each label a probability.
"""

from __future__ import annotations

from annotate.adjudication.settling import (
    METHODS,
    Competence,
    Method,
    Settled,
    Settlement,
    adjudicated,
    dawid_skene,
    mace,
    majority,
    settle,
)

__all__ = [
    "METHODS",
    "Competence",
    "Method",
    "Settled",
    "Settlement",
    "adjudicated",
    "dawid_skene",
    "mace",
    "majority",
    "settle",
]
