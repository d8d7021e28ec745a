"""Label Studio as a server to push to and pull from, against one in memory that answers as the real one was seen to."""

from __future__ import annotations

import httpx2
import pytest
from label_studio import FIRST, LEGACY, PERSONAL, URL, LabelStudioInMemory
from stores import ISSUES, TONE, asking, filled

from annotate.errors import OffsetMismatch, ServerFailed
from annotate.exchange.servers.calls import Calls, Refused
from annotate.exchange.servers.label_studio import LabelStudio
from annotate.exchange.servers.links import links
from annotate.exchange.servers.pull import pull
from annotate.exchange.servers.push import push
from annotate.exchange.servers.server import ServerAway, Task, Wish
from annotate.exchange.servers.tasks import tasks
from annotate.exchange.servers.tokens import auth
from annotate.store import create_store

ACCOUNTS = {"ana": "ana@example.org", "ben": "ben@example.org"}
ANA = "ana@example.org"


def speaking(there, token=LEGACY, **sizes):
    calls = Calls(URL, auth(URL, token), seconds=30, transport=there.transport())
    return LabelStudio(calls, **({"at_once": 10, "page": 7} | sizes))


def pushed(store, there, patience, **more):
    return push(
        store,
        speaking(there),
        "first",
        **({"name": "floods: first", "user": "", "accounts": ACCOUNTS, "patience": patience} | more),
    )


def pulled(store, there, patience):
    return pull(store, speaking(there), links(store)[-1], patience=patience)


def keys_of(store):
    return [task.key for task in tasks(store, store.round(1), [one.unit for one in store.frame()]).values()]


def in_force(store, coder="ana"):
    seqs = {one.unit: one.decision for one in store.assignments(1, coder)}
    return [event for event in store.events() if event.seq in seqs.values()]


class TestPush:
    def test_makes_a_project_with_what_the_codebook_says_and_sends_every_unit_once(self, store, patience, codebook):
        there = LabelStudioInMemory()
        (one,) = pushed(store, there, patience)
        assert (one.project, one.units, one.sent, one.strays) == ("1", 24, 24, 0)
        assert there.keys() == keys_of(store)
        project = there.projects[1]
        assert project["title"] == "floods: first"
        assert project["maximum_annotations"] == 2
        assert f'alias="{codebook.keys[0]}"' in project["label_config"]

    @pytest.mark.parametrize("fault", ["half", "lost", "down", "busy"])
    def test_survives_a_server_that_goes_away_while_it_imports(self, store, patience, fault):
        there = LabelStudioInMemory(fault, None, fault)
        (one,) = pushed(store, there, patience)
        assert sorted(there.keys()) == sorted(keys_of(store))
        assert one.removed == 0

    def test_takes_a_copy_away_that_nobody_has_coded(self, store, patience):
        there = LabelStudioInMemory()
        pushed(store, there, patience)
        copy = there.add(dict(there.tasks[3]["data"]))
        coded = there.add(dict(there.tasks[5]["data"]))
        there.tasks[coded]["annotations"] = []
        there.code(ANA, there.tasks[5]["data"]["key"], "factual_claim")
        (one,) = pushed(store, there, patience)
        assert one.removed == 1
        assert copy not in there.tasks

    def test_leaves_other_peoples_tasks_alone(self, store, patience):
        there = LabelStudioInMemory()
        pushed(store, there, patience)
        there.add({"image": "https://example.org/cat.png"})
        (one,) = pushed(store, there, patience)
        assert one.strays == 1

    def test_mends_an_interface_that_somebody_changed(self, store, patience):
        there = LabelStudioInMemory()
        pushed(store, there, patience)
        interface = there.projects[1]["label_config"]
        there.projects[1]["label_config"] = "<View/>"
        pushed(store, there, patience)
        assert there.projects[1]["label_config"] == interface

    def test_finds_its_project_among_hundreds(self, store, patience):
        there = LabelStudioInMemory()
        pushed(store, there, patience)
        server = speaking(there)
        for number in range(250):
            server.create(Wish(f"other {number}", f"nutgraf:{number}", store.codebook(), (ANA,)))
        (one,) = pushed(store, there, patience)
        assert (one.project, one.sent) == ("1", 0)

    def test_names_a_coder_whom_nobody_there_knows(self, store, patience):
        there = LabelStudioInMemory(users=("lead@example.org", ANA))
        with pytest.raises(ServerFailed, match=r"no account ben@example\.org"):
            pushed(store, there, patience)
        assert there.projects == {}

    def test_refuses_an_edition_that_imports_in_the_background(self, store, patience):
        with pytest.raises(ServerFailed, match="in the background"):
            pushed(store, LabelStudioInMemory("background"), patience)

    def test_cuts_a_long_name_and_keeps_it_apart_from_its_neighbours(self, store, patience):
        there = LabelStudioInMemory()
        pushed(store, there, patience, name="n" * 80)
        assert len(there.projects[1]["title"]) == 50
        assert there.projects[1]["title"].endswith(links(store)[-1].mark[-6:])


class TestRows:
    def test_are_read_again_if_some_went_while_the_pages_were_turned(self, store, patience):
        there = LabelStudioInMemory()
        pushed(store, there, patience)
        there.between_pages = lambda: there.tasks.pop(1)
        assert [row.key for row in speaking(there).rows("1")] == keys_of(store)[1:]

    def test_are_read_again_if_the_last_page_went(self, store, patience):
        there = LabelStudioInMemory()
        pushed(store, there, patience)
        there.between_pages = lambda: [there.tasks.pop(number) for number in range(8, 25)]
        assert len(speaking(there).rows("1")) == 7

    def test_that_are_gone_or_of_another_project_are_not_deleted(self, store, patience):
        there = LabelStudioInMemory()
        pushed(store, there, patience)
        other = there.add({"text": "not ours"}, project=2)
        speaking(there).remove("1", ["1", str(other), "999"])
        assert 1 not in there.tasks
        assert other in there.tasks

    def test_of_a_project_that_was_deleted_are_an_error(self):
        with pytest.raises(Refused, match="404"):
            speaking(LabelStudioInMemory()).rows("7")


class TestPull:
    @pytest.fixture
    def there(self, store, patience):
        there = LabelStudioInMemory()
        pushed(store, there, patience)
        return there

    def test_brings_label_coder_time_and_duration(self, store, patience, there):
        keys = keys_of(store)
        there.code(ANA, keys[0], "factual_claim", lead_time=2.5)
        one = pulled(store, there, patience)
        assert (one.new, one.open, one.left) == (1, 47, ())
        (event,) = in_force(store)
        assert (event.label, event.coder, event.active_ms) == ("factual_claim", "ana", 2500)
        assert event.client_time == (FIRST + 1) * 1000

    def test_of_nothing_new_changes_nothing(self, store, patience, there):
        there.code(ANA, keys_of(store)[0], "factual_claim")
        pulled(store, there, patience)
        before = list(store.events())
        assert pulled(store, there, patience).same == 1
        assert list(store.events()) == before

    def test_follows_a_mind_that_was_changed(self, store, patience, there):
        key = keys_of(store)[0]
        there.code(ANA, key, "factual_claim")
        pulled(store, there, patience)
        there.edit(ANA, key, "editorial_framing")
        assert pulled(store, there, patience).changed == 1
        assert [event.label for event in in_force(store)] == ["editorial_framing"]

    def test_takes_back_what_was_deleted(self, store, patience, there):
        key = keys_of(store)[0]
        there.code(ANA, key, "factual_claim")
        pulled(store, there, patience)
        there.clear(ANA, key)
        assert pulled(store, there, patience).withdrawn == 1
        assert in_force(store) == []

    def test_takes_a_cancelled_annotation_as_a_skip_unless_there_is_a_label_too(self, store, patience, there):
        first, second, *_ = keys_of(store)
        there.code(ANA, first, skipped=True)
        there.code(ANA, second, skipped=True)
        there.code(ANA, second, "factual_claim")
        assert pulled(store, there, patience).new == 2
        assert [(event.kind, event.label) for event in in_force(store)] == [
            ("skip", None),
            ("judgment", "factual_claim"),
        ]

    def test_leaves_what_somebody_else_wrote_or_changed_in_a_coders_name(self, store, patience, there):
        first, second, *_ = keys_of(store)
        there.code(ANA, first, "factual_claim", by="ben@example.org")
        there.code(ANA, second, "factual_claim")
        pulled(store, there, patience)
        there.edit(ANA, second, "editorial_framing", by="lead@example.org")
        one = pulled(store, there, patience)
        assert [left.why for left in one.left] == ["was written or changed by somebody else"] * 2
        assert [event.label for event in in_force(store)] == ["factual_claim"]

    def test_leaves_two_labels_by_one_coder(self, store, patience, there):
        key = keys_of(store)[0]
        there.code(ANA, key, "factual_claim")
        there.code(ANA, key, "editorial_framing")
        (left,) = pulled(store, there, patience).left
        assert (left.why, left.labels) == ("has several labels", ("factual_claim", "editorial_framing"))

    def test_refuses_a_text_that_was_changed_there(self, store, patience, there):
        there.tasks[4]["data"]["text"] += "!"
        with pytest.raises(OffsetMismatch):
            pulled(store, there, patience)

    def test_of_a_coder_whose_account_is_gone_says_so(self, store, patience, there):
        del there.users[3]
        (left,) = pulled(store, there, patience).left
        assert (left.coder, left.key) == ("ben", "")

    def test_waits_while_the_server_starts_again(self, store, patience, there):
        there.code(ANA, keys_of(store)[0], "factual_claim")
        there.away = 3
        assert pulled(store, there, patience).new == 1


class TestVariables:
    @pytest.fixture
    def store(self, tmp_path):
        with create_store(tmp_path / "asked.db", asking()) as store:
            yield filled(store, per_article=8)

    def test_are_asked_in_the_interface_and_come_back(self, store, patience):
        there = LabelStudioInMemory()
        pushed(store, there, patience)
        assert f'name="{TONE.key}"' in there.projects[1]["label_config"]
        label = (TONE.when or store.codebook().keys)[0]
        asked = store.codebook().asked(label)
        answers = {variable.key: [variable.keys[-1]] for variable in asked}
        there.code(ANA, keys_of(store)[0], label, **answers)
        assert pulled(store, there, patience).new == 1
        (event,) = in_force(store)
        assert set(event.variables) == set(answers)
        assert pulled(store, there, patience).same == 1

    def test_that_are_missing_leave_the_unit(self, store, patience):
        there = LabelStudioInMemory()
        pushed(store, there, patience)
        label = (TONE.when or store.codebook().keys)[0]
        there.code(ANA, keys_of(store)[0], label, **{ISSUES.key: ["no such value"]})
        (left,) = pulled(store, there, patience).left
        assert left.why == "lacks an answer, or has one that the codebook does not allow"


class TestTokens:
    def test_personal_ones_are_good_for_access_that_is_renewed_when_it_has_run_out(self, store, patience):
        there = LabelStudioInMemory()
        there.access_lasts = 3
        server = speaking(there, PERSONAL)
        push(store, server, "first", name="floods", user="", accounts=ACCOUNTS, patience=patience)
        assert sorted(there.keys()) == sorted(keys_of(store))
        assert there.asked.count(("POST", "/api/token/refresh")) > 2

    def test_that_were_revoked_are_refused_once_and_for_all(self):
        there = LabelStudioInMemory()
        server = speaking(there, PERSONAL)
        assert server.unknown([ANA]) == []
        there.revoke()
        with pytest.raises(Refused, match="401: Token is invalid"):
            server.unknown([ANA])
        assert there.asked[-2:] == [("GET", "/api/users"), ("POST", "/api/token/refresh")]

    def test_that_are_wrong_are_refused(self):
        with pytest.raises(Refused, match="401"):
            speaking(LabelStudioInMemory(), "f" * 40).unknown([ANA])

    @pytest.mark.parametrize("token", ["", " ", "two words", "snö", "line\nbreak"])
    def test_that_cannot_be_any_are_refused_before_they_go_anywhere(self, token):
        with pytest.raises(ServerFailed, match="no token"):
            auth(URL, token)


class TestCalls:
    def calls(self, answer, **more):
        return Calls(URL, None, transport=httpx2.MockTransport(answer), **({"seconds": 30} | more))

    def test_follow_no_redirect(self):
        asked = []

        def answer(request):
            asked.append(str(request.url))
            return httpx2.Response(302, headers={"Location": "https://elsewhere.example.org/"})

        with pytest.raises(ServerFailed, match="elsewhere"):
            self.calls(answer).get("/api/users", list)
        assert asked == [f"{URL}/api/users"]

    def test_say_what_the_server_says_in_one_line(self):
        words = {"detail": "Validation error", "validation_errors": {"title": ["too\nlong"] * 99}}
        with pytest.raises(Refused, match="answers 400") as refused:
            self.calls(lambda _: httpx2.Response(400, json=words)).get("/api/users", list)
        assert "too" in str(refused.value)
        assert "\n" not in str(refused.value)
        assert len(str(refused.value)) < 400

    @pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
    def test_take_a_server_that_is_not_itself_for_away(self, status):
        with pytest.raises(ServerAway):
            self.calls(lambda _: httpx2.Response(status, text="<html>")).get("/api/users", list)

    @pytest.mark.parametrize("answer", [b"<html></html>", b"{}", b"\xff", b"", b'[{"id": "x"}]'])
    def test_refuse_an_answer_of_another_form(self, answer):
        from annotate.exchange.servers.label_studio import _User

        with pytest.raises(ServerFailed, match="something unexpected"):
            self.calls(lambda _: httpx2.Response(200, content=answer)).get("/api/users", list[_User])

    def test_give_up_on_an_answer_that_trickles(self):
        time = iter(range(0, 1000, 10))
        trickle = (b"[" for _ in range(1000))
        with pytest.raises(ServerAway, match="in time"):
            self.calls(lambda _: httpx2.Response(200, content=trickle), clock=lambda: next(time)).get("/api/x", list)

    def test_give_up_on_an_answer_without_end(self, monkeypatch):
        monkeypatch.setattr("annotate.exchange.servers.calls.LARGEST_ANSWER", 1 << 20)
        endless = (b" " * (1 << 16) for _ in range(1000))
        with pytest.raises(ServerFailed, match="more than 1 MiB"):
            self.calls(lambda _: httpx2.Response(200, content=endless)).get("/api/x", list)


def test_what_is_shown_has_the_same_fields_whatever_a_round_hides():
    from annotate.exchange.servers.label_studio_interface import shown

    bare = shown(Task("k", "text", 0, 4))
    full = shown(Task("k", "text", 0, 4, {"before": "b", "title": "T", "outlet": "", "published": "2026"}))
    assert bare.keys() <= full.keys()
    assert (full["about"], bare["about"]) == ("T · 2026", "")
