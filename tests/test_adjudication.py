from __future__ import annotations

import math

import numpy as np
import pytest
from coders import newsroom, ratings
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import digamma

from annotate.adjudication import adjudicated, dawid_skene, mace, majority
from annotate.adjudication.models import run_mace
from annotate.agreement import certify
from annotate.errors import CodebookError, EmptyInput, InputError
from annotate.types import Gold

# Forty units, five coders, three labels; what crowd-kit 1.4.2 makes of them, for the units of ROWS.
TABLE = """
01201 1.1.1 11.01 ..001 00200 021.2 0.020 00..0 2222. .01.. 00002 .1.12 1.111 00010 00000 ...20 111.2 .2121 121.2 .1.11
2201. 0.020 11121 101.. 00001 .2111 00020 10222 22.02 00.00 .112. 00001 00000 22222 000.0 00000 00.01 00000 1..22 ...00
""".split()  # noqa: SIM905 - a table to look at
CODES = np.array([[-1 if cell == "." else int(cell) for cell in row] for row in TABLE])
ROWS = [0, 3, 5, 8, 13, 21, 34]
DAWID_SKENE_5_STEPS = [
    [0.976976926532, 0.022888260435, 0.000134813033], [0.999156460656, 1.764142e-06, 0.000841775202],
    [1e-10, 0.351471783431, 0.648528216565], [1e-10, 6.0439e-08, 0.999999939561],
    [0.999974602153, 1e-10, 2.5397842e-05], [0.999888964433, 1e-10, 0.00011103556],
    [0.999992436833, 1e-10, 7.563166e-06],
]  # fmt: skip
DAWID_SKENE_SHARES = [0.5001610994111167, 0.3684287733506764, 0.13141012723820694]
MACE_5_STEPS = [
    [0.507907352957, 0.405534092396, 0.086558554647], [0.859016876635, 0.116110763529, 0.024872359836],
    [0.236822117638, 0.137974906275, 0.625202976087], [0.000200594806, 0.000200594806, 0.999598810388],
    [0.999192888143, 0.000653775644, 0.000153336213], [0.99483880392, 0.00119068418, 0.0039705119],
    [0.999693174027, 0.000153412987, 0.000153412987],
]  # fmt: skip
MACE_CONVERGED = [
    [0.53387400643, 0.381436506256, 0.084689487313], [0.855878356158, 0.119122161603, 0.024999482238],
    [0.271529245908, 0.140128459204, 0.588342294888], [0.000174879071, 0.000174879071, 0.999650241858],
    [0.999411944035, 0.000470733724, 0.000117322241], [0.996253721793, 0.000904854309, 0.002841423898],
    [0.999765272563, 0.000117363719, 0.000117363719],
]  # fmt: skip
MACE_SKILLS = [0.8585083868733417, 0.7064752796826661, 0.7432761200789388, 0.44617258581450403, 0.5743163894269734]


def soft(settlement):
    return np.array([list(row.probabilities.values()) for row in settlement.rows])


def crowdkits_start(*shape):
    """Return what crowd-kit's MACE begins with: SciPy's uniform(1, 1.5) with random state 0."""
    start = np.random.RandomState(0).uniform(1, 2.5, size=shape)
    return start / start.sum(axis=1, keepdims=True)


class TestMajority:
    def test_most_votes_win_and_those_who_gave_them_are_named(self):
        row = majority(ratings([[0, 1, 1]], labels="ab")).rows[0]
        assert (row.label, row.supporters, row.others) == ("b", ("coder-1", "coder-2"), ("coder-0",))
        assert row.probabilities == pytest.approx({"a": 1 / 3, "b": 2 / 3})

    def test_a_tie_is_reported_and_never_broken(self):
        settlement = majority(ratings([[0, 1], [2, 2], [0, -1]], labels="abc"))
        tie = settlement.rows[0]
        assert (tie.label, tie.tied, tie.supporters, tie.others) == (None, ("a", "b"), (), ("coder-0", "coder-1"))
        assert settlement.undecided == (tie,)
        assert [row.label for row in settlement.gold()] == ["c", "a"]

    @given(codes=arrays(np.int32, st.tuples(st.integers(1, 12), st.integers(1, 5)), elements=st.integers(-1, 3)))
    def test_a_label_is_given_if_and_only_if_no_other_has_as_many_votes(self, codes):
        if (codes < 0).all():
            with pytest.raises(EmptyInput, match="no unit has a label"):
                majority(ratings(codes, labels="abcd"))
            return
        judged = [[int(code) for code in unit if code >= 0] for unit in codes if (unit >= 0).any()]
        for unit, row in zip(judged, majority(ratings(codes, labels="abcd")).rows, strict=True):
            votes = {label: unit.count(i) for i, label in enumerate("abcd")}
            best = [label for label in "abcd" if votes[label] == max(votes.values())]
            assert row.label == (best[0] if len(best) == 1 else None)
            assert list(row.tied) == (best if len(best) > 1 else [])
            assert len(row.supporters) == (max(votes.values()) if row.label else 0)
            assert len(row.supporters) + len(row.others) == len(unit)

    def test_gold_rows_carry_the_method_in_place_of_a_coder(self):
        assert majority(ratings([[1, 1]], labels="ab")).gold() == [Gold("story-00000", 0, 9, "b", "majority")]


class TestAdjudicated:
    TABLE = ratings([[0, 0], [0, 1], [1, 2], [2, -1]], labels="abc")

    def test_only_what_somebody_decided_or_nobody_disputed_gets_a_label(self):
        decided = {self.TABLE.units[1]: ("b", "the editor")}
        rows = adjudicated(self.TABLE, decided).rows
        assert [row.label for row in rows] == ["a", "b", None, "c"]
        assert rows[1].decided_by == "the editor"
        assert (rows[1].supporters, rows[1].others) == (("coder-1",), ("coder-0",))
        assert (rows[2].tied, rows[2].others) == (("b", "c"), ("coder-0", "coder-1"))

    def test_a_majority_is_no_decision(self):
        row = adjudicated(ratings([[0, 0, 1]], labels="ab"), {}).rows[0]
        assert (row.label, row.tied) == (None, ("a", "b"))

    def test_the_decision_may_be_for_a_label_nobody_gave_and_for_none(self):
        decisions = {self.TABLE.units[1]: ("c", "ed"), self.TABLE.units[0]: ("skip", "ed")}
        rows = adjudicated(self.TABLE, decisions).rows
        assert (rows[1].label, rows[1].supporters, rows[1].others) == ("c", (), ("coder-0", "coder-1"))
        assert (rows[0].label, rows[0].others) == ("skip", ("coder-0", "coder-1"))

    def test_reliability_is_the_same_before_and_after(self):
        table = newsroom(30, seed=5)
        before, codes = certify(table, bootstraps=200), table.codes.copy()
        adjudicated(table, dict.fromkeys(table.units, ("a", "the editor")))
        assert certify(table, bootstraps=200) == before
        assert (table.codes == codes).all()

    def test_judgments_cannot_be_written_to(self):
        with pytest.raises(ValueError, match="read-only"):
            self.TABLE.codes[0, 0] = 2

    def test_what_cannot_be_decided_is_refused(self):
        with pytest.raises(InputError, match=r"elsewhere 0 to 9: ed decided on a unit that nobody labelled"):
            adjudicated(self.TABLE, {("elsewhere", 0, 9): ("a", "ed")})
        with pytest.raises(CodebookError, match="ed decided for 'x', which is not in the codebook"):
            adjudicated(self.TABLE, {self.TABLE.units[0]: ("x", "ed")})


def slow_dawid_skene(codes, n_labels, steps):
    """Return the posterior after this many E-steps, written down from the paper, eq. 2.3 to 2.5."""
    judged = [[(j, int(code)) for j, code in enumerate(unit) if code >= 0] for unit in codes]
    posterior = [[sum(code == k for _, code in unit) / len(unit) for k in range(n_labels)] for unit in judged]
    for _ in range(steps):
        share = [max(sum(unit[k] for unit in posterior) / len(judged), 1e-10) for k in range(n_labels)]
        answers = {}
        for j in range(codes.shape[1]):
            for k in range(n_labels):
                counts = [0.0] * n_labels
                for unit, probabilities in zip(judged, posterior, strict=True):
                    for coder, code in unit:
                        if coder == j:
                            counts[code] += probabilities[k]
                counts = [max(count, 1e-10) for count in counts]
                answers[j, k] = [count / sum(counts) for count in counts]
        posterior = []
        for unit in judged:
            joint = [share[k] * math.prod(answers[j, k][code] for j, code in unit) for k in range(n_labels)]
            posterior.append([p / sum(joint) for p in joint])
    return np.array(posterior)


def slow_mace(codes, knowing, guesses, steps):
    """Return the posterior after this many M- and E-steps, judgment by judgment."""
    n_coders, n_labels = guesses.shape
    judged = [[(j, int(code)) for j, code in enumerate(unit) if code >= 0] for unit in codes]

    def likelihood(j, code, right):
        return knowing[j][0] * guesses[j][code] + knowing[j][1] * (code == right)

    def posteriors():
        for unit in judged:
            joint = [math.prod(likelihood(j, code, k) for j, code in unit) for k in range(n_labels)]
            yield [p / sum(joint) for p in joint]

    posterior = list(posteriors())
    for _ in range(steps):
        known, guessed = np.zeros(n_coders), np.zeros((n_coders, n_labels))
        for unit, probabilities in zip(judged, posterior, strict=True):
            for j, code in unit:
                knew = probabilities[code] * knowing[j][1] / likelihood(j, code, code)
                known[j] += knew
                guessed[j, code] += 1 - knew
        both = np.stack([guessed.sum(axis=1), known], axis=1)
        knowing = np.exp(digamma(both + 0.5)) / np.exp(digamma(both.sum(axis=1) + 1))[:, None]
        guesses = np.exp(digamma(guessed + 10)) / np.exp(digamma(guessed.sum(axis=1) + 10 * n_labels))[:, None]
        posterior = list(posteriors())
    return np.array(posterior)


class TestDawidSkene:
    def test_it_equals_crowd_kits(self):
        table = ratings(CODES, labels="abc")
        five = dawid_skene(table, iterations=5, tolerance=0)
        assert soft(five)[ROWS] == pytest.approx(np.array(DAWID_SKENE_5_STEPS), abs=1e-9)
        assert soft(dawid_skene(table, tolerance=1e-14)).mean(axis=0) == pytest.approx(DAWID_SKENE_SHARES, abs=1e-8)

    @given(
        codes=arrays(np.int32, st.tuples(st.integers(1, 15), st.integers(1, 4)), elements=st.integers(-1, 2)),
        steps=st.integers(1, 6),
    )
    def test_it_equals_a_slow_one_written_from_the_paper(self, codes, steps):
        codes = codes[(codes >= 0).any(axis=1)]
        if len(codes):
            found = soft(dawid_skene(ratings(codes, labels="abc"), iterations=steps, tolerance=0))
            assert found == pytest.approx(slow_dawid_skene(codes, 3, steps), abs=1e-9)

    def test_it_finds_who_is_good_and_what_is_right(self):
        codes, truth = crowd()
        settlement = dawid_skene(ratings(codes, labels="abc"))
        assert settlement.converged
        skills = [coder.skill for coder in settlement.competence]
        assert skills == pytest.approx([0.95, 0.85, 0.75, 0.6, 0.45], abs=0.04)
        right = np.mean([row.label == "abc"[label] for row, label in zip(settlement.rows, truth, strict=True)])
        votes = np.mean([row.label == "abc"[label] for row, label in zip(majority_rows(codes), truth, strict=True)])
        assert right > votes

    def test_too_few_steps_are_reported(self):
        assert not dawid_skene(ratings(CODES, labels="abc"), iterations=3).converged

    def test_the_likelihood_rises_with_every_step(self):
        table = ratings(CODES, labels="abc")
        found = [dawid_skene(table, iterations=n, tolerance=0).log_likelihood for n in range(1, 30)]
        assert (np.diff(found) > -1e-9).all()


class TestMace:
    def test_it_equals_crowd_kits(self):
        table, start = ratings(CODES, labels="abc"), (crowdkits_start(5, 2), crowdkits_start(5, 3))
        five, _ = run_mace(table, *start, 5, 0.0)
        assert five.posterior[ROWS] == pytest.approx(np.array(MACE_5_STEPS), abs=1e-9)
        converged, skills = run_mace(table, *start, 5000, 0.0)
        assert converged.posterior[ROWS] == pytest.approx(np.array(MACE_CONVERGED), abs=1e-9)
        assert skills == pytest.approx(MACE_SKILLS, abs=1e-9)

    @given(
        codes=arrays(np.int32, st.tuples(st.integers(1, 12), st.integers(1, 4)), elements=st.integers(-1, 2)),
        steps=st.integers(1, 5),
        seed=st.integers(0, 100),
    )
    def test_it_equals_a_slow_one_written_from_the_paper(self, codes, steps, seed):
        codes = codes[(codes >= 0).any(axis=1)]
        codes = codes[:, (codes >= 0).any(axis=0)]
        if len(codes):
            random = np.random.default_rng(seed)
            knowing = random.dirichlet([5, 5], size=codes.shape[1])
            guesses = random.dirichlet([5, 5, 5], size=codes.shape[1])
            found, _ = run_mace(ratings(codes, labels="abc"), knowing, guesses, steps, 0.0)
            assert found.posterior == pytest.approx(slow_mace(codes, knowing, guesses, steps), abs=1e-9)

    def test_it_finds_who_knows_and_who_guesses(self):
        codes, truth = crowd()
        random = np.random.default_rng(6)
        codes[:, 4] = random.choice(3, size=len(codes), p=[0.8, 0.1, 0.1])
        settlement = mace(ratings(codes, labels="abc"))
        assert settlement.converged
        assert [coder.skill for coder in settlement.competence][4] < 0.1
        assert settlement.competence[4].answers[2] == pytest.approx((0.8, 0.1, 0.1), abs=0.08)
        assert np.mean([row.label == "abc"[label] for row, label in zip(settlement.rows, truth, strict=True)]) > 0.9

    def test_the_same_seed_gives_the_same_gold_and_another_may_not(self):
        table = ratings(CODES, labels="abc")
        assert mace(table, seed=3) == mace(table, seed=3)
        assert mace(table, seed=3, iterations=2) != mace(table, seed=4, iterations=2)


@pytest.mark.parametrize("settle", [majority, dawid_skene, mace, lambda table: adjudicated(table, {})])
class TestEveryWay:
    def test_soft_labels_are_probabilities_and_support_is_complete(self, settle):
        table = ratings(CODES, labels="abc")
        for row, codes in zip(settle(table).rows, table.codes, strict=True):
            assert sum(row.probabilities.values()) == pytest.approx(1)
            assert len(row.supporters) + len(row.others) == (codes >= 0).sum()
            assert (row.label is None) == bool(row.tied)

    def test_coders_who_agree_are_right(self, settle):
        settlement = settle(ratings([[0, 0], [1, 1], [2, 2]] * 5, labels="abc"))
        assert [row.label for row in settlement.rows] == ["a", "b", "c"] * 5
        assert not settlement.undecided

    def test_units_and_coders_without_labels_are_left_out(self, settle):
        settlement = settle(ratings([[0, -1, 0], [-1, -1, -1], [1, -1, 1]], labels="ab"))
        assert [row.label for row in settlement.rows] == ["a", "b"]


def crowd(n=600):
    random = np.random.default_rng(2)
    truth = random.choice(3, size=n, p=[0.5, 0.3, 0.2])
    skills = np.array([0.95, 0.85, 0.75, 0.6, 0.45])
    wrong = (truth[:, None] + random.integers(1, 3, size=(n, 5))) % 3
    return np.where(random.random((n, 5)) < skills, truth[:, None], wrong), truth


def majority_rows(codes):
    return majority(ratings(codes, labels="abc")).rows
