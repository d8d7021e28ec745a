"""What holds for every text: exact offsets, order, cover, hard breaks."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.errors import InputError
from annotate.sentences import languages, split, split_text
from annotate.types import Article

CHARACTERS = (
    ".!?…:;=,\"'“”‘’«»„()[] \n\r\v\f\t\u2028\u2029\u0085\xa0\u200b\ufeff\x00aAzZ19-–—*_/@•¿ßא\u0301\U0001f600\ud83d"
)
MARKS = st.sampled_from([*CHARACTERS, "\r\n", "Mr", "U.S.", "http://", ":)", "1. ", "...", "''"])
TEXTS = st.one_of(
    st.text(), st.lists(MARKS, max_size=60).map("".join), st.text(st.characters(categories=["Cs", "Lo", "Mn", "Zs"]))
)


@given(text=TEXTS, quotes=st.sampled_from(["split", "whole"]), language=st.sampled_from(languages()))
def test_sentences_cover_the_text_in_order(text, quotes, language):
    spans = split_text(text, quotes=quotes, language=language)
    at = 0
    for span in spans:
        assert not text[at : span.start].strip()
        assert at <= span.start < span.end
        assert text[span.start : span.end] == text[span.start : span.end].strip()
        at = span.end
    assert not text[at:].strip()


@given(text=TEXTS, quotes=st.sampled_from(["split", "whole"]))
def test_a_hard_break_parts_sentences_and_counts_paragraphs(text, quotes):
    lines = [line for line in re.split("[\n\r\v\f\u2028\u2029]", text) if line.strip()]
    spans = split_text(text, quotes=quotes)
    for span in spans:
        assert text[span.start : span.end] in lines[span.paragraph]
    assert sorted({span.paragraph for span in spans}) == list(range(len(lines)))


@given(text=TEXTS)
def test_an_articles_sentences_carry_their_text(text):
    article = Article(id="a", text=text)
    sentences = split(article)
    assert [sentence.index for sentence in sentences] == list(range(len(sentences)))
    assert all(article.text[s.start : s.end] == s.text and s.article == "a" for s in sentences)


def test_an_unknown_language_names_those_there_are():
    with pytest.raises(InputError, match=r"no rules.*'tlh'.*en"):
        split_text("nuqneH", language="tlh")
