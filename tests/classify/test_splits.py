from __future__ import annotations

import msgspec
import numpy as np
import pytest
from newspaper import labelled
from quick import quick

from annotate.classify.evaluate import evaluate, with_ceiling, with_random_split, with_rival
from annotate.classify.splits import at_random, by_article, forward_in_time, leave_one_out
from annotate.errors import InputError, NotHonest


@pytest.fixture(scope="module")
def dated(twelve_articles):
    articles = sorted(set(twelve_articles.groups.tolist()))
    facts = {
        "outlet": {article: f"outlet {i % 3}" for i, article in enumerate(articles)},
        "published": {article: f"2024-01-{i // 2 + 1:02d}" for i, article in enumerate(articles)},
        "city": dict.fromkeys(articles, "Lindhafen"),
    }
    return msgspec.structs.replace(twelve_articles, facts=facts)


def test_articles_stay_whole_however_they_are_divided(dated):
    for split in (
        by_article(dated, 4),
        by_article(dated, 0),
        leave_one_out(dated, "outlet"),
        forward_in_time(dated, "published"),
    ):
        for train, test in split.folds:
            assert not set(dated.groups[train]) & set(dated.groups[test])


def test_an_outlet_is_tested_by_models_that_never_saw_it(dated):
    split = leave_one_out(dated, "outlet")
    assert split.names == ("outlet 0", "outlet 1", "outlet 2")
    assert split.tested.tolist() == list(range(len(dated.y)))
    assert all(set(dated.groups[train]) | set(dated.groups[test]) == set(dated.groups) for train, test in split.folds)


def test_time_runs_forward_only(dated):
    split = forward_in_time(dated, "published")
    dates = np.array([dated.facts["published"][article] for article in dated.groups.tolist()])
    assert len(split.folds) == 4
    for train, test in split.folds:
        assert max(dates[train].tolist()) < min(dates[test].tolist())
    assert split.names[-1].endswith("2024-01-06")


def test_a_random_split_leaks_articles_and_says_so(dated):
    split = at_random(dated, 3)
    assert "articles leak" in split.description
    assert all(set(dated.groups[train]) & set(dated.groups[test]) for train, test in split.folds)


def test_a_column_that_is_not_there_is_refused_with_those_that_are(dated):
    with pytest.raises(
        InputError, match=r"article story-000 has no month; add a column month.*city, outlet, published"
    ):
        leave_one_out(dated, "month")


def test_one_value_is_nothing_to_leave_out(dated):
    with pytest.raises(NotHonest, match="same city"):
        leave_one_out(dated, "city")
    with pytest.raises(NotHonest, match="3 different dates are too few"):
        forward_in_time(with_dates(dated, ["2024-01-01", "2024-01-02", "2024-01-03"] * 4), "published")


def test_folds_that_test_a_part_are_scored_on_that_part(dated):
    split = forward_in_time(dated, "published")
    evaluation, _ = evaluate(dated, split=split, recipe=quick("linear"))
    assert evaluation.units == len(split.tested) < len(dated.y)
    assert [fold.name for fold in evaluation.folds] == list(split.names)


def test_noise_cannot_be_learnt_by_article(codebook):
    data = labelled(10, codebook)
    noise = msgspec.structs.replace(data, y=np.random.default_rng(3).permutation(data.y))
    assert evaluate(noise, folds=2, recipe=quick("linear"))[0].scores.macro_f1.estimate < 0.4


def test_a_rival_on_the_same_folds_is_compared_in_pairs(dated):
    split = by_article(dated, 2)
    evaluation, out_of_fold = evaluate(dated, split=split, recipe=quick("linear"))
    rival = with_rival(evaluation, out_of_fold, dated, split, quick("linear")).rivals[0]
    assert rival.macro_f1 == evaluation.scores.macro_f1
    assert (rival.lead.low, rival.lead.estimate, rival.lead.high) == (0, 0, 0)


def test_the_ceiling_is_the_other_coder_on_the_units_both_labelled(dated):
    split = by_article(dated, 2)
    evaluation, out_of_fold = evaluate(dated, split=split, recipe=quick("linear"))
    half = dated.only(np.arange(0, len(dated.y), 2))
    ceiling = with_ceiling(evaluation, out_of_fold, dated, split, msgspec.structs.replace(half, coder="ben")).ceiling
    assert (ceiling.coder, ceiling.units, ceiling.of_coder.macro_f1.estimate) == ("ben", len(half.y), 1.0)
    assert ceiling.of_classifier.macro_f1.estimate <= 1


def test_coders_without_a_unit_in_common_give_no_ceiling(dated, codebook):
    split = by_article(dated, 2)
    evaluation, out_of_fold = evaluate(dated, split=split, recipe=quick("linear"))
    other = labelled(2, codebook, seed=9)
    for unit in other.X:
        assert unit.article in set(dated.groups)
    apart = other.only(np.zeros(len(other.y), dtype=bool))
    with pytest.raises(NotHonest, match="no unit in common"):
        with_ceiling(evaluation, out_of_fold, dated, split, apart)


def test_what_a_leaking_split_would_have_said_stands_beside(dated):
    evaluation, _ = evaluate(dated, folds=2, recipe=quick("linear"))
    assert with_random_split(evaluation, dated, quick("linear"), folds=2).random_split.estimate > 0.8


def with_dates(data, dates):
    articles = sorted(set(data.groups.tolist()))
    return msgspec.structs.replace(data, facts={"published": dict(zip(articles, dates, strict=True))})


def test_where_many_articles_have_the_first_date_they_are_what_comes_before(twelve_articles):
    data = with_dates(twelve_articles, ["2024-01-01"] * 6 + [f"2024-02-{day:02d}" for day in range(1, 7)])
    split = forward_in_time(data, "published")
    train, _ = split.folds[0]
    assert set(data.groups[train]) == {f"story-{i:03d}" for i in range(7)}
    assert len(split.folds) == len(split.names) == 2
    assert len(split.tested) == 5 * 12
    evaluate(data, split=split, recipe=quick("linear"))


def test_where_nearly_all_articles_have_one_date_nothing_comes_before(codebook):
    data = with_dates(labelled(24, codebook), ["2024-01-01"] * 20 + [f"2024-02-0{day}" for day in range(1, 5)])
    with pytest.raises(NotHonest, match="most articles have the published 2024-01-01"):
        forward_in_time(data, "published")


@pytest.mark.parametrize("date", ["31.5.2024", "May 31, 2024", "2024-13-01", "2024-1-1", "24-01-01", "2024-05-31x"])
def test_dates_that_do_not_sort_are_refused(twelve_articles, date):
    data = with_dates(twelve_articles, [f"2024-01-{i + 1:02d}" for i in range(11)] + [date])
    with pytest.raises(InputError, match=r"article story-011 has the published .*; write dates as 2024-05-31"):
        forward_in_time(data, "published")


def test_dates_are_compared_as_exactly_as_the_least_exact_of_them(twelve_articles):
    dates = [f"2024-{i // 2 + 1:02d}-15T{i:02d}:00:00Z" for i in range(11)] + ["2024-06"]
    split = forward_in_time(with_dates(twelve_articles, dates), "published")
    assert split.names[-1].endswith("2024-06")
    assert {len(name) for name in split.names} == {len("2024-01 to 2024-01")}


def test_a_fold_that_has_one_label_to_learn_from_is_refused(twelve_articles):
    data = with_dates(twelve_articles, [f"2024-01-{i + 1:02d}" for i in range(12)])
    early = np.isin(data.groups, ["story-000", "story-001", "story-002"])
    data = data.only(~early | (data.y == "factual_claim"))
    with pytest.raises(NotHonest, match=r"to test on 2024-01-03 .* there is only factual_claim to learn from"):
        evaluate(data, split=forward_in_time(data, "published"), recipe=quick("linear"))


def test_a_rare_label_is_no_warning_in_a_split_at_random(twelve_articles):
    rare = np.flatnonzero(twelve_articles.y == "quoted_official")[2:]
    data = twelve_articles.only(np.delete(np.arange(len(twelve_articles.y)), rare))
    split = at_random(data, 5)
    assert split.tested.tolist() == list(range(len(data.y)))


def test_no_coder_is_their_own_ceiling(dated):
    split = by_article(dated, 2)
    evaluation, out_of_fold = evaluate(dated, split=split, recipe=quick("linear"))
    with pytest.raises(NotHonest, match="the tests agrees with the tests, always"):
        with_ceiling(evaluation, out_of_fold, dated, split, dated)
