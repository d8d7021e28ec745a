from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, precision_recall_fscore_support

from annotate.classify import scores as module
from annotate.classify.scores import difference, expected, macro_f1, score

LABELS = ("a", "b", "c", "d")


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc"), st.sampled_from("xyz")), min_size=1, max_size=60)
)
def test_scores_equal_scikit_learns(rows):
    said, meant, groups = (np.array(column) for column in zip(*rows, strict=True))
    scores = score(meant, said, groups, LABELS, bootstraps=10)
    present = list(scores.labels)
    assert scores.macro_f1.estimate == pytest.approx(
        f1_score(meant, said, average="macro", labels=present, zero_division=0)
    )
    assert macro_f1(meant, said, LABELS) == pytest.approx(scores.macro_f1.estimate)
    assert scores.accuracy.estimate == pytest.approx(accuracy_score(meant, said))
    if len(present) > 1:  # scikit-learn warns of a matrix of one label
        assert np.array_equal(np.array(scores.confusion), confusion_matrix(meant, said, labels=present))
    oracle = precision_recall_fscore_support(meant, said, labels=present, zero_division=0)
    for i, row in enumerate(scores.by_label):
        assert (row.precision.estimate, row.recall.estimate, row.f1.estimate) == pytest.approx(
            [part[i] for part in oracle[:3]]
        )
        assert row.units == oracle[3][i]


def test_a_label_that_nobody_gave_or_predicted_is_left_out():
    scores = score(np.array(["a", "b"]), np.array(["a", "b"]), np.array(["x", "y"]), LABELS)
    assert scores.labels == ("a", "b")
    assert scores.macro_f1.estimate == 1


def test_a_label_that_is_only_predicted_counts_with_f1_zero():
    scores = score(np.array(["a", "a"]), np.array(["a", "b"]), np.array(["x", "y"]), LABELS)
    assert [row.f1.estimate for row in scores.by_label] == pytest.approx([2 / 3, 0])


def test_the_bootstrap_draws_articles_not_sentences():
    # One article all right, one all wrong: with articles drawn, accuracy is 0, 1/2 or 1, so the interval is [0, 1]
    # however many sentences there are.
    meant = np.array(["a"] * 500 + ["b"] * 500)
    said = np.array(["a"] * 1000)
    groups = np.array(["x"] * 500 + ["y"] * 500)
    interval = score(meant, said, groups, LABELS).accuracy
    assert (interval.low, interval.estimate, interval.high) == (0, 0.5, 1)


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    random = np.random.default_rng(1)
    covered = 0
    for _ in range(200):
        # 60 articles of 10 sentences; an article's own accuracy varies around 0.7.
        share = random.beta(7, 3, size=60)
        right = random.random((60, 10)) < share[:, None]
        said = np.where(right, "a", "b").ravel()
        groups = np.repeat(np.arange(60).astype("U2"), 10)
        interval = score(np.full(600, "a"), said, groups, LABELS, bootstraps=400).accuracy
        covered += interval.low <= 0.7 <= interval.high
    assert 0.90 <= covered / 200 <= 0.98


def test_articles_with_a_label_are_counted():
    scores = score(np.array(["a", "a", "b"]), np.array(["a", "a", "b"]), np.array(["x", "y", "y"]), LABELS)
    assert [(row.units, row.articles) for row in scores.by_label] == [(2, 2), (1, 1)]


def test_draws_without_a_label_say_nothing_of_it():
    # "b" stands in one article of six and is always found: a third of the draws do not hold it, none holds it wrong.
    meant = np.array(["a"] * 5 + ["b"])
    scores = score(meant, meant, np.arange(6).astype("U1"), LABELS)
    assert [(row.f1.low, row.f1.estimate, row.f1.high) for row in scores.by_label] == [(1, 1, 1)] * 2
    assert (scores.macro_f1.low, scores.macro_f1.estimate) == (1, 1)


def test_a_label_never_predicted_has_precision_and_recall_zero():
    scores = score(np.array(["a", "b"]), np.array(["a", "a"]), np.array(["x", "y"]), LABELS)
    row = scores.by_label[1]
    assert [(part.low, part.estimate, part.high) for part in (row.precision, row.recall, row.f1)] == [(0, 0, 0)] * 3


def test_the_lead_is_the_difference_of_the_two_scores():
    # Only the first says "c": that costs the first its mean, and the second nothing.
    meant, first, second = (np.array(list(said)) for said in ("aabb", "acbb", "abbb"))
    groups = np.array(["x", "y", "x", "y"])
    lead = difference(meant, first, second, groups, LABELS)
    assert lead.estimate == pytest.approx(macro_f1(meant, first, LABELS) - macro_f1(meant, second, LABELS))
    assert lead.low <= lead.estimate <= lead.high


def test_draws_do_not_depend_on_how_many_are_held_at_once(monkeypatch):
    meant, said = np.array(["a", "b", "a"]), np.array(["a", "a", "a"])
    groups = np.array(["x", "y", "z"])
    whole = score(meant, said, groups, LABELS)
    monkeypatch.setattr(module, "_DRAWS_AT_ONCE", 7)
    assert score(meant, said, groups, LABELS) == whole


@given(
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd"), st.sampled_from("xyz")), min_size=1, max_size=40
    )
)
def test_expected_scores_of_certain_labels_are_the_scores(rows):
    said, meant, groups = (np.array(column) for column in zip(*rows, strict=True))
    certain = (meant[:, None] == np.array(LABELS)).astype(float)
    found = expected(certain, said, groups, LABELS, bootstraps=20)
    hard = score(meant, said, groups, LABELS, bootstraps=20)
    assert found.macro_f1.estimate == pytest.approx(hard.macro_f1.estimate)
    assert found.accuracy.estimate == pytest.approx(hard.accuracy.estimate)
    assert (found.best_accuracy, found.uncertain) == (1, 0)


def test_expected_accuracy_is_the_mean_over_labels_drawn_by_their_probabilities():
    random = np.random.default_rng(0)
    soft = random.dirichlet([0.5] * 4, size=300)
    said = random.choice(LABELS, 300)
    groups = random.choice(list("vwxyz"), 300)
    drawn = [np.array(LABELS)[(random.random(300)[:, None] > soft.cumsum(axis=1)).sum(axis=1)] for _ in range(400)]
    found = expected(soft, said, groups, LABELS, bootstraps=10)
    assert found.accuracy.estimate == pytest.approx(np.mean([accuracy_score(d, said) for d in drawn]), abs=0.01)
    macro = np.mean([f1_score(d, said, average="macro") for d in drawn])
    assert found.macro_f1.estimate == pytest.approx(macro, abs=0.01)
