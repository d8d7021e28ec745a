"""Browsers without a browser, before a store that is being served."""

from __future__ import annotations

import re
import uuid

from starlette.testclient import TestClient

from annotate.session import Settings, create_app
from annotate.session.passwords import hashed

PORT = 8765
BASE = f"http://localhost:{PORT}"
PASSWORD = "seven small boats"
HASHED = hashed(PASSWORD)
CODERS = ("ana", "ben")


class Browser:
    """Someone at a browser: cookies, the origin that browsers send, and the proof in each page."""

    def __init__(self, served, key=None):
        self.client = TestClient(served.app, base_url=BASE, follow_redirects=False, client=("10.0.0.7", 50_000))
        self.served = served
        self.key = key
        self.proof = ""
        if key is not None:
            assert self.sign_in(key).status_code == 303

    def get(self, path, **more):
        return self.client.get(path, **more)

    def send(self, path, form, *, origin=BASE, **more):
        return self.client.post(path, data=form, headers={"Origin": origin} if origin else {}, **more)

    def sign_in(self, key, password=PASSWORD):
        page = self.get("/sign-in")
        return self.send("/sign-in", {"proof": proof_in(page.text), "key": key, "password": password, "to": "/"})

    def fill_in(self, page, path=None, **fields):
        """Send a page's form."""
        return self.send(path or page, {"proof": proof_in(self.get(page).text), **fields})

    def post(self, path, body, *, origin=BASE, proof=None):
        if not self.proof:
            self.proof = proof_in(self.get("/account").text)
        headers = {"X-Nutgraf-Proof": self.proof if proof is None else proof}
        return self.client.post(path, json=body, headers=headers | ({"Origin": origin} if origin else {}))

    def decide(self, *entries, **more):
        batch = {"project": self.served.project, "coder": self.key, "entries": list(entries)}
        return self.post("/api/entries", batch | more)

    def start(self, round_=1, lane="coding"):
        return self.get(f"/api/{lane}/{round_}/start")


class Served:
    """A store behind the application."""

    def __init__(self, store, **more):
        self.store = store
        self.app = create_app(store, Settings(port=PORT), starter="lea", **more)
        self.session = self.app.state.session
        self.project = self.session.project

    def browser(self, key=None):
        return Browser(self, key)


def proof_in(page):
    found = re.search(r'(?:name="proof" value|data-proof)="([0-9a-f]{64})"', page)
    assert found is not None
    return found[1]


def entry(unit, label="factual_claim", *, round_=1, kind="judgment", client=None, **more):
    given = {"kind": kind, "client": client or str(uuid.uuid4()), "round": round_, "unit": unit}
    return given | ({"label": label} if kind in ("judgment", "adjudication") else {}) | more
