"""Any sequence of decisions, undos and redos, held against the simplest model of it: a pile of decisions a coder."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from stores import CODERS, Ticks, filled

from annotate.codebook import read_codebook
from annotate.store import Decision, Step, create_store, open_store

LABELS = ("factual_claim", "quoted_official", "editorial_framing")
coders = st.sampled_from(CODERS)


class Histories(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.folder = Path(tempfile.mkdtemp())
        self.ticks = Ticks()
        self.store = filled(create_store(self.folder / "store.db", read_codebook(), now=self.ticks), n_articles=1)
        self.piles = {coder: [] for coder in CODERS}  # decisions not taken back: (unit, label, event)
        self.taken_back = {coder: [] for coder in CODERS}
        self.sent = []
        self.events = len(list(self.store.events()))

    def teardown(self):
        self.store.close()
        shutil.rmtree(self.folder)

    def standing(self, coder):
        return {unit: (label, event) for unit, label, event in self.piles[coder]}

    def client(self):
        return f"client-{self.events}-{len(self.sent)}"

    @rule(coder=coders, unit=st.integers(1, 4), label=st.sampled_from((*LABELS, None)))
    def decide(self, coder, unit, label):
        before = self.standing(coder).get(unit)
        entry = Decision(
            client=self.client(),
            coder=coder,
            round=1,
            unit=unit,
            label=label,
            kind="skip" if label is None else "judgment",
            base=before and before[1],
        )
        self.sent.append(entry)
        receipt = self.store.take(entry)
        if before and before[0] == label:
            assert receipt.outcome == "repeated"
            self.sent.pop()
            return
        assert receipt.outcome == "stored"
        assert receipt.event.supersedes == (before and before[1])
        self.events += 1
        self.piles[coder].append((unit, label, receipt.event.seq))
        self.taken_back[coder] = []

    @rule(coder=coders)
    def undo(self, coder):
        entry = Step(client=self.client(), coder=coder, round=1, kind="undo")
        receipt = self.store.take(entry)
        if not self.piles[coder]:
            assert receipt.outcome == "nothing"
            return
        self.sent.append(entry)
        self.events += 1
        self.taken_back[coder].append(self.piles[coder].pop())
        assert receipt.unit == self.taken_back[coder][-1][0]

    @rule(coder=coders)
    def redo(self, coder):
        entry = Step(client=self.client(), coder=coder, round=1, kind="redo")
        receipt = self.store.take(entry)
        if not self.taken_back[coder]:
            assert receipt.outcome == "nothing"
            return
        self.sent.append(entry)
        self.events += 1
        self.piles[coder].append(self.taken_back[coder].pop())
        assert receipt.unit == self.piles[coder][-1][0]

    @precondition(lambda self: self.sent)
    @rule(choice=st.randoms(use_true_random=False))
    def send_again(self, choice):
        assert self.store.take(choice.choice(self.sent)).outcome == "repeated"

    @rule(coder=coders, unit=st.integers(1, 4), label=st.sampled_from(LABELS))
    def decide_on_a_stale_page(self, coder, unit, label):
        before = self.standing(coder).get(unit)
        if before and before[0] == label:
            return
        entry = Decision(client=self.client(), coder=coder, round=1, unit=unit, label=label, base=10**6)
        receipt = self.store.take(entry)
        assert receipt.outcome == "stale"
        assert (receipt.in_force and receipt.in_force.seq) == (before and before[1])

    @rule()
    def set_the_clock_back(self):
        self.ticks.now -= 3_600_000_000

    @rule()
    def open_again(self):
        self.store.close()
        self.store = open_store(self.folder / "store.db", now=self.ticks)

    @invariant()
    def what_is_in_force_is_the_top_of_the_pile(self):
        for coder in CODERS:
            found = {event.unit: (event.label, event.seq) for event in self.store.in_force(1, coder=coder)}
            assert found == self.standing(coder)
            done = self.store.progress(1, coder)[0].done
            assert done == len(found)

    @invariant()
    def the_view_says_the_same(self):
        with self.store.reading() as connection:
            seqs = set(connection.exec_driver_sql("SELECT seq FROM in_force").scalars())
        assert seqs == {event for coder in CODERS for _, event in self.standing(coder).values()}

    @invariant()
    def all_is_stored_once_and_in_order(self):
        events = list(self.store.events())
        assert [event.seq for event in events] == list(range(1, self.events + 1))
        times = [event.server_time for event in events]
        assert times == sorted(times)
        assert self.store.verify().flaws == ()


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
