from __future__ import annotations

import msgspec
import numpy as np
import pytest
from quick import quick

from annotate.classify.evaluate import OutOfFold, evaluate
from annotate.classify.inspect import confident_errors, likely_wrong_labels


@pytest.fixture(scope="module")
def planted(twelve_articles):
    """The newspaper with every tenth label turned into another one, and what a classifier makes of it."""
    y = twelve_articles.y.copy()
    rows = np.arange(3, len(y), 10)
    labels = np.array(twelve_articles.labels)
    y[rows] = [labels[(list(labels).index(label) + 1) % 4] for label in y[rows]]
    data = msgspec.structs.replace(twelve_articles, y=y)
    return data, evaluate(data, folds=4, recipe=quick("linear"))[1], rows


def place(row):
    return row.article, row.index


def test_planted_errors_are_found_and_little_else(planted):
    data, out_of_fold, rows = planted
    found = {place(row) for row in likely_wrong_labels(data, out_of_fold)}
    wrong = {place(data.X[row].sentence) for row in rows}
    assert len(found & wrong) >= 0.8 * len(wrong)
    assert len(found & wrong) >= 0.8 * len(found)


def test_the_likeliest_stand_first(planted):
    gaps = [row.probability - row.given_probability for row in likely_wrong_labels(*planted[:2])]
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] > 0


def test_errors_come_most_confident_first_with_their_context(planted):
    data, out_of_fold, _ = planted
    errors = confident_errors(data, out_of_fold, most=5)
    assert [e.probability for e in errors] == sorted((e.probability for e in errors), reverse=True)
    assert all(e.given != e.predicted for e in errors)
    first = errors[0]
    page = next(unit.page for unit in data.X if unit.article == first.article)
    assert first.text == page.sentences[first.index].text
    assert first.before == (page.sentences[first.index - 1].text if first.index else "")


def test_where_all_is_right_there_is_nothing_to_say(twelve_articles):
    sure = OutOfFold(
        (twelve_articles.y[:, None] == np.array(twelve_articles.labels)).astype(float), twelve_articles.labels
    )
    assert confident_errors(twelve_articles, sure) == []
    assert likely_wrong_labels(twelve_articles, sure) == []
