from __future__ import annotations

import pytest
from quick import quick
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


@pytest.fixture(scope="module", params=packaged())
def learnt(request, twelve_articles):
    return clone(build(quick(request.param))).fit(twelve_articles.X, twelve_articles.y)


@pytest.mark.parametrize("recipe", packaged())
def test_a_recipe_can_be_cloned(recipe):
    estimator = build(recipe)
    assert repr(clone(estimator).get_params()) == repr(estimator.get_params())


def test_a_clone_learns_every_label(learnt, twelve_articles):
    assert list(learnt.classes_) == sorted(twelve_articles.labels)


def test_a_prediction_does_not_hang_on_which_units_are_asked_together(learnt, twelve_articles):
    together = learnt.predict_proba(twelve_articles.X)
    alone = learnt.predict_proba(twelve_articles.X[[5]])
    assert alone[0] == pytest.approx(together[5])
