"""Gold labels that stand apart from their text, and the text they belong to."""

from __future__ import annotations

from annotate.gold.coders import CoderKind, read_coders
from annotate.gold.documents import Document, read_documents, read_texts, refuse_changed
from annotate.gold.labels import labelled_sentences, read_gold

__all__ = [
    "CoderKind",
    "Document",
    "labelled_sentences",
    "read_coders",
    "read_documents",
    "read_gold",
    "read_texts",
    "refuse_changed",
]
