"""Tokens by number."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from annotate.classify.features import ReaderFeatures, vocabulary
from annotate.classify.features.lexicon import Lexicon, read_lexicon
from annotate.classify.features.reading import Reading
from annotate.classify.features.texts import hashed
from annotate.classify.features.vocabulary import MARKS, Vocabulary
from tests.classify.features.pages import pages, sentences

TOKEN = re.compile(
    r"(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+\.[\w.]+|[@#]\w+"
    r"|[^\W\d_]+(?:['.&-][^\W\d_]+)*|\d+(?:[.,:/-]\d+)*|[^\w\s]|\w+"
)


def lexicon():
    return Lexicon({"word": ["old_bridge"]})


def length(tokens, _):
    return [(len(token),) for token in tokens]


@given(st.one_of(sentences, st.text()))
def test_a_text_read_piece_by_piece_has_the_tokens_of_the_whole(text):
    words = Vocabulary(lexicon())
    for _ in range(2):
        assert [words.tokens[number] for number in words.read(text)] == TOKEN.findall(text)


def test_marks_have_their_numbers_and_case_is_folded_on_request():
    words = Vocabulary(lexicon())
    assert words.read(MARKS) == list(range(len(MARKS)))
    numbers = np.array(words.read("Old BRIDGE old bridge Old"))
    folded = words.folded(numbers).tolist()
    assert len(set(numbers.tolist())) == 4
    assert folded == [folded[0], folded[1], folded[0], folded[1], folded[0]]


def test_a_token_is_asked_once_whoever_asks_and_later_ones_too():
    words, asked = Vocabulary(lexicon()), []

    def trait(tokens, known):
        asked.extend(tokens)
        return length(tokens, known)

    for text in ("one two", "two three two", "one"):
        found = words.each(trait, np.array(words.read(text)), np.int32)
        assert found[:, 0].tolist() == [len(word) for word in text.split()]
    assert sorted(asked) == sorted([*MARKS, "one", "two", "three"])


def test_a_full_vocabulary_is_left_to_those_who_read_with_it(monkeypatch):
    monkeypatch.setattr(vocabulary, "_MOST_PIECES", 3)
    known = lexicon()
    first = known.vocabulary
    numbers = first.read("the old bridge is closed")
    assert known.vocabulary is not first
    assert [first.tokens[number] for number in numbers] == ["the", "old", "bridge", "is", "closed"]


@settings(max_examples=20)
@given(st.lists(pages, min_size=2, max_size=4))
def test_features_do_not_depend_on_what_was_read_before(read):
    reader, apart = ReaderFeatures(), []
    for page in read:
        apart.append(Reading(page.page, read_lexicon.__wrapped__("en")))
        np.testing.assert_array_equal(reader.compute(page), reader.compute(apart[-1]))
    for name, together in hashed(read).items():
        assert (together != hashed(apart)[name]).nnz == 0


def test_threads_that_read_at_once_agree():
    known = read_lexicon("en")
    texts = [
        f"Word-{'abcdefg'[i % 7]} said the mayor of Town-{'abcdefghijk'[i % 11]} on {i % 5} May" for i in range(400)
    ]

    def read(text):
        words = known.vocabulary
        numbers = np.array(words.read(text))
        return [words.tokens[n] for n in numbers], words.each(length, numbers, np.int32)[:, 0].tolist()

    with ThreadPoolExecutor(8) as threads:
        for text, (tokens, lengths) in zip(texts, threads.map(read, texts), strict=True):
            assert tokens == text.split()
            assert lengths == [len(token) for token in tokens]
