from __future__ import annotations

import msgspec
import numpy as np
import pytest
from newspaper import labelled
from quick import quick

from annotate.classify import crossfit
from annotate.classify.evaluate import evaluate
from annotate.classify.splits import by_article
from annotate.errors import NotHonest


@pytest.fixture(scope="module")
def evaluated(twelve_articles):
    return evaluate(twelve_articles, folds=3, recipe=quick("linear"))


def test_an_easy_newspaper_is_learnt_and_baselines_stand_beside(evaluated):
    evaluation, _ = evaluated
    assert evaluation.scores.macro_f1.estimate > 0.9
    assert set(evaluation.baselines) == {"majority", "keywords"}
    assert evaluation.baselines["majority"].macro_f1.estimate < 0.3
    assert len(evaluation.folds) == 3


def test_every_unit_is_predicted_once_with_probabilities_that_sum_to_one(evaluated, twelve_articles):
    _, out_of_fold = evaluated
    assert out_of_fold.probabilities.shape == (len(twelve_articles.y), 4)
    np.testing.assert_allclose(out_of_fold.probabilities.sum(axis=1), 1)


def test_no_article_stands_on_both_sides_of_a_split(twelve_articles):
    for folds in (0, 2, 5):
        tested = []
        for train, test in by_article(twelve_articles, folds, seed=1).folds:
            assert not set(twelve_articles.groups[train]) & set(twelve_articles.groups[test])
            tested.extend(test)
        assert sorted(tested) == list(range(len(twelve_articles.y)))


def test_few_articles_are_said_aloud(evaluated):
    evaluation, _ = evaluated
    assert "12 articles prove nothing" in evaluation.cautions[0]


def test_a_missing_label_is_said_aloud(twelve_articles):
    evaluation, _ = evaluate(
        twelve_articles.only(twelve_articles.y != "editorial_framing"), folds=2, recipe=quick("linear")
    )
    assert any("No unit carries editorial_framing" in caution for caution in evaluation.cautions)
    assert evaluation.scores.labels == ("unrelated_promo", "quoted_official", "factual_claim")


def test_of_many_missing_labels_some_are_named(twelve_articles):
    labels = (*twelve_articles.labels, *(f"extra_{i}" for i in range(9)))
    evaluation, _ = evaluate(msgspec.structs.replace(twelve_articles, labels=labels), folds=2, recipe=quick("linear"))
    assert "No unit carries extra_0, extra_1, extra_2, extra_3, extra_4 and 4 more: the" in evaluation.cautions[-1]


def test_progress_is_told_of_each_fold(twelve_articles):
    steps = []
    evaluate(twelve_articles, folds=2, progress=steps.append, recipe=quick("linear"))
    assert steps == [1, 1]


def test_processes_give_what_one_process_gives(twelve_articles, evaluated, monkeypatch):
    monkeypatch.setattr(crossfit, "_WORTH_PROCESSES", 0)
    assert evaluate(twelve_articles, folds=3, recipe=quick("linear"))[0] == evaluated[0]


@pytest.mark.parametrize(
    ("keep", "folds", "message"),
    [
        (lambda d: d.groups == "story-000", 5, "one article"),
        (lambda d: d.y == "factual_claim", 5, "one label"),
        (lambda d: d.groups < "story-003", 5, "5 folds need 5 articles, there are 3"),
        (lambda d: d.groups < "story-006", 1, "one fold leaves nothing"),
        (
            lambda d: (d.y != "quoted_official") | (d.groups < "story-002"),
            5,
            "label quoted_official occurs in 2 of 12 articles, fewer than the 5 folds.*--folds 2",
        ),
    ],
)
def test_what_cannot_be_honest_is_refused(twelve_articles, keep, folds, message):
    with pytest.raises(NotHonest, match=message):
        evaluate(twelve_articles.only(keep(twelve_articles)), folds=folds, recipe=quick("linear"))


def test_a_label_in_one_article_is_refused_even_one_article_at_a_time(codebook):
    data = labelled(4, codebook)
    with pytest.raises(NotHonest, match="occurs in 1 of 4"):
        evaluate(
            data.only((data.y != "quoted_official") | (data.groups == "story-000")), folds=0, recipe=quick("linear")
        )
