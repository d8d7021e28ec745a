from __future__ import annotations

import itertools

import krippendorff
import numpy as np
import pytest
from coders import ABSTRACTORS, FLEISS, GWET, KRIPPENDORFF, sums
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from nltk.metrics.agreement import AnnotationTask
from statsmodels.stats.inter_rater import cohens_kappa, fleiss_kappa

from annotate.agreement import coefficients as of
from annotate.agreement.coefficients import Scale
from annotate.agreement.statistics import crossings, sums_of_pair

FIVE = (1.0, 2.0, 3.0, 4.0, 5.0)
EXACT = {"rel": 0, "abs": 1e-9}


def scale(kind="nominal", values=FIVE):
    return Scale(kind, tuple(values))


def codes_of(counts):
    """Return one table of codes with these counts of codes in each unit."""
    return np.array([np.repeat(np.arange(len(row)), row) for row in counts])


def codes_of_pair(counts):
    return np.array([cell for cell in itertools.product(range(len(counts)), repeat=2) for _ in range(counts[cell])])


class TestPublishedTables:
    @pytest.mark.parametrize(("kind", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
    def test_krippendorffs_four_observers(self, kind, published):
        codes = np.where(KRIPPENDORFF > 0, KRIPPENDORFF - 1, -1)
        assert of.alpha(sums(codes, 5), scale(kind)).round(3) == published

    def test_krippendorffs_two_observers(self):
        # Krippendorff 2011, sections A and B: ten units in two categories, and twelve in five.
        two = np.array([[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]]).T
        assert of.alpha(sums(two), scale(values=(0, 1))).round(3) == 0.095
        five = np.array([[0, 0, 1, 1, 3, 2, 2, 2, 4, 3, 3, 0], [1, 0, 1, 1, 1, 2, 2, 2, 4, 3, 3, 3]]).T
        assert of.alpha(sums(five), scale()).round(3) == 0.692

    def test_gwets_four_raters(self):
        found = sums(np.where(GWET > 0, GWET - 1, -1), 5)
        identity = np.eye(5)
        assert of.percent(found, identity).round(5) == 0.81818
        assert of.gwet(found, identity).round(5) == 0.77544
        assert of.fleiss(found, identity).round(5) == 0.76117

    @pytest.mark.parametrize(("kind", "published"), [("ordinal", 0.899), ("interval", 0.914)])
    def test_gwets_four_raters_with_weights(self, kind, published):
        found = sums(np.where(GWET > 0, GWET - 1, -1), 5)
        assert of.gwet(found, scale(kind).weights()).round(3) == published

    def test_gwets_two_abstractors(self):
        counts, identity = ABSTRACTORS.astype(float), np.eye(3)
        assert of.cohen(counts, identity).round(7) == 0.7964094
        assert of.scott(counts, identity).round(7) == 0.7962397
        assert of.percent(sums_of_pair(counts), identity).round(2) == 0.89

    def test_fleiss_six_psychiatrists(self):
        found = sums(codes_of(FLEISS), 5)
        assert of.fleiss(found, np.eye(5)).round(3) == 0.430
        assert of.percent(found, np.eye(5)).round(4) == 0.5556


def gappy(n_labels=4, coders=(2, 5)):
    return st.integers(*coders).flatmap(
        lambda n: arrays(np.int32, st.tuples(st.integers(2, 25), st.just(n)), elements=st.integers(-1, n_labels - 1))
    )


def full(n_labels=4, coders=(2, 5)):
    return st.integers(*coders).flatmap(
        lambda n: arrays(np.int32, st.tuples(st.integers(2, 25), st.just(n)), elements=st.integers(0, n_labels - 1))
    )


def varied(codes):
    """Tell if judgments that can be paired gave at least two labels."""
    paired = codes[(codes >= 0).sum(axis=1) >= 2]
    return len(np.unique(paired[paired >= 0])) > 1


def task(codes):
    return AnnotationTask([(f"c{c}", u, int(code)) for (u, c), code in np.ndenumerate(codes)])


class TestOracles:
    @pytest.mark.parametrize("kind", of.KINDS)
    @given(codes=gappy())
    def test_alpha_is_that_of_krippendorff_the_package(self, kind, codes):
        assume(varied(codes))
        values = (1.0, 2.0, 4.0, 8.0)
        judged = np.where(codes >= 0, np.take(values, codes), np.nan).T
        oracle = krippendorff.alpha(reliability_data=judged, level_of_measurement=kind, value_domain=values)
        assert of.alpha(sums(codes, 4), scale(kind, values)) == pytest.approx(oracle, **EXACT)

    @given(codes=full())
    def test_alpha_pi_and_percent_are_those_of_nltk(self, codes):
        assume(varied(codes))
        oracle, found = task(codes), sums(codes, 4)
        assert of.alpha(found, scale(values=range(4))) == pytest.approx(oracle.alpha(), **EXACT)
        assert of.percent(found, np.eye(4)) == pytest.approx(oracle.avg_Ao(), **EXACT)
        assert of.fleiss(found, np.eye(4)) == pytest.approx(oracle.pi(), **EXACT)

    @given(codes=full(coders=(2, 2)))
    def test_two_coders_kappa_and_pi_are_those_of_nltk_and_statsmodels(self, codes):
        assume(varied(codes))
        counts = pair_counts(codes)
        chance = (counts.sum(0) * counts.sum(1)).sum() / counts.sum() ** 2
        assume(chance < 1)
        assert of.cohen(counts, np.eye(4)) == pytest.approx(task(codes).kappa(), **EXACT)
        assert of.scott(counts, np.eye(4)) == pytest.approx(task(codes).pi(), **EXACT)
        assert of.cohen(counts, np.eye(4)) == pytest.approx(cohens_kappa(counts, return_results=False), **EXACT)

    @pytest.mark.parametrize("kind", ["ordinal", "interval"])
    @given(codes=full(coders=(2, 2)))
    def test_weighted_kappa_is_that_of_statsmodels(self, kind, codes):
        assume(varied(codes))
        counts, weights = pair_counts(codes), scale(kind, range(4)).weights()
        oracle = cohens_kappa(counts, weights=1 - weights, return_results=False)
        assert of.cohen(counts, weights) == pytest.approx(oracle, **EXACT)

    @given(codes=full(coders=(2, 6)))
    def test_fleiss_kappa_is_that_of_statsmodels(self, codes):
        assume(varied(codes))
        counts = np.stack([(codes == label).sum(axis=1) for label in range(4)], axis=1)
        assert of.fleiss(sums(codes, 4), np.eye(4)) == pytest.approx(fleiss_kappa(counts), **EXACT)

    @given(codes=gappy())
    def test_gwets_coefficient_is_that_of_its_definition(self, codes):
        assume(varied(codes))
        weights = scale("ordinal", range(4)).weights()
        judged = [[int(code) for code in unit if code >= 0] for unit in codes]
        pairs = [list(itertools.permutations(unit, 2)) for unit in judged if len(unit) > 1]
        observed = np.mean([np.mean([weights[a, b] for a, b in unit]) for unit in pairs])
        shares = np.mean([[unit.count(label) / len(unit) for label in range(4)] for unit in judged if unit], axis=0)
        chance = weights.sum() / 12 * (shares * (1 - shares)).sum()
        assert of.gwet(sums(codes, 4), weights) == pytest.approx((observed - chance) / (1 - chance), **EXACT)

    @given(codes=gappy())
    def test_a_label_against_the_rest_is_a_table_of_two_labels(self, codes):
        one = np.where(codes < 0, -1, np.where(codes == 2, 0, 1))
        assume(varied(one))
        rest, two = sums(codes, 4).against_rest(2), scale(values=(0, 1))
        assert of.alpha(rest, two) == pytest.approx(of.alpha(sums(one, 2), two), **EXACT)
        assert of.percent(rest, np.eye(2)) == pytest.approx(of.percent(sums(one, 2), np.eye(2)), **EXACT)
        units = [[int(code) for code in unit if code >= 0] for unit in one]
        pairs = [(a, b, 1 / (len(unit) - 1)) for unit in units for a, b in itertools.permutations(unit, 2)]
        given_here = sum(weight for a, _, weight in pairs if a == 0)
        matched = sum(weight for a, b, weight in pairs if a == b == 0)
        assert of.shared(rest) == pytest.approx(matched / given_here, **EXACT)


def pair_counts(codes):
    from coders import ratings

    return crossings(ratings(codes, labels="abcd"))[0].counts.sum(axis=0)


ALL = {
    "alpha": lambda found, kind: of.alpha(found, scale(kind, range(4))),
    "percent": lambda found, kind: of.percent(found, scale(kind, range(4)).weights()),
    "fleiss": lambda found, kind: of.fleiss(found, scale(kind, range(4)).weights()),
    "gwet": lambda found, kind: of.gwet(found, scale(kind, range(4)).weights()),
}


@pytest.mark.parametrize("name", ALL)
class TestProperties:
    @given(codes=gappy(), random=st.randoms(use_true_random=False))
    def test_the_order_of_coders_and_units_does_not_count(self, name, codes, random):
        assume(varied(codes))
        columns, rows = (random.sample(range(n), n) for n in reversed(codes.shape))
        for kind in of.KINDS:
            before, after = (ALL[name](sums(table, 4), kind) for table in (codes, codes[rows][:, columns]))
            assert after == pytest.approx(before, **EXACT)

    @given(codes=gappy(), order=st.permutations(range(4)))
    def test_nominal_labels_may_change_names(self, name, codes, order):
        assume(varied(codes))
        renamed = np.where(codes >= 0, np.take(order, codes), -1)
        assert ALL[name](sums(renamed, 4), "nominal") == pytest.approx(ALL[name](sums(codes, 4), "nominal"), **EXACT)

    @given(codes=gappy())
    def test_an_ordered_scale_may_be_turned_round(self, name, codes):
        assume(varied(codes))
        turned = np.where(codes >= 0, 3 - codes, -1)
        for kind in of.KINDS:
            assert ALL[name](sums(turned, 4), kind) == pytest.approx(ALL[name](sums(codes, 4), kind), **EXACT)

    @given(labels=arrays(np.int32, st.integers(2, 30), elements=st.integers(0, 3)), coders=st.integers(2, 5))
    def test_perfect_agreement_is_one(self, name, labels, coders):
        assume(len(set(labels)) > 1)
        for kind in of.KINDS:
            assert ALL[name](sums(np.repeat(labels[:, None], coders, axis=1), 4), kind) == 1

    def test_coders_who_toss_coins_agree_by_chance(self, name):
        codes = np.random.default_rng(3).choice(4, size=(40_000, 3), p=[0.25, 0.25, 0.25, 0.25])
        for kind in of.KINDS:
            weights = scale(kind, range(4)).weights()
            chance = weights.mean() if name == "percent" else 0
            assert ALL[name](sums(codes, 4), kind) == pytest.approx(chance, abs=0.02)


def test_chance_corrected_coefficients_fall_when_coders_judge_at_random():
    skewed = np.random.default_rng(4).choice(4, size=(40_000, 2), p=[0.9, 0.05, 0.03, 0.02])
    found = sums(skewed, 4)
    assert of.percent(found, np.eye(4)) > 0.8
    for chance_corrected in (of.alpha(found, scale(values=range(4))), of.fleiss(found, np.eye(4))):
        assert chance_corrected == pytest.approx(0, abs=0.02)
    assert of.gwet(found, np.eye(4)) > 0.7  # Gwet's chance is rare where labels are: the certificate shows both


@pytest.mark.parametrize("kind", of.KINDS)
def test_one_label_only_leaves_chance_corrected_coefficients_undefined(kind):
    found = sums(np.full((10, 3), 1), 4)
    assert np.isnan(of.alpha(found, scale(kind, range(4))))
    assert np.isnan(of.fleiss(found, scale(kind, range(4)).weights()))
    assert of.percent(found, scale(kind, range(4)).weights()) == 1


def test_units_with_one_judgment_do_not_move_alpha():
    codes = np.where(KRIPPENDORFF > 0, KRIPPENDORFF - 1, -1)
    more = np.vstack([codes, [[2, -1, -1, -1]] * 50])
    assert of.alpha(sums(more, 5), scale()) == of.alpha(sums(codes, 5), scale())
