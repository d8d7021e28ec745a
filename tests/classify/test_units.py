from __future__ import annotations

import pytest

from annotate.classify.ngrams import SentenceText
from annotate.classify.units import articles, pages, sample
from annotate.errors import DuplicateId
from annotate.types import Sentence


def sentence(article, index, text):
    return Sentence(article, index, 0, 0, len(text), text)


ROWS = [sentence("a", 0, "One."), sentence("a", 1, "Two."), sentence("b", 0, "Three.")]


def test_a_unit_knows_its_page_in_any_subset():
    X = sample(ROWS)[[1]]
    assert SentenceText(-1).transform(X) == ["One."]
    assert SentenceText(1).transform(X) == [""]


def test_neighbours_do_not_cross_articles():
    assert SentenceText(1).transform(sample(ROWS)) == ["Two.", "", ""]


def test_groups_are_articles():
    assert articles(sample(ROWS)).tolist() == ["a", "a", "b"]


def test_pages_come_in_order_with_their_rows():
    assert [(page.article, rows.tolist()) for page, rows in pages(sample(ROWS)[[2, 0, 1]])] == [
        ("b", [0]),
        ("a", [1, 2]),
    ]


def test_an_article_in_two_places_is_refused():
    with pytest.raises(DuplicateId, match="two places"):
        sample([ROWS[0], ROWS[2], ROWS[1]])
