"""Signing in and out, links, invitations."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sessions import BASE, CODERS, HASHED, PASSWORD, Served, proof_in
from stores import Ticks

from annotate.codebook import read_codebook
from annotate.session import passwords
from annotate.session.account import _own_path
from annotate.session.limits import TRIES, WINDOW, Failures
from annotate.session.visitors import digest
from annotate.store import create_store


def cookie_of(answer, name="nutgraf-8765"):
    (found,) = [line for line in answer.headers.get_list("set-cookie") if line.startswith(f"{name}=")]
    return found


def token_of(served):
    return served.session.visitors.link


def test_strangers_are_shown_to_the_sign_in(served):
    stranger = served.browser()
    for path in ("/", "/label/1", "/rounds/1", "/people", "/account", "/adjudicate/1"):
        answer = stranger.get(path)
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/sign-in")
    for path in ("/api/coding/1/start", "/api/adjudication/1/start", "/api/rounds/1/agreement", "/colours.css"):
        assert stranger.get(path).status_code == 401, path


def test_a_sign_in_leads_to_where_one_wanted_to_go(served):
    stranger = served.browser()
    where = stranger.get("/label/1").headers["location"]
    page = stranger.get(where).text
    answer = stranger.send("/sign-in", {"proof": proof_in(page), "key": "ana", "password": PASSWORD, "to": "/label/1"})
    assert answer.headers["location"] == "/label/1"
    assert stranger.get("/label/1").status_code == 200


@pytest.mark.parametrize(
    "to", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:1", "/%0d%0a", ""]
)
def test_a_sign_in_never_leads_elsewhere(served, to):
    stranger = served.browser()
    page = stranger.get("/sign-in").text
    form = {"proof": proof_in(page), "key": "ana", "password": PASSWORD, "to": to}
    assert stranger.send("/sign-in", form).headers["location"] == "/"


@given(st.text())
def test_only_paths_of_the_session_are_own(path):
    own = _own_path(path)
    assert own == "/" or re.fullmatch(r"/[a-z0-9/-]+", own)
    assert not own.startswith("//")


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(served):
    answer = served.browser().sign_in("ana")
    cookie = cookie_of(answer)
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Path=/" in cookie


def test_a_sign_in_gives_a_new_secret_and_ends_the_one_before(served):
    """Whoever planted a cookie in a browser knows nothing after its owner signs in."""
    ana = served.browser()
    ana.client.cookies.set("nutgraf-8765", "planted", domain="localhost.local", path="/")
    assert ana.sign_in("ana").status_code == 303
    first = ana.client.cookies["nutgraf-8765"]
    assert first != "planted"
    assert served.store.signed_in(digest("planted")) is None
    ana.get(f"/?token={token_of(served)}")
    assert ana.client.cookies["nutgraf-8765"] != first
    assert served.store.signed_in(digest(first)) is None


def test_a_sign_in_is_renewed_while_it_is_used_and_ends_when_it_is_not(tmp_path):
    day = 86_400 * 1_000_000
    ticks = Ticks()
    with create_store(tmp_path / "own.db", read_codebook(), now=ticks) as store:
        store.add_coder("ana", password=HASHED)
        served = Served(store, now=ticks)
        ana = served.browser("ana")
        first = ana.client.cookies["nutgraf-8765"]
        ticks.now += 3 * day
        assert ana.get("/").status_code == 200
        assert ana.client.cookies["nutgraf-8765"] == first, "not yet"
        ticks.now += day
        assert ana.get("/").status_code == 200
        second = ana.client.cookies["nutgraf-8765"]
        assert second != first
        ticks.now += 6 * day
        served.session.visitors.refresh()
        assert store.signed_in(digest(first)) is None, "a copy of the old one is of no use"
        assert store.signed_in(digest(second)) is not None
        ticks.now += 2 * day
        assert ana.get("/").status_code == 303


def test_the_store_holds_digests_only(served, tmp_path):
    ana = served.browser("ana")
    secret = ana.client.cookies["nutgraf-8765"]
    token = token_of(served)
    raw = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for hidden in (secret, token, PASSWORD):
        assert hidden.encode() not in raw


def test_signing_out_ends_it(served):
    ana = served.browser("ana")
    secret = ana.client.cookies["nutgraf-8765"]
    assert ana.fill_in("/account", "/sign-out").status_code == 303
    ana.client.cookies.set("nutgraf-8765", secret)
    assert ana.get("/api/coding/1/start").status_code == 401


@pytest.mark.parametrize("key", ["ana", "nobody", "' or 1=1 --", "x" * 5000, "\x00", ""])
def test_a_wrong_password_says_nothing_about_who_exists(served, key):
    answer = served.browser().sign_in(key, "wrong password")
    assert answer.status_code == 401
    assert "do not fit" in answer.text


def test_a_coder_without_password_can_not_sign_in_with_an_empty_one(served):
    served.store.add_coder("cem")
    for word in ("", "None", "cem"):
        assert served.browser().sign_in("cem", word).status_code == 401


def test_after_some_failures_even_the_right_password_must_wait(served):
    stranger = served.browser()
    for _ in range(TRIES):
        assert stranger.sign_in("ana", "wrong").status_code == 401
    answer = stranger.sign_in("ana")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


def test_failures_are_forgotten_after_a_while():
    now = 0.0
    failures = Failures(lambda: now)
    for _ in range(TRIES):
        assert failures.wait("ana") == 0
        failures.add("ana")
    assert failures.wait("ana") > 0
    assert failures.wait("ben") == 0
    now = WINDOW + 1
    assert failures.wait("ana") == 0


def test_who_has_left_is_signed_out_and_stays_out(served):
    ana, lea = served.browser("ana"), served.browser("lea")
    assert lea.fill_in("/people", what="leave", key="ana").status_code == 200
    assert ana.get("/api/coding/1/start").status_code == 401
    assert served.browser().sign_in("ana").status_code == 401


def test_the_link_signs_its_starter_in_once(served):
    token = token_of(served)
    first, second = served.browser(), served.browser()
    answer = first.get(f"/?token={token}")
    assert answer.status_code == 200
    assert token not in answer.text
    assert "Hello, Lea" in first.get("/").text
    assert second.get(f"/?token={token}").headers["location"] == "/sign-in"
    assert second.get("/").status_code == 303


def test_whoever_stands_at_the_sign_in_makes_the_terminal_show_a_fresh_link(served):
    told = []
    served.session.visitors.tell = told.append
    served.browser().get("/sign-in")
    served.browser().get("/sign-in")
    assert told == [token_of(served)], "once, until it is used"
    served.browser().get(f"/?token={told[0]}")
    served.browser().get("/sign-in")
    assert len(told) == 2
    assert told[0] != told[1]


def test_wrong_links_are_limited(served):
    stranger = served.browser()
    for _ in range(TRIES):
        stranger.get("/?token=wrong")
    stranger.get(f"/?token={token_of(served)}")
    assert stranger.get("/").status_code == 303


def test_a_link_from_another_site_asks_once_more_from_here(served):
    """A strict cookie is held back on the way from elsewhere; nobody shall have to sign in again for that."""
    answer = served.browser().get("/label/1", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 200
    assert '<meta http-equiv="refresh" content="0; url=/label/1">' in answer.text


def invite(served, role="coder"):
    page = served.browser("lea").fill_in("/people", what="invite", role=role).text
    return re.search(rf"{BASE}(/join/[\w-]+)", page)[1]


def join(browser, link, **fields):
    given = {"key": "dora", "name": "Dora", "password": "nine green bottles", "repeated": "nine green bottles"}
    return browser.fill_in(link, **(given | fields))


@pytest.mark.parametrize("role", ["coder", "adjudicator", "lead"])
def test_an_invitation_makes_a_coder_of_its_role_once(served, role):
    link = invite(served, role)
    dora = served.browser()
    assert join(dora, link).status_code == 303
    assert "Hello, Dora" in dora.get("/").text
    assert served.store.coder("dora").role == role
    assert served.browser().get(link).status_code == 404


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"password": "short", "repeated": "short"}, "10 to 200"),
        ({"repeated": "another one entirely"}, "differ"),
        ({"password": "aaaaaaaaaaaa", "repeated": "aaaaaaaaaaaa"}, "easy to guess"),
        ({"key": "ana"}, "taken"),
        ({"key": ""}, "visible characters"),
        ({"key": "a/b"}, "visible characters"),
        ({"key": "x" * 65}, "visible characters"),
        ({"key": "\u202eana"}, "visible characters"),
    ],
)
def test_a_bad_invitation_form_says_why_and_leaves_the_invitation(served, fields, said):
    link = invite(served)
    answer = join(served.browser(), link, **fields)
    assert answer.status_code == 400
    assert said in answer.text
    assert join(served.browser(), link).status_code == 303


def test_an_invitation_can_not_be_guessed_at_leisure(served):
    link = invite(served)
    stranger = served.browser()
    for _ in range(TRIES):
        assert stranger.get("/join/wrong").status_code == 404
    assert stranger.get(link).status_code == 429


@pytest.mark.parametrize("key", [*CODERS, "jo"])
def test_only_a_lead_changes_the_team(served, key):
    browser = served.browser(key)
    proof = proof_in(browser.get("/account").text)
    for form in ({"what": "invite", "role": "lead"}, {"what": "role", "key": key, "role": "lead"}):
        assert browser.send("/people", {"proof": proof} | form).status_code == 403
    assert served.store.coder(key).role != "lead"


def test_a_role_counts_at_once(served):
    ana, lea = served.browser("ana"), served.browser("lea")
    assert ana.get("/adjudicate/1").status_code == 403
    lea.fill_in("/people", what="role", key="ana", role="adjudicator")
    assert ana.get("/adjudicate/1").status_code == 200


def test_a_lead_can_not_shut_themself_out(served):
    lea = served.browser("lea")
    for form in ({"what": "leave", "key": "lea"}, {"what": "role", "key": "lea", "role": "coder"}):
        assert lea.fill_in("/people", **form).status_code == 400
    assert served.store.coder("lea").role == "lead"


def test_a_lead_gives_a_new_password_to_who_forgot_theirs(served):
    ana = served.browser("ana")
    page = served.browser("lea").fill_in("/people", what="password", key="ana").text
    word = re.search(r'id="word" readonly value="([^"]+)"', page)[1]
    assert ana.get("/").status_code == 303, "who knew the old one is signed out"
    assert served.browser().sign_in("ana").status_code == 401
    assert served.browser().sign_in("ana", word).status_code == 303


def test_one_changes_one_s_own_password_with_the_old_one(served):
    ana = served.browser("ana")
    new = {"password": "eight blue whales", "repeated": "eight blue whales"}
    assert ana.fill_in("/account", what="password", old="wrong", **new).status_code == 400
    assert ana.fill_in("/account", what="password", old=PASSWORD, **new).status_code == 200
    assert served.browser().sign_in("ana", "eight blue whales").status_code == 303


def test_a_password_is_kept_as_argon2id():
    stored = passwords.hashed("eight blue whales")
    assert stored.startswith("$argon2id$")
    assert passwords.matches("eight blue whales", stored)
    assert not passwords.matches("eight blue whale", stored)
    assert not passwords.matches("eight blue whales", None)
    assert not passwords.matches("x" * 10_000, stored)
    assert passwords.hashed("eight blue whales") != stored, "salted"
