from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss

from annotate.classify.trust import (
    calibration,
    conformal_sets,
    coverage_curve,
    indicator,
    promises,
    set_sizes,
    threshold_for,
)

LABELS = ("a", "b", "c")


def made_up(n, seed=0, *, honest=True):
    """Probabilities, and labels drawn from them (or, if not honest, from flatter ones)."""
    random = np.random.default_rng(seed)
    probabilities = random.dirichlet([0.6, 0.6, 0.6], size=n)
    truth = probabilities if honest else (probabilities + 1 / 3) / 2
    labels = np.array([random.choice(LABELS, p=p) for p in truth])
    return probabilities, labels


def test_honest_probabilities_have_a_small_calibration_error_and_boasting_ones_a_large_one():
    for honest, low, high in ((True, 0, 0.02), (False, 0.15, 0.4)):
        probabilities, labels = made_up(20_000, honest=honest)
        correct = np.array(LABELS)[probabilities.argmax(axis=1)] == labels
        result = calibration(probabilities, correct, indicator(labels, LABELS))
        assert low <= result.ece <= high
        assert sum(b.units for b in result.bins) == 20_000


def test_the_calibration_error_is_the_weighted_mean_gap():
    probabilities = np.array([[0.95, 0.05], [0.95, 0.05], [0.55, 0.45], [0.55, 0.45]])
    correct = np.array([True, True, True, False])
    result = calibration(probabilities, correct, np.eye(2)[[0, 0, 0, 1]])
    assert result.ece == pytest.approx((2 * 0.05 + 2 * 0.05) / 4)


def test_the_brier_score_is_scikit_learns():
    probabilities, labels = made_up(300)
    correct = np.array(LABELS)[probabilities.argmax(axis=1)] == labels
    result = calibration(probabilities, correct, indicator(labels, LABELS))
    expected = brier_score_loss(labels, probabilities, labels=list(LABELS), scale_by_half=False)
    assert result.brier == pytest.approx(expected)


def test_the_more_a_classifier_abstains_the_more_it_is_right():
    probabilities, labels = made_up(20_000)
    correct = np.array(LABELS)[probabilities.argmax(axis=1)] == labels
    curve = coverage_curve(probabilities.max(axis=1), correct)
    assert curve[0].accuracy > 0.95 > curve[-1].accuracy
    assert curve[-1].coverage == 1
    assert curve[-1].accuracy == pytest.approx(correct.mean())


@given(st.lists(st.tuples(st.sampled_from([0.3, 0.5, 0.7, 0.9]), st.booleans()), min_size=1), st.floats(0, 1))
def test_a_threshold_gives_the_accuracy_it_was_asked_for(rows, wanted):
    confidence, correct = (np.array(column) for column in zip(*rows, strict=True))
    found = threshold_for(confidence, correct, wanted)
    shares = [correct[confidence >= t].mean() for t in np.unique(confidence)]
    if found is None:
        assert max(shares) < wanted
    else:
        chosen = confidence >= found.threshold
        assert correct[chosen].mean() == pytest.approx(found.accuracy)
        assert found.accuracy >= wanted
        assert chosen.mean() == pytest.approx(found.coverage)


def test_conformal_sets_hold_the_given_label_as_often_as_they_say():
    probabilities, labels = made_up(4000)
    groups = np.repeat(np.arange(100).astype("U3"), 40)
    for miss in (0.05, 0.1, 0.3):
        sets = conformal_sets(probabilities, labels, groups, LABELS, miss=miss)
        held = sets[indicator(labels, LABELS).astype(bool)].mean()
        assert held == pytest.approx(1 - miss, abs=0.02)


def test_with_too_few_others_every_label_is_in_the_set():
    probabilities, labels = made_up(8)
    for groups in (np.repeat(["x", "y"], 4), np.repeat("x", 8)):
        assert conformal_sets(probabilities, labels, groups, LABELS, miss=0.1).all()
    assert not conformal_sets(probabilities, labels, np.arange(8).astype("U1"), LABELS, miss=0.5).all()


def test_a_threshold_keeps_its_promise_on_articles_it_was_not_learnt_on():
    probabilities, labels = made_up(6000)
    correct = np.array(LABELS)[probabilities.argmax(axis=1)] == labels
    articles = np.array([f"a{i % 200}" for i in range(6000)])
    found = promises(probabilities.max(axis=1), correct, articles)
    assert [one.wanted for one in found] == [0.8, 0.9, 0.95]
    assert [one.accuracy for one in found] == pytest.approx([0.8, 0.9, 0.95], abs=0.02)
    assert found[0].coverage > found[1].coverage > found[2].coverage > 0.1
    assert found[0].threshold < found[1].threshold < found[2].threshold


def test_where_nothing_is_right_no_threshold_promises_anything():
    (found,) = promises(np.array([0.9, 0.8]), np.array([False, False]), np.array(["a", "b"]), wanted=(0.9,))
    assert (found.threshold, found.coverage, found.accuracy) == (None, 0, None)


def test_sets_are_larger_the_more_often_they_shall_hold_the_label():
    probabilities, labels = made_up(3000)
    articles = np.array([f"a{i % 100}" for i in range(3000)])
    loose, strict = set_sizes(probabilities, labels, articles, LABELS)
    assert (loose.held, strict.held) == pytest.approx((0.9, 0.95), abs=0.02)
    assert 1 < loose.mean_size < strict.mean_size < 3
    assert loose.single_accuracy > 0.8
