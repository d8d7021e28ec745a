"""A round arrives on a server once, whatever happens on the way."""

from __future__ import annotations

import pytest
from annotation_server import AnnotationServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stores import everything_round, story

from annotate.errors import OffsetMismatch, ProjectError, ServerFailed
from annotate.exchange.servers.links import links
from annotate.exchange.servers.push import push
from annotate.exchange.servers.server import Row, ServerAway
from annotate.exchange.servers.tasks import tasks
from annotate.store import Draw, Plan, RoundSettings, create_store


def pushed(store, server, patience, **more):
    wishes = {"name": "floods: first", "user": "lead", "accounts": {}} | more
    return push(store, server, wishes.pop("round_", "first"), patience=patience, **wishes)


def keys_of(store, round_=1):
    return [task.key for task in tasks(store, store.round(round_), [one.unit for one in store.frame()]).values()]


def test_all_units_arrive_in_batches_with_their_context(store, patience):
    server = AnnotationServer()
    (one,) = pushed(store, server, patience)
    assert (one.project, one.coders, one.units, one.sent) == ("1", ("ana", "ben"), 24, 24)
    assert server.sent == [10, 10, 4]
    assert server.keys() == keys_of(store)
    assert server.projects["1"].members == {"ana", "ben"}
    assert (patience.watch.expected, patience.watch.steps) == ([("Sending", 24)], 24)


def test_a_second_push_sends_nothing(store, patience):
    server = AnnotationServer()
    pushed(store, server, patience)
    (one,) = pushed(store, server, patience)
    assert one.sent == 0
    assert len(server.projects) == 1
    assert server.sent == [10, 10, 4]


def test_a_unit_goes_with_the_sentences_around_it_and_what_is_known_of_its_article(store):
    first, second, *_ = tasks(store, store.round(1), [1, 2, 3, 4]).values()
    assert (first.context["before"], second.context["before"]) == ("", first.text)
    assert first.context["after"].startswith(second.text)
    assert first.context["outlet"] == "outlet-0"
    assert {*first.context} == {"before", "after", "article", "title", "outlet", "byline", "published", "url"}


def test_what_a_blind_round_hides_does_not_go(store):
    everything_round(store, "blind", settings=RoundSettings(hide=("outlet", "url")))
    everything_round(store, "alone", settings=RoundSettings(context="unit"))
    (blind,) = tasks(store, store.round("blind"), [1]).values()
    assert {*blind.context} == {"before", "after", "title", "byline", "published"}
    article = next(store.articles()).id
    assert article not in blind.key
    (alone,) = tasks(store, store.round("alone"), [1]).values()
    assert alone.context == {}


@pytest.mark.parametrize("fault", ["away", "half", "lost", "late"])
def test_a_fault_on_the_way_loses_and_doubles_nothing(store, patience, fault):
    server = AnnotationServer(None, fault)
    (one,) = pushed(store, server, patience)
    assert sorted(server.keys()) == sorted(keys_of(store))
    assert one.removed == (10 if fault == "late" else 0)
    assert any("does not answer" in line for line in patience.watch.lines)


FAULTS = st.lists(st.sampled_from([None, "away", "half", "lost", "late"]), max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(faults=FAULTS, at_once=st.integers(1, 30))
def test_however_often_it_fails_pushing_again_ends_with_every_unit_once(store, patience, faults, at_once):
    server = AnnotationServer(*faults, at_once=at_once)
    name = f"example {len(links(store))}"
    for _ in range(len(faults) + 1):
        try:
            pushed(store, server, patience, name=name)
            break
        except ServerAway:
            assert len(set(server.keys())) < 24
    assert sorted(server.keys()) == sorted(keys_of(store))


def test_a_server_that_is_away_for_a_moment_is_asked_again(store, patience):
    server = AnnotationServer()
    server.away = 3
    pushed(store, server, patience)
    assert len(patience.watch.lines) == 3
    server.away = 99
    with pytest.raises(ServerAway):
        pushed(store, server, patience)


def test_a_project_made_before_a_crash_is_found_again(store, patience):
    server = AnnotationServer()
    create = server.create

    def dying(wish):
        create(wish)
        raise KeyboardInterrupt

    server.create = dying
    with pytest.raises(KeyboardInterrupt):
        pushed(store, server, patience)
    assert links(store) == []
    server.create = create
    pushed(store, server, patience)
    assert len(server.projects) == 1
    assert [link.project for link in links(store)] == ["1"]


def test_a_server_that_says_all_arrived_when_nothing_did_is_not_believed(store, patience):
    server = AnnotationServer(*["liar"] * 30, at_once=30)
    with pytest.raises(ServerFailed, match="says that all units arrived, and they are not there"):
        pushed(store, server, patience)


def test_a_copy_that_somebody_coded_is_kept(store, patience):
    server = AnnotationServer()
    pushed(store, server, patience)
    first = next(iter(server.projects["1"].rows.values()))
    copy = server.add(first.key, first.text)
    server.code("ana", first.key, "factual_claim")
    server.projects["1"].said.pop(("ana", first.id))
    (one,) = pushed(store, server, patience)
    assert one.removed == 1
    assert [row.id for row in server.rows("1") if row.key == first.key] == [copy]


def test_rows_of_others_are_left_alone_and_counted(store, patience):
    server = AnnotationServer()
    pushed(store, server, patience)
    server.add("", "Somebody else's.")
    (one,) = pushed(store, server, patience)
    assert one.strays == 1


def test_a_text_that_is_another_there_is_refused_with_both(store, patience):
    server = AnnotationServer()
    pushed(store, server, patience)
    row = next(iter(server.projects["1"].rows.values()))
    server.projects["1"].rows[row.id] = Row(row.id, row.key, row.text + " (sic)")
    with pytest.raises(OffsetMismatch) as refusal:
        pushed(store, server, patience)
    assert (refusal.value.expected, refusal.value.found) == (row.text + " (sic)", row.text)
    assert row.key in str(refusal.value)


def test_coders_with_other_units_get_projects_of_their_own(store, patience):
    units = [one.unit for one in store.frame()]
    queues = {"ana": units[:16], "ben": units[8:]}
    draws = [Draw(unit, 1.0) for unit in units]
    store.create_round(
        Plan(
            name="partly", purpose="reliability", design="", seed=0, frame="", frame_size=24, draws=draws, queues=queues
        )
    )
    server = AnnotationServer()
    ana, ben = pushed(store, server, patience, round_="partly", name="floods")
    assert [(one.name, one.units, server.projects[one.project].members) for one in (ana, ben)] == [
        ("floods (ana)", 16, {"ana"}),
        ("floods (ben)", 16, {"ben"}),
    ]
    assert set(server.keys(ana.project)) & set(server.keys(ben.project))


def test_a_dry_run_changes_nothing_and_says_what_is_missing(store, patience):
    server = AnnotationServer()
    (one,) = pushed(store, server, patience, dry_run=True)
    assert (one.project, one.sent) == (None, 24)
    assert (server.projects, links(store)) == ({}, [])
    pushed(store, server, patience)
    server.projects["1"].rows.popitem()
    (one,) = pushed(store, server, patience, dry_run=True)
    assert (one.project, one.sent, len(server.keys())) == ("1", 1, 23)


class TestAccounts:
    def test_may_have_other_names_which_are_remembered(self, store, patience):
        server = AnnotationServer(accounts=["a.berg", "ben"])
        pushed(store, server, patience, accounts={"ana": "a.berg"})
        pushed(store, server, patience)
        assert links(store)[0].accounts == {"ana": "a.berg", "ben": "ben"}
        assert server.projects["1"].members == {"a.berg", "ben"}

    def test_that_are_missing_are_named_before_anything_is_made(self, store, patience):
        server = AnnotationServer(accounts=["ben"])
        with pytest.raises(ServerFailed, match="has no account ana; make it there, or say which"):
            pushed(store, server, patience)
        assert server.projects == {}

    def test_are_not_shared(self, store, patience):
        with pytest.raises(ProjectError, match="ana, ben would have one account, both"):
            pushed(store, AnnotationServer(), patience, accounts={"ana": "both", "ben": "both"})


class TestRefuses:
    def test_a_closed_round(self, store, patience):
        store.close_round(1)
        with pytest.raises(ProjectError, match="is closed"):
            pushed(store, AnnotationServer(), patience)

    def test_a_round_that_nobody_codes(self, store, patience):
        everything_round(store, "nobody's", coders=())
        with pytest.raises(ProjectError, match="nobody codes"):
            pushed(store, AnnotationServer(), patience, round_="nobody's")

    def test_another_codebook_for_a_round_that_is_being_coded(self, store, patience, changed):
        server = AnnotationServer()
        pushed(store, server, patience)
        store.adopt(changed)
        with pytest.raises(ProjectError, match="under another name with --project NAME"):
            pushed(store, server, patience)
        pushed(store, server, patience, name="floods: first, again")
        assert len(server.projects) == 2

    def test_a_project_whose_mark_is_gone(self, store, patience):
        server = AnnotationServer()
        pushed(store, server, patience)
        server.projects.clear()
        with pytest.raises(ServerFailed, match="has no project any more"):
            pushed(store, server, patience)


def test_hostile_texts_arrive_to_the_letter(tmp_path, codebook, patience):
    texts = (
        "\u2028line\u2029 separators\x85",
        "e\u0301 \U0001f469\u200d\U0001f680 شكرا",
        ' {"json": "\\n"} ',
        "=1+1\r\n",
    )
    with create_store(tmp_path / "hostile.db", codebook) as store:
        store.add_articles([story("hostile", *texts)])
        for coder in ("ana", "ben"):
            store.add_coder(coder)
        everything_round(store, "first")
        server = AnnotationServer()
        pushed(store, server, patience)
        assert tuple(row.text for row in server.rows("1")) == texts
