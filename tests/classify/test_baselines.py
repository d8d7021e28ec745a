from __future__ import annotations

import numpy as np

from annotate.classify.baselines import KeywordBaseline, MajorityBaseline


def test_the_majority_baseline_gives_the_commonest_label(twelve_articles):
    y = np.where(np.arange(len(twelve_articles.y)) % 3 == 0, "b", "a")
    baseline = MajorityBaseline().fit(twelve_articles.X, y)
    assert set(baseline.predict(twelve_articles.X).tolist()) == {"a"}


def test_the_keyword_baseline_finds_tell_tale_words(twelve_articles):
    baseline = KeywordBaseline(n_keywords=20).fit(twelve_articles.X, twelve_articles.y)
    assert "newsletter" in baseline.keywords_["unrelated_promo"]
    assert (baseline.predict(twelve_articles.X) == twelve_articles.y).mean() > 0.6


def test_without_a_keyword_the_keyword_baseline_gives_the_commonest_label(twelve_articles):
    y = np.where(np.arange(len(twelve_articles.y)) % 3 == 0, "b", "a")
    baseline = KeywordBaseline(n_keywords=0).fit(twelve_articles.X, y)
    assert set(baseline.predict(twelve_articles.X).tolist()) == {"a"}
