"""What gold labels hold: how many by whom, from where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from annotate.counts import count
from annotate.errors import FormatError
from annotate.gold.documents import Document
from annotate.types import Gold


class Tally(msgspec.Struct, frozen=True):
    """One coder's labels in the documents of one source.

    Parameters
    ----------
    labels
        How many units have each label, ``"skip"`` among them.
    """

    coder: str
    source: str
    documents: int
    labels: Mapping[str, int]

    @property
    def units(self) -> int:
        """Return how many units the coder saw."""
        return sum(self.labels.values())


def check_completeness(gold: Sequence[Gold], documents: Mapping[str, Document]) -> None:
    """Refuse labels and documents that do not belong together.

    Raises
    ------
    FormatError
        If a label's document is not in the table, a document has no label, or a coder left out some of its units.
    """
    units = Counter((row.document, row.coder) for row in gold)
    for document, coder in units:
        if document not in documents:
            raise FormatError("has labels but is not in the table of documents", where=document)
        if units[document, coder] != documents[document].n:
            raise FormatError(
                f"{coder} labelled {units[document, coder]} of its {count(documents[document].n, 'unit')}",
                where=document,
            )
    labelled = {document for document, _ in units}
    for document in documents:
        if document not in labelled:
            raise FormatError("is in the table of documents but has no label", where=document)


def tallies(gold: Sequence[Gold], documents: Mapping[str, Document]) -> list[Tally]:
    """Count each coder's labels by source, sorted by coder and source."""
    labels: dict[tuple[str, str], Counter[str]] = {}
    seen: dict[tuple[str, str], set[str]] = {}
    for row in gold:
        group = row.coder, documents[row.document].source
        labels.setdefault(group, Counter())[row.label] += 1
        seen.setdefault(group, set()).add(row.document)
    return [Tally(coder, source, len(seen[coder, source]), labels[coder, source]) for coder, source in sorted(labels)]
