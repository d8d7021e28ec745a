"""What a linear model reads of a page: hashed n-grams of a sentence, its neighbours, its voice, owner and manner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from annotate.classify.features.attribution import owner_words
from annotate.classify.features.hashing import character_ngrams, number_ngrams, word_ngrams, word_number
from annotate.classify.features.lexicon import Lexicon
from annotate.classify.features.manner import manner
from annotate.classify.features.meaning import read_vectors
from annotate.classify.features.reading import Reading

READ: Final = {"tokens": 18, "words": 18, "characters": 18, "owner": 16, "manner": 18}
"""What is counted of a sentence, with the base-2 logarithm of the number of columns."""
# What stands before a word in quotation marks.
_MARK = word_number("“")


def hashed(readings: Sequence[Reading]) -> dict[str, sparse.csr_matrix]:
    """Return hashed counts by name, each of shape (n_sentences of all pages, 2 ** bits).

    ``tokens`` and ``words`` (with pairs) tell words in quotation marks from the outlet's own; ``owner`` holds the words
    that name and introduce whoever owns a quotation; ``manner`` leaves topics out.
    """
    lengths = np.concatenate([reading.n_tokens for reading in readings])
    words = np.concatenate([_word_numbers(reading) for reading in readings])
    said = np.concatenate([_manner_numbers(reading) for reading in readings])
    owned = [line for reading in readings for line in owner_words(reading)]
    written = [text for reading in readings for text in reading.texts]
    return {
        "tokens": number_ngrams(words, lengths, longest=1, bits=READ["tokens"]),
        "words": number_ngrams(words, lengths, longest=2, bits=READ["words"]),
        "characters": character_ngrams(written, shortest=2, longest=5, bits=READ["characters"]),
        "owner": word_ngrams(owned, longest=2, bits=READ["owner"]),
        "manner": number_ngrams(said, lengths, longest=3, bits=READ["manner"]),
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


def _word_numbers(reading: Reading) -> NDArray[np.uint64]:
    """Return the numbers of a page's lower-case tokens, those in quotation marks with a mark before them."""
    plain, marked = reading.each(_numbers, np.uint32).T[:2]
    numbers: NDArray[np.uint64] = np.where(reading.quotation.inside, marked, plain).astype(np.uint64)
    return numbers


def _manner_numbers(reading: Reading) -> NDArray[np.uint64]:
    """Return the same of how each token is said."""
    plain, marked, first, first_marked = reading.each(_numbers, np.uint32).T[2:]
    numbers: NDArray[np.uint64] = np.where(reading.quotation.inside, marked, plain).astype(np.uint64)
    starts = reading.starts[reading.n_tokens > 0]
    numbers[starts] = np.where(reading.quotation.inside, first_marked, first)[starts]
    return numbers


def _numbers(tokens: Sequence[str], lexicon: Lexicon) -> list[tuple[int, ...]]:
    """Return numbers of each token in lower case, of how it is said, and of how it is said first in a sentence.

    Each is given as it stands outside quotation marks, then as inside.
    """
    rows: list[tuple[int, ...]] = []
    for token in tokens:
        said = _plain_and_marked(manner(token, lexicon, is_first=False))
        first = _plain_and_marked(manner(token, lexicon, is_first=True)) if token[0].isupper() else said
        lower = token.lower()
        rows.append((word_number(lower), word_number(lower, _MARK), *said, *first))
    return rows


@lru_cache(maxsize=2**12)
def _plain_and_marked(word: str) -> tuple[int, int]:
    return word_number(word), word_number(word, _MARK)


def _neighbours(sizes: Sequence[int], by: int) -> sparse.csr_matrix:
    """Return the matrix that moves rows by one sentence within their page; what moves past its end is dropped."""
    n = sum(sizes)
    source = np.arange(n) + by
    page = np.repeat(np.arange(len(sizes)), sizes)
    inside = (source >= 0) & (source < n)
    inside[inside] = page[source[inside]] == page[inside]
    rows = np.flatnonzero(inside)
    return sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, source[rows])), shape=(n, n))
