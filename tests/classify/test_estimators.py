from __future__ import annotations

import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import check_estimator

from annotate.classify.baselines import KeywordBaseline, MajorityBaseline
from annotate.classify.features import ReaderFeatures
from annotate.classify.ngrams import SentenceText
from annotate.classify.recipes import build, packaged


# Most checks make a matrix of numbers; scikit-learn says that it leaves those out.
@pytest.mark.filterwarnings("ignore:Can't test estimator")
@pytest.mark.parametrize(
    "estimator", [SentenceText(), ReaderFeatures(), MajorityBaseline(), KeywordBaseline()], ids=repr
)
def test_our_estimators_pass_the_checks_that_a_sample_of_units_allows(estimator):
    check_estimator(estimator, on_skip=None)


@pytest.mark.parametrize("recipe", packaged())
def test_a_recipe_can_be_cloned_and_learns_every_label(recipe, twelve_articles):
    estimator = clone(build(recipe))
    assert repr(estimator.get_params()) == repr(build(recipe).get_params())
    assert list(estimator.fit(twelve_articles.X, twelve_articles.y).classes_) == sorted(twelve_articles.labels)


@pytest.mark.parametrize("recipe", packaged())
def test_a_prediction_does_not_hang_on_which_units_are_asked_together(recipe, twelve_articles):
    estimator = build(recipe).fit(twelve_articles.X, twelve_articles.y)
    together = estimator.predict_proba(twelve_articles.X)
    alone = estimator.predict_proba(twelve_articles.X[[5]])
    assert alone[0] == pytest.approx(together[5])
