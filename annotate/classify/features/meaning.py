"""What a sentence is about and how it sounds, as the sum of its words' vectors.

The vectors of a language stand in ``annotate/languages/features-<language>/vectors.npz``; ``benchmarks/vectors.py``
made them and says of what. They are looked up by the hash of a word, so that hashed counts are all that is needed.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from annotate.classify.features.hashing import buckets
from annotate.classify.features.lexicon import language_folder

Vectors = NDArray[np.float32]


class WordVectors:
    """Vectors of words by the bucket that each word's hash falls into.

    Parameters
    ----------
    words
        Lower-case words.
    vectors
        One row a word, shape (n_words, n_dimensions).
    bits
        Base-2 logarithm of the number of buckets. Of words that share one, the first counts.
    """

    def __init__(self, words: list[str], vectors: Vectors, bits: int) -> None:
        self._vectors = np.vstack([np.zeros((1, vectors.shape[1]), np.float32), vectors])
        self.plain = self._places(words, bits)
        self.quoted = self._places(["“" + word for word in words], bits)

    def sums(self, counts: sparse.csr_matrix) -> Vectors:
        """Return the sums over words outside and inside quotation marks, shape (n_rows, 2 n_dimensions).

        Each sum is divided by the root of how many words it has, so that long sentences don't outweigh short ones.
        """
        return np.hstack([self._sum(counts, self.plain), self._sum(counts, self.quoted)])

    def _sum(self, counts: sparse.csr_matrix, places: NDArray[np.int32]) -> Vectors:
        found = places[counts.indices]
        known = np.where(found > 0, counts.data, 0).astype(np.float32)
        chosen = sparse.csr_matrix((known, found, counts.indptr), shape=(counts.shape[0], len(self._vectors)))
        sizes = np.asarray(chosen.sum(axis=1)).reshape(-1)
        sums: Vectors = (chosen @ self._vectors) / np.sqrt(np.maximum(sizes, 1))[:, None]
        return sums.astype(np.float32)

    @staticmethod
    def _places(words: list[str], bits: int) -> NDArray[np.int32]:
        places = np.zeros(2**bits, dtype=np.int32)
        hashed = buckets(words, bits)[::-1]
        places[hashed] = np.arange(len(words), 0, -1, dtype=np.int32)
        return places


@lru_cache
def read_vectors(language: str, bits: int) -> WordVectors:
    """Read a language's vectors: ``words``, UTF-8 joined by line feeds; ``vectors``, whole numbers times ``scale``."""
    with np.load(language_folder(language) / "vectors.npz", allow_pickle=False) as stored:
        words = stored["words"].tobytes().decode("utf-8").split("\n")
        vectors = stored["vectors"].astype(np.float32) * stored["scale"]
    return WordVectors(words, vectors, bits)
