"""Hash n-grams of words and characters into sparse counts, vectorised: no vocabulary, no text kept.

The hash is a polynomial over code points or over words' CRC-32, so it is the same on every machine and for every hash
seed. Compared with scikit-learn's ``HashingVectorizer(analyzer="char_wb")`` it gives the same n-grams about ten times
as fast.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

_Hashes = NDArray[np.uint64]
# Odd constants of multiplicative hashing (Knuth; Steele and Vigna 2021 for the second).
_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xF1357AEA2E62A9C5)
_SPACE = 32
# No column: more than any.
_NONE = np.uint32(2**32 - 1)
# Counts stop here: a byte holds them, and no sentence that was written to be read has more.
_MOST = 255


def word_number(word: str, before: int = 0) -> int:
    """Return the number by which a word is hashed; with the number of what stands before it, that of both as one."""
    return crc32(word.encode("utf-8", "surrogatepass"), before)


def word_ngrams(lines: Sequence[Sequence[str]], *, longest: int, bits: int) -> sparse.csr_matrix:
    """Count n-grams of 1 to ``longest`` words of each line, shape (n_lines, 2 ** bits)."""
    numbers = {word: word_number(word) for word in {word for line in lines for word in line}}
    words = np.array([numbers[word] for line in lines for word in line], dtype=np.uint64)
    return number_ngrams(words, [len(line) for line in lines], longest=longest, bits=bits)


def number_ngrams(
    words: NDArray[np.uint64], lengths: Sequence[int] | NDArray[np.int64], *, longest: int, bits: int
) -> sparse.csr_matrix:
    """Count the same of words given by their numbers, the lines' words one after the other."""
    rows = np.repeat(np.arange(len(lengths)), lengths)
    found_rows, found = [rows], [words * _MIX]
    gram = words
    for length in range(2, longest + 1):
        gram = gram[:-1] * _STEP + words[length - 1 :]
        whole = rows[: len(gram)] == rows[length - 1 :]
        found_rows.append(rows[: len(gram)][whole])
        found.append(gram[whole] * _MIX)
    cells = _cells(np.concatenate(found_rows), len(lengths), bits)
    return _count(cells | _buckets(np.concatenate(found), bits).astype(cells.dtype), len(lengths), bits)


def buckets(words: Sequence[str], bits: int) -> NDArray[np.int64]:
    """Return the column in which :func:`word_ngrams` counts each word by itself, shape (n_words,)."""
    numbers = np.array([word_number(word) for word in words], dtype=np.uint64)
    return _buckets(numbers * _MIX, bits)


def character_ngrams(texts: Sequence[str], *, shortest: int, longest: int, bits: int) -> sparse.csr_matrix:
    """Count n-grams of characters within words, a space on both sides of each, shape (n_texts, 2 ** bits)."""
    lines = [text.lower().split() for text in texts]
    number: defaultdict[str, int] = defaultdict()
    number.default_factory = number.__len__
    words = np.array([number[word] for line in lines for word in line], dtype=np.int64)
    sizes = np.array([len(word) + 2 for word in number], dtype=np.int64)
    columns = _character_columns(number, sizes, shortest, longest, bits)
    rows = np.repeat(_cells(np.arange(len(lines)), len(lines), bits), [len(line) for line in lines])
    # The characters of all words, one after the other, as places in the table of columns.
    sizes, firsts = sizes[words], (np.cumsum(sizes) - sizes)[words]
    places = np.repeat(firsts - (np.cumsum(sizes) - sizes), sizes) + np.arange(sizes.sum())
    found = columns[places]
    cells = np.repeat(rows, sizes)[:, None] | found
    return _count(cells[found != _NONE], len(texts), bits)


def _character_columns(
    words: Collection[str], sizes: NDArray[np.int64], shortest: int, longest: int, bits: int
) -> NDArray[np.uint32]:
    """Return columns of the n-grams that begin at each character of words, shape (n_characters, n_lengths).

    Where no n-gram of a length begins stands ``_NONE``. A word is no longer looked at alone than its ``sizes``.
    """
    text = f" {'  '.join(words)} " if words else ""
    characters = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    left = np.repeat(np.cumsum(sizes), sizes) - np.arange(len(characters))
    columns = np.full((len(characters), longest - shortest + 1), _NONE, dtype=np.uint32)
    gram = characters
    for length in range(1, longest + 1):
        if length > 1:
            gram = gram[:-1] * _STEP + characters[length - 1 :]
        if length >= shortest:
            whole = left[: len(gram)] >= length
            if length == 1:
                whole &= characters != _SPACE
            columns[: len(gram), length - shortest][whole] = _buckets((gram[whole] + np.uint64(length)) * _MIX, bits)
    return columns


def _count(cells: NDArray[Any], n_rows: int, bits: int) -> sparse.csr_matrix:
    """Return how often each cell, a row's number before a column's bits, occurs."""
    cells = np.sort(cells)
    first = np.flatnonzero(np.concatenate(([True], cells[1:] != cells[:-1]))) if len(cells) else np.zeros(0, np.intp)
    counts = np.minimum(np.diff(np.append(first, len(cells))), _MOST).astype(np.float32)
    cells = cells[first]
    starts = np.searchsorted(cells, _cells(np.arange(n_rows + 1), n_rows, bits))
    columns = (cells & cells.dtype.type(2**bits - 1)).astype(np.int32)
    return sparse.csr_matrix((counts, columns, starts.astype(np.int32)), shape=(n_rows, 2**bits))


def _cells(rows: NDArray[np.intp], n_rows: int, bits: int) -> NDArray[Any]:
    """Return each row's first cell, in the smallest whole numbers that hold all cells: these are sorted fastest."""
    return (rows << bits).astype(np.uint32 if (n_rows + 1) << bits < 2**32 else np.uint64)


def _buckets(hashes: _Hashes, bits: int) -> NDArray[np.int64]:
    mixed = (hashes ^ (hashes >> np.uint64(29))) * _STEP >> np.uint64(64 - bits)
    return mixed.astype(np.int64)
