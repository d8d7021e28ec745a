"""Hashed n-grams against scikit-learn's."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from annotate.classify.features.hashing import character_ngrams, word_ngrams

TEXTS = ["The old bridge, closed again!", "", "  two   spaces ", "Brücke “zu” 桥", "a"]
WORDS = [3244, 35333, 211232]
CHARACTERS = [17341, 83156, 109904, 132122, 209869, 227605, 242032]


def sorted_counts(matrix):
    return [sorted(row.data.tolist()) for row in matrix.tocsr()]


def test_character_ngrams_are_those_of_scikit_learn():
    ours = character_ngrams(TEXTS, shortest=2, longest=5, bits=30)
    theirs = CountVectorizer(analyzer="char_wb", ngram_range=(2, 5)).fit_transform(TEXTS)
    assert sorted_counts(ours) == sorted_counts(theirs)


def test_word_ngrams_are_those_of_scikit_learn():
    lines = [text.split() for text in TEXTS]
    ours = word_ngrams(lines, longest=2, bits=30)
    theirs = CountVectorizer(analyzer=lambda line: line + [f"{a} {b}" for a, b in pairwise(line)])
    assert sorted_counts(ours) == sorted_counts(theirs.fit_transform(lines))


@given(st.lists(st.text(), max_size=6))
def test_a_texts_ngrams_do_not_depend_on_its_neighbours(texts):
    together = character_ngrams(texts, shortest=2, longest=4, bits=16)
    assert together.shape == (len(texts), 2**16)
    for row, text in enumerate(texts):
        alone = character_ngrams([text], shortest=2, longest=4, bits=16)
        assert (together[row] != alone).nnz == 0
        words = word_ngrams([t.split() for t in texts], longest=2, bits=16)[row]
        assert (words != word_ngrams([text.split()], longest=2, bits=16)).nnz == 0


def test_buckets_are_the_same_on_every_machine():
    # Models are stored with their buckets: another hash would make every stored model wrong.
    assert word_ngrams([["old", "bridge"]], longest=2, bits=18).indices.tolist() == WORDS
    assert character_ngrams(["Old"], shortest=2, longest=3, bits=18).indices.tolist() == CHARACTERS


def test_buckets_are_spread_evenly():
    lines = [[f"word{number}"] for number in range(4096)]
    filled = np.unique(word_ngrams(lines, longest=1, bits=12).indices)
    # Of 4,096 buckets, 4,096 random words fill 1 - 1/e.
    assert abs(len(filled) / 4096 - (1 - np.exp(-1))) < 0.03
