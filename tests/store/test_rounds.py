from __future__ import annotations

import msgspec
import pytest
from stores import everything_round, judge

from annotate.errors import NotHonest, ProjectError
from annotate.store import Draw, Move, Plan, RoundSettings

PLAN = Plan(
    name="second",
    purpose="training",
    design="by hand",
    seed=2**62,
    frame="f" * 64,
    frame_size=12,
    draws=[Draw(3, 0.25, "random", "Courier"), Draw(1, 1 / 3), Draw(2, None, "active")],
    queues={"ben": [2, 1], "ana": [3]},
    settings=RoundSettings(hide=("outlet", "byline"), suggestions="after", feedback=True, spans=True),
)


def plan(**changes):
    return msgspec.structs.replace(PLAN, **changes)


class TestARound:
    def test_keeps_how_it_was_drawn(self, store):
        made = store.create_round(PLAN)
        assert store.round("second") == store.round(made.id) == made
        kept = ("name", "purpose", "design", "seed", "frame", "frame_size", "settings")
        assert {field: getattr(made, field) for field in kept} == {field: getattr(PLAN, field) for field in kept}
        assert store.draws(made.id) == sorted(PLAN.draws, key=lambda draw: draw.unit)
        assert made.codebook == store.codebook().fingerprint

    def test_gives_each_coder_a_queue(self, store):
        made = store.create_round(PLAN)
        assert [(a.coder, a.unit, a.position) for a in store.assignments(made.id)] == [
            ("ana", 3, 0),
            ("ben", 2, 0),
            ("ben", 1, 1),
        ]

    def test_is_refused_twice_under_one_name(self, store):
        with pytest.raises(ProjectError, match="'first' already"):
            store.create_round(plan(name="first"))

    @pytest.mark.parametrize("name", ["", " main", "a\nb", "x" * 201])
    def test_is_called_by_what_people_can_read_and_type(self, store, name):
        with pytest.raises(ProjectError, match="can't be a round's name"):
            store.create_round(plan(name=name))

    def test_holds_something_and_only_what_was_drawn(self, store):
        with pytest.raises(ProjectError, match="nothing was drawn"):
            store.create_round(plan(draws=[], queues={}))
        with pytest.raises(ProjectError, match="unit 9 is to be coded but was not drawn"):
            store.create_round(plan(queues={"ana": [9]}))
        assert len(store.rounds()) == 1

    @pytest.mark.parametrize("purpose", ["reliability", "evaluation"])
    def test_that_carries_figures_takes_no_unit_without_a_probability(self, store, purpose):
        for draw in (Draw(2, None, "active"), Draw(2, 0.5, "active"), Draw(2, None, "random")):
            with pytest.raises(NotHonest, match="not drawn at random"):
                store.create_round(plan(purpose=purpose, draws=[draw], queues={}, settings=RoundSettings()))

    def test_that_names_an_unknown_coder_or_unit_leaves_nothing_behind(self, store):
        for wrong in (plan(queues={"zoe": [1]}), plan(draws=[Draw(99, 0.5)], queues={})):
            with pytest.raises(ProjectError):
                store.create_round(wrong)
        assert len(store.rounds()) == 1
        assert store.verify().flaws == ()

    def test_says_what_was_drawn_for_what(self, store):
        store.create_round(PLAN)
        assert store.drawn()[3] == {"reliability", "training"}
        assert store.drawn()[9] == {"reliability"}

    def test_that_does_not_exist_is_said_not_to(self, store):
        with pytest.raises(ProjectError, match="no round 'x'"):
            store.round("x")

    def test_may_hold_known_answers(self, store):
        answers = {1: ("factual_claim", "A number that can be checked."), 2: ("editorial_framing", None)}
        store.set_answers(1, answers)
        assert store.answers(1) == answers
        store.set_answers(1, {})
        assert store.answers(1) == {}

    def test_may_get_suggestions_that_are_kept_by_model(self, store):
        store.set_suggestions("m-1", {1: ("factual_claim", {"factual_claim": 0.75, "editorial_framing": 0.25})})
        store.set_suggestions("m-2", {1: ("editorial_framing", {"editorial_framing": 1.0})})
        store.set_suggestions("m-2", {1: ("factual_claim", {"factual_claim": 1.0})})
        assert store.suggestion("m-1", 1) == ("factual_claim", {"factual_claim": 0.75, "editorial_framing": 0.25})
        assert store.suggestion("m-2", 1)[0] == "factual_claim"
        assert store.suggestion("m-2", 2) is None


class TestMoving:
    def test_hands_open_units_on_and_leaves_decisions_where_they_are(self, store, client):
        store.add_coder("cleo")
        judge(store, client(), 1, coder="ben")
        store.move(1, [Move(2, "ben", "cleo"), Move(3, "ben", None)])
        assert [a.unit for a in store.assignments(1, "ben")] == [1, *range(4, 13)]
        assert store.following(1, "cleo").unit == 2
        with pytest.raises(ProjectError, match="was not given"):
            judge(store, client(), 2, coder="ben")
        assert judge(store, client(), 2, coder="cleo").outcome == "stored"
        assert store.verify().flaws == ()

    def test_is_refused_for_what_is_decided_or_had_already(self, store, client):
        judge(store, client(), 1, coder="ben")
        with pytest.raises(ProjectError, match="no open unit 1"):
            store.move(1, [Move(1, "ben", None)])
        with pytest.raises(ProjectError, match="ana has unit 2"):
            store.move(1, [Move(2, "ben", "ana")])

    def test_appends_to_the_takers_queue(self, store):
        second = store.create_round(plan(draws=[Draw(n, 0.5) for n in (1, 2, 3)]))
        store.move(second.id, [Move(2, "ben", "ana")])
        assert [(a.unit, a.position) for a in store.assignments(second.id, "ana")] == [(3, 0), (2, 1)]


class TestImports:
    def test_are_a_round_without_probabilities_that_says_where_it_came_from(self, store, client):
        made = everything_round(store, "from doccano", ["ana"], purpose="import")
        event = store.record_import(made.id, "doccano.jsonl", "ab" * 32)
        judge(store, client(), 1, round=made.id)
        assert (event.kind, event.note, event.variables) == ("import", "doccano.jsonl", {"sha256": "ab" * 32})
        assert [j.purpose for j in store.judgments(rounds=[made.id])] == ["import"]
        assert store.verify().flaws == ()


class TestJudgments:
    def test_know_their_unit_round_and_probability(self, store, client):
        second = store.create_round(PLAN)
        judge(store, client(), 3, round=second.id, active_ms=900, unsure=True)
        (found,) = store.judgments()
        unit = store.units([3])[0].sentence
        assert (found.article, found.start, found.end) == (unit.article, unit.start, unit.end)
        assert (found.coder, found.label, found.purpose, found.probability) == (
            "ana",
            "factual_claim",
            "training",
            0.25,
        )
        assert (found.active_ms, found.unsure, found.outlet) == (900, True, "outlet-0")

    def test_come_by_round_unit_and_coder(self, store, client):
        for coder, unit in (("ben", 2), ("ana", 2), ("ana", 1)):
            judge(store, client(), unit, coder=coder)
        assert [(j.unit, j.coder) for j in store.judgments(rounds=[1])] == [(1, "ana"), (2, "ana"), (2, "ben")]
        assert store.judgments(moment="undiscussed") == store.judgments()
        assert store.judgments(rounds=[2]) == store.judgments(rounds=[2], moment="undiscussed") == []

    def test_of_skips_have_no_label(self, store, client):
        judge(store, client(), 1, None, kind="skip", note="not English")
        assert [j.label for j in store.judgments()] == [None]
