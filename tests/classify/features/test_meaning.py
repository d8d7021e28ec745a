"""Sums of word vectors, looked up by hashes."""

from __future__ import annotations

import numpy as np

from annotate.classify.features.hashing import word_ngrams
from annotate.classify.features.meaning import WordVectors, read_vectors
from annotate.classify.features.texts import READ

VECTORS = WordVectors(["storm", "harbour"], np.array([[1.0, 0.0], [0.0, 2.0]], np.float32), bits=18)


def sums(*lines, vectors=VECTORS):
    return vectors.sums(word_ngrams(lines, longest=1, bits=18))


def test_a_line_has_the_sum_of_its_words_over_the_root_of_their_number():
    np.testing.assert_allclose(sums(["the", "storm", "harbour"])[0, :2], np.array([1, 2]) / np.sqrt(2))


def test_words_in_quotation_marks_are_summed_apart():
    np.testing.assert_allclose(sums(["storm", "“harbour"]), [[1, 0, 0, 2]])


def test_unknown_words_and_empty_lines_say_nothing():
    np.testing.assert_array_equal(sums(["zzyzx"], []), np.zeros((2, 4)))


def test_words_of_like_meaning_point_the_same_way():
    vectors = read_vectors("en", READ["tokens"])
    good, great, harbour = (
        row / np.linalg.norm(row) for row in sums(["good"], ["great"], ["harbour"], vectors=vectors)
    )
    assert good @ great > 0.5 > good @ harbour
