"""Tokens, quotation state and counts of a page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.classify.features.lexicon import Lexicon, read_lexicon
from annotate.classify.features.reading import Reading
from annotate.errors import NutgrafError
from tests.classify.features.written import reading


def quoted(page: Reading) -> list[str]:
    inside = page.quotation.inside
    return [
        " ".join(page.tokens[i] for i in range(page.first[s], page.first[s + 1]) if inside[i]) for s in range(page.n)
    ]


@pytest.mark.parametrize("marks", ['""', "“”", "«»", "''", "``''"])
def test_all_kinds_of_marks_quote(marks):
    opening, closing = (marks[0], marks[-1]) if len(marks) == 2 and marks != "''" else ("''", "''")
    page = reading([f"{opening}We will win,{closing} the mayor said."])
    assert quoted(page) == ["We will win ,"]


def test_a_quotation_goes_on_over_sentences():
    page = reading(["“We came.", "We saw.", "We won,” she said.", "Nobody asked."])
    assert quoted(page) == ["We came .", "We saw .", "We won ,", ""]
    assert page.quotation.passage.tolist() == [0, 0, 0, -1]


def test_a_quotation_goes_on_over_paragraphs_that_open_with_a_mark():
    page = reading(["“We came."], ["“We saw,” she said."])
    assert quoted(page) == ["We came .", "We saw ,"]
    assert page.quotation.passage.tolist() == [0, 0]


def test_a_missing_mark_spoils_no_more_than_its_paragraph():
    page = reading(["“We came, she said."], ["The council met.", "It voted."])
    assert quoted(page)[1:] == ["", ""]


def test_single_marks_quote_where_a_page_has_no_double_ones_and_apostrophes_never_do():
    assert quoted(reading(["‘We don’t know,’ he said of the workers’ plan."])) == ["We don't know ,"]
    assert quoted(reading(["“So he said ‘no’ to me,” she said."])) == ["So he said ‘ no ' to me ,"]


def test_words_keep_their_inner_marks_and_addresses_stay_whole():
    page = reading(["Mail it to ann@example.org or see https://example.org/a?b=1, don't wait till 10:30."])
    assert {"ann@example.org", "https://example.org/a?b=1,", "don't", "10:30"} <= set(page.tokens)


def test_own_counts_leave_out_what_is_quoted():
    page = reading(['The "shameful" bill passed.'])
    column = page.lexicon.number["loaded.blame"]
    assert (page.counts[0, column], page.own_counts[0, column]) == (1, 0)


def test_phrases_are_found_whole_only():
    lexicon = Lexicon({"source": ["according_to", "according_to_her"], "word": ["according"]})
    assert list(lexicon.phrases(["according", "to", "her"], [0])) == [(0, 0), (0, 0)]
    assert list(lexicon.phrases(["according", "her"], [0])) == []
    assert list(lexicon.phrases(["according"], [0])) == []


def test_a_language_without_word_lists_is_refused_and_the_known_ones_named():
    with pytest.raises(NutgrafError, match="choose one of: en"):
        read_lexicon("xx")


@given(st.lists(st.lists(st.text(), min_size=1, max_size=3), min_size=1, max_size=4))
def test_any_text_can_be_read(paragraphs):
    page = reading(*paragraphs)
    assert page.n == sum(map(len, paragraphs))
    assert len(page.tokens) == page.first[-1] == len(page.quotation.inside)
    assert page.own_counts.shape == page.counts.shape
    assert (page.own_counts <= page.counts).all()
