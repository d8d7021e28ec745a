"""Measure the annotation session, alone or beside its peers: load, memory, start, what a coder sees, cuts and kills.

    python benchmarks/session.py
    python benchmarks/session.py --coders 50 --database postgresql://user@host/database
    python benchmarks/session.py --kills 200
    python benchmarks/session.py --cut 120
    python benchmarks/session.py --peer 'python benchmarks/session_peers.py potato' --peer '… doccano'

A peer is any command that measures another tool and prints one JSON object: its ``name``, and a value for each of our
rows that it can tell. It stands beside ours, from the same run. What a coder sees is in ``session_browser.py``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import shlex
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import httpx2
from browsers import CHROMIUM, FLAGS, Server, Visit, fresh_link
from playwright.sync_api import sync_playwright
from session_browser import measure
from session_table import table
from session_tools import LABELS, Nutgraf, load_rows
from sessions import proof_in
from stores import everything_round, news

from annotate.project import create_project, open_project
from annotate.session.passwords import hashed

PASSWORD = "seven small boats"


def main():
    options = read_options()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        rows = dict(measure_load(folder, options))
        if not options.only_load:
            rows |= measure(Nutgraf, folder, options.keys, options.pictures)
        if options.large:
            rows |= measure_large(folder, options.large)
        if options.cut:
            rows |= measure_cut(folder, options.cut)
        if options.kills:
            rows |= measure_kills(folder, options.kills)
    found = {"nutgraf": rows}
    for peer in options.peer:
        told = json.loads(subprocess.run(shlex.split(peer), stdout=subprocess.PIPE, text=True, check=True).stdout)
        found[told.pop("name")] = told
    print(table(found))


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--coders", type=int, default=20)
    parser.add_argument("--decisions", type=int, default=200)
    parser.add_argument("--database", default="store.db", help="a path, or a PostgreSQL URL")
    parser.add_argument("--only-load", action="store_true", help="leave the browser out")
    parser.add_argument("--keys", type=int, default=300, help="decisions made in the browser")
    parser.add_argument("--pictures", type=Path, help="a folder for what the windows looked like")
    parser.add_argument("--kills", type=int, default=0, help="kill the server so often inside a stream of decisions")
    parser.add_argument("--cut", type=int, default=0, help="cut the browser's network for so many seconds")
    parser.add_argument("--large", type=int, default=0, help="sentences of a large project to open")
    parser.add_argument("--peer", action="append", default=[], help="a command that measures another tool")
    return parser.parse_args()


def measure_load(folder, options):
    coders = [f"coder{number:02d}" for number in range(options.coders)]
    project = create_project(folder / "load", seed=1, name="load", lead="lea", database=options.database)
    word = hashed(PASSWORD)
    with project.store() as store:
        store.add_articles(news(max(1, options.decisions // 20), per_article=20))
        for coder in ("alone", *coders):
            store.add_coder(coder, password=word)
        everything_round(store, "all", ("alone", *coders))
    began = time.perf_counter()
    server = Server(project.folder).start()
    started = time.perf_counter() - began
    try:
        one, _, _ = asyncio.run(load(server, ["alone"], options.decisions))
        many, seconds, errors = asyncio.run(load(server, coders, options.decisions))
        memory = server.memory_mb()
    finally:
        server.stop()
    with project.store() as store:
        events = [event for event in store.events() if event.kind == "judgment"]
        clients = {event.client for event in events}
        flaws = len(store.verify().flaws)
    yield "start, s", f"{started:.1f}"
    yield "memory under load, MB", f"{memory:.0f}"
    yield from load_rows(one, many, seconds, errors, options.coders)
    yield "decisions stored; each once; flaws", f"{len(events)}; {len(clients) == len(events)}; {flaws}"


class Line:
    """One connection of one coder: as little of a client as can be, for it shares the cores with the server."""

    def __init__(self, server, coder):
        self.server, self.coder = server, coder

    async def open(self):
        with httpx2.Client(base_url=self.server.base, timeout=60) as client:
            page = client.get("/sign-in")
            form = {"proof": proof_in(page.text), "key": self.coder, "password": PASSWORD, "to": "/"}
            client.post("/sign-in", data=form, headers={"Origin": self.server.base})
            told = client.get("/api/coding/1/start").json()
            self.project, self.first = told["project"], told["work"]["units"][0]
            sent = headers(self.server, proof_in(client.get("/account").text)) | {
                "Host": f"127.0.0.1:{self.server.port}",
                "Content-Type": "application/json",
                "Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar),
            }
        self.head = "POST /api/entries HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        return self

    async def decide(self, unit, label):
        one = {"kind": "judgment", "client": str(uuid.uuid4()), "round": 1, "unit": unit, "label": label}
        body = json.dumps({"project": self.project, "coder": self.coder, "entries": [one]})
        self.writer.write(f"{self.head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
        told = await self.reader.readexactly(int(re.search(r"content-length: (\d+)", head)[1]))
        return head.startswith("http/1.1 200") and json.loads(told)["answers"][0]["outcome"] == "stored"


async def load(server, coders, decisions):
    """Let coders decide side by side, each sending the next when the last is acknowledged."""
    lines = [await Line(server, coder).open() for coder in coders]
    times, errors = [], 0

    async def work(line):
        nonlocal errors
        for number in range(decisions):
            began = time.perf_counter()
            stored = await line.decide(line.first + number, LABELS[number % 4])
            times.append(1000 * (time.perf_counter() - began))
            errors += not stored

    began = time.perf_counter()
    await asyncio.gather(*map(work, lines))
    seconds = time.perf_counter() - began
    for line in lines:
        line.writer.close()
    return times, seconds, errors


def headers(server, proof):
    return {"Origin": server.base, "X-Nutgraf-Proof": proof}


def measure_cut(folder, seconds):
    """Cut the network under a coder who goes on, a decision every two seconds; see what arrives, and how soon."""
    decisions = seconds // 2
    project = create_project(folder / "cut", seed=1, name="cut", lead="lea")
    with project.store() as store:
        store.add_articles(news(decisions // 20 + 1, per_article=20))
        everything_round(store, "all", ("lea",))
    server = Server(project.folder).start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
            visit = Visit(browser, server, viewport={"width": 1280, "height": 800})
            visit.sign_in()
            visit.go("/label/1")
            visit.page.wait_for_timeout(5000)
            visit.context.set_offline(True)
            for number in range(decisions):
                visit.page.keyboard.press(str(1 + number % 4))
                visit.page.wait_for_timeout(2000)
            visit.context.set_offline(False)
            began = time.perf_counter()
            visit.saved()
            late = time.perf_counter() - began
            browser.close()
    finally:
        server.stop()
    with open_project(project.folder).store() as store:
        labels = [event.label for event in store.in_force(1)]
    right = labels == [LABELS[number % 4] for number in range(decisions)]
    made = f"network cut for {seconds} s, {decisions} decisions: arrived; as pressed; s until saved"
    yield made, f"{len(labels)}; {right}; {late:.1f}"


def measure_large(folder, sentences):
    project = create_project(folder / "large", seed=1, name="large", lead="lea")
    with project.store() as store:
        store.add_articles(news(sentences // 40, per_article=40))
        everything_round(store, "all", ("lea",))
    server = Server(project.folder).start()
    try:
        with httpx2.Client(base_url=server.base, timeout=60) as client:
            client.get(server.link)
            began = time.perf_counter()
            client.get("/api/coding/1/start").raise_for_status()
            first = time.perf_counter() - began
        yield f"{sentences:,} sentences: first unit, ms; memory, MB", f"{1000 * first:.0f}; {server.memory_mb():.0f}"
    finally:
        server.stop()


def measure_kills(folder, kills):
    """Kill the server inside a stream of decisions, again and again; compare what it acknowledged with its store."""
    project = create_project(folder / "kills", seed=1, name="kills", lead="lea")
    with project.store() as store:
        store.add_articles(news(kills, per_article=10))
        everything_round(store, "all", ("lea",))
    server = Server(project.folder)
    acknowledged, unit = {}, 0
    for number in range(kills):
        server.start()
        with httpx2.Client(base_url=server.base, timeout=60) as client:
            client.get(server.link if number == 0 else fresh_link(server))
            proof = proof_in(client.get("/account").text)
            told = client.get("/api/coding/1/start").json()
            # After the first to seventh acknowledged, at any moment of the next.
            last, moment = number % 7, f"0.00{number % 10}"
            killer = None
            for place, unit in enumerate(told["work"]["units"]):
                if place == 1 + last:
                    killer = subprocess.Popen(["/bin/sh", "-c", f"sleep {moment}; kill -9 {server.process.pid}"])
                one = {"kind": "judgment", "client": str(uuid.uuid4()), "round": 1, "unit": unit, "label": LABELS[0]}
                body = {"project": told["project"], "coder": "lea", "entries": [one]}
                try:
                    answer = client.post("/api/entries", json=body, headers=headers(server, proof)).json()["answers"][0]
                except httpx2.HTTPError:
                    break
                acknowledged[unit] = answer["seq"]
            killer.wait()
        server.process.wait()
        print(f"\rkill {number + 1} of {kills}: {len(acknowledged)} acknowledged", end="", file=sys.stderr)
    print(file=sys.stderr)
    with open_project(project.folder).store() as store:
        stored = {event.unit: event.seq for event in store.in_force(1)}
        doubled = len([event for event in store.events() if event.kind == "judgment"]) - len(stored)
        flaws = len(store.verify().flaws)
    lost = sum(stored.get(unit) != seq for unit, seq in acknowledged.items())
    yield f"{kills} kills, {len(acknowledged)} acknowledged: lost; doubled; flaws", f"{lost}; {doubled}; {flaws}"


if __name__ == "__main__":
    main()
