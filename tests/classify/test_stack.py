"""The two-stage classifier on small pages written for it."""

from __future__ import annotations

import numpy as np
import pytest
import skops.io
from scipy import sparse
from sklearn.base import clone
from threadpoolctl import threadpool_limits

from annotate.classify.context import Context
from annotate.classify.stack import ArticleStack
from annotate.classify.units import as_sample, sample
from annotate.classify.views import LinearView, MeaningView, pool
from annotate.types import Sentence

KINDS = {
    "fact": "The council of {0} repaired {1} bridges in the year {1}.",
    "quote": "“We will repair all bridges of {0},” the mayor said.",
    "view": "It is a terrible, shameful way to treat the people of {0}!",
    "menu": "Subscribe to our newsletter from {0}",
}
TOWNS = ["Lund", "Mora", "Sala", "Ystad", "Falun", "Visby"]


def corpus(n_articles, seed=0, kinds=KINDS):
    rng = np.random.default_rng(seed)
    sentences, labels = [], []
    for number in range(n_articles):
        chosen = rng.choice(list(kinds), 8)
        for index, kind in enumerate(chosen):
            text = kinds[kind].format(rng.choice(TOWNS), rng.integers(2, 90))
            sentences.append(Sentence(f"page-{number:03}", index, index, 1000 * index, 1000 * index + len(text), text))
        labels.extend(chosen)
    return sample(sentences), np.array(labels)


def small(**settings):
    return ArticleStack(**{"n_rounds": 3, "n_networks": 1, "n_folds": 3, **settings})


@pytest.fixture(scope="module")
def fitted():
    X, y = corpus(30)
    return X, y, small().fit(X, y)


def test_it_learns_what_the_kinds_have_in_common(fitted):
    _, _, stack = fitted
    X, y = corpus(6, seed=1)
    assert (stack.predict(X) == y).mean() > 0.95


def test_probabilities_sum_to_one_over_the_sorted_labels(fitted):
    X, _, stack = fitted
    probabilities = stack.predict_proba(X)
    assert stack.classes_.tolist() == sorted(KINDS)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    assert (probabilities >= 0).all()


def test_a_unit_gets_the_same_probabilities_in_any_sample(fitted):
    X, _, stack = fitted
    some = [17, 3, 100, 4]
    np.testing.assert_allclose(stack.predict_proba(as_sample(X[some])), stack.predict_proba(X)[some], atol=1e-6)


def test_training_twice_gives_the_same_bytes_whatever_the_threads(fitted):
    X, y, stack = fitted
    with threadpool_limits(2):
        again = clone(stack).fit(X, y)
    np.testing.assert_array_equal(stack.predict_proba(X), again.predict_proba(X))


def test_a_word_of_one_article_tells_its_view_nothing_of_that_article():
    # Each article has one label, drawn by lot, and a word of its own in all sentences: a view that saw it is sure.
    rng = np.random.default_rng(0)
    labels = rng.permutation(["fact", "view"] * 15)
    sentences = [
        Sentence(f"p{n}", i, i, 100 * i, 100 * i + 20, f"Alpha beta zq{n} number {i}")
        for n in range(30)
        for i in range(5)
    ]
    X, y = sample(sentences), np.repeat(labels, 5)
    stack = small().fit(X, y)
    context = Context(X)
    counts = stack._read(context.pages)[1]
    stacked = stack._fit_views(context, counts, (y == "view").astype(int), np.ones(len(y)))
    surest = np.abs(stacked[:, :2] - 0.5).max(axis=1)
    told = np.abs(stack.views_["voice"].predict_proba(counts) - 0.5).max(axis=1)
    assert told.mean() > 0.3
    assert surest.mean() < told.mean() / 2


@pytest.mark.parametrize("n_kinds", [2, 10])
def test_any_number_of_labels_will_do(n_kinds):
    kinds = {f"label_{n}": f"Word{n} and {{0}} went to place{n} with {{1}}." for n in range(n_kinds)}
    X, y = corpus(20, kinds=kinds)
    stack = small().fit(X, y)
    assert (stack.predict(X) == y).mean() > 0.9
    assert stack.predict_proba(X).shape == (len(X), n_kinds)


def test_a_label_of_one_article_is_learnt_without_fuss():
    X, y = corpus(12)
    y = y.astype("<U8")
    y[0] = "rare"
    assert "rare" in small().fit(X, y).classes_


def test_one_article_and_few_units_are_enough_to_run():
    X, y = corpus(1, seed=3)
    assert small().fit(X, y).predict_proba(X).shape == (8, len(np.unique(y)))


def test_context_is_read_from_unlabelled_sentences_too():
    X, y = corpus(30)
    labelled = np.arange(len(X)) % 2 == 0
    stack = small().fit(X[labelled], y[labelled])
    assert (stack.predict(X[~labelled]) == y[~labelled]).mean() > 0.95


def test_a_soft_label_moves_probabilities_towards_its_weights():
    X, y = corpus(15)
    doubled = as_sample([*X, *X])
    other = np.where(y == "fact", "view", y)
    soft = small(calibrate=False)
    share = {}
    for weight in (0.1, 0.9):
        weights = np.concatenate([np.full(len(y), 1 - weight), np.full(len(y), weight)])
        fitted = clone(soft).fit(doubled, np.concatenate([y, other]), sample_weight=weights)
        share[weight] = fitted.predict_proba(X[y == "fact"])[:, fitted.classes_ == "view"].mean()
    assert share[0.9] > share[0.1] + 0.1


def test_a_stored_stack_gives_the_same_probabilities(fitted):
    X, _, stack = fitted
    content = skops.io.dumps(stack)
    loaded = skops.io.loads(content, trusted=skops.io.get_untrusted_types(data=content))
    np.testing.assert_array_equal(stack.predict_proba(X), loaded.predict_proba(X))


def test_a_view_gives_a_label_it_never_saw_no_probability():
    counts = {"words": sparse.csr_matrix(np.eye(4, dtype=np.float32).repeat(5, axis=0))}
    codes = np.repeat([0, 2, 0, 2], 5)
    view = LinearView((("words", 1.0),), 3).fit(counts, codes, np.ones(20))
    probabilities = view.predict_proba(counts)
    assert (probabilities[:, 1] == 0).all()
    assert (probabilities.argmax(axis=1) == codes).all()


def test_views_that_agree_are_surer_together_and_a_divided_pool_is_even():
    sure, unsure = np.array([[0.8, 0.2]]), np.array([[0.2, 0.8]])
    assert pool([sure, sure])[0, 0] > 0.8
    np.testing.assert_allclose(pool([sure, unsure]), [[0.5, 0.5]], atol=1e-6)


def test_a_view_of_meaning_learns_from_vectors_and_gives_no_label_it_never_saw():
    rng = np.random.default_rng(0)
    codes = np.repeat([0, 2], 50)
    vectors = rng.normal(size=(100, 3)) + codes[:, None] * [1, 0, 0]
    counts = {"meaning": np.hstack([vectors, np.zeros((100, 1))])}  # a dimension that nothing has
    probabilities = MeaningView(3).fit(counts, codes, np.ones(100)).predict_proba(counts)
    assert (probabilities.argmax(axis=1) == codes).mean() > 0.7
    assert (probabilities[:, 1] == 0).all()
