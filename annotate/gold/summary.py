"""What gold labels hold: how many by whom, from where, and how far two coders agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations

import msgspec

from annotate.codebook import SKIP
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


class Agreement(msgspec.Struct, frozen=True):
    """How far two coders agree on the units that both labelled and neither skipped.

    Parameters
    ----------
    share
        Of the units, with the same label from both, 0 to 1.
    kappa
        Cohen's, 1960: the share beyond what the coders' own label frequencies give by chance. None if chance alone
        gives 1.
    """

    coders: tuple[str, str]
    documents: int
    units: int
    share: float
    kappa: float | None


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
                f"{coder} labelled {units[document, coder]} of its {documents[document].n} units", where=document
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


def agreements(gold: Sequence[Gold]) -> list[Agreement]:
    """Compare each pair of coders who have units in common."""
    by_coder: dict[str, dict[tuple[str, int, int], str]] = {}
    for row in gold:
        if row.label != SKIP:
            by_coder.setdefault(row.coder, {})[row.document, row.start, row.end] = row.label
    found: list[Agreement] = []
    for one, other in combinations(sorted(by_coder), 2):
        both = [unit for unit in by_coder[one] if unit in by_coder[other]]
        if both:
            pairs = [(by_coder[one][unit], by_coder[other][unit]) for unit in both]
            share = sum(a == b for a, b in pairs) / len(pairs)
            documents = len({document for document, _, _ in both})
            found.append(Agreement((one, other), documents, len(both), share, _kappa(pairs, share)))
    return found


def _kappa(pairs: Sequence[tuple[str, str]], share: float) -> float | None:
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    chance = sum(first[label] * second[label] for label in first) / len(pairs) ** 2
    return None if chance == 1 else (share - chance) / (1 - chance)
