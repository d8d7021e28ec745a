"""What a model's suggestions do to coders, with intervals over articles."""

from __future__ import annotations

import numpy as np
import pytest

from annotate.agreement.suggestions import Choice, suggestion_effect


def newsroom(n_articles, *, pull, per_article=20, seed=0):
    """Choose the model's label half of the time, more often by ``pull`` having seen it, and faster then."""
    random = np.random.default_rng(seed)
    for article in range(n_articles):
        for number in range(per_article):
            seen = number % 2 == 0
            alike = bool(random.random() < 0.5 + pull * seen)
            yield Choice(f"story-{article}", "first" if seen else "unseen", alike, 2000 if seen else 3000)


def test_the_arms_are_counted_apart():
    choices = [
        Choice("a", "first", True, 1000),
        Choice("a", "first", True, 4000),
        Choice("a", "unseen", True, 5000, changed=True),
        Choice("b", "unseen", False, None, changed=True, adopted=True),
        Choice("b", "later", False, 5000),
    ]
    found = suggestion_effect(choices)
    assert (found.seen.choices, found.unseen.choices, found.changed, found.adopted) == (2, 3, 2, 1)
    assert found.seen.alike.estimate == 1.0
    assert found.unseen.alike.estimate == pytest.approx(1 / 3)
    assert found.difference.estimate == pytest.approx(2 / 3)
    assert found.seen.seconds.estimate == pytest.approx(2.0)  # the geometric mean of 1 and 4
    assert found.ratio.estimate == pytest.approx(0.4)


def test_an_effect_is_found_and_its_interval_holds_the_truth():
    found = suggestion_effect(newsroom(30, pull=0.3), bootstraps=500)
    assert found.difference.low < 0.3 < found.difference.high
    assert found.difference.low > 0.1
    assert found.ratio.estimate == pytest.approx(2 / 3)


def test_no_effect_has_an_interval_that_holds_zero_most_of_the_time():
    missed = 0
    for seed in range(40):
        found = suggestion_effect(newsroom(20, pull=0.0, seed=seed), bootstraps=300)
        missed += not found.difference.low <= 0 <= found.difference.high
    assert missed <= 6


def test_one_article_or_arm_alone_has_no_interval_and_no_difference():
    found = suggestion_effect([Choice("a", "later", True, 1000)] * 3)
    assert found.unseen.alike.estimate == 1.0
    assert found.unseen.alike.low is None
    assert found.seen.alike.estimate is None
    assert found.difference.estimate is None


def test_nothing_chosen_is_nothing_found():
    found = suggestion_effect([])
    assert (found.seen.choices, found.unseen.alike.estimate) == (0, None)
