"""Hash n-grams of words and characters into sparse counts, vectorised: no vocabulary, no text kept.

The hash is a polynomial over code points or over words' CRC-32, so it is the same on every machine and for every hash
seed. Compared with scikit-learn's ``HashingVectorizer(analyzer="char_wb")`` it gives the same n-grams about ten times
as fast.
"""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

_Hashes = NDArray[np.uint64]
# Odd constants of multiplicative hashing (Knuth; Steele and Vigna 2021 for the second).
_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xF1357AEA2E62A9C5)
_SPACE = 32
# Counts stop here: a byte holds them, and no sentence that was written to be read has more.
_MOST = 255


class _Words(dict[str, int]):
    """The CRC-32 of each word, computed once a call."""

    def __missing__(self, word: str) -> int:
        number = crc32(word.encode("utf-8", "surrogatepass"))
        self[word] = number
        return number


def word_ngrams(lines: Sequence[Sequence[str]], *, longest: int, bits: int) -> sparse.csr_matrix:
    """Count n-grams of 1 to ``longest`` words of each line, shape (n_lines, 2 ** bits)."""
    numbers = _Words()
    words = np.array([numbers[word] for line in lines for word in line], dtype=np.uint64)
    rows = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
    found_rows, found = [rows], [words * _MIX]
    gram = words
    for length in range(2, longest + 1):
        gram = gram[:-1] * _STEP + words[length - 1 :]
        whole = rows[: len(gram)] == rows[length - 1 :]
        found_rows.append(rows[: len(gram)][whole])
        found.append(gram[whole] * _MIX)
    return _count(np.concatenate(found_rows), np.concatenate(found), len(lines), bits)


def buckets(words: Sequence[str], bits: int) -> NDArray[np.int64]:
    """Return the column in which :func:`word_ngrams` counts each word by itself, shape (n_words,)."""
    numbers = np.array([crc32(word.encode("utf-8", "surrogatepass")) for word in words], dtype=np.uint64)
    return _buckets(numbers * _MIX, bits)


def character_ngrams(texts: Sequence[str], *, shortest: int, longest: int, bits: int) -> sparse.csr_matrix:
    """Count n-grams of characters within words, a space on both sides of each, shape (n_texts, 2 ** bits)."""
    padded = [f" {' '.join(text.lower().split())} " for text in texts]
    characters = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    rows = np.repeat(np.arange(len(texts)), [len(text) for text in padded])
    spaces = np.concatenate(([0], np.cumsum(characters == _SPACE)))
    gram = characters
    found_rows, found = [], []
    for length in range(1, longest + 1):
        if length > 1:
            gram = gram[:-1] * _STEP + characters[length - 1 :]
        if length < shortest or not len(gram):
            continue
        starts = np.arange(len(gram))
        # A space may stand first or last, never inside; out are spaces alone and one text's end with the next's start.
        inner = spaces[starts + length - 1] - spaces[np.minimum(starts + 1, starts + length - 1)]
        letters = length - (spaces[starts + length] - spaces[starts])
        whole = (inner == 0) & (letters > 0) & (rows[starts] == rows[starts + length - 1])
        found_rows.append(rows[starts[whole]])
        found.append((gram[whole] + np.uint64(length)) * _MIX)
    if not found:
        return sparse.csr_matrix((len(texts), 2**bits), dtype=np.float32)
    return _count(np.concatenate(found_rows), np.concatenate(found), len(texts), bits)


def _count(rows: NDArray[np.intp], hashes: _Hashes, n_rows: int, bits: int) -> sparse.csr_matrix:
    """Return how often each hash's bucket, its highest bits, occurs in each row."""
    cells = np.sort((rows.astype(np.int64) << bits) | _buckets(hashes, bits))
    first = np.flatnonzero(np.concatenate(([True], cells[1:] != cells[:-1]))) if len(cells) else np.zeros(0, np.intp)
    counts = np.minimum(np.diff(np.append(first, len(cells))), _MOST).astype(np.float32)
    cells = cells[first]
    starts = np.searchsorted(cells >> bits, np.arange(n_rows + 1))
    columns = (cells & (2**bits - 1)).astype(np.int32)
    return sparse.csr_matrix((counts, columns, starts.astype(np.int32)), shape=(n_rows, 2**bits))


def _buckets(hashes: _Hashes, bits: int) -> NDArray[np.int64]:
    mixed = (hashes ^ (hashes >> np.uint64(29))) * _STEP >> np.uint64(64 - bits)
    return mixed.astype(np.int64)
