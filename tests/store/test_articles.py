from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stores import news, story

from annotate.codebook import read_codebook
from annotate.errors import InputError, ProjectError
from annotate.sentences import split
from annotate.store import create_store
from annotate.types import Article, Block

# What no database can hold is refused; everything else must come back as it went in.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=80)


def test_articles_and_units_come_back_as_they_went_in(empty):
    pages = list(news())
    assert empty.add_articles(pages) == (3, 12, 0)
    found = [(page.article, [unit.sentence for unit in page.units]) for page in empty.pages()]
    assert found == pages
    assert list(empty.articles()) == [article for article, _ in pages]


def test_every_field_of_an_article_is_kept(empty):
    article = Article(
        "id/with «odd» characters 🌊",
        "A headline\r\n\r\nText.",
        title="\u202eright to left",
        outlet="'; DROP TABLE event; --",
        byline="Zoë",
        published="2024-02-29T12:00:00+01:00",
        url="javascript:alert(1)",
        language="en",
        source="pages/a.html:3",
        blocks=(Block(0, 10, body=True, path="div/h1", heading=1), Block(14, 19, link_density=0.25)),
        metadata={"section": "news", "empty": ""},
    )
    empty.add_articles([(article, split(article))])
    assert empty.find_page(article.id).article == article
    assert empty.find_page("another") is None


def test_adding_again_changes_nothing(empty):
    empty.add_articles(news())
    before = list(empty.events())
    assert empty.add_articles(news()) == (0, 0, 3)
    assert list(empty.events()) == before


def test_more_articles_follow_those_that_are_there(empty):
    empty.add_articles(news(2))
    assert empty.add_articles(news(5)) == (3, 12, 2)
    assert [frame.unit for frame in empty.frame()] == list(range(1, 21))
    assert empty.verify().flaws == ()


def test_many_articles_are_stored_in_chunks(empty):
    chunks = []
    added = empty.add_articles((story(f"s{n}", "One.", "Two.") for n in range(450)), on_chunk=chunks.append)
    assert (added.articles, [chunk.articles for chunk in chunks]) == (450, [200, 200, 50])
    assert empty.verify().flaws == ()


def test_a_changed_text_is_refused_and_nothing_of_its_chunk_is_stored(empty):
    empty.add_articles([story("a", "One.", "Two.")])
    with pytest.raises(InputError, match=r"'a' is not the one that is in the project.*another id"):
        empty.add_articles([story("b", "New."), story("a", "One.", "Changed.")])
    assert empty.counts() == (1, 2)


@pytest.mark.parametrize("text", ["with NUL \x00 in it", "half \ud83c"])
def test_what_no_database_can_hold_is_refused(empty, text):
    with pytest.raises(InputError, match="no database can hold"):
        empty.add_articles([story("a", text)])


def test_an_article_without_sentences_is_an_article(empty):
    assert empty.add_articles([(Article("a", "\u200b"), [])]) == (1, 0, 0)
    assert empty.find_page("a").units == ()


def test_near_duplicates_stand_in_the_frame_under_the_first(empty):
    empty.add_articles(news())
    empty.set_clusters({"story-002": "story-000"})
    clusters = {frame.article: frame.cluster for frame in empty.frame()}
    assert clusters["story-002"] == clusters["story-000"] != clusters["story-001"]
    assert empty.find_page("story-002").cluster == 1
    assert empty.verify().flaws == ()


def test_units_are_found_by_number_with_their_article(empty):
    empty.add_articles(news())
    assert [unit.id for unit in empty.units([7, 2])] == [7, 2]
    page = empty.page_of(7)
    assert page.article.text[(s := page.units[2].sentence).start : s.end] == s.text
    with pytest.raises(ProjectError, match="no unit 99"):
        empty.page_of(99)
    with pytest.raises(ProjectError, match="no unit 99"):
        empty.units([1, 99])
    with pytest.raises(ProjectError, match="no article 99"):
        empty.page(99)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with create_store(tmp_path_factory.mktemp("any") / "store.db", read_codebook()) as store:
        yield store


@settings(max_examples=60)
@given(text=texts, title=st.none() | texts, key=texts)
def test_any_text_comes_back_with_its_offsets(shared, text, title, key):
    article = Article(key, text, title=title)
    known = shared.find_page(key)
    if known is not None and known.article.text != text:
        with pytest.raises(InputError):
            shared.add_articles([(article, split(article))])
        return
    shared.add_articles([(article, split(article))])
    page = shared.find_page(key)
    assert (page.article.text, [unit.sentence for unit in page.units]) == (text, split(article))
    if known is None:
        assert page.article.title == title
