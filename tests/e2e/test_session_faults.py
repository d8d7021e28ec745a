"""What goes wrong around a session: the network, the disk, the clock; and TLS, without which no team is served."""

from __future__ import annotations

import resource
import ssl
import subprocess
import urllib.request

import pytest
from browsers import wait_for
from stores import story

pytestmark = pytest.mark.e2e

AN_HOUR_AGO = "import time; real = time.time_ns; time.time_ns = lambda: real() - 3600 * 10**9"


def labels_of(store):
    return [event.label for event in store.in_force(1, coder="lea")]


def test_a_network_cut_for_two_minutes_delays_and_loses_nothing(serve, visit, stored):
    server = serve()
    one = visit(server)
    one.page.clock.install()
    one.page.reload()
    one.page.wait_for_selector(".u.lit")
    one.context.set_offline(True)
    for key in ("1", "2", "3", "4"):
        one.decide(key)
        one.page.clock.run_for(30_000)
    assert stored(server, labels_of) == []
    assert "Kept in this browser: 4" in one.page.text_content("#banner")
    one.context.set_offline(False)

    def arrived():
        one.page.clock.run_for(5_000)
        return len(stored(server, labels_of)) == 4

    wait_for(arrived)
    assert stored(server, labels_of) == ["unrelated_promo", "quoted_official", "editorial_framing", "factual_claim"]


def test_who_is_cut_off_goes_on_for_dozens_of_sentences_and_is_told_when_no_more_is_here(serve, visit, stored):
    server = serve(story("tale", *(f"The mayor opened bridge {number}." for number in range(120))))
    one = visit(server, path=None)
    asked = []

    def is_third(request):
        asked.extend([request.url] if "/work?" in request.url else [])
        return len(asked) == 3

    with one.page.expect_event("requestfinished", is_third):
        one.go("/label/1")
    one.context.set_offline(True)
    for _ in range(87):
        one.decide("1")
    assert "Kept in this browser: 87" in one.page.text_content("#banner")
    assert "you can go on." in one.page.text_content("#banner")
    one.press("1", "2")
    one.page.locator("#banner", has_text="no further sentence").wait_for()
    assert one.page.text_content("#count") == "88 of 120"
    last = one.lit()
    one.context.set_offline(False)
    one.page.wait_for_selector("#banner[hidden]", state="attached")
    one.saved()
    wait_for(lambda: one.lit() != last)
    assert stored(server, labels_of) == ["unrelated_promo"] * 88


def test_a_full_disk_is_said_and_what_it_refused_is_stored_once_there_is_space(serve, visit, stored):
    server = serve()
    one = visit(server)
    one.press("1")
    one.saved()
    none = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    written = (server.project / "store.db-wal").stat().st_size
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (written, none[1]))
    one.press("2", "3")
    one.page.wait_for_selector("#banner:not([hidden])")
    assert stored(server, labels_of) == ["unrelated_promo"]
    assert stored(server, lambda store: (store.verify().flaws, store.damage())) == ((), [])
    assert server.process.poll() is None
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, none)
    one.saved()
    assert stored(server, labels_of) == ["unrelated_promo", "quoted_official", "editorial_framing"]


def test_a_clock_set_back_an_hour_harms_neither_sign_in_nor_ledger(serve, visit, stored):
    server = serve()
    one = visit(server)
    one.press("1", "2")
    one.saved()
    server.stop()
    server.before = AN_HOUR_AGO
    server.start()
    one.press("3")
    one.saved()
    assert stored(server, labels_of) == ["unrelated_promo", "quoted_official", "editorial_framing"]
    times = stored(server, lambda store: [event.server_time for event in store.events()])
    assert times == sorted(times)
    assert stored(server, lambda store: store.verify().flaws) == ()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """Return a certificate that signs itself, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    pem, key = folder / "server.pem", folder / "server.key"
    made = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1"
    named = ("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(pem))
    subprocess.run(["openssl", *made.split(), *named], check=True, capture_output=True)
    return pem, key


def test_over_tls_a_coder_labels_and_the_cookie_never_goes_over_plain_http(serve, visit, stored, certificate):
    pem, key = certificate
    server = serve(arguments=("--certificate", str(pem), "--key", str(key)))
    assert server.link.startswith("https://")
    trusted = ssl.create_default_context(cafile=str(pem))
    with urllib.request.urlopen(f"{server.base}/ping", context=trusted) as answer:
        assert answer.status == 204
    with pytest.raises(OSError, match=r"(?i)certificate|reset|closed|remote end"):
        urllib.request.urlopen(f"{server.base}/ping")
    one = visit(server, ignore_https_errors=True)
    one.press("2")
    one.saved()
    assert stored(server, labels_of) == ["quoted_official"]
    (cookie,) = (cookie for cookie in one.context.cookies() if "nutgraf" in cookie["name"])
    assert cookie["name"].startswith("__Host-")
    assert cookie["secure"]
    assert cookie["httpOnly"]


def test_a_certificate_that_is_none_is_refused_before_anything_is_served(serve, tmp_path):
    server = serve()
    server.stop()
    (tmp_path / "no.pem").write_text("nothing of the sort")
    server.arguments = ("--certificate", str(tmp_path / "no.pem"), "--key", str(tmp_path / "no.pem"))
    with pytest.raises(AssertionError, match="ended with 1"):
        server.start()
    assert "no certificate that can be used" in (server.project / "server.log").read_text("utf-8")
