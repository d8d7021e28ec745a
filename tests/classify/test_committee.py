"""The second stage: who is heard, how much, and how sure it may be."""

from __future__ import annotations

import numpy as np
import pytest

from annotate.classify.committee import Calibration, Committee, Regression, Trees, few_values, shares


def drawn(n_groups, seed=0, n_features=6, n_classes=3):
    """Return rows of which two columns tell the label, their labels, and the article each is of."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(n_groups), 10)
    codes = rng.integers(0, n_classes, len(groups))
    X = rng.normal(size=(len(codes), n_features)).astype(np.float32)
    X[:, 0] += codes
    X[:, 1] -= codes == 1
    return X, codes, groups


def committee(**settings):
    return Committee(3, **{"n_rounds": 5, "n_networks": 1, "calibrate": True, "random_state": 0, **settings})


def test_shares_are_those_of_the_mixture_that_drew_the_rows():
    rng = np.random.default_rng(0)
    members = rng.dirichlet([0.5] * 4, size=(2, 5000))
    right = np.where(rng.random(5000) < 0.7, 0, 1)
    codes = np.array([rng.choice(4, p=members[one, row]) for row, one in enumerate(right)])
    found = shares(members[:, np.arange(5000), codes], np.ones(5000))
    np.testing.assert_allclose(found, [0.7, 0.3], atol=0.03)


def test_few_rows_leave_the_shares_near_alike():
    found = shares(np.array([[0.9], [0.1]]), np.ones(1))
    assert 0.5 < found[0] < 0.55


def test_a_row_of_no_weight_says_nothing_of_the_shares():
    likelihoods = np.array([[0.9, 0.1], [0.1, 0.9]])
    np.testing.assert_array_equal(shares(likelihoods, np.array([1, 0])), shares(likelihoods[:, :1], np.ones(1)))


def test_of_few_articles_whose_many_columns_tell_a_little_of_doubtful_labels_the_regression_is_heard_most():
    rng = np.random.default_rng(0)
    told = rng.integers(0, 2, 300)
    X = (rng.normal(size=(300, 200)) + 0.3 * told[:, None]).astype(np.float32)
    codes = np.where(rng.random(300) < 0.3, 1 - told, told)
    fitted = committee(n_rounds=60).fit(X, codes, np.ones(300), np.repeat(np.arange(30), 10))
    assert isinstance(fitted.members_[fitted.shares_.argmax()], Regression)
    assert fitted.shares_.sum() == pytest.approx(1)


def test_where_columns_must_be_read_together_the_trees_are_heard_more():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 4)).astype(np.float32)
    codes = (X[:, 0] * X[:, 1] > 0).astype(int)
    grown = committee(n_rounds=60).fit(X, codes, np.ones(600), np.repeat(np.arange(60), 10))
    heard = {type(member): share for member, share in zip(grown.members_, grown.shares_, strict=True)}
    assert heard[Trees] > 4 * heard[Regression]


@pytest.mark.parametrize("settings", [{"calibrate": False}, {"n_groups": 1}])
def test_without_articles_to_hold_out_all_are_heard_alike(settings):
    X, codes, groups = drawn(settings.pop("n_groups", 12))
    fitted = committee(**settings).fit(X, codes, np.ones(len(codes)), groups)
    np.testing.assert_allclose(fitted.shares_, 1 / 3)


def test_a_label_that_no_row_has_gets_no_probability_and_one_label_alone_gets_all():
    X, codes, groups = drawn(12, n_classes=2)
    weight = np.ones(len(codes))
    found = committee().fit(X, codes, weight, groups).predict_proba(X)
    assert found.shape == (120, 3)
    assert found[:, 2].max() < 1e-5
    alone = committee().fit(X, np.full(120, 1), weight, groups).predict_proba(X)
    np.testing.assert_allclose(alone[:, 1], 1, atol=1e-5)


def test_a_column_keeps_its_order_in_few_values():
    X = np.random.default_rng(0).normal(size=(5000, 2)).astype(np.float32)
    rounded = few_values(X, most=50)
    assert all(len(np.unique(column)) <= 50 for column in rounded.T)
    order = X[:, 0].argsort()
    assert (np.diff(rounded[order, 0]) >= 0).all()


def test_calibration_finds_the_temperature_that_was_hidden():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(4000, 3))
    honest = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    codes = np.array([rng.choice(3, p=row) for row in honest])
    boastful = honest**3 / (honest**3).sum(axis=1, keepdims=True)
    calibration = Calibration().fit(boastful, codes, np.ones(len(codes)))
    assert calibration.sharpness_ == pytest.approx(1 / 3, rel=0.15)
    np.testing.assert_allclose(calibration.apply(boastful), honest, atol=0.05)
