from __future__ import annotations

import numpy as np
import pytest
from coders import newsroom, ratings, sums

from annotate.agreement import Scale, certify, units_needed
from annotate.agreement import coefficients as of
from annotate.agreement.measures import measure
from annotate.agreement.planning import plan, unit_errors
from annotate.agreement.statistics import counts_of
from annotate.errors import InputError

NOMINAL = Scale("nominal", (0, 1, 2, 3))
SHARES = np.array([0.25, 0.13, 0.23, 0.39])


@pytest.mark.parametrize("kind", ["nominal", "interval"])
def test_a_units_error_is_what_alpha_loses_without_it(kind):
    scale = Scale(kind, (0, 1, 2, 3))
    table = newsroom(20, coders=3, seed=3)
    errors = unit_errors(counts_of(table.codes, 4), scale)
    whole = of.alpha(sums(table.codes, 4), scale)
    left_out = [of.alpha(sums(np.delete(table.codes, i, axis=0), 4), scale) for i in range(len(table.units))]
    assert errors == pytest.approx(whole - np.array(left_out), abs=0.05 * np.abs(errors).max())


def test_units_of_articles_of_their_own_have_no_design_effect():
    table = newsroom(60, seed=4)
    alone = ratings(table.codes, labels="abcd")
    assert plan(alone, NOMINAL, width=0.1)[0].design_effect == pytest.approx(1)
    assert plan(table, NOMINAL, width=0.1)[0].design_effect > 1.5


def test_a_pilot_plans_for_the_width_that_comes_out():
    pilot = newsroom(100, seed=5)
    wanted = plan(pilot, NOMINAL, width=0.06)[0]
    widths = []
    for seed in range(20):
        found = measure(newsroom(wanted.articles, seed=50 + seed), NOMINAL, seed=0, bootstraps=300).found["alpha",]
        widths.append(found.high - found.low)
    assert np.mean(widths) == pytest.approx(0.06, rel=0.2)


@pytest.mark.parametrize(("alpha", "coders"), [(0.5, 2), (0.8, 2), (0.8, 4)])
def test_a_plan_without_a_pilot_gives_the_width_too(alpha, coders):
    units = units_needed(width=0.1, alpha=alpha, shares=SHARES, coders=coders)
    random = np.random.default_rng(1)
    widths = []
    for _ in range(20):
        truth = random.choice(4, size=(units, 1), p=SHARES)
        codes = np.where(
            random.random((units, coders)) < alpha**0.5, truth, random.choice(4, (units, coders), p=SHARES)
        )
        found = measure(ratings(codes, labels="abcd"), NOMINAL, seed=0, bootstraps=300).found["alpha",]
        widths.append(found.high - found.low)
    assert np.mean(widths) == pytest.approx(0.1, rel=0.15)


def test_half_the_width_takes_four_times_the_units():
    table = newsroom(60, seed=4)
    wide, narrow = (plan(table, NOMINAL, width=width)[0].units for width in (0.1, 0.05))
    assert narrow == pytest.approx(4 * wide, abs=4)


def test_rare_labels_need_more_than_all_together():
    rows = plan(newsroom(60, seed=4), NOMINAL, width=0.1)
    assert [row.label for row in rows] == [None, "a", "b", "c", "d"]
    assert rows[2].units > rows[0].units


def test_another_alpha_can_be_planned_for():
    table = newsroom(60, seed=4)
    low, high = (plan(table, NOMINAL, width=0.1, expect=alpha)[0] for alpha in (0.5, 0.9))
    assert (low.alpha, high.alpha) == (0.5, 0.9)
    assert low.units > high.units


def test_what_cannot_be_planned_is_said():
    perfect = ratings([[0, 0], [1, 1]] * 20)
    assert "never differed" in plan(perfect, Scale("nominal", (0, 1)), width=0.1)[0].note
    assert plan(perfect, Scale("nominal", (0, 1)), width=0.1, expect=0.8)[0].units > 100
    one = ratings([[0, 0], [0, 1]], article=[0, 0])
    assert "one document" in plan(one, Scale("nominal", (0, 1)), width=0.1)[0].note


@pytest.mark.parametrize(
    ("width", "expect"), [(0, None), (-1, None), (3, None), (float("nan"), None), (0.1, 1), (0.1, -1)]
)
def test_a_plan_that_makes_no_sense_is_refused(width, expect):
    with pytest.raises(InputError, match=r"to plan for|wide"):
        plan(newsroom(30), NOMINAL, width=width, expect=expect)


@pytest.mark.parametrize("shares", [[1.0], [1.0, 0.0], [0.5, -0.5, 1.0], [float("nan"), 1.0], []])
def test_shares_that_leave_no_choice_are_refused(shares):
    with pytest.raises(InputError, match="labels' shares to plan for"):
        units_needed(width=0.1, alpha=0.8, shares=shares)


def test_a_certificate_carries_the_plan():
    found = certify(newsroom(30), bootstraps=100, width=0.2)
    assert found.plans[0].width == 0.2
    assert found.plans[0].articles >= 20
