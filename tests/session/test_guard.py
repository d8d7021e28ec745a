"""What the session refuses before it looks at it, and what every answer carries."""

from __future__ import annotations

import pytest
from sessions import BASE, entry
from starlette.testclient import TestClient

PAGES = ("/", "/sign-in", "/account", "/label/1", "/api/coding/1/start", "/static/0/label.js", "/nowhere")


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_forbids_whatever_does_not_come_from_here(served, path):
    policy = served.browser().get(path).headers["content-security-policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'none'"
    assert directives["frame-ancestors"] == "'none'"
    assert directives["base-uri"] == "'none'"
    assert directives["form-action"] == "'self'"
    assert directives["require-trusted-types-for"] == "'script'"
    sources = {source for name, source in directives.items() if name.endswith("-src") and name != "default-src"}
    assert sources == {"'self'"}, "no unsafe-inline, no other host"


def test_an_answer_is_neither_sniffed_nor_framed_nor_kept(served):
    headers = served.browser().get("/sign-in").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"
    assert headers["cross-origin-opener-policy"] == "same-origin"


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "evil.example:8765", "", "[::1", "a@b@c"])
def test_a_foreign_name_for_this_machine_is_refused(served, host):
    """DNS rebinding: a page of evil.example whose name points here still says its own name."""
    assert TestClient(served.app, base_url=BASE).get("/sign-in", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize("host", ["localhost:8765", "127.0.0.1:8765", "[::1]:8765", "192.168.1.20:8765", "LOCALHOST"])
def test_the_own_name_and_plain_addresses_are_served(served, host):
    assert TestClient(served.app, base_url=BASE).get("/sign-in", headers={"Host": host}).status_code == 200


def test_names_that_were_given_are_served(empty):
    from annotate.session import Settings, create_app

    app = create_app(empty, Settings(port=443, secure=True, names=("annotate.example.org",)), starter="lea")
    client = TestClient(app, base_url="https://annotate.example.org")
    answer = client.get("/sign-in")
    assert answer.status_code == 200
    assert "max-age" in answer.headers["strict-transport-security"]
    assert "__Host-" in answer.headers["set-cookie"]
    assert "Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://localhost:9999", "http://localhost.evil.example:8765", None],
)
def test_nothing_is_taken_from_a_page_of_another_origin(served, origin):
    ana = served.browser("ana")
    before = len(list(served.store.events()))
    assert ana.post("/api/entries", {}, origin=origin).status_code == 403
    assert ana.send("/sign-out", {}, origin=origin).status_code == 403
    assert len(list(served.store.events())) == before


def test_a_browser_that_names_no_origin_but_says_same_origin_is_heard(served):
    page = served.browser("ana")
    headers = {"Sec-Fetch-Site": "same-origin"}
    assert page.client.post("/api/preferences", json={}, headers=headers).status_code == 403  # unproven, not foreign
    assert page.client.post("/api/preferences", json={}, headers=headers).json() == {"problem": "unproven"}


def test_nothing_is_taken_without_proof_that_an_own_page_sent_it(served):
    ana, ben = served.browser("ana"), served.browser("ben")
    one = entry(1)
    batch = {"project": served.project, "coder": "ana", "entries": [one]}
    assert ana.post("/api/entries", batch, proof="").status_code == 403
    assert ana.post("/api/entries", batch, proof="0" * 64).status_code == 403
    ben.decide(entry(1))
    assert ana.post("/api/entries", batch, proof=ben.proof).status_code == 403
    assert served.store.in_force(1, coder="ana") == []
    assert ana.post("/api/entries", batch).status_code == 200


@pytest.mark.parametrize("length", [256 * 1024 + 1, 10**9])
def test_a_body_that_says_it_is_too_large_is_not_read(served, length):
    answer = served.browser("ana").client.post(
        "/api/entries", content=b"", headers={"Origin": BASE, "Content-Length": str(length)}
    )
    assert answer.status_code == 413


def test_a_body_that_turns_out_too_large_is_not_read_to_its_end(served):
    read = []

    def endless():
        for _ in range(1000):
            read.append(1)
            yield b"x" * 65_536

    answer = served.browser("ana").client.post(
        "/sign-out", content=endless(), headers={"Origin": BASE, "Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/json"),
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b"\xff\xfe", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"project": "x", "coder": "ana", "entries": []}', "application/json"),
        (b'{"project": "x", "coder": "ana", "entries": [{}], "more": 1}', "application/json"),
        (b"{}", "text/plain"),
    ],
)
def test_a_body_that_no_page_sends_is_refused_in_words(served, body, kind):
    ana = served.browser("ana")
    ana.post("/api/preferences", {})
    headers = {"Origin": BASE, "X-Nutgraf-Proof": ana.proof, "Content-Type": kind}
    answer = ana.client.post("/api/entries", content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["problem"]


@pytest.mark.parametrize(
    "change",
    [
        {"client": "no uuid"},
        {"client": "0" * 36},
        {"unit": 0},
        {"unit": 2**40},
        {"round": -1},
        {"kind": "import"},
        {"kind": "round"},
        {"coder": "ben"},
        {"spans": [[0, 1]] * 51},
        {"spans": [[-1, 2]]},
        {"note": "x" * 4001},
        {"active": -1},
        {"active": 10**12},
        {"base": "1"},
    ],
)
def test_an_entry_out_of_bounds_is_refused(served, change):
    answer = served.browser("ana").decide(entry(1) | change)
    assert answer.status_code == 400
    assert served.store.in_force(1) == []


@pytest.mark.parametrize(
    "path",
    [
        "/static/../annotate/session/app.py",
        "/static/x/..%2f..%2fapp.py",
        "/static/x/label.js",
        "/api/coding/999/start",
        "/api/coding/99999999999999999999/start",
        "/api/coding/1/at/99999999999999999999",
        "/api/coding/1/work?after=x",
        "/label/99999999999",
        "/rounds/99999999999999999999",
    ],
)
def test_odd_addresses_get_a_plain_no(served, path):
    for key in ("ana", "lea"):
        assert served.browser(key).get(path).status_code in (400, 403, 404)


def test_decisions_are_only_sent_never_asked_for(served):
    answer = served.browser("ana").get("/api/entries")
    assert answer.status_code == 405
    assert answer.json()["problem"]
