"""Chromium, and projects that a real process serves."""

from __future__ import annotations

import pytest
from browsers import CHROMIUM, FLAGS, Server, Visit
from playwright.sync_api import sync_playwright
from stores import everything_round

from annotate.project import create_project, open_project
from annotate.readers import read_articles
from annotate.resources import carried
from annotate.sentences import split
from annotate.store import RoundSettings

CODERS = ("lea", "ana", "ben")


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def project(tmp_path):
    """Make a project with the two seed articles, led by Lea, all in one round for everybody."""

    def make(*articles, settings=None, coders=CODERS, codebook=None):
        made = create_project(tmp_path / "project", seed=1, name="Pilot", lead="lea")
        with made.store() as store:
            store.change_coder("lea", name="Lea Lindqvist")
            for coder in set(coders) - {"lea"}:
                store.add_coder(coder, name=coder.title())
            if codebook is not None:
                store.adopt(codebook)
            found = articles or [(one, list(split(one))) for one in read_articles(seeds())]
            store.add_articles(found)
            everything_round(store, "Pilot", coders, settings=settings or RoundSettings())
        return made.folder

    return make


@pytest.fixture
def serve(project):
    """Serve a project until the test ends."""
    running = []

    def start(*articles, arguments=(), before="", **options):
        server = Server(project(*articles, **options), *arguments, before=before).start()
        running.append(server)
        return server

    yield start
    for server in running:
        server.stop()


@pytest.fixture
def visit(chromium):
    """Open windows, and look afterwards whether anything went wrong in them."""
    opened = []

    def go(server, path="/label/1", *, link=None, **options):
        one = Visit(chromium, server, **({"viewport": {"width": 1280, "height": 800}} | options))
        opened.append(one)
        one.sign_in(link)
        if path:
            one.go(path)
        return one

    yield go
    for one in opened:
        one.context.close()
    assert [trouble for one in opened for trouble in one.troubles] == []


@pytest.fixture
def stored():
    """Read what a project's store holds, also while it is being served."""

    def read(server, look):
        with open_project(server.project).store() as store:
            return look(store)

    return read


def seeds():
    return sorted(str(path) for path in carried("seeds").glob("*.txt"))
