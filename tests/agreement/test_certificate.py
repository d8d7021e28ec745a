from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
from coders import newsroom, ratings
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from annotate.agreement import Coefficient, Scale, certify, from_gold
from annotate.agreement import coefficients as of
from annotate.agreement.bootstrap import draw_articles, summarise
from annotate.agreement.measures import measure
from annotate.agreement.statistics import sums_by_article
from annotate.agreement.verdict import verdict
from annotate.errors import NotHonest
from annotate.gold import read_coders, read_gold

NOMINAL = Scale("nominal", (0, 1, 2, 3))
MODELS = {"coder-0": ("language model", "of one family"), "coder-1": ("language model", "")}


@pytest.fixture(scope="module")
def shipped(codebook):
    kinds = {name: (coder.kind, coder.note) for name, coder in read_coders().items()}
    return certify(from_gold(read_gold(), codebook.keys), kinds=kinds, codebook=codebook)


class TestShippedGold:
    def test_the_figures_are_those_of_its_card(self, shipped):
        assert (shipped.units, shipped.articles, shipped.differing) == (2071, 54, 41)
        assert round(shipped.overall["percent"].estimate, 3) == 0.980
        assert round(shipped.overall["cohen"].estimate, 3) == 0.972

    def test_what_most_differ_about_is_named(self, shipped):
        assert shipped.mistaken[0].labels == ("editorial_framing", "factual_claim")
        assert shipped.mistaken[0].pairs == 30

    def test_it_warns_first_that_the_coders_are_models(self, shipped):
        assert "coder-a and coder-b are language models" in shipped.cautions[0]
        assert "nothing of human reliability" in shipped.cautions[0]
        assert "one family" in shipped.cautions[0]

    def test_units_with_one_judgment_do_not_count(self, shipped):
        assert (shipped.single, shipped.unlabelled, shipped.judgments) == (12724, 11, 4142)


class TestBootstrap:
    def test_a_replicate_is_the_table_with_articles_as_often_as_drawn(self):
        table = newsroom(8, coders=3, seed=1)
        by_article = sums_by_article(table)
        for weights in draw_articles(8, seed=0, bootstraps=5):
            found = of.alpha(by_article.weighted(weights), NOMINAL)
            for drawn, alpha in zip(weights, found, strict=True):
                rows = np.concatenate(
                    [np.flatnonzero(table.article == a) for a in range(8) for _ in range(int(drawn[a]))]
                )
                again = sums_by_article(ratings(table.codes[rows], labels="abcd")).total()
                assert alpha == pytest.approx(of.alpha(again, NOMINAL), abs=1e-9)

    def test_as_many_articles_are_drawn_as_there_are(self):
        (weights,) = draw_articles(30, seed=0, bootstraps=200)
        assert (weights.sum(axis=1) == 30).all()
        assert weights.mean(axis=0) == pytest.approx(np.ones(30), abs=0.3)

    def test_blocks_change_nothing_but_memory(self, monkeypatch):
        whole = np.concatenate(list(draw_articles(7, seed=3, bootstraps=50)))
        monkeypatch.setattr("annotate.agreement.bootstrap._CELLS", 30)
        blocks = list(draw_articles(7, seed=3, bootstraps=50))
        assert len(blocks) > 10
        assert np.array_equal(np.concatenate(blocks), whole)

    def test_units_of_one_article_widen_the_interval(self):
        random = np.random.default_rng(0)
        truth = random.integers(0, 2, 400)
        article = np.repeat(np.arange(40), 10)
        wrong = (article % 5 == 0)[:, None] & (np.arange(2) == 1)  # one article in five, all of it
        codes = np.where(wrong, 1 - truth[:, None], truth[:, None])
        together = certify(ratings(codes, article=article), bootstraps=500).overall["alpha"]
        apart = certify(ratings(codes), bootstraps=500).overall["alpha"]
        assert together.estimate == apart.estimate
        assert together.high - together.low > 2 * (apart.high - apart.low)

    def test_few_replicates_that_define_it_give_no_interval(self):
        replicates = np.array([0.5] * 90 + [np.nan] * 10)
        found = summarise(0.5, replicates, np.array([0.5, 0.5]), n_articles=2, undefined="")
        assert (found.estimate, found.low) == (0.5, None)
        assert "undefined in more than one of twenty replicates" in found.note

    def test_without_skew_or_bias_bounds_are_percentiles_a_little_further_out(self):
        replicates = np.linspace(0, 1, 10_001)
        found = summarise(0.5, replicates, np.array([0.4, 0.6] * 50), n_articles=100, undefined="")
        assert found.low == pytest.approx(1 - found.high)
        assert 0.02 < found.low < 0.025
        few = summarise(0.5, replicates, np.array([0.4, 0.6] * 5), n_articles=10, undefined="")
        assert few.low < found.low

    def test_the_shares_below_the_thresholds_are_those_of_the_replicates(self):
        replicates = np.array([0.6, 0.7, 0.7, 0.9])
        found = summarise(0.7, replicates, np.array([0.7, 0.71]), n_articles=2, undefined="")
        assert (found.below_tentative, found.below_reliable) == (0.25, 0.75)

    @pytest.mark.parametrize("coders", [2, 3])
    def test_intervals_hold_the_truth_about_as_often_as_they_say(self, coders):
        truth = measure(newsroom(20_000, coders=coders, seed=1), NOMINAL, seed=0, bootstraps=1, by_pair=False).found
        runs, held = 200, 0
        for run in range(runs):
            table = newsroom(54, coders=coders, seed=100 + run)
            found = measure(table, NOMINAL, seed=run, bootstraps=300, by_label=False, by_pair=False).found["alpha",]
            held += found.low <= truth["alpha",].estimate <= found.high
        # 95 % of 200, give or take two standard errors
        assert 0.92 <= held / runs <= 0.98


class TestParts:
    TABLE = newsroom(25, coders=3, seed=2)

    def test_each_pair_has_the_figures_of_its_two_coders(self):
        for pair in certify(self.TABLE, bootstraps=100).by_pair:
            alone = certify(self.TABLE.of(pair.coders), bootstraps=100)
            assert pair.alpha.estimate == pytest.approx(alone.overall["alpha"].estimate, abs=1e-12)
            assert pair.cohen.estimate == pytest.approx(alone.overall["cohen"].estimate, abs=1e-12)
            assert pair.confusion == alone.by_pair[0].confusion

    def test_cohen_of_several_is_the_mean_of_the_pairs(self):
        found = certify(self.TABLE, bootstraps=100)
        assert found.overall["cohen"].estimate == pytest.approx(np.mean([p.cohen.estimate for p in found.by_pair]))

    def test_each_group_has_the_figures_of_its_units(self):
        weeks = np.array(["2026-W02", "2026-W10", ""])[self.TABLE.article % 3]
        found = certify(msgspec.structs.replace(self.TABLE, groups={"week": weeks}), bootstraps=100)
        assert [(row.group, row.value) for row in found.by_group] == [("week", "2026-W02"), ("week", "2026-W10")]
        alone = certify(self.TABLE.where(weeks == "2026-W10"), bootstraps=100)
        assert found.by_group[1].alpha.estimate == pytest.approx(alone.overall["alpha"].estimate, abs=1e-12)
        assert found.by_group[1].units == alone.units

    def test_label_counts_are_of_units_and_articles(self):
        found = certify(ratings([[0, 0], [0, 1], [1, 1]], article=[0, 0, 1]), bootstraps=100)
        assert [(row.label, row.units, row.articles, row.share) for row in found.by_label] == [
            ("a", 2, 1, 0.5), ("b", 2, 2, 0.5),
        ]  # fmt: skip

    def test_the_confusion_counts_each_pair_both_ways(self):
        found = certify(ratings([[0, 0, 1], [1, 1, -1]]), bootstraps=100)
        assert found.confusion == ((2, 2), (2, 2))

    def test_the_most_disputed_come_first_with_their_text_and_who_said_what(self):
        table = ratings([[0, 0, 0], [0, 0, 1], [0, 1, 2], [0, 1, -1]], labels="abc")
        found = certify(table, text_of=lambda article, start, end: f"{article} {start}-{end}", bootstraps=100)
        assert [unit.article[-1] for unit in found.disputed] == ["2", "3", "1"]
        assert found.disputed[0].given == {"coder-0": "a", "coder-1": "b", "coder-2": "c"}
        assert found.disputed[0].text == "story-00002 20-29"
        assert found.differing == 3

    def test_units_with_other_bounds_are_counted(self):
        table = ratings([[0, 0], [0, -1], [-1, 1], [0, 1]], article=[0, 0, 0, 0])
        units = [("s", 0, 9), ("s", 10, 20), ("s", 15, 25), ("s", 30, 35)]
        found = certify(msgspec.structs.replace(table, units=units), bootstraps=100)
        assert found.misaligned == 2
        assert any("2 units of one coder overlap a unit of another" in line for line in found.cautions)

    def test_the_same_ratings_and_seed_give_the_same_certificate(self):
        assert certify(self.TABLE, seed=4, bootstraps=100) == certify(self.TABLE, seed=4, bootstraps=100)
        assert certify(self.TABLE, seed=4, bootstraps=100) != certify(self.TABLE, seed=5, bootstraps=100)


class TestDegenerate:
    def test_one_coder_is_refused_in_words(self):
        with pytest.raises(NotHonest, match="only coder-0 labelled: agreement needs a second coder"):
            certify(ratings([[0, -1], [1, -1]]))

    def test_no_common_unit_is_refused_in_words(self):
        with pytest.raises(NotHonest, match="the 2 coders have no unit in common"):
            certify(ratings([[0, -1], [-1, 1]]))

    def test_no_common_unit_for_other_bounds_is_said(self):
        table = msgspec.structs.replace(ratings([[0, -1], [-1, 1]], article=[0, 0]), units=[("s", 0, 9), ("s", 0, 12)])
        with pytest.raises(NotHonest, match="2 overlap one of another coder with other bounds"):
            certify(table)

    def test_no_label_at_all_is_refused_in_words(self):
        with pytest.raises(NotHonest, match="no unit has a label"):
            certify(ratings([[-1, -1]], labels="ab"))

    def test_one_label_only_leaves_alpha_undefined_in_words(self):
        found = certify(ratings([[1, 1]] * 30, labels="ab"), bootstraps=100)
        assert found.overall["alpha"] == Coefficient(
            None, note="all judgments gave one label, and chance alone would too"
        )
        assert found.verdict.startswith("Alpha is undefined: all judgments gave one label")
        assert found.overall["percent"].estimate == 1
        assert found.by_label[0].alpha.note == "no coder gave this label"
        assert found.by_label[1].alpha.note == "every judgment gave this label"

    def test_one_article_gives_no_interval(self):
        alpha = certify(ratings([[0, 0], [1, 1], [0, 1]], article=[0, 0, 0]), bootstraps=100).overall["alpha"]
        assert alpha.low is None
        assert alpha.note == "no interval: all units are of one document"

    def test_coders_who_never_differ_get_no_interval_but_a_caution(self):
        found = certify(ratings([[0, 0], [1, 1]] * 50), bootstraps=100)
        assert (found.overall["alpha"].estimate, found.overall["alpha"].low) == (1, None)
        assert any("never differed" in line and "3.0%" in line for line in found.cautions)

    def test_few_documents_are_cautioned(self):
        assert any("over so few" in line for line in certify(newsroom(12), bootstraps=100).cautions)
        assert not any("over so few" in line for line in certify(newsroom(30), bootstraps=100).cautions)

    def test_a_model_among_people_is_named(self):
        found = certify(newsroom(30), kinds={"coder-1": ("language model", "")}, bootstraps=100)
        assert "coder-1 is a language model" in found.cautions[0]
        assert "It is not known what coder-0 is" in found.cautions[1]
        people = {"coder-0": ("person", ""), "coder-1": ("person", "")}
        assert not any("model" in line for line in certify(newsroom(30), kinds=people, bootstraps=100).cautions)

    @settings(max_examples=60)
    @given(
        codes=arrays(np.int32, st.tuples(st.integers(1, 10), st.integers(2, 4)), elements=st.integers(-1, 2)),
        per_article=st.integers(1, 5),
        kind=st.sampled_from(of.KINDS),
    )
    def test_no_figure_is_ever_a_silent_nan(self, codes, per_article, kind):
        table = ratings(codes, article=np.arange(len(codes)) // per_article, labels="abc")
        table = msgspec.structs.replace(table, groups={"week": np.array(["W1", "W2"])[table.article % 2]})
        if ((codes >= 0).sum(axis=1) < 2).all():
            with pytest.raises(NotHonest):
                certify(table, bootstraps=100)
            return
        found = certify(table, scale=Scale(kind, (1, 2, 3)), bootstraps=100)
        for value in numbers(msgspec.to_builtins(found)):
            assert math.isfinite(value)
        for coefficient in found.overall.values():
            assert coefficient.note or coefficient.has_interval
            if coefficient.has_interval:
                assert coefficient.low <= coefficient.high <= 1 + 1e-12


def test_models_that_agree_are_not_called_reliable_without_a_word():
    alpha = Coefficient(0.97, 0.95, 0.98, 0.0, 0.0)
    assert verdict(alpha, kinds=["language model"] * 2).endswith("whether people would agree is not known.")
    assert "models" not in verdict(alpha, kinds=["person", "language model"])


def test_bounds_hold_where_one_article_outweighs_all_others():
    replicates = np.random.default_rng(0).normal(0.9, 0.05, 500)
    for n_articles in (2, 3, 5):
        left_out = np.array([0.1] + [0.9] * (n_articles - 1))
        for sign in (left_out, 1.8 - left_out):
            found = summarise(0.9, replicates, sign, n_articles=n_articles, undefined="")
            assert replicates.min() <= found.low < found.high <= replicates.max()


def numbers(value):
    if isinstance(value, float):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from numbers(part)


@pytest.mark.parametrize(
    ("alpha", "words"),
    [
        (Coefficient(0.9, 0.85, 0.95, 0.0, 0.0), "Reliable by the usual standard, and the interval stays above .800."),
        (
            Coefficient(0.82, 0.77, 0.87, 0.0, 0.2),
            "the interval reaches below .800 (probability that alpha is below: 0.200)",
        ),
        (
            Coefficient(0.7, 0.68, 0.75, 0.0, 1.0),
            "Good for tentative conclusions only, and the interval stays above .667.",
        ),
        (
            Coefficient(0.7, 0.6, 0.75, 0.1, 1.0),
            "the interval reaches below .667 (probability that alpha is below: 0.100)",
        ),
        (Coefficient(0.3, 0.2, 0.4, 1.0, 1.0), "Too low to conclude anything"),
        (
            Coefficient(0.9, note="no interval: all units are of one document"),
            "There is no interval: all units are of one document; how far chance",
        ),
    ],
)
def test_the_verdict_goes_by_the_interval(alpha, words):
    assert words in verdict(alpha)
