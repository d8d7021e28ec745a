"""What is looked up by token number is what loops over words say."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from annotate.classify.features import furniture, loaded, quotes
from annotate.classify.features.body import NAMES as PLACES
from annotate.classify.features.body import body, places, prose
from annotate.classify.features.document import NAMES as DOCUMENT
from annotate.classify.features.document import document
from annotate.classify.features.hashing import word_ngrams
from annotate.classify.features.lexicon import Lexicon
from annotate.classify.features.reading import Reading
from annotate.classify.features.texts import READ, hashed
from annotate.classify.units import Page
from annotate.types import Sentence
from tests.classify.features import plain
from tests.classify.features.pages import pages

_GROUPS = {
    "one": ["a", "b_a", "a_b_a"],
    "two": ["b", "a_b"],
    "three": ["a", "a_b", "b_b_b"],
}


def exactly(found, rows):
    np.testing.assert_array_equal(found, np.array(rows, dtype=np.float32).reshape(np.shape(found)))


def columns(found, names, first, last):
    return found[:, names.index(first) : names.index(last) + 1]


@given(pages)
def test_prose_is_that_of_a_loop(page):
    exactly(prose(page), plain.prose(page))


@given(pages)
def test_the_topic_is_that_of_sets_of_words(page):
    exactly(columns(places(page), PLACES, "on_topic", "headline_overlap"), plain.on_topic(page))


@given(pages)
def test_the_form_of_lines_is_that_of_a_loop(page):
    found = columns(furniture.furniture(page), furniture.NAMES, "starts_imperative", "commas")
    exactly(found, plain.form(page))


@given(pages)
def test_the_form_of_loaded_language_is_that_of_a_loop(page):
    exactly(columns(loaded.loaded(page), loaded.NAMES, "superlatives", "digits_share"), plain.loaded_form(page))


@given(pages)
def test_quotation_marks_are_those_of_a_loop(page):
    found = quotes.quotes(page)
    wanted = ["opening_mark_first", "closing_mark_last", "marks", "colon_before"]
    exactly(found[:, [quotes.NAMES.index(name) for name in wanted]], plain.marks(page))
    exactly(found[:, quotes.NAMES.index("passage_place")], np.minimum(plain.places_in_passage(page), 8))


@given(pages)
def test_what_kind_of_page_it_is_follows_from_its_body(page):
    _, start, end = body(page)
    lines = plain.lines(page)[start:end]
    n, n_tokens = max(len(lines), 1), max(sum(map(len, lines)), 1)
    rows = (
        sum(line[-1:] == ["?"] for line in lines) / n,
        100 * sum(token[0].isdigit() for line in lines for token in line) / n_tokens,
        np.log1p(n_tokens / n),
    )
    exactly(columns(document(page), DOCUMENT, "page_questions", "page_sentence_length"), [rows] * page.n)


@given(st.lists(pages, min_size=1, max_size=3))
def test_words_and_manner_are_hashed_as_their_strings_would_be(read):
    found = hashed(read)
    voiced = [line for page in read for line in plain.voiced(page)]
    said = [line for page in read for line in plain.said(page)]
    for name, lines, longest in (("tokens", voiced, 1), ("words", voiced, 2), ("manner", said, 3)):
        wanted = word_ngrams(lines, longest=longest, bits=READ[name])
        assert (found[name] != wanted).nnz == 0, name


@given(st.lists(st.lists(st.sampled_from(["a", "A", "b", "c"]), max_size=8), min_size=1, max_size=3))
def test_hits_are_all_entries_that_begin_anywhere(lines):
    sentences = tuple(Sentence("page", i, i, 0, 0, " ".join(line)) for i, line in enumerate(lines))
    page = Reading(Page("page", sentences), Lexicon(_GROUPS))
    positions, groups = page.hits
    assert list(zip(positions.tolist(), groups.tolist(), strict=True)) == plain.hits(_GROUPS, page.lower)
