"""While coders work, an active round grows by what their own judgments taught a model; they never wait for it."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

import httpx2
import pytest
from browsers import Server, fresh_link, wait_for
from newspaper import newspaper
from playwright.sync_api import expect
from sessions import entry, proof_in
from stores import news

from annotate.cli import run
from annotate.project import create_project, open_project

pytestmark = pytest.mark.e2e

PATIENCE = 180  # training has the lowest priority on a machine that may be busy


@pytest.fixture
def project(tmp_path):
    made = create_project(tmp_path / "project", seed=1, name="Active", lead="lea")
    with made.store() as store:
        store.add_articles(news(8, per_article=10))
    assert run(["sample", "hard", "-C", str(made.folder), "--purpose", "active", "-n", "24", "--batch", "8"]) == 0
    return made.folder


@pytest.fixture
def lea(project):
    """Lea at a served project, who knows the label of every sentence."""
    server = Server(project).start()
    with httpx2.Client(base_url=server.base, timeout=20, follow_redirects=True) as client:
        client.get(server.link)
        yield Lea(server, client)
    server.stop()


class Lea:
    def __init__(self, server, client):
        self.server, self.client = server, client
        self.headers = {"Origin": server.base, "X-Nutgraf-Proof": proof_in(client.get("/account").text)}
        sentences, labels = newspaper(8, per_article=10)
        self.label = {(s.article, s.start): label for s, label in zip(sentences, labels, strict=True)}

    def code(self, count):
        told = self.client.get("/api/coding/1/start").json()
        with open_project(self.server.project).store() as store:
            units = store.units(told["work"]["units"][:count])
        entries = [entry(u.id, self.label[u.sentence.article, u.sentence.start], active=2000) for u in units]
        body = {"project": told["project"], "coder": "lea", "entries": entries}
        answers = self.client.post("/api/entries", json=body, headers=self.headers).json()["answers"]
        assert [one["outcome"] for one in answers] == ["stored"] * len(units)

    def drawn(self):
        with open_project(self.server.project).store() as store:
            return store.draws(1)


def test_a_round_grows_by_what_its_own_model_picks_until_it_is_whole(lea, capsys):
    reasons = [{one.reason for one in lea.drawn()}]
    for size in (16, 24):
        lea.code(6)
        wait_for(lambda size=size: len(lea.drawn()) == size, patience=PATIENCE)
        reasons.append({one.reason for one in lea.drawn()})
    assert reasons == [{"random"}, {"random", "active"}, {"random", "active"}]
    with open_project(lea.server.project).store() as store:
        first, second, third = (one.variables.get("model") for one in store.growth(1))
        assert first is None
        assert (second["units"], third["units"]) == (6, 12)
        assert second["id"].startswith("own@")
        assert second["id"] != third["id"]
        assert store.verify().flaws == ()
    capsys.readouterr()
    assert run(["status", "-C", str(lea.server.project)]) == 0
    said = capsys.readouterr().out
    assert "24 of 24 units in 3 batches" in said
    assert f"model {third['id']}, trained" in said
    assert "on 12 units" in said


def test_the_page_counts_what_its_round_has_grown_by_and_goes_on_without_a_reload(lea, visit):
    one = visit(lea.server, link=fresh_link(lea.server))
    count = one.page.locator("#count")
    expect(count).to_have_text("0 of 8")
    for _ in range(8):
        one.decide("1")
    expect(count).to_have_text("8 of 16", timeout=1000 * PATIENCE)
    one.page.wait_for_selector(".u.lit")
    one.decide("1")
    assert re.match(r"[\d.]+ a minute · about \d+ min left", one.page.text_content("#pace"))


def test_a_killed_training_hurts_nobody_and_a_coder_never_waits(lea):
    lea.code(6)
    child = wait_for(lambda: children(lea.server.process.pid), patience=PATIENCE)[0]
    assert os.getpriority(os.PRIO_PROCESS, lea.server.process.pid) == 0
    os.kill(child, signal.SIGKILL)
    began = time.perf_counter()
    lea.code(2)
    assert time.perf_counter() - began < 10
    log = Path(lea.server.project / "server.log")
    wait_for(lambda: "did not grow: the process ended with -9" in log.read_text("utf-8"), patience=PATIENCE)
    assert len(lea.drawn()) == 8


def test_a_session_that_ends_ends_its_training(lea):
    lea.code(6)
    child = wait_for(lambda: children(lea.server.process.pid), patience=PATIENCE)[0]
    began = time.perf_counter()
    lea.server.stop()
    assert time.perf_counter() - began < 10
    assert not Path(f"/proc/{child}").exists()


def children(pid):
    """Return the processes that a process has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]
