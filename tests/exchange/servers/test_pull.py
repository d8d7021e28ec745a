"""What coders judged on a server comes back: all of it, once, as events that only ever grow."""

from __future__ import annotations

import msgspec
import pytest
from annotation_server import AnnotationServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stores import judge

from annotate.errors import OffsetMismatch, ProjectError
from annotate.exchange.servers.links import links, to_pull
from annotate.exchange.servers.patience import Patience, Watch
from annotate.exchange.servers.pull import pull
from annotate.exchange.servers.push import push
from annotate.exchange.servers.server import Row, ServerAway
from annotate.exchange.servers.tasks import tasks
from annotate.store import Remark

FACT, QUOTE, PROMO = "factual_claim", "quoted_official", "unrelated_promo"


@pytest.fixture
def server(store, patience):
    """The first round, pushed."""
    server = AnnotationServer()
    push(store, server, "first", name="floods: first", user="lead", accounts={}, patience=patience)
    return server


@pytest.fixture
def keys(store):
    """Unit to its key on the server."""
    units = [one.unit for one in store.frame()]
    return {unit: task.key for unit, task in tasks(store, store.round(1), units).items()}


@pytest.fixture
def pulled(store, server, patience):
    """Pull, and return how many were new, changed, withdrawn, the same."""

    def pulled(**more):
        one = pull(store, server, links(store)[-1], patience=patience, **more)
        assert store.verify().flaws == ()
        pulled.left = [(left.why, left.coder, left.key) for left in one.left]
        return one.new, one.changed, one.withdrawn, one.same

    return pulled


def labels(store, unit=None):
    """Return coder and label of the judgments in force."""
    return [(one.coder, one.label) for one in store.judgments() if unit in {None, one.unit}]


def test_judgments_come_back_with_coder_label_round_codebook_and_time(store, server, keys, pulled):
    server.code("ana", keys[1], FACT, time=1_700_000_000_123, active_ms=4200, note="sure")
    server.code("ben", keys[1], QUOTE)
    assert pulled() == (2, 0, 0, 0)
    ana, ben = store.in_force(1)
    assert (ana.coder, ana.label, ana.unit, ana.round, ana.codebook) == (
        "ana",
        FACT,
        1,
        1,
        store.codebook().fingerprint,
    )
    assert (ana.client_time, ana.active_ms, ana.note) == (1_700_000_000_123, 4200, "sure")
    assert (ben.coder, ben.label, ben.client_time) == ("ben", QUOTE, None)
    assert ana.shown == {"server": "fake", "project": "1"}
    assert [event.note for event in store.events() if event.kind == "import"] == ["fake http://127.0.0.1:1 project 1"]


def test_pulling_again_changes_nothing(store, server, keys, pulled):
    server.code("ana", keys[1], FACT)
    pulled()
    before = store.verify()
    assert pulled() == (0, 0, 0, 1)
    assert store.verify() == before


def test_a_changed_mind_supersedes_and_so_does_one_changed_back(store, server, keys, pulled):
    for label in (FACT, QUOTE, FACT, QUOTE):
        server.code("ana", keys[1], label)
        pulled()
    assert [event.label for event in store.history(1, 1)] == [FACT, QUOTE, FACT, QUOTE]
    assert labels(store, 1) == [("ana", QUOTE)]


def test_a_label_taken_away_is_taken_back_with_all_it_replaced(store, server, keys, pulled):
    for label in (FACT, QUOTE):
        server.code("ana", keys[1], label)
        pulled()
    server.code("ana", keys[1])
    assert pulled() == (0, 0, 1, 0)
    assert labels(store) == []
    assert [event.kind for event in store.history(1, 1)] == ["judgment", "judgment", "undo", "undo"]
    assert pulled() == (0, 0, 0, 0)
    server.code("ana", keys[1], QUOTE)
    assert pulled() == (1, 0, 0, 0)


def test_a_unit_skipped_there_is_skipped_here(store, server, keys, pulled):
    server.code("ana", keys[1], skipped=True)
    assert pulled() == (1, 0, 0, 0)
    assert pulled() == (0, 0, 0, 1)
    assert labels(store) == [("ana", None)]


def test_a_withdrawal_touches_no_other_unit(store, server, keys, pulled):
    for unit in (1, 2, 3):
        server.code("ana", keys[unit], FACT)
    pulled()
    server.code("ana", keys[2])
    pulled()
    assert [one.unit for one in store.judgments()] == [1, 3]


class TestWhatACoderDecidedHere:
    def test_is_kept_and_reported(self, store, server, keys, pulled):
        judge(store, "here", 1, FACT)
        server.code("ana", keys[1], QUOTE)
        assert pulled() == (0, 0, 0, 0)
        assert pulled.left == [("was decided otherwise in this project", "ana", keys[1])]
        assert labels(store, 1) == [("ana", FACT)]

    def test_is_kept_when_it_came_after_what_was_pulled(self, store, server, keys, pulled):
        server.code("ana", keys[1], QUOTE)
        pulled()
        (in_force,) = store.in_force(1)
        judge(store, "here", 1, FACT, base=in_force.seq)
        assert pulled() == (0, 0, 0, 1)
        assert pulled.left == []
        assert labels(store, 1) == [("ana", FACT)]

    def test_is_not_withdrawn_because_it_is_not_there(self, store, pulled):
        judge(store, "here", 1, FACT)
        assert pulled() == (0, 0, 0, 0)
        assert labels(store, 1) == [("ana", FACT)]


def test_what_stood_before_a_discussion_is_not_touched_by_what_is_pulled_after_it(store, server, keys, pulled):
    server.code("ana", keys[1], FACT)
    server.code("ben", keys[1], QUOTE)
    pulled()
    store.take(Remark(client="talk", coder="ana", unit=1, round=1, kind="discussion", note="which?"))
    server.code("ben", keys[1], FACT)
    assert pulled() == (0, 1, 0, 1)
    assert [one.label for one in store.judgments(moment="undiscussed")] == [FACT, QUOTE]
    assert [one.label for one in store.judgments()] == [FACT, FACT]


class TestLeavesAndReports:
    def test_what_is_no_unit_of_the_round(self, server, pulled):
        server.add("elsewhere:0-5", "Rain.")
        server.code("ana", "elsewhere:0-5", FACT)
        assert pulled() == (0, 0, 0, 0)
        assert pulled.left == [("is no unit of the round", "ana", "elsewhere:0-5")]

    def test_what_is_not_on_the_server_any_more(self, store, server, keys, pulled):
        server.code("ana", keys[1], FACT)
        pulled()
        server.projects["1"].rows.pop("1")
        assert pulled() == (0, 0, 0, 0)
        assert pulled.left == [(("is not on the server"), coder, keys[1]) for coder in ("ana", "ben")]
        assert labels(store) == [("ana", FACT)]

    def test_several_labels(self, server, keys, pulled):
        server.code("ana", keys[1], FACT, QUOTE)
        assert pulled() == (0, 0, 0, 0)
        assert pulled.left == [("has several labels", "ana", keys[1])]

    def test_a_label_that_the_codebook_lacks(self, server, keys, pulled):
        server.code("ana", keys[1], "sports")
        assert pulled() == (0, 0, 0, 0)
        assert pulled.left == [("has a label that the codebook lacks", "ana", keys[1])]

    def test_a_coder_who_is_no_member_any_more(self, store, server, keys, pulled):
        server.code("ana", keys[1], FACT)
        pulled()
        server.projects["1"].members.remove("ana")
        assert pulled() == (0, 0, 0, 0)
        assert [coder for _, coder, _ in pulled.left] == ["ana"]
        assert labels(store) == [("ana", FACT)]


def test_copies_of_a_unit_count_as_one(store, server, keys, pulled):
    text = server.rows("1")[0].text
    copy = server.add(keys[1], text)
    server.code("ana", keys[1], FACT)
    server.projects["1"].said.pop(("ana", copy))
    assert pulled() == (1, 0, 0, 0)
    server.code("ben", keys[1], QUOTE)
    there = server.projects["1"]
    there.said["ben", copy] = msgspec.structs.replace(there.said["ben", copy], labels=(FACT,))
    assert pulled() == (0, 0, 0, 1)
    assert pulled.left == [("has several labels", "ben", keys[1])]


def test_a_text_changed_there_is_refused_with_both_and_nothing_is_taken_over(store, server, keys, pulled):
    server.code("ana", keys[2], FACT)
    row = server.rows("1")[0]
    server.projects["1"].rows[row.id] = Row(row.id, row.key, "Something else.")
    with pytest.raises(OffsetMismatch, match="Something else") as refusal:
        pulled()
    assert refusal.value.found == row.text
    assert store.judgments() == []


def test_a_dry_run_counts_and_keeps_nothing(store, server, keys, pulled):
    server.code("ana", keys[1], FACT)
    before = store.verify()
    assert pulled(dry_run=True) == (1, 0, 0, 0)
    assert store.verify() == before


def test_a_closed_round_takes_nothing(store, server, pulled):
    store.close_round(1)
    with pytest.raises(ProjectError, match="is closed"):
        pulled()


def test_judgments_under_a_codebook_that_changed_since_keep_the_one_they_were_made_with(
    store, server, keys, pulled, changed
):
    old = store.codebook().fingerprint
    server.code("ana", keys[1], PROMO)
    pulled()
    store.adopt(changed)
    server.code("ben", keys[1], PROMO)
    assert pulled() == (1, 0, 0, 1)
    assert {one.codebook for one in store.judgments()} == {old}
    push(store, server, "first", name="anew", user="lead", accounts={}, patience=Patience(1, Watch()))
    server.code("ana", keys[1], PROMO, project="2")
    assert pulled() == (0, 1, 0, 0)
    assert [one.codebook for one in store.judgments()] == [changed.fingerprint, old]


def test_of_several_projects_with_a_round_only_the_last_is_pulled_unless_named(store, server, patience):
    push(store, server, "first", name="second thoughts", user="lead", accounts={}, patience=patience)
    rounds = {one.id: one for one in store.rounds()}

    def asked(**more):
        wishes = {"url": None, "round_": None, "name": None} | more
        return [link.name for link in to_pull(links(store), rounds, **wishes)]

    assert asked() == ["second thoughts"]
    assert asked(name="floods: first") == asked(name="1") == ["floods: first"]
    for wish in ({"url": "http://elsewhere"}, {"round_": "main"}, {"name": "7"}):
        with pytest.raises(ProjectError, match="pushed were: first to http"):
            asked(**wish)
    with pytest.raises(ProjectError, match="nutgraf push comes first"):
        to_pull([], rounds, url=None, round_=None, name=None)


def test_a_pull_that_dies_at_any_moment_is_repeated_without_loss_or_copy(store, server, keys, pulled, monkeypatch):
    for unit, key in keys.items():
        server.code("ana", key, FACT)
        server.code("ben", key, QUOTE if unit % 2 else FACT)
    take_all = store.take_all

    def dying(decisions):
        take_all(decisions[: len(decisions) // 3])
        raise KeyboardInterrupt

    monkeypatch.setattr(store, "take_all", dying)
    with pytest.raises(KeyboardInterrupt):
        pulled()
    monkeypatch.undo()
    assert pulled() == (32, 0, 0, 16)
    assert [event.kind for event in store.events()].count("judgment") == 48


def test_a_server_away_for_good_takes_nothing_away(store, server, keys, pulled):
    server.code("ana", keys[1], FACT)
    pulled()
    server.away = 99
    with pytest.raises(ServerAway):
        pulled()
    assert labels(store) == [("ana", FACT)]


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["ana", "ben"]), st.integers(1, 3), st.sampled_from([(), (FACT,), (QUOTE,), "skip", "pull"])
    ),
    max_size=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(moves=MOVES)
def test_after_a_pull_what_stands_here_is_what_stands_there(store, server, keys, pulled, moves):
    for account, unit, what in moves:
        if what == "pull":
            pulled()
        else:
            server.code(account, keys[unit], *(() if what == "skip" else what), skipped=what == "skip")
    pulled()
    there = {
        (account, given.key): given.labels[0] if given.labels else None
        for (account, _), given in server.projects["1"].said.items()
        if given.labels or given.skipped
    }
    assert {(one.coder, keys[one.unit]): one.label for one in store.judgments()} == there
    before = store.verify().events
    pulled()
    assert store.verify().events == before
