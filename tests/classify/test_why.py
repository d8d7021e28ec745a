"""Why a sentence got its label, for every recipe and for estimators of other people."""

from __future__ import annotations

import numpy as np
import pytest
from newspaper import labelled, newspaper
from quick import quick
from sklearn.base import BaseEstimator

from annotate.classify.crossfit import cross_fit
from annotate.classify.features import ReaderFeatures
from annotate.classify.fitting import fit, probabilities
from annotate.classify.recipes import packaged
from annotate.classify.splits import by_article
from annotate.classify.units import sample
from annotate.classify.why import MOST_PIECES, _pieces, _readers, explain, explain_errors
from annotate.report.why import render
from annotate.types import Sentence


class SaysShameful(BaseEstimator):
    """An estimator of somebody else, which knows one word, and the word of the sentence before."""

    classes_ = np.array(["no", "yes"])

    def predict_proba(self, X):
        found = []
        for unit in X:
            before = unit.page.sentences[unit.position - 1].text if unit.position else ""
            found.append(0.05 + 0.6 * ("shameful" in unit.sentence.text) + 0.3 * ("Look" in before))
        return np.column_stack([1 - np.array(found), found])


def page(*texts):
    return sample([Sentence("p", i, i, 100 * i, 100 * i + len(t), t) for i, t in enumerate(texts)])


@pytest.fixture(scope="module", params=packaged())
def fitted(request, twelve_articles):
    return fit(quick(request.param), twelve_articles).estimator


def test_the_word_that_decides_has_the_largest_effect():
    why = explain(SaysShameful(), page("Look here.", "A shameful act", "Rain."), ("no", "yes"))[1]
    assert (why.label, round(why.probability, 6)) == ("yes", 0.95)
    assert [(piece.text, round(piece.without, 2)) for piece in why.pieces] == [
        ("A ", 0.95),
        ("shameful ", 0.35),
        ("act", 0.95),
    ]
    reasons = {reason.what: round(reason.without, 2) for reason in why.reasons}
    assert reasons == {
        "its own words, all of them": 0.35,
        "the sentence before": 0.65,
        "everything around it": 0.65,
        "the sentence after": 0.95,
    }
    assert why.reasons[0].what == "its own words, all of them"


def test_what_a_careful_reader_sees_is_taken_away_from_the_model_itself(fitted, twelve_articles):
    units = twelve_articles.X[:2]
    before = probabilities(fitted, units, twelve_articles.labels)
    reasons = {reason.what: reason for why in explain(fitted, units, twelve_articles.labels) for reason in why.reasons}
    assert {"who speaks", "loaded words", "its form and its place on the page"} <= set(reasons)
    np.testing.assert_array_equal(probabilities(fitted, units, twelve_articles.labels), before)
    assert all("groups" not in vars(reader) for reader in _readers(fitted))


def test_a_quotation_hangs_on_its_words_or_on_who_speaks(fitted, twelve_articles):
    sentences, labels = newspaper(2, seed=9)
    units = sample(sentences)
    quoted = [row for row, label in enumerate(labels) if label == "quoted_official"][:3]
    for why in explain(fitted, units[quoted], twelve_articles.labels):
        assert why.label == "quoted_official"
        assert min(reason.without for reason in why.reasons) < why.probability


def test_readers_are_found_however_deep_they_stand():
    reader = ReaderFeatures()
    assert list(_readers({"steps": [("a", (1, reader)), ("b", reader)]})) == [reader]


@pytest.mark.parametrize("text", ["", "  ", "one", " two  words\n", "“Yes,” he said. "])
def test_pieces_are_the_text(text):
    assert "".join(_pieces(text)) == text


def test_long_sentences_are_cut_into_few_pieces():
    text = " ".join(str(n) for n in range(500))
    assert len(_pieces(text)) <= MOST_PIECES
    assert "".join(_pieces(text)) == text


def test_the_most_confident_errors_are_explained_in_the_fold_that_made_them(codebook):
    data = labelled(6, codebook)
    data.y[::7] = "factual_claim"
    found = cross_fit(data, quick("linear"), by_article(data, 2), look=lambda *fold: explain_errors(2, *fold))
    assert [len(seen) for seen in found.seen] == [2, 2]
    for seen in found.seen:
        for why in seen:
            row = next(i for i, u in enumerate(data.X) if (u.article, u.sentence.start) == (why.article, why.start))
            assert why.label == found.predicted[row] != data.y[row]
            assert why.probabilities[why.label] == pytest.approx(found.probabilities[row].max())


def test_the_page_shows_hostile_words_as_they_are():
    hostile = page("<script>alert(1)</script> shameful {{ 7 }}")
    html = render(explain(SaysShameful(), hostile, ("no", "yes")), "m@1")
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "without it: 0.05" in html
