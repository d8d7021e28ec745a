from __future__ import annotations

from collections import Counter
from itertools import combinations

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.errors import InputError
from annotate.sampling import Design, Scores, allocate, draw, plan, reassign, share_out
from annotate.store import Assignment, Frame

DRAWS = 3000


def frame(n_articles=12, per_article=None):
    """Return units of articles of one to five units, from three outlets of different size and two months."""
    units = []
    for a in range(n_articles):
        outlet = (None, "Courier", "Herald", "Herald")[a % 4]
        for position in range(per_article or 1 + a % 5):
            units.append(Frame(len(units) + 1, f"story-{a:02d}", position, a + 1, outlet, f"2024-0{1 + a % 2}-11"))
    return units


def design(purpose="reliability", size=8, **more):
    return Design(**({"name": "r", "seed": 1, "purpose": purpose, "size": size} | more))


def uniform(units):
    return Scores(np.full((len(units), 4), 0.25))


DESIGNS = {
    "simple": design(),
    "by outlet": design(strata="outlet"),
    "by outlet, equal": design(strata="outlet", allocation="equal"),
    "by month": design(strata="month", size=10),
    "whole articles": design(whole=True, size=4),
    "whole articles by outlet": design(whole=True, strata="outlet", size=5),
}


@pytest.mark.parametrize("name", DESIGNS)
def test_over_many_draws_each_unit_comes_as_often_as_its_probability_says(name):
    units = frame()
    value = {one.unit: one.unit**1.5 for one in units}
    probability, seen, estimates = {}, Counter(), []
    for seed in range(DRAWS):
        drawn = draw(units, msgspec.structs.replace(DESIGNS[name], seed=seed)).draws
        seen.update(one.unit for one in drawn)
        probability |= {one.unit: one.probability for one in drawn}
        estimates.append(sum(value[one.unit] / one.probability for one in drawn))
    assert set(probability) == {one.unit for one in units}
    for unit, p in probability.items():
        # Five standard errors: a draw in a million strays farther.
        assert abs(seen[unit] / DRAWS - p) <= 5 * (p * (1 - p) / DRAWS) ** 0.5 + 1e-12
    error = np.std(estimates) / DRAWS**0.5
    assert abs(np.mean(estimates) - sum(value.values())) <= 5 * error


@pytest.mark.parametrize("name", DESIGNS)
def test_a_seed_says_what_is_drawn(name):
    units = frame()
    same = [draw(units, DESIGNS[name]) for _ in range(2)]
    assert same[0] == same[1]
    other = {
        tuple(one.unit for one in draw(units, msgspec.structs.replace(DESIGNS[name], seed=seed)).draws)
        for seed in range(20)
    }
    assert len(other) > 10


def test_a_round_of_another_name_draws_others():
    one, other = (draw(frame(), design(name=name)).draws for name in ("r", "s"))
    assert one != other


def test_the_draw_is_the_same_forever():
    assert [one.unit for one in draw(frame(), design()).draws] == FOREVER


FOREVER = [2, 7, 11, 13, 25, 28, 30, 31]


class TestDesigns:
    def test_say_in_words_what_was_done(self):
        assert draw(frame(), design()).words.startswith("simple random sample without replacement of 8 of 33 units")
        words = draw(frame(), design(strata="outlet")).words
        assert "stratified by outlet (proportional: Courier " in words
        assert "unknown" in words

    def test_take_whole_articles_whole(self):
        units = frame()
        drawn = {one.unit for one in draw(units, design(whole=True, size=4)).draws}
        articles = {one.article for one in units if one.unit in drawn}
        assert len(articles) == 4
        assert drawn == {one.unit for one in units if one.article in articles}

    def test_take_of_near_duplicates_only_the_first(self):
        copies = [msgspec.structs.replace(one, cluster=1) for one in frame(6)]
        everything = draw(copies, design(size=1))
        assert {one.article for one in everything.frame} == {"story-00"}
        assert len(draw(copies, design(size=1, distinct=False)).frame) == len(copies)

    def test_leave_out_what_training_drew_from_the_next_training(self):
        drawn = {1: ["training"], 2: ["training"]}
        assert {1, 2}.isdisjoint(one.unit for one in draw(frame(), design("training"), drawn=drawn).frame)
        assert len(draw(frame(), design("evaluation"), drawn=drawn).frame) == 33

    def test_can_leave_out_whole_articles(self):
        found = draw(frame(), design(exclude="articles"), drawn={2: ["training"]})
        assert "story-01" not in {one.article for one in found.frame}

    def test_are_told_apart_by_their_frame(self):
        assert draw(frame(), design()).digest != draw(frame(11), design()).digest
        assert draw(frame(), design(seed=1)).digest == draw(frame(), design(seed=2)).digest

    @pytest.mark.parametrize(
        ("wrong", "message"),
        [
            (design(size=0), "at least 1"),
            (design(size=34), "34 units are wanted and 33 can be drawn"),
            (design(size=13, whole=True), "13 articles are wanted"),
            (design(size=2, strata="outlet"), "each of 3 strata"),
            (design("active", whole=True), "an active round picks units"),
        ],
    )
    def test_that_can_not_be_drawn_are_refused(self, wrong, message):
        with pytest.raises(InputError, match=message):
            draw(frame(), wrong)


class TestActiveRounds:
    def test_draw_all_at_random_while_there_is_no_model(self):
        found = draw(frame(), design("active", size=4, floor=0.0))
        assert {(one.reason, one.probability) for one in found.draws} == {("random", 4 / 33)}
        assert "no model yet" in found.words

    def test_draw_what_is_left_where_more_is_wanted(self):
        drawn = {one.unit: {"active"} for one in frame()[3:]}
        wanted = design("active", size=10)
        assert len(draw(frame(), wanted, drawn=drawn, score=uniform, at_most=True).draws) == 3
        drawn = {one.unit: {"active"} for one in frame()}
        assert draw(frame(), wanted, drawn=drawn, score=uniform, at_most=True).draws == []

    def test_alone_are_picked_by_a_model(self):
        with pytest.raises(InputError, match="leave the model out"):
            draw(frame(), design("evaluation", size=4), score=uniform)

    def test_pick_what_the_model_is_unsure_of(self):
        def score(units):
            sure = np.array([[0.97, 0.01, 0.01, 0.01] if unit > 4 else [0.25] * 4 for unit in units])
            return Scores(sure, np.eye(len(units)))

        drawn = draw(frame(), design("active", size=4, floor=0.0), score=score).draws
        assert [one.unit for one in drawn] == [1, 2, 3, 4]

    def test_pick_units_unlike_each_other(self):
        vectors = np.zeros((33, 2))
        vectors[:15, 0] = 1.0
        vectors[15:, 1] = 1.0
        scores = Scores(np.full((33, 4), 0.25), vectors)
        drawn = draw(frame(), design("active", size=2, floor=0.0), score=lambda _: scores).draws
        assert sum(one.unit > 15 for one in drawn) == 1

    def test_without_vectors_go_through_the_articles(self):
        found = draw(frame(), design("active", size=12, floor=0.0), score=uniform)
        articles = {one.unit: one.article for one in found.frame}
        assert len({articles[one.unit] for one in found.draws}) == 12

    def test_draw_a_floor_at_random_and_mark_the_rest(self):
        drawn = draw(frame(), design("active", size=10, floor=0.3), score=uniform).draws
        reasons = Counter((one.reason, one.probability) for one in drawn)
        assert reasons == {("active", None): 7, ("random", 3 / 33): 3}

    def test_never_touch_an_article_that_carries_figures_nor_its_copies(self):
        units = [msgspec.structs.replace(one, cluster=2) if one.article == "story-05" else one for one in frame()]
        found = draw(
            units, design("active", size=4, distinct=False), drawn={2: ["evaluation"], 33: ["training"]}, score=uniform
        )
        assert {"story-01", "story-05"}.isdisjoint({one.article for one in found.frame})
        assert 33 not in {one.unit for one in found.frame}

    def test_are_not_drawn_by_strata_and_others_not_by_models(self):
        with pytest.raises(InputError, match="no other"):
            draw(frame(), design("evaluation"), score=uniform)
        with pytest.raises(InputError, match="picks units"):
            draw(frame(), design("active", whole=True), score=uniform)


class TestAllocation:
    @given(
        sizes=st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(1, 60), min_size=1, max_size=8),
        share=st.floats(0.01, 1.0),
        how=st.sampled_from(["proportional", "equal"]),
    )
    def test_draws_the_number_wanted_from_all_strata_and_no_more_than_there_is(self, sizes, share, how):
        size = max(1, int(share * sum(sizes.values())))
        given_ = allocate(size, sizes, how)
        assert sum(given_.values()) == size
        assert all(0 <= given_[stratum] <= sizes[stratum] for stratum in sizes)
        assert size < len(sizes) or min(given_.values()) >= 1

    def test_is_proportional_or_equal(self):
        sizes = {"a": 10, "b": 30, "c": 60}
        assert allocate(10, sizes, "proportional") == {"a": 1, "b": 3, "c": 6}
        assert allocate(10, sizes, "equal") == {"a": 3, "b": 3, "c": 4}
        assert allocate(50, sizes, "equal") == {"a": 10, "b": 20, "c": 20}
        assert allocate(4, {"a": 1, "b": 1, "c": 98}, "proportional") == {"a": 1, "b": 1, "c": 2}


class TestSharing:
    @given(
        n=st.integers(1, 60),
        n_coders=st.integers(1, 6),
        each=st.integers(1, 6),
        overlap=st.sampled_from([0.0, 0.3, 1.0]),
    )
    def test_every_unit_has_its_coders_and_all_coders_as_much(self, n, n_coders, each, overlap):
        coders = [f"coder-{number}" for number in range(n_coders)]
        units = frame(n, per_article=1)
        if each > n_coders:
            with pytest.raises(InputError, match="can't be had"):
                share_out(units, coders, each=each, key="k")
            return
        queues = share_out(units, coders, each=each, overlap=overlap, key="k")
        having = Counter(unit for queue in queues.values() for unit in queue)
        several = round(overlap * n)
        assert sorted(having.values()) == [1] * (n - several) * (each > 1) + [each] * (several if each > 1 else n)
        assert all(len(set(queue)) == len(queue) for queue in queues.values())
        loads = [len(queue) for queue in queues.values()]
        assert max(loads) - min(loads) <= 1

    def test_all_pairs_meet_alike_often(self):
        coders = ["a", "b", "c", "d"]
        queues = share_out(frame(60, per_article=1), coders, each=2, key="k")
        together = {pair: len(set(queues[pair[0]]) & set(queues[pair[1]])) for pair in combinations(coders, 2)}
        assert set(together.values()) == {10}

    def test_coders_walk_through_articles_in_page_order_each_in_another_order_of_articles(self):
        units = frame(20, per_article=3)
        article = {one.unit: one.article for one in units}
        queues = share_out(units, ["a", "b"], each=2, key="k", whole=True)
        for queue in queues.values():
            assert all(queue[i : i + 3] == sorted(queue[i : i + 3]) for i in range(0, 60, 3))
            assert all(len({article[unit] for unit in queue[i : i + 3]}) == 1 for i in range(0, 60, 3))
        assert queues["a"] != queues["b"]

    def test_a_coder_named_twice_is_refused(self):
        with pytest.raises(InputError, match="each once"):
            share_out(frame(), ["a", "a"], each=1, key="k")

    def test_who_leaves_is_relieved_by_whoever_has_least_and_never_had_the_unit(self):
        assignments = [
            *(Assignment(1, "a", unit, unit) for unit in range(1, 7)),
            Assignment(1, "a", 7, 7, decision=5),
            *(Assignment(1, "b", unit, unit) for unit in (1, 2)),
            Assignment(1, "c", 3, 3, decision=9),
        ]
        moves = {move.unit: move.taker for move in reassign(assignments, "a", ["a", "b", "c"])}
        assert moves[1] == moves[2] == "c"
        assert moves[3] == "b"
        loads = Counter(moves.values())
        assert abs((loads["b"] + 2) - loads["c"]) <= 1

    def test_a_unit_that_all_others_have_goes_to_nobody(self):
        assignments = [Assignment(1, "a", 1, 0), Assignment(1, "b", 1, 0)]
        (move,) = reassign(assignments, "a", ["b"])
        assert move.taker is None


def test_a_plan_holds_the_ledger_and_the_queues():
    made = plan(frame(), design(size=10), ["ana", "ben", "cleo"], each=2, overlap=0.5)
    assert (made.frame_size, len(made.draws), made.seed) == (33, 10, 1)
    assert sum(len(queue) for queue in made.queues.values()) == 15
    assert "2 coders for 50 % of them, one for the rest" in made.design
