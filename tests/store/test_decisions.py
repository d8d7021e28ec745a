from __future__ import annotations

import threading

import pytest
from stores import CODERS, asking, everything_round, judge

from annotate.errors import CodebookError, InputError, NotAssigned, ProjectError
from annotate.store import Decision, Move, Remark, Step


def step(store, client, kind, *, coder="ana", **more):
    return store.take(Step(client=client, coder=coder, round=1, kind=kind, **more))


def in_force(store, coder="ana"):
    return {event.unit: event.label for event in store.in_force(1, coder=coder)}


class TestADecision:
    def test_is_in_force_once_acknowledged(self, store, client):
        receipt = judge(store, client(), 3, "quoted_official")
        assert receipt.outcome == "stored"
        assert receipt.in_force == receipt.event
        assert in_force(store) == {3: "quoted_official"}

    def test_keeps_all_that_was_sent_with_it(self, store, client):
        store.adopt(asking(), again=())
        unit = store.units([2])[0].sentence
        sent = Decision(
            client=client(),
            coder="ana",
            round=1,
            unit=2,
            label="factual_claim",
            variables={"tone": "sharp", "issues": ["roads", "schools"]},
            spans=((unit.start, unit.start + 3), (unit.end - 2, unit.end)),
            unsure=True,
            note="\u202eas the minister says\u2028🙂",
            shown={"context": "article", "hidden": ["outlet"], "suggestion": None},
            client_time=1_700_000_000_123,
            active_ms=4321,
        )
        store.take(sent)
        (kept,) = store.in_force(1, coder="ana")
        same = set(Decision.__struct_fields__) - {"base", "after", "codebook"}
        assert {field: getattr(kept, field) for field in same} == {field: getattr(sent, field) for field in same}
        assert kept.codebook == store.codebook().fingerprint

    def test_that_arrives_twice_is_stored_once(self, store, client):
        name = client()
        first = judge(store, name, 3)
        second = judge(store, name, 3)
        assert (second.outcome, second.event) == ("repeated", first.event)
        assert len(store.history(3)) == 1

    def test_that_arrives_twice_at_once_is_stored_once(self, store, client):
        sent = Decision(client=client(), coder="ana", round=1, unit=3, label="factual_claim")
        outcomes = sorted(receipt.outcome for receipt in store.take_all([sent] * 20))
        assert outcomes == ["repeated"] * 19 + ["stored"]

    def test_alike_from_two_tabs_is_one_event(self, store, client):
        first = judge(store, client(), 3)
        assert judge(store, client(), 3).event == first.event
        assert len(store.history(3)) == 1

    def test_different_on_a_stale_page_is_answered_with_what_won(self, store, client):
        won = judge(store, client(), 3, "factual_claim")
        lost = judge(store, client(), 3, "editorial_framing")
        assert (lost.outcome, lost.event, lost.in_force) == ("stale", None, won.event)
        assert in_force(store) == {3: "factual_claim"}

    def test_on_a_page_that_shows_what_was_taken_back_is_stale(self, store, client):
        shown = judge(store, client(), 3).event
        step(store, client(), "undo")
        receipt = judge(store, client(), 3, "editorial_framing", base=shown.seq)
        assert (receipt.outcome, receipt.in_force) == ("stale", None)

    def test_may_be_changed_by_who_saw_it(self, store, client):
        first = judge(store, client(), 3, "factual_claim")
        second = judge(store, client(), 3, "editorial_framing", base=first.event.seq)
        assert second.event.supersedes == first.event.seq
        assert in_force(store) == {3: "editorial_framing"}
        assert [event.label for event in store.history(3)] == ["factual_claim", "editorial_framing"]

    def test_of_two_coders_is_two_decisions(self, store, client):
        judge(store, client(), 3, "factual_claim", coder="ana")
        judge(store, client(), 3, "editorial_framing", coder="ben")
        assert (in_force(store, "ana"), in_force(store, "ben")) == ({3: "factual_claim"}, {3: "editorial_framing"})

    def test_of_the_past_is_known_by_its_server_time(self, store, client):
        times = [judge(store, client(), unit).event.server_time for unit in (1, 2, 3)]
        assert times == sorted(times)


class TestASkip:
    def test_has_a_reason_and_no_label(self, store, client):
        receipt = judge(store, client(), 3, None, kind="skip", note="not English")
        assert (receipt.event.kind, receipt.event.note) == ("skip", "not English")
        assert store.progress(1, "ana")[0].skipped == 1
        with pytest.raises(InputError, match="no label"):
            judge(store, client(), 4, "factual_claim", kind="skip")

    def test_leads_to_the_next_unit(self, store, client):
        judge(store, client(), 1, None, kind="skip", note="cut off")
        assert store.following(1, "ana").unit == 2


class TestRefused:
    def test_is_a_unit_that_the_coder_was_not_given(self, store, client):
        store.add_coder("cleo")
        with pytest.raises(NotAssigned, match="cleo was not given unit 3"):
            judge(store, client(), 3, coder="cleo")
        with pytest.raises(NotAssigned, match="reload"):
            judge(store, client(), 999)

    def test_is_a_label_that_the_codebook_lacks(self, store, client):
        with pytest.raises(CodebookError, match="no label 'propaganda'"):
            judge(store, client(), 3, "propaganda")
        with pytest.raises(CodebookError, match="needs a label"):
            judge(store, client(), 3, None)

    def test_is_a_codebook_that_the_project_never_used(self, store, client):
        with pytest.raises(CodebookError, match="never used"):
            judge(store, client(), 3, codebook="f" * 64)

    def test_are_marked_words_outside_the_unit(self, store, client):
        unit = store.units([2])[0].sentence
        for span in ((unit.start - 1, unit.end), (unit.start, unit.end + 1), (unit.start, unit.start)):
            with pytest.raises(InputError, match="outside the unit"):
                judge(store, client(), 2, spans=(span,))

    @pytest.mark.parametrize("note", ["nul\x00", "half \ud800"])
    def test_is_text_that_no_database_holds(self, store, client, note):
        with pytest.raises(InputError, match="can't be stored"):
            judge(store, client(), 3, note=note)

    def test_is_an_entry_without_a_client_id(self, store):
        with pytest.raises(InputError, match="UUID"):
            judge(store, "", 3)

    def test_is_a_closed_round(self, store, client):
        judge(store, client(), 1)
        store.close_round(1)
        with pytest.raises(ProjectError, match="closed"):
            judge(store, client(), 2)
        with pytest.raises(ProjectError, match="closed"):
            step(store, client(), "undo")

    def test_leaves_what_is_sent_beside_it_alone(self, store, client):
        entries = [
            Decision(client=client(), coder="ana", round=1, unit=unit, label=label)
            for unit, label in ((1, "factual_claim"), (2, "propaganda"), (999, "factual_claim"), (3, "factual_claim"))
        ]
        futures = [store.submit(entry) for entry in entries]
        failed = [future.exception() is not None for future in futures]
        assert failed == [False, True, True, False]
        assert sorted(in_force(store)) == [1, 3]
        assert store.verify().flaws == ()

    def test_by_the_database_itself_spares_the_rest_of_the_batch(self, store, client):
        gate = threading.Event()
        blocker = threading.Thread(target=lambda: store.write(lambda _: gate.wait(30)))
        blocker.start()
        good = [Decision(client=client(), coder="ana", round=1, unit=unit, label="factual_claim") for unit in (1, 2)]
        # Nobody of this name, which only the foreign key knows.
        bad = Remark(client=client(), coder="nobody", unit=1, kind="comment", note="?")
        futures = [store.submit(entry) for entry in (good[0], bad, good[1])]
        gate.set()
        blocker.join()
        assert isinstance(futures[1].exception(), ProjectError)
        assert [futures[0].result().outcome, futures[2].result().outcome] == ["stored", "stored"]
        assert store.verify().flaws == ()


class TestUndoAndRedo:
    def test_go_back_and_forth_without_limit(self, store, client):
        for unit in range(1, 11):
            judge(store, client(), unit)
        for unit in range(10, 0, -1):
            receipt = step(store, client(), "undo")
            assert (receipt.unit, receipt.in_force) == (unit, None)
        assert step(store, client(), "undo").outcome == "nothing"
        for unit in range(1, 11):
            assert step(store, client(), "redo").unit == unit
        assert step(store, client(), "redo").outcome == "nothing"
        assert len(in_force(store)) == 10

    def test_bring_back_what_was_in_force_before(self, store, client):
        first = judge(store, client(), 3, "factual_claim").event
        judge(store, client(), 3, "editorial_framing", base=first.seq)
        assert step(store, client(), "undo").in_force == first
        assert in_force(store) == {3: "factual_claim"}

    def test_after_a_new_decision_nothing_is_redone(self, store, client):
        judge(store, client(), 1)
        step(store, client(), "undo")
        judge(store, client(), 2)
        assert step(store, client(), "redo").outcome == "nothing"

    def test_sent_twice_happens_once(self, store, client):
        judge(store, client(), 1)
        judge(store, client(), 2)
        name = client()
        step(store, name, "undo")
        assert step(store, name, "undo").outcome == "repeated"
        assert sorted(in_force(store)) == [1]

    def test_of_something_else_than_the_last_is_stale(self, store, client):
        first = judge(store, client(), 1).event
        second = judge(store, client(), 2).event
        assert step(store, client(), "undo", base=first.seq).outcome == "stale"
        assert step(store, client(), "undo", base=second.seq).outcome == "stored"

    def test_touch_only_ones_own_decisions(self, store, client):
        judge(store, client(), 1, coder="ana")
        assert step(store, client(), "undo", coder="ben").outcome == "nothing"

    def test_leave_every_event_where_it_is(self, store, client):
        judge(store, client(), 1)
        step(store, client(), "undo")
        step(store, client(), "redo")
        assert [event.kind for event in store.history(1)] == ["judgment", "undo", "redo"]

    def test_follow_in_one_batch(self, store, client):
        entries = [
            Decision(client=client(), coder="ana", round=1, unit=1, label="factual_claim"),
            Step(client=client(), coder="ana", round=1, kind="undo"),
            Decision(client=client(), coder="ana", round=1, unit=1, label="editorial_framing"),
        ]
        assert [receipt.outcome for receipt in store.take_all(entries)] == ["stored"] * 3
        assert in_force(store) == {1: "editorial_framing"}
        assert store.verify().flaws == ()


class TestAdjudication:
    def adjudicate(self, store, name, label, **more):
        return judge(store, name, 3, label, coder="lead", kind="adjudication", **more)

    @pytest.fixture(autouse=True)
    def disputed(self, store, client):
        store.add_coder("lead", role="adjudicator")
        judge(store, client(), 3, "factual_claim", coder="ana")
        judge(store, client(), 3, "editorial_framing", coder="ben")

    def test_never_changes_what_coders_said(self, store, client):
        before = store.judgments()
        self.adjudicate(store, client(), "quoted_official")
        assert store.judgments() == before
        assert [event.label for event in store.adjudicated(1)] == ["quoted_official"]

    def test_is_changed_and_taken_back_in_its_own_lane(self, store, client):
        first = self.adjudicate(store, client(), "quoted_official").event
        second = self.adjudicate(store, client(), "factual_claim", base=first.seq)
        assert second.event.supersedes == first.seq
        receipt = step(store, client(), "undo", coder="lead", lane="adjudication")
        assert receipt.in_force == first
        assert [event.seq for event in store.adjudicated(1)] == [first.seq]
        assert step(store, client(), "undo", coder="lead", lane="coding").outcome == "nothing"

    def test_by_two_at_once_is_won_by_the_first(self, store, client):
        won = self.adjudicate(store, client(), "quoted_official").event
        store.add_coder("chief", role="adjudicator")
        lost = judge(store, client(), 3, "factual_claim", coder="chief", kind="adjudication")
        assert (lost.outcome, lost.in_force) == ("stale", won)

    def test_needs_a_unit_of_the_round(self, store, client):
        with pytest.raises(NotAssigned, match="not drawn"):
            judge(store, client(), 999, coder="lead", kind="adjudication")

    def test_ends_what_counts_as_independent(self, store, client):
        self.adjudicate(store, client(), "quoted_official")
        ben = store.in_force(1, coder="ben")[0]
        judge(store, client(), 3, "quoted_official", coder="ben", base=ben.seq)
        labels = {j.coder: j.label for j in store.judgments(moment="undiscussed")}
        assert labels == {"ana": "factual_claim", "ben": "editorial_framing"}
        assert {j.coder: j.label for j in store.judgments()} == {"ana": "factual_claim", "ben": "quoted_official"}


class TestRemarks:
    def test_stand_beside_decisions_and_change_none(self, store, client):
        store.take(Remark(client=client(), coder="ana", unit=3, round=1, kind="comment", note="Who speaks here?"))
        store.take(Remark(client=client(), coder="ana", unit=3, round=1, kind="flag", note="split"))
        assert [event.kind for event in store.history(3)] == ["comment", "flag"]
        assert in_force(store) == {}
        assert store.following(1, "ana").unit == 1

    def test_a_discussion_ends_what_counts_as_independent(self, store, client):
        first = judge(store, client(), 3, "factual_claim").event
        store.take(Remark(client=client(), coder="ben", unit=3, round=1, kind="discussion", note="our meeting"))
        judge(store, client(), 3, "editorial_framing", base=first.seq)
        judge(store, client(), 4, "editorial_framing")
        undiscussed = {j.unit: j.label for j in store.judgments(moment="undiscussed")}
        assert undiscussed == {3: "factual_claim", 4: "editorial_framing"}

    def test_sent_twice_are_stored_once(self, store, client):
        sent = Remark(client=client(), coder="ana", unit=3, kind="comment", note="!")
        assert [store.take(sent).outcome for _ in range(2)] == ["stored", "repeated"]


class TestTheQueue:
    def test_offers_open_units_in_order_and_ends(self, store, client):
        seen = []
        while (task := store.following(1, "ana")) is not None:
            seen.append(task.unit)
            judge(store, client(), task.unit)
        assert seen == list(range(1, 13))

    def test_goes_on_behind_where_the_coder_is_and_comes_back(self, store, client):
        assert store.following(1, "ana", after=4).unit == 6
        for unit in range(6, 13):
            judge(store, client(), unit)
        assert store.following(1, "ana", after=11).unit == 1

    def test_has_places_to_walk_through(self, store, client):
        judge(store, client(), 2)
        assert (store.at(1, "ana", 1).unit, store.at(1, "ana", 1).label) == (2, "factual_claim")
        assert store.at(1, "ana", 99) is None
        assert store.at(1, "ana", 99, back=True).unit == 12
        assert store.assigned(1, "ana", [2, 3])[3].decision is None

    def test_has_no_gap_where_units_were_given_to_others(self, store):
        store.add_coder("cleo")
        store.move(1, [Move(unit, "ana", "cleo") for unit in (1, 3, 4)])
        assert [store.at(1, "ana", 2, back=back).unit for back in (False, True)] == [5, 2]
        assert store.at(1, "ana", 0, back=True) is None

    def test_progress_counts_decisions_and_work(self, store, client):
        judge(store, client(), 1, active_ms=1000)
        judge(store, client(), 2, active_ms=500)
        progress = {p.coder: (p.assigned, p.done, p.open, p.active_ms) for p in store.progress(1)}
        assert progress == {"ana": (12, 2, 10, 1500), "ben": (12, 0, 12, 0)}

    def test_rounds_are_apart(self, store, client):
        everything_round(store, "second", CODERS)
        judge(store, client(), 1, round=2)
        assert (store.following(1, "ana").unit, store.following(2, "ana").unit) == (1, 2)
        assert store.rounds_of("ana") == [1, 2]
