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
    inside = reading.count(quotation.inside).astype(np.float32)
    tokens = reading.n_tokens.astype(np.float32)
    share = inside / np.maximum(tokens, 1)
    last_but_one = np.where(reading.n_tokens > 1, reading.ends - 1, -1)
    passage = quotation.passage
    sizes = np.bincount(passage + 1, minlength=1)[passage + 1] * (passage >= 0)
    at = np.arange(n)
    begins = (passage < 0) | (passage != np.concatenate(([-1], passage[:-1])))
    place = at - np.maximum.accumulate(np.where(begins, at, 0))
    paragraphs = reading.paragraph_numbers
    in_paragraph = np.bincount(paragraphs, weights=inside) / np.maximum(np.bincount(paragraphs, weights=tokens), 1)
    columns = (
        share,
        np.log1p(inside),
        quotation.opens,
        quotation.closes,
        share > 0.75,
        (inside > 0) & (inside <= 3) & (share < 0.4),
        reading.is_mark("“", reading.starts),
        reading.is_mark("”", reading.ends) | reading.is_mark("”", last_but_one),
        reading.count_marks("“"),
        np.minimum(place, 8),
        np.minimum(sizes, 8),
        in_paragraph[paragraphs],
        np.full(n, inside.sum() / max(tokens.sum(), 1)),
        np.concatenate(([False], reading.is_mark(":", reading.ends[:-1]))),
    )
    return np.column_stack(columns).astype(np.float32)
