"""What a linear model reads of a page: hashed n-grams of a sentence, its neighbours, its voice and its owner."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
from scipy import sparse

from annotate.classify.features.attribution import owner_words
from annotate.classify.features.hashing import character_ngrams, word_ngrams
from annotate.classify.features.reading import Reading

TEXTS: Final = ("words", "characters", "before", "after", "owner")
_WORD_BITS, _CHARACTER_BITS, _NEIGHBOUR_BITS, _OWNER_BITS = 18, 18, 16, 16


def texts(readings: list[Reading]) -> dict[str, sparse.csr_matrix]:
    """Return hashed counts by name, each of shape (n_sentences of all pages, 2 ** bits).

    ``words`` tells words in quotation marks from the outlet's own; ``owner`` holds the words that name and introduce
    whoever owns a quotation.
    """
    lines = [line for reading in readings for line in _voiced(reading)]
    neighbours = word_ngrams(
        [line for reading in readings for line in _lines(reading)], longest=1, bits=_NEIGHBOUR_BITS
    )
    firsts = np.cumsum([0] + [reading.n for reading in readings])
    return {
        "words": word_ngrams(lines, longest=2, bits=_WORD_BITS),
        "characters": character_ngrams(
            [text for reading in readings for text in reading.texts], shortest=2, longest=5, bits=_CHARACTER_BITS
        ),
        "before": _shifted(neighbours, firsts, -1),
        "after": _shifted(neighbours, firsts, 1),
        "owner": word_ngrams(
            [line for reading in readings for line in owner_words(reading)], longest=2, bits=_OWNER_BITS
        ),
    }


def _lines(reading: Reading) -> list[list[str]]:
    return [reading.lower[start:end] for start, end in pairwise(reading.first.tolist())]


def _voiced(reading: Reading) -> list[list[str]]:
    """Return each sentence's lower-case tokens, those in quotation marks with a mark before them."""
    lines = _lines(reading)
    first, inside = reading.first, reading.quotation.inside
    for sentence in np.unique(reading.sentence_of[inside]).tolist():
        flags = inside[first[sentence] : first[sentence + 1]].tolist()
        lines[sentence] = ["“" + word if flag else word for word, flag in zip(lines[sentence], flags, strict=True)]
    return lines


def _shifted(matrix: sparse.csr_matrix, firsts: np.ndarray, by: int) -> sparse.csr_matrix:
    """Return the rows of each page moved by one sentence; what moves past the page's end is dropped."""
    n = matrix.shape[0]
    source = np.arange(n) + by
    page = np.searchsorted(firsts, np.arange(n), side="right")
    inside = (source >= 0) & (source < n)
    inside[inside] = np.searchsorted(firsts, source[inside], side="right") == page[inside]
    rows = np.flatnonzero(inside)
    select = sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, source[rows])), shape=(n, n))
    return (select @ matrix).tocsr()
