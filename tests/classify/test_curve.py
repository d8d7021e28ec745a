"""The learning curve: its points, its forecast, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from newspaper import labelled
from quick import quick

from annotate.classify.curve import continued, learning_curve, steps
from annotate.classify.evaluate import evaluate
from annotate.classify.splits import by_article
from annotate.errors import NotHonest

SIZES = np.array([20.0, 40.0, 80.0, 160.0])


@pytest.mark.parametrize(("limit", "slope", "power"), [(0.8, 0.9, 0.5), (0.9, 2.0, 0.8), (0.7, 0.0, 0.5)])
def test_a_power_law_is_continued_as_it_is(limit, slope, power):
    found = continued(SIZES, (limit - slope * SIZES**-power)[None, :], np.array([320.0, 640.0]))
    np.testing.assert_allclose(found[0], limit - slope * np.array([320.0, 640.0]) ** -power, atol=1e-9)


@given(st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_no_forecast_falls_or_leaves_the_scale(scores):
    found = continued(SIZES, np.array([scores]), np.array([160.0, 320.0, 1e9]))[0]
    assert found[0] <= found[1] + 1e-12 <= found[2] + 2e-12
    assert found[2] <= 1 + 1e-9


@pytest.fixture(scope="module")
def curve(codebook):
    data = labelled(16, codebook)
    split = by_article(data, 2)
    recipe = quick("linear")
    evaluation, own = evaluate(data, recipe=recipe, split=split)
    told = []
    found = learning_curve(data, recipe, split, own, progress=told.append)
    return evaluation, found, told, split


def test_the_last_point_is_the_evaluation_itself(curve):
    evaluation, found, _, _ = curve
    assert found.points[-1].macro_f1 == evaluation.scores.macro_f1
    assert [point.articles for point in found.points] == [2, 2, 4, 8]
    assert all(p.macro_f1.low <= p.macro_f1.estimate <= p.macro_f1.high for p in found.points)


def test_forecasts_are_for_all_articles_and_more_and_have_a_band(curve):
    _, found, _, _ = curve
    assert [forecast.articles for forecast in found.forecasts] == [16, 24, 32]
    for forecast in found.forecasts:
        assert forecast.macro_f1.low <= forecast.macro_f1.estimate <= 1
        assert forecast.gain.estimate >= -0.05


def test_progress_is_told_of_every_fit(curve):
    _, _, told, split = curve
    assert told == [1] * steps(split)


def test_few_articles_make_no_curve(codebook):
    data = labelled(8, codebook)
    split = by_article(data, 2)
    _, own = evaluate(data, recipe=quick("linear"), split=split)
    with pytest.raises(NotHonest, match="needs 8 articles to learn from, these folds have 4"):
        learning_curve(data, quick("linear"), split, own)
