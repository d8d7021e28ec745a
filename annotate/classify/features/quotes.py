"""Quotation state: how much of a sentence is quoted, and where it stands in its quotation."""

from __future__ import annotations

import numpy as np

from annotate.classify.features.reading import Floats, Reading

NAMES = (
    "quoted_share",
    "quoted_tokens",
    "starts_quoted",
    "ends_quoted",
    "wholly_quoted",
    "scare_quoted",
    "opening_mark_first",
    "closing_mark_last",
    "marks",
    "passage_place",
    "passage_sentences",
    "paragraph_quoted_share",
    "page_quoted_share",
    "colon_before",
)


def quotes(reading: Reading) -> Floats:
    """Return the quotation features, shape (n_sentences, len(NAMES))."""
    n, quotation = reading.n, reading.quotation
    inside = reading.sum_by_sentence(quotation.inside)
    tokens = reading.n_tokens.astype(np.float32)
    share = inside / np.maximum(tokens, 1)
    first = [line[0] if line else "" for line in reading.lines]
    ends = [line[-2:] for line in reading.lines]
    passage = quotation.passage
    sizes = np.bincount(passage + 1, minlength=1)[passage + 1] * (passage >= 0)
    place = np.zeros(n)
    for sentence in range(1, n):
        if passage[sentence] >= 0 and passage[sentence] == passage[sentence - 1]:
            place[sentence] = place[sentence - 1] + 1
    paragraphs = np.unique(reading.paragraph, return_inverse=True)[1]
    in_paragraph = np.bincount(paragraphs, weights=inside) / np.maximum(np.bincount(paragraphs, weights=tokens), 1)
    columns = (
        share,
        np.log1p(inside),
        quotation.opens,
        quotation.closes,
        share > 0.75,
        (inside > 0) & (inside <= 3) & (share < 0.4),
        [start == "“" for start in first],
        ["”" in end for end in ends],
        [line.count("“") for line in reading.lines],
        np.minimum(place, 8),
        np.minimum(sizes, 8),
        in_paragraph[paragraphs],
        np.full(n, inside.sum() / max(tokens.sum(), 1)),
        [False, *(bool(end) and end[-1] == ":" for end in ends[:-1])],
    )
    return np.column_stack(columns).astype(np.float32)
