"""What a linear model reads of a page: hashed n-grams of a sentence, its neighbours, its voice, owner and manner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
from scipy import sparse

from annotate.classify.features.attribution import owner_words
from annotate.classify.features.hashing import character_ngrams, word_ngrams
from annotate.classify.features.manner import manner_words
from annotate.classify.features.meaning import read_vectors
from annotate.classify.features.reading import Reading

READ: Final = {"tokens": 18, "words": 18, "characters": 18, "owner": 16, "manner": 18}
"""What is counted of a sentence, with the base-2 logarithm of the number of columns."""


def hashed(readings: Sequence[Reading]) -> dict[str, sparse.csr_matrix]:
    """Return hashed counts by name, each of shape (n_sentences of all pages, 2 ** bits).

    ``tokens`` and ``words`` (with pairs) tell words in quotation marks from the outlet's own; ``owner`` holds the words
    that name and introduce whoever owns a quotation; ``manner`` leaves topics out.
    """
    lines = [line for reading in readings for line in _voiced(reading)]
    owned = [line for reading in readings for line in owner_words(reading)]
    said = [line for reading in readings for line in manner_words(reading)]
    written = [text for reading in readings for text in reading.texts]
    return {
        "tokens": word_ngrams(lines, longest=1, bits=READ["tokens"]),
        "words": word_ngrams(lines, longest=2, bits=READ["words"]),
        "characters": character_ngrams(written, shortest=2, longest=5, bits=READ["characters"]),
        "owner": word_ngrams(owned, longest=2, bits=READ["owner"]),
        "manner": word_ngrams(said, longest=3, bits=READ["manner"]),
    }


def in_context(counts: Mapping[str, Any], sizes: Sequence[int], language: str) -> dict[str, Any]:
    """Add what follows from the counts: the neighbours' tokens, and sums of word vectors beside the neighbours' sums.

    Parameters
    ----------
    counts
        As :func:`hashed` returns them, with or without columns that no model uses.
    sizes
        Number of sentences of each page; a neighbour stands on the same page.
    language
        Whose word vectors.
    """
    before, after = (_neighbours(sizes, by) for by in (-1, 1))
    tokens = counts["tokens"]
    sums = read_vectors(language, READ["tokens"]).sums(tokens)
    plain = sums[:, : sums.shape[1] // 2]
    return {
        **counts,
        "before": (before @ tokens).tocsr(),
        "after": (after @ tokens).tocsr(),
        "meaning": np.hstack([sums, before @ plain, after @ plain]),
    }


def _voiced(reading: Reading) -> list[list[str]]:
    """Return each sentence's lower-case tokens, those in quotation marks with a mark before them."""
    lines = [reading.lower[start:end] for start, end in pairwise(reading.first.tolist())]
    first, inside = reading.first, reading.quotation.inside
    for sentence in np.unique(reading.sentence_of[inside]).tolist():
        flags = inside[first[sentence] : first[sentence + 1]].tolist()
        lines[sentence] = ["“" + word if flag else word for word, flag in zip(lines[sentence], flags, strict=True)]
    return lines


def _neighbours(sizes: Sequence[int], by: int) -> sparse.csr_matrix:
    """Return the matrix that moves rows by one sentence within their page; what moves past its end is dropped."""
    n = sum(sizes)
    source = np.arange(n) + by
    page = np.repeat(np.arange(len(sizes)), sizes)
    inside = (source >= 0) & (source < n)
    inside[inside] = page[source[inside]] == page[inside]
    rows = np.flatnonzero(inside)
    return sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, source[rows])), shape=(n, n))
