"""doccano through its own client, against a doccano that fails in all the ways that were measured."""

from __future__ import annotations

import json

import msgspec
import pytest
from fake_doccano import FakeDoccano, serving
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stores import everything_round, story

from annotate.errors import ServerFailed
from annotate.exchange.servers.doccano import Doccano, connect, guideline
from annotate.exchange.servers.links import links
from annotate.exchange.servers.pull import pull
from annotate.exchange.servers.push import push
from annotate.exchange.servers.server import ServerAway
from annotate.exchange.servers.tasks import tasks
from annotate.store import create_store
from annotate.types import Value, Variable


@pytest.fixture
def signed_in(patience):
    """Serve a doccano and sign in; its tasks have ten seconds that pass at once."""
    running = []

    def sign_in(doccano):
        context = serving(doccano)
        url = context.__enter__()
        running.append((context, connect(url, "lead", doccano.password, patience)))
        session = running[-1][1]._session
        time = [0.0]
        server = Doccano(
            session, 10, sleep=lambda seconds: time.__setitem__(0, time[0] + seconds), clock=lambda: time[0]
        )
        server.at_once = 10
        return server

    yield sign_in
    for context, server in running:
        server.close()
        context.__exit__(None, None, None)


def pushed(store, server, patience, **more):
    wishes = {"name": "floods: first", "user": "lead", "accounts": {}} | more
    return push(store, server, "first", patience=patience, **wishes)


def keys(rows):
    return [row["meta"]["key"] for row in rows]


def test_a_project_is_made_with_labels_hotkeys_colours_guideline_and_annotators(store, patience, signed_in):
    doccano = FakeDoccano()
    (one,) = pushed(store, signed_in(doccano), patience)
    assert (one.project, one.sent) == ("1", 24)
    there, codebook = doccano.projects[1], store.codebook()
    assert (there["collaborative_annotation"], there["single_class_classification"]) == (False, True)
    assert there["guideline"] == guideline(codebook)
    shown = [(label["text"], label["suffix_key"], label["background_color"]) for label in doccano.labels[1]]
    assert shown == [(label.key, label.hotkey, label.colour) for label in codebook.labels]
    assert [(one["username"], one["rolename"]) for one in doccano.members[1][1:]] == [
        ("ana", "annotator"),
        ("ben", "annotator"),
    ]


def test_rows_go_in_small_files_of_ascii_with_the_same_keys_and_whole_offsets(store, patience, signed_in):
    doccano = FakeDoccano()
    pushed(store, signed_in(doccano), patience)
    files = [[json.loads(line) for line in content.decode("ascii").splitlines()] for content in doccano.files]
    assert [len(rows) for rows in files] == [10, 10, 4]
    assert len({tuple(row) for rows in files for row in rows}) == 1
    assert all(row["label"] == [] and type(row["start"]) is int for rows in files for row in rows)
    assert not {"id", "data", "Comments", "filename", "upload_name"} & set(files[0][0])


@pytest.mark.parametrize(
    ("fault", "removed_and_said"),
    [
        ("failed", (0, "failed in an import (database is locked)")),
        ("never", (0, "has not finished an import in 10 seconds")),
        ("late", (10, "has not finished an import in 10 seconds")),
        ("reset", (0, "does not answer")),
        ("twice", (10, None)),
    ],
)
def test_what_goes_wrong_on_the_way_loses_and_doubles_nothing(store, patience, signed_in, fault, removed_and_said):
    removed, said = removed_and_said
    doccano = FakeDoccano(None, fault)
    (one,) = pushed(store, signed_in(doccano), patience)
    assert one.removed == removed
    assert len(doccano.rows[1]) == len(set(keys(doccano.rows[1]))) == 24
    assert said is None or any(said in line for line in patience.watch.lines)


def test_an_error_in_the_status_is_an_error(store, patience, signed_in):
    with pytest.raises(ServerFailed, match=r"could not import 1 unit \(Invalid data in line 3\)"):
        pushed(store, signed_in(FakeDoccano("error")), patience)


def test_nothing_is_ever_deleted_for_want_of_numbers(store, patience, signed_in):
    doccano = FakeDoccano()
    server = signed_in(doccano)
    pushed(store, server, patience)
    server.remove("1", [])
    assert len(doccano.rows[1]) == 24


def test_a_server_in_trouble_is_asked_again(store, patience, signed_in):
    doccano = FakeDoccano()
    server = signed_in(doccano)
    doccano.busy = 2
    pushed(store, server, patience)
    assert [line[:20] for line in patience.watch.lines] == ["is in trouble (503: "] * 2


def test_what_coders_said_comes_back_with_their_comments_once(store, patience, signed_in):
    doccano = FakeDoccano()
    server = signed_in(doccano)
    pushed(store, server, patience)
    first, second = keys(doccano.rows[1])[:2]
    doccano.give("ana", first, "factual_claim", comments=["Which bridge?"])
    doccano.give("ben", first, "quoted_official")
    doccano.give("lead", second, "factual_claim")
    for new in (2, 0):
        assert pull(store, server, links(store)[0], patience=patience).new == new
    assert [(one.coder, one.label) for one in store.judgments()] == [
        ("ana", "factual_claim"),
        ("ben", "quoted_official"),
    ]
    assert [event.note for event in store.events() if event.kind == "comment"] == ["Which bridge?"]


def test_rows_that_others_added_without_metadata_are_left_alone(store, patience, signed_in):
    doccano = FakeDoccano()
    server = signed_in(doccano)
    pushed(store, server, patience)
    doccano.add("Somebody's.", {})
    assert pushed(store, server, patience)[0].strays == 1
    assert pull(store, server, links(store)[0], patience=patience).left == ()


def test_a_collaborative_project_is_refused_for_it_names_nobody(store, patience, signed_in):
    doccano = FakeDoccano()
    server = signed_in(doccano)
    pushed(store, server, patience)
    doccano.collaborative = True
    with pytest.raises(ServerFailed, match="collaborative annotation; take that setting away"):
        pull(store, server, links(store)[0], patience=patience)


def test_a_codebook_that_asks_more_than_doccano_can_is_refused(store, patience, signed_in):
    doccano = FakeDoccano()
    tone = Variable("tone", "Tone", (Value("calm", "calm"), Value("loud", "loud")))
    codebook = store.codebook()
    store.adopt(msgspec.structs.replace(codebook, variables=(tone,), fingerprint="f" * 64))
    with pytest.raises(ServerFailed, match=r"asks coders for a label only, and the codebook for more \(tone\)"):
        pushed(store, signed_in(doccano), patience)
    assert doccano.projects == {}


def test_a_hotkey_that_doccano_does_not_know_is_left_out(store, patience, signed_in):
    doccano = FakeDoccano()
    codebook = store.codebook()
    first, second, *others = codebook.labels
    strange = (msgspec.structs.replace(first, hotkey="ä"), msgspec.structs.replace(second, hotkey="Q"), *others)
    store.adopt(msgspec.structs.replace(codebook, labels=strange, fingerprint="f" * 64))
    pushed(store, signed_in(doccano), patience)
    assert [label.get("suffix_key") for label in doccano.labels[1]] == [None, "q", "3", "4"]


def test_a_wrong_password_is_said_and_never_repeated(patience):
    doccano = FakeDoccano()
    with serving(doccano) as url, pytest.raises(ServerFailed, match="does not let lead in") as refusal:
        connect(url, "lead", "wrong one", patience)
    assert "wrong one" not in str(refusal.value)
    with pytest.raises(ServerFailed, match="--user NAME"):
        connect(url, "", "pass", patience)


def test_a_server_that_is_not_there_is_away(patience):
    with serving(FakeDoccano()) as url:
        pass
    with pytest.raises(ServerAway, match="does not answer; is it running"):
        connect(url, "lead", "pass", patience)


TEXTS = st.lists(
    st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), min_size=1), min_size=1, max_size=8
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=8)
@given(texts=TEXTS)
def test_any_text_goes_there_and_back_to_the_letter(tmp_path_factory, codebook, patience, signed_in, texts):
    doccano = FakeDoccano()
    with create_store(tmp_path_factory.mktemp("any") / "store.db", codebook) as store:
        store.add_articles([story("any", *texts)])
        store.add_coder("ana")
        everything_round(store, "first", ["ana"])
        server = signed_in(doccano)
        pushed(store, server, patience)
        sent = tasks(store, store.round(1), [one.unit for one in store.frame()]).values()
        for task in sent:
            doccano.give("ana", task.key, "factual_claim")
        assert [row["text"] for row in doccano.rows[1]] == [task.text for task in sent] == texts
        assert pull(store, server, links(store)[0], patience=patience).new == len(texts)
