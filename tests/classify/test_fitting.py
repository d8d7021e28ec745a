"""Fitting a recipe: soft labels, open settings, any number of labels, missing and rare ones, few and many articles."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from newspaper import labelled
from quick import quick

from annotate.classify import fitting
from annotate.classify.evaluate import evaluate
from annotate.classify.fitting import choose, fit, probabilities
from annotate.classify.labelled import Labelled
from annotate.classify.model import train
from annotate.classify.units import sample
from annotate.types import Sentence

# Those that read no encoder: it changes nothing here and takes its time.
RECIPES = ("fast", "linear")


def kinds(n_labels: int, n_articles: int, *, per_article: int = 12, rare: int = 0, seed: int = 0) -> Labelled:
    """Return articles whose sentences hold a word of their label; the last label once in each of ``rare`` articles."""
    random = np.random.default_rng(seed)
    keys = tuple(f"kind_{k}" for k in range(n_labels))
    sentences, labels = [], []
    for a in range(n_articles):
        for i in range(per_article):
            k = (a + i) % (n_labels - 1 if rare else n_labels)
            if rare and i == per_article - 1 and a < rare:
                k = n_labels - 1
            text = f"The word{k} of {random.integers(99)} days and {random.choice(['rain', 'wind', 'sun'])}."
            sentences.append(Sentence(f"a{a:04d}", i, i // 3, 99 * i, 99 * i + len(text), text))
            labels.append(keys[k])
    return Labelled(sample(sentences), np.array(labels), "the tests", keys, "0" * 64)


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("n_labels", [2, 3, 9])
def test_any_number_of_labels_is_learnt(recipe, n_labels):
    data = kinds(n_labels, 10, per_article=18)
    evaluation, out_of_fold = evaluate(data, folds=2, recipe=quick(recipe))
    assert len(evaluation.scores.by_label) == n_labels
    assert evaluation.scores.accuracy.estimate > 1.5 / n_labels
    np.testing.assert_allclose(out_of_fold.probabilities.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("recipe", RECIPES)
def test_one_very_rare_label_is_no_trouble(recipe):
    data = kinds(3, 12, rare=2)
    evaluation, _ = evaluate(data, folds=2, recipe=quick(recipe))
    rare = next(row for row in evaluation.scores.by_label if row.label == "kind_2")
    assert (rare.units, rare.articles) == (2, 2)


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_label_that_a_fold_lacks_has_probability_zero_there(recipe):
    data = kinds(3, 6, rare=1)
    estimator = fit(quick(recipe), data.only(data.articles != "a0000")).estimator
    found = probabilities(estimator, data.X[data.articles == "a0000"], data.labels)
    assert (found[:, 2] == 0).all()
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)


def test_sentences_without_a_label_are_context_and_no_more(twelve_articles):
    half = twelve_articles.only(np.arange(0, len(twelve_articles.y), 2))
    evaluation, _ = evaluate(half, folds=2, recipe=quick("fast"))
    assert evaluation.units == len(half.y)
    assert len(half.X[0].page.sentences) == 12


@pytest.mark.parametrize("recipe", RECIPES)
def test_three_thousand_articles_are_learnt_as_thirty_are(recipe):
    few, many = kinds(3, 30, per_article=4), kinds(3, 3000, per_article=2)
    for data in (few, many):
        estimator = fit(quick(recipe), data).estimator
        found = probabilities(estimator, few.X, few.labels)
        assert (np.array(few.labels)[found.argmax(axis=1)] == few.y).mean() > 0.9


@pytest.fixture(scope="module")
def doubted(codebook):
    """A newspaper whose promos coders took for claims with a probability of 0.3."""
    certain = labelled(12, codebook)
    soft = (certain.y[:, None] == np.array(certain.labels)).astype(float)
    promo = certain.y == "unrelated_promo"
    soft[promo, certain.labels.index("unrelated_promo")] = 0.7
    soft[promo, certain.labels.index("factual_claim")] = 0.3
    return msgspec.structs.replace(certain, soft=soft)


class TestSoftLabels:
    def test_a_unit_comes_once_for_each_label_with_its_weight(self, doubted):
        X, y, weight = doubted.weighted()
        promo = (doubted.y == "unrelated_promo").sum()
        assert len(X) == len(y) == len(weight) == len(doubted.y) + promo
        assert weight.sum() == pytest.approx(len(doubted.y))
        assert weight[y == "unrelated_promo"] == pytest.approx(0.7)

    @pytest.mark.parametrize("recipe", RECIPES)
    def test_doubt_is_learnt(self, doubted, recipe):
        promo = doubted.y == "unrelated_promo"
        column = doubted.labels.index("factual_claim")

        def claimed(data):
            estimator = fit(quick(recipe), data).estimator
            return probabilities(estimator, doubted.X[promo], doubted.labels)[:, column].mean()

        assert claimed(doubted) > claimed(doubted.hard()) + 0.08

    def test_scores_are_against_the_most_probable_label_and_expected_ones_stand_beside(self, doubted):
        evaluation, _ = evaluate(doubted, folds=2, recipe=quick("linear"))
        promo = (doubted.y == "unrelated_promo").mean()
        assert evaluation.scores.accuracy.estimate > 0.95
        expected = evaluation.expected
        assert expected.best_accuracy == pytest.approx(1 - 0.3 * promo)
        assert expected.accuracy.estimate <= expected.best_accuracy
        assert expected.accuracy.low <= expected.accuracy.estimate <= expected.accuracy.high
        assert expected.uncertain == (doubted.y == "unrelated_promo").sum()
        assert evaluate(doubted.hard(), folds=2, recipe=quick("linear"))[0].expected is None

    def test_they_make_another_model_of_other_rows(self, doubted):
        soft, hard = train(doubted, recipe=quick("linear")), train(doubted.hard(), recipe=quick("linear"))
        assert soft.manifest.trained_on.rows_sha256 != hard.manifest.trained_on.rows_sha256
        assert soft.content != hard.content


class TestOpenSettings:
    @pytest.fixture
    def grid(self):
        return msgspec.structs.replace(quick("linear"), grid={"inverse_penalty": [1e-6, 3.0]})

    def test_are_chosen_by_what_articles_held_out_say(self, twelve_articles, grid):
        assert choose(grid, twelve_articles).settings["inverse_penalty"] == 3.0

    def test_are_chosen_within_each_fold_and_said(self, twelve_articles, grid):
        evaluation, out_of_fold = evaluate(twelve_articles, folds=2, recipe=grid)
        assert [fold.chosen for fold in evaluation.folds] == ["inverse_penalty = 3.0"] * 2
        assert [recipe.grid for recipe in out_of_fold.chosen] == [{}, {}]

    def test_are_chosen_from_the_training_rows_alone(self, twelve_articles, grid, monkeypatch):
        asked = []
        monkeypatch.setattr(fitting, "choose", lambda recipe, data: asked.append(data) or recipe.variants()[1])
        evaluate(twelve_articles, folds=3, recipe=grid)
        assert [len(set(data.groups)) for data in asked] == [8, 8, 8]

    def test_are_settled_in_the_model_that_is_kept(self, twelve_articles, grid):
        model = train(twelve_articles, recipe=grid)
        assert "[grid]" not in model.recipe
        assert "inverse_penalty = 3.0" in model.recipe

    def test_of_one_article_the_first_that_is_written_is_taken(self, twelve_articles, grid):
        one = twelve_articles.only(twelve_articles.articles == "story-000")
        assert choose(grid, one).settings["inverse_penalty"] == 1e-6
